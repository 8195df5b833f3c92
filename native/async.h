// Work off the JavaScript thread.
#pragma once

#include "anomaly.h"
#include "env.h"
#include "warnings.h"

#include <ATen/ThreadLocalState.h>

namespace torchwright {

// A call that the JavaScript thread has made on another thread. libtorch's thread-local state (grad mode and the like) and, for
// anomaly detection, the JavaScript stack go with it; an exception and the warnings come back.
class OffThread {
 public:
  void run(const std::function<void()>& work) noexcept; // on the other thread
  void finish(Env& env);                                // on the JavaScript thread: tells the warnings, throws the exception

 private:
  at::ThreadLocalState state;
  std::string trace = currentTrace();
  KeptWarnings warnings;
  std::exception_ptr error;
};

// One piece of work: `work` runs on a pool thread, `deliver` back on the JavaScript thread, where it leaves
// results in the cells.
struct Task {
  std::string what;      // for error messages
  std::string arguments; // shapes, dtypes and devices, described before the work starts
  std::function<void()> work;
  std::function<void(Env&)> deliver;
};

// Queues the task and writes its number to header[kResults]. JavaScript is told through its `asyncDone` callback.
void startTask(Env& env, Task task);

// The operator call in the cells as a task; always ends by throwing the sentinel that unwinds the JavaScript
// function in the middle of which it was made.
[[noreturn]] void callAsync(Env& env, const Plan& plan, bool relay);
[[noreturn]] void throwSentinel(Env& env);

// Thrown to leave C++ with a JavaScript exception already pending.
struct PendingJsException {};

// A JavaScript exception on its way through libtorch, which may carry it across threads.
struct JsThrown : std::runtime_error {
  std::shared_ptr<JsRef> value;
  JsThrown(std::string message, std::shared_ptr<JsRef> v) : std::runtime_error(std::move(message)), value(std::move(v)) {}
};

} // namespace torchwright
