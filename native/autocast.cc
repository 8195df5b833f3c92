// Autocast: which operators run in a lower precision is libtorch's; on which devices, in what dtype and where is told here.
#include "env.h"
#include "errors.h"

#include <ATen/autocast_mode.h>

namespace torchwright {

namespace {

// setAutocast(device type, dtype or -1 for off, keep casts of parameters): what the JavaScript context asks for; called only when
// it changes.
Napi::Value setAutocast(const Napi::CallbackInfo& info) {
  auto device = c10::DeviceType(info[0].As<Napi::Number>().Int32Value());
  int dtype = info[1].As<Napi::Number>().Int32Value();
  at::autocast::set_autocast_enabled(device, dtype >= 0);
  if (dtype >= 0) at::autocast::set_autocast_dtype(device, c10::ScalarType(dtype));
  at::autocast::set_autocast_cache_enabled(info[2].As<Napi::Boolean>());
  return info.Env().Undefined();
}

// What a device's autocast uses when nothing is said.
Napi::Value autocastDtype(const Napi::CallbackInfo& info) {
  auto device = c10::DeviceType(info[0].As<Napi::Number>().Int32Value());
  return Napi::Number::New(info.Env(), int(at::autocast::get_autocast_dtype(device)));
}

// Forgets the casts of parameters: when autocast ends, parameters may change.
Napi::Value clearAutocastCache(const Napi::CallbackInfo& info) {
  at::autocast::clear_cache();
  return info.Env().Undefined();
}

} // namespace

void exportAutocast(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* key, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(key, Napi::Function::New(napi, fn, key, &env));
  };
  set("setAutocast", guarded<setAutocast>);
  set("autocastDtype", guarded<autocastDtype>);
  set("clearAutocastCache", guarded<clearAutocastCache>);
}

} // namespace torchwright
