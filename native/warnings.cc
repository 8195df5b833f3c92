#include "warnings.h"

namespace torchwright {

namespace {

void tell(Env& env, const std::string& message) {
  Napi::HandleScope scope(env.env);
  napi_value text;
  if (napi_create_string_utf8(env.env, message.c_str(), message.size(), &text) != napi_ok) return;
  // A warning never becomes an error of the operator that gave it.
  tryCall(env, env.jsWarn, {text});
}

struct Warnings : c10::WarningHandler {
  void process(const c10::Warning& warning) override {
    Env* env = environmentOfThread();
    if (env && !env->jsWarn.IsEmpty()) tell(*env, warning.msg());
    else c10::WarningHandler::process(warning);
  }
};

} // namespace

void tellWarnings() {
  // Never destroyed: threads may still warn when the process ends.
  static auto* warnings = new Warnings;
  c10::WarningUtils::set_warning_handler(warnings);
}

void KeptWarnings::tell(Env& env) {
  for (const std::string& message : messages) torchwright::tell(env, message);
  messages.clear();
}

} // namespace torchwright
