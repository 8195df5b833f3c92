// Threads, devices, streams, generators, libraries, precision: process-wide settings of libtorch. Accelerators
// are reached through libtorch's device-generic API, so one binary serves CPU and CUDA builds.
#include "errors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <dlfcn.h>

namespace torchwright {

namespace {

Napi::Value undefined(const Napi::CallbackInfo& info) { return info.Env().Undefined(); }

int32_t intArg(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }

Napi::Value getNumThreads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), at::get_num_threads()); }
Napi::Value setNumThreads(const Napi::CallbackInfo& info) {
  at::set_num_threads(intArg(info, 0));
  return undefined(info);
}
Napi::Value getNumInteropThreads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), at::get_num_interop_threads());
}
Napi::Value showConfig(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), at::show_config()); }
Napi::Value parallelInfo(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), at::get_parallel_info()); }

Napi::Value defaultDtype(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), int(c10::typeMetaToScalarType(at::get_default_dtype())));
}
Napi::Value setDefaultDtype(const Napi::CallbackInfo& info) {
  at::set_default_dtype(c10::scalarTypeToTypeMeta(c10::ScalarType(intArg(info, 0))));
  return undefined(info);
}

// --- random numbers

at::Generator& generator(Env& env, int32_t id) {
  auto it = env.generators.find(id);
  if (it == env.generators.end()) fail("expected a live Generator");
  return it->second;
}

Napi::Value addGenerator(const Napi::CallbackInfo& info, at::Generator g) {
  Env& env = Env::of(info);
  int32_t id = env.nextGenerator++;
  env.generators.emplace(id, std::move(g));
  return Napi::Number::New(info.Env(), id);
}

Napi::Value newGenerator(const Napi::CallbackInfo& info) {
  auto device = c10::Device(c10::DeviceType(intArg(info, 0)), c10::DeviceIndex(intArg(info, 1)));
  if (device.is_cpu()) return addGenerator(info, at::make_generator<at::CPUGeneratorImpl>());
  return addGenerator(info, at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index()));
}
Napi::Value defaultGenerator(const Napi::CallbackInfo& info) {
  auto device = c10::Device(c10::DeviceType(intArg(info, 0)), c10::DeviceIndex(intArg(info, 1)));
  return addGenerator(info, at::globalContext().defaultGenerator(device));
}
Napi::Value dropGenerator(const Napi::CallbackInfo& info) {
  Env::of(info).generators.erase(intArg(info, 0));
  return undefined(info);
}
Napi::Value generatorSetSeed(const Napi::CallbackInfo& info) {
  auto& g = generator(Env::of(info), intArg(info, 0));
  bool lossless;
  uint64_t seed = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  std::lock_guard<std::mutex> lock(g.mutex());
  g.set_current_seed(seed);
  return undefined(info);
}
Napi::Value generatorInitialSeed(const Napi::CallbackInfo& info) {
  auto& g = generator(Env::of(info), intArg(info, 0));
  return Napi::BigInt::New(info.Env(), uint64_t(g.current_seed()));
}
Napi::Value generatorGetState(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  auto& g = generator(env, intArg(info, 0));
  std::lock_guard<std::mutex> lock(g.mutex());
  env.put(g.get_state(), env.cells[0]);
  return undefined(info);
}
Napi::Value generatorSetState(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  auto& g = generator(env, intArg(info, 0));
  std::lock_guard<std::mutex> lock(g.mutex());
  g.set_state(env.tensor(env.cells[0]));
  return undefined(info);
}
// Seeds the CPU and every accelerator, as torch.manual_seed does.
Napi::Value manualSeed(const Napi::CallbackInfo& info) {
  bool lossless;
  at::manual_seed(info[0].As<Napi::BigInt>().Uint64Value(&lossless));
  return undefined(info);
}

// --- accelerators

