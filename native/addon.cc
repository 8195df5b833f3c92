// The addon's entry: one Env for each JavaScript environment that loads it.
#include "anomaly.h"
#include "arithmetic.h"
#include "async.h"
#include "cpu_memory.h"
#include "ending.h"
#include "errors.h"
#include "guards.h"
#include "plan.h"
#include "warnings.h"

#include <c10/core/DeviceType.h>

#ifndef TORCHWRIGHT_LIBTORCH_VERSION
#define TORCHWRIGHT_LIBTORCH_VERSION "unknown"
#endif

namespace torchwright {

namespace {

Napi::Value setCallbacks(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  auto o = info[0].As<Napi::Object>();
  env.jsWrap = Napi::Persistent(o.Get("wrap").As<Napi::Function>());
  env.jsWarn = Napi::Persistent(o.Get("warn").As<Napi::Function>());
  env.jsTrace = Napi::Persistent(o.Get("trace").As<Napi::Function>());
  env.jsStale = Napi::Persistent(o.Get("stale").As<Napi::Function>());
  env.jsAsyncDone = Napi::Persistent(o.Get("asyncDone").As<Napi::Function>());
  env.asyncSentinel = Napi::Persistent(o.Get("sentinel").As<Napi::Object>());
  return info.Env().Undefined();
}

Napi::Value block(const Napi::CallbackInfo& info) { return Env::of(info).blockRef.Value(); }
Napi::Value side(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  env.header[kSideGrown] = 0;
  return env.sideRef.Value();
}
Napi::Value growSide(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  env.growSide(size_t(info[0].As<Napi::Number>().DoubleValue()));
  return info.Env().Undefined();
}

// The numbers that both sides must agree on; lib/tensor/protocol.ts compares at load.
Napi::Value protocol(const Napi::CallbackInfo& info) {
  auto out = Napi::Object::New(info.Env());
  auto add = [&](const char* name, int value) { out.Set(name, value); };
  add("headerWords", kHeaderWords), add("cells", kCells), add("op", kOp), add("argc", kArgc), add("results", kResults);
  add("scope", kScope), add("mode", kMode), add("pressure", kPressure), add("sideGrown", kSideGrown), add("failed", kFailed);
  add("absent", kAbsent), add("none", kNone), add("tensor", kTensor), add("number", kNumber), add("bool", kBool);
  add("bigint", kBigInt), add("string", kString), add("tensorList", kTensorList), add("numberList", kNumberList);
  add("list", kList), add("dtype", kDtype), add("layout", kLayout), add("device", kDevice), add("memoryFormat", kMemoryFormat);
  add("complex", kComplex), add("generator", kGenerator), add("double", kDouble), add("same", kSame);
  return out;
}

// {float32: 6, ...}: libtorch's codes under our names.
Napi::Value dtypes(const Napi::CallbackInfo& info) {
  auto out = Napi::Object::New(info.Env());
  for (int i = 0; i < int(c10::ScalarType::NumOptions); i++) {
    auto type = c10::ScalarType(i);
    if (type == c10::ScalarType::Undefined) continue;
    auto entry = Napi::Array::New(info.Env(), 2);
    entry.Set(0u, i);
    entry.Set(1u, double(c10::elementSize(type)));
    out.Set(dtypeName(type), entry);
  }
  return out;
}

Napi::Value deviceTypes(const Napi::CallbackInfo& info) {
  auto out = Napi::Object::New(info.Env());
  for (int i = 0; i < int(c10::DeviceType::COMPILE_TIME_MAX_DEVICE_TYPES); i++) {
    auto type = c10::DeviceType(i);
    if (!c10::isValidDeviceType(type)) continue;
    out.Set(c10::DeviceTypeName(type, true), i);
  }
  return out;
}

Napi::Object init(Napi::Env napi, Napi::Object exports) {
  static std::once_flag once;
  std::call_once(once, [] {
    tameIntegerDivision();
    tuneCpuMemory();
    rememberJavaScript();
    endEarly();
  });
  tellWarnings();
  Env* env = new Env(napi);
  // Other threads wake the event loop with this when JavaScript is not waiting in backward.
  napi_value name;
  napi_create_string_utf8(napi, "torchwright", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(
      napi, nullptr, nullptr, name, 0, 1, nullptr, nullptr, env,
      [](napi_env, napi_value, void* context, void*) {
        Env& e = *static_cast<Env*>(context);
        e.bridge->runRequests(e);
      },
      &env->bridge->wake);
  napi_unref_threadsafe_function(napi, env->bridge->wake); // it must not keep the process alive
  // Finalizers of tensors still watched run after cleanup hooks would have freed the Env: instance data goes last.
  napi_set_instance_data(
      napi, env, [](node_api_basic_env, void* data, void*) { delete static_cast<Env*>(data); }, nullptr);

  auto set = [&](const char* key, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(key, Napi::Function::New(napi, fn, key, env));
  };
  set("setCallbacks", guarded<setCallbacks>);
  set("block", guarded<block>);
  set("side", guarded<side>);
  set("growSide", guarded<growSide>);
  set("protocol", guarded<protocol>);
  set("dtypes", guarded<dtypes>);
  set("deviceTypes", guarded<deviceTypes>);
  exports.Set("libtorchVersion", TORCHWRIGHT_LIBTORCH_VERSION);
  exportPlan(napi, exports, *env);
  exportTensor(napi, exports, *env);
  exportAutograd(napi, exports, *env);
  exportAsync(napi, exports, *env);
  exportDevice(napi, exports, *env);
  exportAutocast(napi, exports, *env);
  exportGuards(napi, exports, *env);
  exportJit(napi, exports, *env);
  exportInductor(napi, exports, *env);
  return exports;
}

} // namespace

} // namespace torchwright

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return torchwright::init(env, exports); }
NODE_API_MODULE(torchwright, Init)
