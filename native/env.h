// What one JavaScript environment owns: its handles, its scopes, the memory it shares with JavaScript.
// Only the environment's own thread touches an Env, but for `Bridge`, which other threads hold.
#pragma once

#include "pch.h"
#include "protocol.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <thread>

namespace torchwright {

struct Plan;
struct Env;

// The part of an environment that other threads may hold: work for the JavaScript thread and references
// to let go of. It outlives the environment; `env` is null once that is gone.
struct Bridge {
  struct Request {
    std::function<void(Env&)> run;
    std::exception_ptr error;
    bool done = false;
  };

  std::mutex mutex;
  std::condition_variable changed;
  Env* env = nullptr;
  std::thread::id thread;
  bool serving = false; // the JavaScript thread waits inside serveUntil()
  bool closing = false; // the process ends inside a request: nobody waits for JavaScript any more
  std::vector<std::shared_ptr<Request>> requests;
  std::vector<napi_ref> dropped;
  std::atomic<bool> hasDropped{false};
  napi_threadsafe_function wake = nullptr;

  // Runs `fn` on the JavaScript thread and waits for it: directly when this is that thread, through the
  // waiting thread when it serves (serveUntil), else through the event loop.
  void runOnJavaScript(std::function<void(Env&)> fn);
  void drop(napi_ref ref);
  void runRequests(Env& env);
};

// A JavaScript value that C++ objects may hold and let go of on any thread.
struct JsRef {
  std::shared_ptr<Bridge> bridge;
  napi_ref ref;
  JsRef(std::shared_ptr<Bridge> b, napi_ref r) : bridge(std::move(b)), ref(r) {}
  JsRef(const JsRef&) = delete;
  JsRef& operator=(const JsRef&) = delete;
  ~JsRef() { bridge->drop(ref); }
};

struct Slot {
  at::Tensor tensor;
  uint64_t bytes = 0;     // bytes that this handle answers for when garbage collection frees it
  int32_t generation = 1; // counts up when the slot is freed: a stale handle never matches
  int32_t scope = 0;      // 0: freed by garbage collection
  int32_t nextFree = -1;
};

struct Scope {
  int32_t serial = 0;
  bool open = false;
  std::vector<std::pair<int32_t, int32_t>> made; // slot, generation
};

struct StaleHandle : std::runtime_error {
  int32_t releasedBy;
  StaleHandle(int32_t by) : std::runtime_error("released tensor"), releasedBy(by) {}
};

// One release: which handle, and by what - the serial of a scope, -1 dispose(), -2 garbage collection.
struct Release {
  int32_t index, generation, by;
};

struct Env {
  explicit Env(Napi::Env env);
  ~Env();
  Env(const Env&) = delete;

  napi_env env;
  std::shared_ptr<Bridge> bridge;

  // --- shared memory
  int32_t* header = nullptr;
  Cell* cells = nullptr;
  char* side = nullptr;
  size_t sideBytes = 0;
  size_t sideUsed = 0; // while results are written
  Napi::Reference<Napi::ArrayBuffer> blockRef, sideRef;
  void growSide(size_t bytes);
  // Room for `bytes` of results in side, 8-byte aligned; grows side when needed. Returns the offset.
  size_t sideAlloc(size_t bytes);

  // --- handles
  static constexpr int kChunkBits = 12;
  std::vector<std::unique_ptr<Slot[]>> chunks; // chunks never move, so a reference to a slot stays good
  int32_t slotCount = 0, freeHead = -1, liveCount = 0;
  Slot& slot(int32_t i) { return chunks[i >> kChunkBits][i & ((1 << kChunkBits) - 1)]; }

  const at::Tensor& tensor(int32_t index, int32_t generation) {
    if (C10_LIKELY(uint32_t(index) < uint32_t(slotCount))) {
      Slot& s = slot(index);
      if (C10_LIKELY(s.generation == generation)) return s.tensor;
    }
    throwStale(index, generation);
  }
  [[noreturn]] void throwStale(int32_t index, int32_t generation);
  const at::Tensor& tensor(const Cell& c) {
    if (C10_LIKELY(c.tag == kTensor)) return tensor(c.index, c.aux);
    throwNotTensor(c);
  }
  [[noreturn]] void throwNotTensor(const Cell& c);
  // The k-th of the list of tensors in a cell; undefined where null was given.
  const at::Tensor& listed(const Cell& c, int32_t k) {
    static const at::Tensor null;
    size_t at = size_t(c.index) + 8 * size_t(k);
    if (C10_UNLIKELY(k >= c.aux || c.index < 0 || at + 8 > sideBytes)) throwDamaged();
    int32_t handle[2];
    memcpy(handle, side + at, 8);
    return handle[0] < 0 ? null : tensor(handle[0], handle[1]);
  }
  [[noreturn]] static void throwDamaged();