Napi::Value acceleratorName(const Napi::CallbackInfo& info) {
  auto type = at::getAccelerator(false);
  if (!type) return info.Env().Null();
  return Napi::String::New(info.Env(), c10::DeviceTypeName(*type, true));
}
Napi::Value hasCudaLibrary(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), at::hasCUDA()); }

c10::DeviceType accelerator() {
  auto type = at::getAccelerator(false);
  if (!type || at::accelerator::deviceCount() == 0) fail("no accelerator is available");
  return *type;
}
c10::DeviceIndex indexArg(const Napi::CallbackInfo& info, size_t i) {
  accelerator();
  int32_t index = intArg(info, i);
  if (index < 0) return at::accelerator::getDeviceIndex();
  if (index >= at::accelerator::deviceCount())
    fail("expected a device index below ", int(at::accelerator::deviceCount()), " but received ", index);
  return c10::DeviceIndex(index);
}

Napi::Value deviceCount(const Napi::CallbackInfo& info) {
  auto type = at::getAccelerator(false);
  return Napi::Number::New(info.Env(), type ? int(at::accelerator::deviceCount()) : 0);
}
Napi::Value currentDevice(const Napi::CallbackInfo& info) {
  accelerator();
  return Napi::Number::New(info.Env(), at::accelerator::getDeviceIndex());
}
Napi::Value setDevice(const Napi::CallbackInfo& info) {
  at::accelerator::setDeviceIndex(indexArg(info, 0));
  return undefined(info);
}
Napi::Value synchronize(const Napi::CallbackInfo& info) {
  at::accelerator::synchronizeDevice(indexArg(info, 0));
  return undefined(info);
}
Napi::Value emptyCache(const Napi::CallbackInfo& info) {
  accelerator();
  at::accelerator::emptyCache();
  return undefined(info);
}
Napi::Value memoryStats(const Napi::CallbackInfo& info) {
  auto stats = at::accelerator::getDeviceStats(indexArg(info, 0));
  auto out = Napi::Object::New(info.Env());
  auto add = [&](const char* name, const auto& stat) {
    auto entry = Napi::Object::New(info.Env());
    entry.Set("current", double(stat.current));
    entry.Set("peak", double(stat.peak));
    entry.Set("allocated", double(stat.allocated));
    entry.Set("freed", double(stat.freed));
    out.Set(name, entry);
  };
  add("allocatedBytes", stats.allocated_bytes[0]);
  add("reservedBytes", stats.reserved_bytes[0]);
  add("activeBytes", stats.active_bytes[0]);
  out.Set("allocRetries", double(stats.num_alloc_retries));
  out.Set("outOfMemory", double(stats.num_ooms));
  return out;
}
Napi::Value resetPeakStats(const Napi::CallbackInfo& info) {
  at::accelerator::resetPeakStats(indexArg(info, 0));
  return undefined(info);
}
Napi::Value memoryInfo(const Napi::CallbackInfo& info) {
  auto [free, total] = at::accelerator::getMemoryInfo(indexArg(info, 0));
  auto out = Napi::Object::New(info.Env());
  out.Set("free", double(free));
  out.Set("total", double(total));
  return out;
}

// The device-generic API knows no names; the driver does, and it is there when a device is.
Napi::Value deviceName(const Napi::CallbackInfo& info) {
  auto index = indexArg(info, 0);
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  auto get = driver ? reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet")) : nullptr;
  auto name = driver ? reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName")) : nullptr;
  int device = 0;
  char text[256] = "";
  if (!get || !name || get(&device, index) != 0 || name(text, sizeof text, device) != 0)
    fail("the driver tells no name of device ", int(index));
  return Napi::String::New(info.Env(), text);
}

