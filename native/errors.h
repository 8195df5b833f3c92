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

// Throws the exception being handled into JavaScript. `what` names the operation; `plan` and `cells`, when
// given, add the shapes, dtypes and devices of its tensor arguments.
void throwToJs(Env& env, const char* what, const Plan* plan, const Cell* cells) noexcept;

// The same as an Error object, for promises. Must be called while the exception is being handled.
napi_value toJsError(Env& env, const std::string& what, const std::string& arguments) noexcept;

std::string describe(const at::Tensor& t); // float32[2, 3] cpu
std::string describeArguments(Env& env, const Plan& plan, const Cell* cells);
std::string dtypeName(c10::ScalarType t);

// The JavaScript exception that is pending, taken back. Functions give it to JavaScript as their value, with kFailed set, and
// lib/native.ts throws it there: when a function ends with an exception pending, Node creates the exception's message, which may
// collect garbage, and takes a finalizer that runs then for the one that threw - the process ends.
napi_value takePending(Env& env) noexcept;

template <Method M>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  try {
    return M(info);
  } catch (const Napi::Error& error) {
    env.header[kFailed] = 1;
    return error.Value();
  } catch (...) {
    throwToJs(env, "", nullptr, nullptr);
    return Napi::Value(info.Env(), takePending(env));
  }
}

} // namespace torchwright