  // The latest releases, for the message of a released tensor that is used.
  static constexpr uint32_t kReleases = 1 << 14;
  std::unique_ptr<Release[]> releases = std::make_unique<Release[]>(kReleases);
  uint32_t releaseCount = 0;

  // Gives a tensor a handle in the current scope and writes it to `cell`.
  void put(at::Tensor&& t, Cell& cell);
  // The same for each tensor of a list, which takes all of side; undefined ones are null in JavaScript.
  void putList(std::vector<at::Tensor>&& list, Cell& cell);
  void free(int32_t index, int32_t generation, int32_t by);
  napi_value wrapJs(at::Tensor t); // a JavaScript Tensor, made by the wrap function that JavaScript registered

  // --- scopes
  std::vector<Scope> scopes; // index = scope id; 0 is unused
  std::vector<int32_t> freeScopes;
  int32_t nextSerial = 1;
  int32_t scopeBegin();
  void scopeEnd(int32_t id);

  // --- garbage collection
  uint64_t unscopedSince = 0; // bytes made outside scopes since the last collection that was asked for
  uint64_t unscopedLive = 0;  // bytes of live unscoped handles
  void countUnscoped(uint64_t bytes) {
    unscopedLive += bytes;
    unscopedSince += bytes;
    if (unscopedSince > pressureAt) header[kPressure] = 1;
  }
  uint64_t pressureAt = 32 << 20;
  // What a scope frees leaves a small JavaScript object behind. The engine collects those too, but walks through all of its young
  // generation before it does: tens of MiB that a loop would otherwise never touch.
  static constexpr uint32_t kScopedObjects = 1 << 14;
  uint32_t scopedSince = 0;
  void countScoped() {
    if (++scopedSince > kScopedObjects) header[kPressure] = 1;
  }

  // --- operators
  std::vector<std::unique_ptr<Plan>> plans;
  std::unordered_map<std::string, int32_t> planIds;
  std::unordered_map<int32_t, at::Generator> generators;
  int32_t nextGenerator = 1;
  int32_t nextTask = 1;

  // --- callbacks registered by JavaScript
  Napi::FunctionReference jsWrap;      // (slot, generation) => Tensor
  Napi::FunctionReference jsWarn;      // (message) => void
  Napi::FunctionReference jsTrace;     // () => string: the stack, without the library's own frames
  Napi::FunctionReference jsStale;     // (releasedBy) => string: says when and where
  Napi::FunctionReference jsAsyncDone; // (task, error or null) => void
  Napi::ObjectReference asyncSentinel;

  Napi::Value jsNull() const { return Napi::Env(env).Null(); }
  static Env& of(const Napi::CallbackInfo& info) { return *static_cast<Env*>(info.Data()); }
};

// The newest environment of this thread, or null.
Env* environmentOfThread();

// Calls a function that JavaScript registered; null when that is not possible now or when it throws, which goes no further.
napi_value tryCall(Env& env, const Napi::FunctionReference& function, std::initializer_list<napi_value> arguments) noexcept;

// Lets go of JavaScript references that C++ objects gave up, perhaps on other threads.
void drainDropped(Env& env);

// Serves requests of other threads on the JavaScript thread until `done()`; `done` is read under the bridge's lock.
void serveUntil(Env& env, const std::function<bool()>& done);

// Registers a native function: exceptions become JavaScript errors (errors.cc).
using Method = Napi::Value (*)(const Napi::CallbackInfo&);
template <Method M>
Napi::Value guarded(const Napi::CallbackInfo& info);

void exportTensor(Napi::Env, Napi::Object, Env&);
void exportAutograd(Napi::Env, Napi::Object, Env&);
void exportAsync(Napi::Env, Napi::Object, Env&);
void exportDevice(Napi::Env, Napi::Object, Env&);
void exportAutocast(Napi::Env, Napi::Object, Env&);
void exportPlan(Napi::Env, Napi::Object, Env&);
void exportJit(Napi::Env, Napi::Object, Env&);
void exportInductor(Napi::Env, Napi::Object, Env&);

} // namespace torchwright