// A stream travels as three numbers: id, device index, device type.
Napi::Value packStream(Napi::Env env, const c10::Stream& stream) {
  auto data = stream.pack3();
  auto out = Napi::Array::New(env, 3);
  out.Set(0u, double(data.stream_id));
  out.Set(1u, double(data.device_index));
  out.Set(2u, double(int(data.device_type)));
  return out;
}
c10::Stream unpackStream(const Napi::CallbackInfo& info, size_t at) {
  return c10::Stream::unpack3(c10::StreamId(info[at].As<Napi::Number>().Int64Value()), c10::DeviceIndex(intArg(info, at + 1)),
                              c10::DeviceType(intArg(info, at + 2)));
}
Napi::Value newStream(const Napi::CallbackInfo& info) {
  auto index = indexArg(info, 0);
  c10::impl::VirtualGuardImpl guard(accelerator());
  return packStream(info.Env(), guard.getNewStream(c10::Device(accelerator(), index), intArg(info, 1)));
}
Napi::Value currentStream(const Napi::CallbackInfo& info) {
  return packStream(info.Env(), at::accelerator::getCurrentStream(indexArg(info, 0)));
}
Napi::Value setStream(const Napi::CallbackInfo& info) {
  at::accelerator::setCurrentStream(unpackStream(info, 0));
  return undefined(info);
}
Napi::Value streamQuery(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), unpackStream(info, 0).query()); }
Napi::Value streamSynchronize(const Napi::CallbackInfo& info) {
  unpackStream(info, 0).synchronize();
  return undefined(info);
}

using EventHolder = Napi::External<c10::Event>;
Napi::Value newEvent(const Napi::CallbackInfo& info) {
  auto* event = new c10::Event(accelerator(),
                               info[0].As<Napi::Boolean>() ? c10::EventFlag::BACKEND_DEFAULT : c10::EventFlag::PYTORCH_DEFAULT);
  return EventHolder::New(info.Env(), event, [](Napi::Env, c10::Event* e) { delete e; });
}
c10::Event& eventArg(const Napi::CallbackInfo& info) { return *info[0].As<EventHolder>().Data(); }
Napi::Value eventRecord(const Napi::CallbackInfo& info) {
  eventArg(info).record(unpackStream(info, 1));
  return undefined(info);
}
Napi::Value eventBlock(const Napi::CallbackInfo& info) {
  eventArg(info).block(unpackStream(info, 1));
  return undefined(info);
}
Napi::Value eventQuery(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), eventArg(info).query()); }
Napi::Value eventSynchronize(const Napi::CallbackInfo& info) {
  eventArg(info).synchronize();
  return undefined(info);
}
Napi::Value eventElapsed(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), eventArg(info).elapsedTime(*info[1].As<EventHolder>().Data()));
}

// --- precision and determinism

Napi::Value setPrecision(const Napi::CallbackInfo& info) {
  std::string value = info[0].As<Napi::String>();
  if (value != "highest" && value != "high" && value != "medium")
    fail("expected 'highest', 'high' or 'medium' for float32MatmulPrecision but received '", value, "'");
  at::globalContext().setFloat32MatmulPrecision(value);
  return undefined(info);
}
Napi::Value getPrecision(const Napi::CallbackInfo& info) {
  switch (at::globalContext().float32MatmulPrecision()) {
    case at::Float32MatmulPrecision::HIGHEST: return Napi::String::New(info.Env(), "highest");
    case at::Float32MatmulPrecision::HIGH: return Napi::String::New(info.Env(), "high");
    default: return Napi::String::New(info.Env(), "medium");
  }
}
Napi::Value setFlag(const Napi::CallbackInfo& info) {
  auto& context = at::globalContext();
  std::string name = info[0].As<Napi::String>();
  bool on = info[1].As<Napi::Boolean>();
  if (name == "allowTf32Cublas") context.setAllowTF32CuBLAS(on);
  else if (name == "allowTf32Cudnn") context.setAllowTF32CuDNN(on);
  else if (name == "cudnn") context.setUserEnabledCuDNN(on);
  else if (name == "cudnnBenchmark") context.setBenchmarkCuDNN(on);
  else if (name == "cudnnDeterministic") context.setDeterministicCuDNN(on);
  else if (name == "deterministic") context.setDeterministicAlgorithms(on, false);
  else if (name == "onednn") context.setUserEnabledMkldnn(on);
  else if (name == "flushDenormal") return Napi::Boolean::New(info.Env(), context.setFlushDenormal(on));
  else fail("expected a known flag but received '", name, "'");
  return undefined(info);
}
Napi::Value getFlag(const Napi::CallbackInfo& info) {
  auto& context = at::globalContext();
  std::string name = info[0].As<Napi::String>();
  bool on = false;
  if (name == "allowTf32Cublas") on = context.allowTF32CuBLAS();
  else if (name == "allowTf32Cudnn") on = context.allowTF32CuDNN();
  else if (name == "cudnn") on = context.userEnabledCuDNN();
  else if (name == "cudnnBenchmark") on = context.benchmarkCuDNN();
  else if (name == "cudnnDeterministic") on = context.deterministicCuDNN();
  else if (name == "deterministic") on = context.deterministicAlgorithms();
  else if (name == "onednn") on = context.userEnabledMkldnn();
  else fail("expected a known flag but received '", name, "'");
  return Napi::Boolean::New(info.Env(), on);
}

