// Work off the JavaScript thread, and work of other threads on it.
#include "async.h"

#include "errors.h"
#include "guards.h"
#include "plan.h"

namespace torchwright {

// --- other threads -> JavaScript

void Bridge::runRequests(Env& env) {
  std::unique_lock<std::mutex> lock(mutex);
  while (!requests.empty()) {
    std::shared_ptr<Request> r = requests.front();
    requests.erase(requests.begin());
    lock.unlock();
    try {
      r->run(env);
    } catch (...) {
      r->error = std::current_exception();
    }
    lock.lock();
    r->done = true;
    changed.notify_all();
  }
}

void Bridge::runOnJavaScript(std::function<void(Env&)> fn) {
  // The callback works in the grad mode of the pass that makes it, whatever the mode of the JavaScript thread is now.
  bool gradOn = c10::GradMode::is_enabled();
  // A JavaScript exception must not travel as Napi::Error: its reference may only be touched on its own thread.
  auto safe = [fn = std::move(fn), gradOn](Env& e) {
    Napi::HandleScope scope(e.env);
    c10::AutoGradMode mode(gradOn);
    try {
      fn(e);
    } catch (const Napi::Error& error) {
      napi_value value = error.Value();
      napi_ref ref;
      napi_create_reference(e.env, value, 1, &ref);
      std::string message = "JavaScript threw";
      try {
        message = error.Message();
      } catch (const Napi::Error&) {
        // An object whose message cannot be read; it reaches JavaScript as it is all the same.
      }
      throw JsThrown(message, std::make_shared<JsRef>(e.bridge, ref));
    }
  };
  if (std::this_thread::get_id() == thread) {
    if (!env) throw std::runtime_error("the JavaScript environment of this callback is gone");
    safe(*env);
    return;
  }
  auto r = std::make_shared<Request>(Request{safe, nullptr, false});
  std::unique_lock<std::mutex> lock(mutex);
  if (!env || closing) throw std::runtime_error("the JavaScript environment of this callback is gone");
  requests.push_back(r);
  changed.notify_all();
  if (!serving && wake) napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking);
  changed.wait(lock, [&] { return r->done || !env || closing; });
  if (!r->done) {
    // The environment went away: nobody will serve this request.
    requests.erase(std::remove(requests.begin(), requests.end(), r), requests.end());
    throw std::runtime_error("the JavaScript environment of this callback is gone");
  }
  lock.unlock();
  if (r->error) std::rethrow_exception(r->error);
}

void Bridge::drop(napi_ref ref) {
  std::lock_guard<std::mutex> lock(mutex);
  // Never deleted here: this may be another thread, or the middle of a collection.
  if (!env) return;
  dropped.push_back(ref);
  hasDropped = true;
}

void drainDropped(Env& env) {
  if (!env.bridge->hasDropped) return;
  std::vector<napi_ref> refs;
  {
    std::lock_guard<std::mutex> lock(env.bridge->mutex);
    env.bridge->hasDropped = false;
    refs.swap(env.bridge->dropped);
  }
  for (napi_ref r : refs) napi_delete_reference(env.env, r);
}

void serveUntil(Env& env, const std::function<bool()>& done) {
  Bridge& bridge = *env.bridge;
  std::unique_lock<std::mutex> lock(bridge.mutex);
  bool outer = bridge.serving;
  bridge.serving = true;
  while (!done()) {
    if (!bridge.requests.empty()) {
      lock.unlock();
      bridge.runRequests(env);
      lock.lock();
    } else {
      bridge.changed.wait(lock);
    }
  }
  bridge.serving = outer;
}

// --- JavaScript -> other threads

void OffThread::run(const std::function<void()>& work) noexcept {
  c10::WarningUtils::WarningHandlerGuard keep(&warnings);
  TraceGuard traced(trace);
  try {
    at::ThreadLocalStateGuard guard(state);
    work();
  } catch (...) {
    error = std::current_exception();
  }
}

void OffThread::finish(Env& env) {
  warnings.tell(env);
  if (error) std::rethrow_exception(error);
}

namespace {

struct Running {
  Env* env;
  int32_t id;
  Task task;
  OffThread call;
  napi_async_work work = nullptr;
};

void execute(napi_env, void* data) {
  auto& r = *static_cast<Running*>(data);
  r.call.run(r.task.work);
  r.task.work = nullptr;
}

void complete(napi_env napi, napi_status status, void* data) {
  std::unique_ptr<Running> r(static_cast<Running*>(data));
  napi_delete_async_work(napi, r->work);
  Env& env = *r->env;
  if (status == napi_cancelled) return;
  Napi::HandleScope scope(napi);
  Napi::Value error = Napi::Env(napi).Null();
  int32_t before = env.header[kScope];
  env.header[kScope] = 0;
  try {
    r->call.finish(env);
    r->task.deliver(env);
  } catch (...) {
    error = Napi::Value(napi, toJsError(env, r->task.what, r->task.arguments));
  }
  try {
    // Still outside every scope: the results belong to none, and JavaScript must know so.
    env.jsAsyncDone.Call({Napi::Number::New(napi, r->id), error});
  } catch (const Napi::Error& e) {
    napi_fatal_exception(napi, e.Value());
  }
  env.header[kScope] = before;
}

} // namespace

void startTask(Env& env, Task task) {
  auto r = std::make_unique<Running>();
  r->env = &env;
  r->id = env.nextTask++;
  r->task = std::move(task);
  env.header[kResults] = r->id;
  napi_value name;
  napi_create_string_utf8(env.env, "torchwright", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env.env, nullptr, name, execute, complete, r.get(), &r->work);
  napi_queue_async_work(env.env, r->work);
  r.release();
}

void throwSentinel(Env& env) {
  napi_throw(env.env, env.asyncSentinel.Value());
  throw PendingJsException{};
}

void callAsync(Env& env, const Plan& plan, bool relay) {
  auto stack = std::make_shared<torch::jit::Stack>();
  readStack(env, plan, *stack, env.cells, env.header[kArgc]);
  Task task;
  task.what = plan.name;
  task.arguments = describeArguments(env, plan, env.cells);
  const Plan* p = &plan; // plans live as long as the environment
  task.work = [p, stack, relay] {
    if (relay) callRelaid(*p, *stack);
    else p->op.callBoxed(*stack);
  };
  task.deliver = [p, stack](Env& e) {
    e.sideUsed = 0;
    if (stack->size() > kCells) fail("returned more than ", int(kCells), " values");
    // No kSame here: the arguments' handles may be gone by now, so every result gets its own.
    for (size_t k = 0; k < stack->size(); k++) writeValue(e, std::move((*stack)[k]), e.cells[k]);
    e.header[kResults] = int32_t(stack->size());
  };
  startTask(env, std::move(task));
  throwSentinel(env);
}

namespace {

// The main thread's process ends, perhaps inside a callback that another thread waits for, and node waits for that thread.
Napi::Value closing(const Napi::CallbackInfo& info) {
  Bridge& bridge = *Env::of(info).bridge;
  std::lock_guard<std::mutex> lock(bridge.mutex);
  bridge.closing = true;
  bridge.changed.notify_all();
  return info.Env().Undefined();
}

} // namespace

void exportAsync(Napi::Env napi, Napi::Object exports, Env& env) {
  exports.Set("closing", Napi::Function::New(napi, guarded<closing>, "closing", &env));
}

} // namespace torchwright
