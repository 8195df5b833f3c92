#include "env.h"

#include "anomaly.h"
#include "async.h"
#include "errors.h"
#include "plan.h"

#include <ATen/CPUGeneratorImpl.h>

namespace torchwright {

namespace {
// The environments of each thread, the newest last: how code that libtorch calls back (warnings) finds JavaScript
// without a thread-local in the path of every operator.
std::mutex environmentsMutex;
std::unordered_map<std::thread::id, std::vector<Env*>> environments;
} // namespace

Env* environmentOfThread() {
  std::lock_guard<std::mutex> lock(environmentsMutex);
  auto it = environments.find(std::this_thread::get_id());
  return it == environments.end() || it->second.empty() ? nullptr : it->second.back();
}

napi_value tryCall(Env& env, const Napi::FunctionReference& function, std::initializer_list<napi_value> arguments) noexcept {
  bool pending = true;
  napi_value receiver, callee, result;
  // Not Napi::Function::Call: its Napi::Error ends the process when the value thrown is null or undefined.
  if (function.IsEmpty() || napi_is_exception_pending(env.env, &pending) != napi_ok || pending ||
      napi_get_undefined(env.env, &receiver) != napi_ok || napi_get_reference_value(env.env, function, &callee) != napi_ok)
    return nullptr;
  if (napi_call_function(env.env, receiver, callee, arguments.size(), arguments.begin(), &result) == napi_ok) return result;
  if (napi_is_exception_pending(env.env, &pending) == napi_ok && pending) napi_get_and_clear_last_exception(env.env, &result);
  return nullptr;
}

namespace {
constexpr size_t kBlockBytes = kHeaderWords * 4 + kCells * sizeof(Cell);
}

Env::Env(Napi::Env napi) : env(napi), bridge(std::make_shared<Bridge>()) {
  auto block = Napi::ArrayBuffer::New(napi, kBlockBytes);
  memset(block.Data(), 0, kBlockBytes);
  blockRef = Napi::Persistent(block);
  header = static_cast<int32_t*>(block.Data());
  cells = reinterpret_cast<Cell*>(static_cast<char*>(block.Data()) + kHeaderWords * 4);
  growSide(16 << 10);
  scopes.emplace_back(); // id 0 means no scope
  bridge->env = this;
  bridge->thread = std::this_thread::get_id();
  std::lock_guard<std::mutex> lock(environmentsMutex);
  environments[bridge->thread].push_back(this);
}

Env::~Env() {
  setAnomaly(*this, false, false);
  {
    std::lock_guard<std::mutex> lock(bridge->mutex);
    bridge->env = nullptr;
    bridge->wake = nullptr;
    bridge->changed.notify_all();
  }
  std::lock_guard<std::mutex> lock(environmentsMutex);
  auto& mine = environments[bridge->thread];
  mine.erase(std::remove(mine.begin(), mine.end(), this), mine.end());
  if (mine.empty()) environments.erase(bridge->thread);
}

void Env::growSide(size_t bytes) {
  size_t size = std::max<size_t>(sideBytes ? sideBytes : 1024, 1024);
  while (size < bytes) size *= 2;
  if (size > (size_t(1) << 30)) fail("expected a list below 1 GiB");
  auto block = Napi::ArrayBuffer::New(env, size);
  if (side) memcpy(block.Data(), side, sideBytes);
  sideRef = Napi::Persistent(block);
  side = static_cast<char*>(block.Data());
  sideBytes = size;
  header[kSideGrown] = 1;
}

size_t Env::sideAlloc(size_t bytes) {
  size_t at = (sideUsed + 7) & ~size_t(7);
  if (at + bytes > sideBytes) growSide(at + bytes);
  sideUsed = at + bytes;
  return at;
}

void Env::throwDamaged() { fail("argument block is damaged"); }

void Env::throwNotTensor(const Cell& c) {
  fail("expected a tensor but received ", c.tag == kNone ? "null" : c.tag == kAbsent ? "nothing" : "something else");
}

void Env::throwStale(int32_t index, int32_t generation) {
  for (uint32_t k = 1; k <= std::min(kReleases, releaseCount); k++) {
    const Release& r = releases[(releaseCount - k) & (kReleases - 1)];
    if (r.index == index && r.generation == generation) throw StaleHandle(r.by);
  }
  throw StaleHandle(0);
}

void Env::put(at::Tensor&& t, Cell& cell) {
  if (C10_UNLIKELY(!t.defined())) {
    cell.tag = kNone;
    return;
  }
  int32_t index = freeHead;
  if (C10_LIKELY(index >= 0)) {
    freeHead = slot(index).nextFree;
  } else {
    if ((slotCount & ((1 << kChunkBits) - 1)) == 0) chunks.push_back(std::make_unique<Slot[]>(1 << kChunkBits));
    index = slotCount++;
  }
  Slot& s = slot(index);
  int32_t scope = header[kScope];
  s.scope = scope;
  if (scope > 0 && size_t(scope) < scopes.size()) {
    scopes[scope].made.emplace_back(index, s.generation);
    countScoped();
  } else {
    s.scope = 0;
    // Only the first handle of a storage answers for its bytes: views do not count twice. Each handle costs
    // about a kilobyte beside the data (TensorImpl, storage, JavaScript object, weak reference).
    uint64_t bytes = 1024;
    if (t.has_storage() && t.storage().use_count() == 1) bytes += t.storage().nbytes();
    s.bytes = bytes;
    countUnscoped(bytes);
  }
  liveCount++;
  s.tensor = std::move(t);
  cell.tag = kTensor;
  cell.aux = s.generation;
  cell.index = index;
}

void Env::putList(std::vector<at::Tensor>&& list, Cell& cell) {
  sideUsed = 0;
  size_t at = sideAlloc(8 * list.size());
  for (size_t k = 0; k < list.size(); k++) {
    int32_t handle[2] = {-1, 0};
    if (list[k].defined()) {
      Cell one;
      put(std::move(list[k]), one);
      handle[0] = one.index;
      handle[1] = one.aux;
    }
    memcpy(side + at + 8 * k, handle, 8);
  }
  cell.tag = kTensorList;
  cell.aux = int32_t(list.size());
  cell.index = int32_t(at);
}

void Env::free(int32_t index, int32_t generation, int32_t by) {
  if (uint32_t(index) >= uint32_t(slotCount)) return;
  Slot& s = slot(index);
  if (s.generation != generation || !s.tensor.defined()) return;
  unscopedLive -= s.bytes;
  s.bytes = 0;
  releases[releaseCount++ & (kReleases - 1)] = {index, generation, by};
  s.generation++;
  liveCount--;
  at::Tensor dying = std::move(s.tensor);
  // A slot whose generations are used up is never handed out again, so a stale handle cannot come back to life.
  if (s.generation < INT32_MAX) {
    s.nextFree = freeHead;
    freeHead = index;
  }
}

napi_value Env::wrapJs(at::Tensor t) {
  Cell cell{};
  put(std::move(t), cell);
  if (cell.tag == kNone) return Napi::Env(env).Null();
  return jsWrap.Call({Napi::Number::New(env, cell.index), Napi::Number::New(env, cell.aux)});
}

int32_t Env::scopeBegin() {
  int32_t id;
  if (freeScopes.empty()) {
    id = int32_t(scopes.size());
    scopes.emplace_back();
  } else {
    id = freeScopes.back();
    freeScopes.pop_back();
  }
  scopes[id].open = true;
  scopes[id].serial = nextSerial++;
  return id;
}

void Env::scopeEnd(int32_t id) {
  if (id <= 0 || size_t(id) >= scopes.size() || !scopes[id].open) fail("the scope has already ended");
  // Destructors of tensors may run arbitrary code of autograd nodes: take the list first.
  auto made = std::move(scopes[id].made);
  int32_t serial = scopes[id].serial;
  scopes[id].open = false;
  // Last made, first freed: neighbours merge at the top of the heap, and the next step's allocations split them
  // off again; in the other order malloc's bins cost a tenth of a small operator's time.
  for (size_t k = made.size(); k-- > 0;) {
    auto [index, generation] = made[k];
    Slot& s = slot(index);
    if (s.generation == generation && s.scope == id) free(index, generation, serial);
  }
  made.clear();
  scopes[id].made = std::move(made); // keeps the capacity for the next scope
  freeScopes.push_back(id);
}

} // namespace torchwright