// --- custom operators

Napi::Value loadLibrary(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>();
  if (!dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    const char* why = dlerror();
    fail("could not load ", path, ": ", why ? why : "unknown reason");
  }
  return undefined(info);
}

} // namespace

void exportDevice(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* name, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(napi, fn, name, &env));
  };
  set("getNumThreads", guarded<getNumThreads>);
  set("setNumThreads", guarded<setNumThreads>);
  set("getNumInteropThreads", guarded<getNumInteropThreads>);
  set("showConfig", guarded<showConfig>);
  set("parallelInfo", guarded<parallelInfo>);
  set("defaultDtype", guarded<defaultDtype>);
  set("setDefaultDtype", guarded<setDefaultDtype>);
  set("newGenerator", guarded<newGenerator>);
  set("defaultGenerator", guarded<defaultGenerator>);
  set("dropGenerator", guarded<dropGenerator>);
  set("generatorSetSeed", guarded<generatorSetSeed>);
  set("generatorInitialSeed", guarded<generatorInitialSeed>);
  set("generatorGetState", guarded<generatorGetState>);
  set("generatorSetState", guarded<generatorSetState>);
  set("manualSeed", guarded<manualSeed>);
  set("acceleratorName", guarded<acceleratorName>);
  set("hasCudaLibrary", guarded<hasCudaLibrary>);
  set("deviceCount", guarded<deviceCount>);
  set("currentDevice", guarded<currentDevice>);
  set("deviceName", guarded<deviceName>);
  set("setDevice", guarded<setDevice>);
  set("synchronize", guarded<synchronize>);
  set("emptyCache", guarded<emptyCache>);
  set("memoryStats", guarded<memoryStats>);
  set("resetPeakStats", guarded<resetPeakStats>);
  set("memoryInfo", guarded<memoryInfo>);
  set("newStream", guarded<newStream>);
  set("currentStream", guarded<currentStream>);
  set("setStream", guarded<setStream>);
  set("streamQuery", guarded<streamQuery>);
  set("streamSynchronize", guarded<streamSynchronize>);
  set("newEvent", guarded<newEvent>);
  set("eventRecord", guarded<eventRecord>);
  set("eventBlock", guarded<eventBlock>);
  set("eventQuery", guarded<eventQuery>);
  set("eventSynchronize", guarded<eventSynchronize>);
  set("eventElapsed", guarded<eventElapsed>);
  set("setPrecision", guarded<setPrecision>);
  set("getPrecision", guarded<getPrecision>);
  set("setFlag", guarded<setFlag>);
  set("getFlag", guarded<getFlag>);
  set("loadLibrary", guarded<loadLibrary>);
}

} // namespace torchwright
