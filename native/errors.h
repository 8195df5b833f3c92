// C++ exceptions to JavaScript errors.
#pragma once

#include "env.h"

namespace torchwright {

// A mistake of the caller, in our own words: the message goes to JavaScript as it is.
struct UserError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Args>
[[noreturn]] void fail(const Args&... args) {
  throw UserError(c10::str(args...));
}

// The exception being handled as the value that a function gives to JavaScript, with kFailed set; lib/native.ts throws it
// there. When a function ends with an exception pending, Node creates the exception's message, which may collect garbage, and
// takes a finalizer that runs then for the one that threw: the process ends. `what` names the operation; `plan` and `cells`,
// when given, add the shapes, dtypes and devices of its tensor arguments.
napi_value giveError(Env& env, const char* what, const Plan* plan, const Cell* cells) noexcept;

// The same as an Error object, for promises. Must be called while the exception is being handled.
napi_value toJsError(Env& env, const std::string& what, const std::string& arguments) noexcept;

std::string describe(const at::Tensor& t); // float32[2, 3] cpu
std::string describeArguments(Env& env, const Plan& plan, const Cell* cells);
std::string dtypeName(c10::ScalarType t);

template <Method M>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  try {
    return M(info);
  } catch (...) {
    return Napi::Value(info.Env(), giveError(env, "", nullptr, nullptr));
  }
}

} // namespace torchwright
