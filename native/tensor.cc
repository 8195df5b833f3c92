// Tensors beside operators: what they are, their data in and out of JavaScript, handles, scopes, sharing.
#include "errors.h"
#include "plan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <unordered_set>

namespace torchwright {

namespace {

Napi::Value undefined(const Napi::CallbackInfo& info) { return info.Env().Undefined(); }

const at::Tensor& first(Env& env) { return env.tensor(env.cells[0]); }

double* numbers(Env& env) { return reinterpret_cast<double*>(env.cells); }

// Sizes as doubles, from the first cell on; header[kResults] = how many. At most 2 * kCells fit.
void writeDims(Env& env, c10::SymIntArrayRef v) {
  if (v.size() > 2 * kCells) fail("expected at most ", 2 * kCells, " dimensions");
  double* out = numbers(env);
  for (size_t k = 0; k < v.size(); k++) out[k] = double(v[k].guard_int(__FILE__, __LINE__));
  env.header[kResults] = int32_t(v.size());
}

Napi::Value sizes(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  writeDims(env, first(env).sym_sizes());
  return undefined(info);
}

Napi::Value strides(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  writeDims(env, first(env).sym_strides());
  return undefined(info);
}

// Everything small about a tensor in one call, as doubles in this order (lib/tensor/tensor.ts reads them).
Napi::Value meta(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  const at::Tensor& t = first(env);
  bool strided = t.layout() == c10::kStrided && t.has_storage();
  double fields[] = {
      double(t.scalar_type()),
      double(t.device().type()),
      double(t.device().index()),
      double(t.layout()),
      double(t.dim()),
      double(t.numel()),
      double(t.requires_grad()),
      double(t.is_leaf()),
      double(strided ? t.storage_offset() : 0),
      double(t.itemsize()),
      double(t.is_inference() ? 0 : t._version()),
      double(t.retains_grad()),
  };
  memcpy(numbers(env), fields, sizeof fields);
  return undefined(info);
}

Napi::Value isContiguous(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  return Napi::Boolean::New(info.Env(), first(env).is_contiguous(c10::MemoryFormat(info[0].As<Napi::Number>().Int32Value())));
}

Napi::Value isPinned(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  return Napi::Boolean::New(info.Env(), first(env).is_pinned());
}

Napi::Value dataPtr(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  return Napi::BigInt::New(info.Env(), uint64_t(reinterpret_cast<uintptr_t>(first(env).data_ptr())));
}

// firstOutside(low, high): the place, in logical order, of the first whole number that is not from low to high, both included; -1 where
// all are, and for other devices than the CPU, which would have to be waited for.
Napi::Value firstOutside(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  const at::Tensor& t = first(env);
  if (!at::isIntegralType(t.scalar_type(), /*includeBool=*/false)) fail("expected a tensor of whole numbers");
  int64_t place = -1;
  if (t.device().is_cpu() && t.layout() == c10::kStrided && t.numel() > 0) {
    const int64_t low = info[0].As<Napi::Number>().Int64Value(), high = info[1].As<Napi::Number>().Int64Value();
    at::NoGradGuard guard;
    const at::Tensor whole = t.to(at::kLong).contiguous();
    const int64_t* data = whole.const_data_ptr<int64_t>();
    const int64_t* end = data + whole.numel();
    const int64_t* found = std::find_if(data, end, [=](int64_t v) { return v < low || v > high; });
    if (found != end) place = found - data;
  }
  return Napi::Number::New(info.Env(), double(place));
}

// --- data from JavaScript

// fromData(buffer, byteOffset, dtype, copy): sizes as doubles in the cells, header[kArgc] of them.
Napi::Value fromData(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  size_t offset = size_t(info[1].As<Napi::Number>().DoubleValue());
  auto dtype = c10::ScalarType(info[2].As<Napi::Number>().Int32Value());
  bool copy = info[3].As<Napi::Boolean>();
  std::vector<int64_t> shape;
  int64_t count = 1;
  for (int k = 0; k < env.header[kArgc]; k++) {
    shape.push_back(int64_t(numbers(env)[k]));
    count *= shape.back();
  }
  // SharedArrayBuffer is not an ArrayBuffer to Node-API; its views are.
  napi_value value = info[0];
  void* data = nullptr;
  size_t bytes = 0;
  bool isBuffer = false;
  napi_is_arraybuffer(info.Env(), value, &isBuffer);
  if (isBuffer) {
    napi_get_arraybuffer_info(info.Env(), value, &data, &bytes);
  } else {
    napi_typedarray_type type;
    size_t length;
    napi_value inner;
    size_t innerOffset;
    if (napi_get_typedarray_info(info.Env(), value, &type, &length, &data, &inner, &innerOffset) != napi_ok)
      fail("expected an ArrayBuffer or a Uint8Array over shared memory");
    bytes = length; // a Uint8Array
  }
  size_t need = size_t(count) * c10::elementSize(dtype);
  if (count < 0 || offset > bytes || need > bytes - offset)
    fail("expected at least ", need, " bytes at offset ", offset, " but the buffer has ", bytes);
  char* at = static_cast<char*>(data) + offset;
  auto options = at::TensorOptions().dtype(dtype);
  at::Tensor t;
  if (copy || need == 0) {
    t = at::empty(shape, options);
    if (need) memcpy(t.data_ptr(), at, need);
  } else {
    if (reinterpret_cast<uintptr_t>(at) % c10::elementSize(dtype))
      fail("expected data aligned to ", c10::elementSize(dtype), " bytes for a view of ", dtypeName(dtype));
    napi_ref ref;
    napi_create_reference(info.Env(), value, 1, &ref);
    auto keep = std::make_shared<JsRef>(env.bridge, ref);
    t = at::from_blob(
        at, shape, [keep](void*) mutable { keep.reset(); }, options);
  }
  env.put(std::move(t), env.cells[0]);
  return undefined(info);
}

// --- data to JavaScript

struct HeldTensor {
  at::Tensor tensor;
  uint64_t bytes;
};

// The tensor's memory as an ArrayBuffer that shares it. The tensor must lie contiguous on the CPU.
Napi::Value toBuffer(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = first(env);
  // One of autograd's lazy zeros has no memory: its zeros are made here.
  if (t._is_zerotensor()) t = at::zeros(t.sizes(), t.options());
  bool copy = info[0].As<Napi::Boolean>();
  if (!t.device().is_cpu() || !t.is_contiguous()) fail("expected a contiguous tensor on the CPU but received ", describe(t));
  if (t.is_conj() || t.is_neg()) fail("expected a tensor without a lazy conjugate or negative");
  size_t bytes = size_t(t.numel()) * t.itemsize();
  if (copy || bytes == 0) {
    auto buffer = Napi::ArrayBuffer::New(info.Env(), bytes);
    if (bytes) memcpy(buffer.Data(), t.const_data_ptr(), bytes);
    return buffer;
  }
  napi_value buffer;
  // The memory is let go by a finalizer on the ArrayBuffer object, which runs inside the collection; the one
  // that napi_create_external_arraybuffer takes waits for the event loop, and a synchronous loop would grow.
  if (napi_create_external_arraybuffer(info.Env(), t.data_ptr(), bytes, nullptr, nullptr, &buffer) != napi_ok) {
    // Some hosts (Electron) forbid external memory.
    auto copied = Napi::ArrayBuffer::New(info.Env(), bytes);
    memcpy(copied.Data(), t.const_data_ptr(), bytes);
    return copied;
  }
  // The buffer keeps the memory when the tensor's handle is gone, so it counts for itself.
  auto held = new HeldTensor{t, t.storage().nbytes()};
  env.countUnscoped(held->bytes);
  napi_add_finalizer(
      info.Env(), buffer, held,
      [](node_api_basic_env, void* data, void* hint) {
        auto* dead = static_cast<HeldTensor*>(data);
        static_cast<Env*>(hint)->unscopedLive -= dead->bytes;
        delete dead;
      },
      &env, nullptr);
  return Napi::Value(info.Env(), buffer);
}

// --- handles

void collected(node_api_basic_env, void* data, void* hint) {
  uint64_t packed = reinterpret_cast<uintptr_t>(data);
  // Inside a collection: nothing here may touch JavaScript.
  static_cast<Env*>(hint)->free(int32_t(packed & 0xffffffff), int32_t(packed >> 32), -2);
}

// watch(object): the handle in cell 0 is freed when `object` is collected.
napi_value watch(napi_env napi, napi_callback_info cb) {
  size_t argc = 1;
  napi_value object;
  void* data;
  napi_get_cb_info(napi, cb, &argc, &object, nullptr, &data);
  Env& env = *static_cast<Env*>(data);
  const Cell& c = env.cells[0];
  uint64_t packed = uint64_t(uint32_t(c.index)) | uint64_t(uint32_t(c.aux)) << 32;
  napi_add_finalizer(napi, object, reinterpret_cast<void*>(uintptr_t(packed)), collected, &env, nullptr);
  return nullptr;
}

Napi::Value release(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  env.free(env.cells[0].index, env.cells[0].aux, -1);
  return undefined(info);
}

Napi::Value isReleased(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  const Cell& c = env.cells[0];
  return Napi::Boolean::New(info.Env(), uint32_t(c.index) >= uint32_t(env.slotCount) || env.slot(c.index).generation != c.aux);
}

// Scopes open and close once a step or more often: raw Node-API, numbers through the header.
// scopeBegin leaves the id in header[kArgc] and the serial in header[kResults]; scopeEnd reads the id from header[kArgc].
napi_value scopeBegin(napi_env napi, napi_callback_info cb) {
  void* data;
  napi_get_cb_info(napi, cb, nullptr, nullptr, nullptr, &data);
  Env& env = *static_cast<Env*>(data);
  int32_t id = env.scopeBegin();
  env.header[kArgc] = id;
  env.header[kResults] = env.scopes[id].serial;
  return nullptr;
}

napi_value scopeEnd(napi_env napi, napi_callback_info cb) {
  void* data;
  napi_get_cb_info(napi, cb, nullptr, nullptr, nullptr, &data);
  Env& env = *static_cast<Env*>(data);
  try {
    drainDropped(env);
    env.scopeEnd(env.header[kArgc]);
  } catch (...) {
    return giveError(env, "scope", nullptr, nullptr);
  }
  return nullptr;
}

// scopeMove(to, from): the handle in cell 0 now belongs to scope `to`, 0 for none; with `from` >= 0 only when it belonged
// to that one. Returns whether it moved.
Napi::Value scopeMove(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  first(env);
  int32_t to = info[0].As<Napi::Number>();
  int32_t only = info[1].As<Napi::Number>();
  if (to < 0 || size_t(to) >= env.scopes.size() || (to && !env.scopes[to].open)) fail("the scope has already ended");
  Slot& s = env.slot(env.cells[0].index);
  if (s.scope == to || (only >= 0 && s.scope != only)) return Napi::Boolean::New(info.Env(), false);
  s.scope = to;
  if (to) {
    env.scopes[to].made.emplace_back(env.cells[0].index, env.cells[0].aux);
  } else {
    // Not the whole storage: hundreds of tensors may be views of one mapped file.
    uint64_t own = uint64_t(s.tensor.numel()) * s.tensor.itemsize();
    s.bytes = 1024 + (s.tensor.has_storage() ? std::min<uint64_t>(own, s.tensor.storage().nbytes()) : 0);
    env.unscopedLive += s.bytes;
    env.unscopedSince += s.bytes;
  }
  return Napi::Boolean::New(info.Env(), true);
}

// Called after JavaScript asked for a collection: starts the next count, returns the live unscoped bytes.
Napi::Value collectionDone(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  drainDropped(env);
  env.unscopedSince = 0;
  env.scopedSince = 0;
  env.header[kPressure] = 0;
  env.pressureAt = std::max<uint64_t>(32 << 20, env.unscopedLive / 2);
  return Napi::Number::New(info.Env(), double(env.unscopedLive));
}

// [{device, tensors, bytes}], bytes counted once per storage.
Napi::Value memory(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  struct Sum {
    int64_t tensors = 0, bytes = 0;
  };
  std::map<std::string, Sum> sums;
  std::unordered_set<const void*> seen;
  for (int32_t i = 0; i < env.slotCount; i++) {
    const at::Tensor& t = env.slot(i).tensor;
    if (!t.defined()) continue;
    Sum& sum = sums[t.device().str()];
    sum.tensors++;
    if (t.has_storage() && seen.insert(t.storage().unsafeGetStorageImpl()).second) sum.bytes += int64_t(t.storage().nbytes());
  }
  auto out = Napi::Array::New(info.Env());
  uint32_t n = 0;
  for (auto& [device, sum] : sums) {
    auto entry = Napi::Object::New(info.Env());
    entry.Set("device", device);
    entry.Set("tensors", double(sum.tensors));
    entry.Set("bytes", double(sum.bytes));
    out.Set(n++, entry);
  }
  return out;
}

// --- between worker threads

std::mutex sharedMutex;
std::unordered_map<double, at::Tensor> sharedTensors;
double nextShared = 1;

Napi::Value share(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = first(env);
  // Memory that belongs to a JavaScript buffer dies with its environment: the other side gets a copy.
  bool borrowed = t.has_storage() && t.device().is_cpu() && t.storage().nbytes() > 0 &&
                  t.storage().data_ptr().get_context() != t.storage().data_ptr().get();
  if (borrowed) t = t.clone();
  std::lock_guard<std::mutex> lock(sharedMutex);
  double id = nextShared++;
  sharedTensors.emplace(id, t.requires_grad() && !t.is_leaf() ? t.detach() : t);
  return Napi::Number::New(info.Env(), id);
}

// receive(id, keep): the tensor under a new handle of this environment.
Napi::Value receive(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  double id = info[0].As<Napi::Number>();
  at::Tensor t;
  {
    std::lock_guard<std::mutex> lock(sharedMutex);
    auto it = sharedTensors.find(id);
    if (it == sharedTensors.end()) fail("expected a shared tensor that was not received or revoked before");
    t = std::move(it->second);
    sharedTensors.erase(it);
  }
  env.put(std::move(t), env.cells[0]);
  return undefined(info);
}

Napi::Value revoke(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> lock(sharedMutex);
  return Napi::Boolean::New(info.Env(), sharedTensors.erase(info[0].As<Napi::Number>().DoubleValue()) > 0);
}

} // namespace

void exportTensor(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* name, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(napi, fn, name, &env));
  };
  set("sizes", guarded<sizes>);
  set("strides", guarded<strides>);
  set("meta", guarded<meta>);
  set("isContiguous", guarded<isContiguous>);
  set("isPinned", guarded<isPinned>);
  set("dataPtr", guarded<dataPtr>);
  set("firstOutside", guarded<firstOutside>);
  set("fromData", guarded<fromData>);
  set("toBuffer", guarded<toBuffer>);
  set("release", guarded<release>);
  set("isReleased", guarded<isReleased>);
  set("scopeMove", guarded<scopeMove>);
  set("collectionDone", guarded<collectionDone>);
  set("memory", guarded<memory>);
  set("share", guarded<share>);
  set("receive", guarded<receive>);
  set("revoke", guarded<revoke>);
  auto setRaw = [&](const char* name, napi_callback fn) {
    napi_value value;
    napi_create_function(napi, name, NAPI_AUTO_LENGTH, fn, &env, &value);
    exports.Set(name, Napi::Value(napi, value));
  };
  setRaw("watch", watch);
  setRaw("scopeBegin", scopeBegin);
  setRaw("scopeEnd", scopeEnd);
}

} // namespace torchwright
