// AOTInductor: models that Python compiled to machine code, run without Python. JavaScript has checked the package and unpacked it
// (lib/inductor/package.ts); from there on this does what libtorch's AOTIModelPackageLoader does. That class itself is not used: it
// believes damaged packages, compiles with commands that a package may hold, and leaves its folder behind when a model does not load.
#include "errors.h"

#include <ATen/ops/empty_strided.h>
#include <torch/csrc/inductor/aoti_runner/model_container_runner.h>

#include <cstdlib>
#include <filesystem>

namespace torchwright {

namespace {

using torch::inductor::AOTIModelContainerRunner;

struct Compiled {
  std::filesystem::path folder;
  std::unique_ptr<AOTIModelContainerRunner> runner;
  bool hasInactive = false; // a second set of constants, to swap with
  explicit Compiled(std::string path) : folder(std::filesystem::u8path(path)) {}
  Compiled(const Compiled&) = delete;
  ~Compiled() { unload(); }
  void unload() {
    if (folder.empty()) return;
    runner.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    folder.clear();
  }
};
using Holder = Napi::External<Compiled>;

Compiled& compiledOf(const Napi::CallbackInfo& info) {
  Compiled& compiled = *info[0].As<Holder>().Data();
  if (!compiled.runner) fail("Expected a compiled model but it was disposed");
  return compiled;
}

// Compiled code trusts the shapes, strides and dtypes of its inputs, and reads outside of them when they are others, unless this
// variable has it look. It is read when a model runs first; whoever set it to 0 wants it so.
void checkInputsOfModels() {
#ifdef _WIN32
  if (!std::getenv("AOTI_RUNTIME_CHECK_INPUTS")) _putenv_s("AOTI_RUNTIME_CHECK_INPUTS", "1");
#else
  setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", 0);
#endif
}

std::vector<at::Tensor> tensorsOf(Env& env, Napi::Value handles) {
  auto numbers = handles.As<Napi::Int32Array>(); // [slot, generation, slot, generation, ...]
  std::vector<at::Tensor> out;
  for (size_t k = 0; k + 1 < numbers.ElementLength(); k += 2) out.push_back(env.tensor(numbers[k], numbers[k + 1]));
  return out;
}

// What failed, without the expression and the line of libtorch that noticed.
std::string reasonOf(const std::exception& e) {
  auto* error = dynamic_cast<const c10::Error*>(&e);
  std::string reason = error ? error->what_without_backtrace() : e.what();
  for (const char* marker : {"API call failed at ", "AOTInductor runtime error: ", "Error: "}) {
    size_t at = reason.find(marker);
    if (at != std::string::npos && marker[0] != 'A') reason = reason.substr(at + strlen(marker));
  }
  if (size_t line = reason.find('\n'); line != std::string::npos) reason.resize(line);
  return reason;
}

// aotiLoad({folder, library, blob, device, deviceIndex, numRunners, runSingleThreaded}) => model, which removes the folder in the end
Napi::Value aotiLoad(const Napi::CallbackInfo& info) {
  static std::once_flag once;
  std::call_once(once, checkInputsOfModels);
  auto options = info[0].As<Napi::Object>();
  auto text = [&](const char* key) { return std::string(options.Get(key).As<Napi::String>()); };
  auto number = [&](const char* key) { return options.Get(key).As<Napi::Number>().Int32Value(); };
  auto compiled = std::make_unique<Compiled>(text("folder"));
  std::string library = text("library");
  std::string type = text("device");
  auto makers = torch::inductor::getAOTIModelRunnerRegistry();
  auto maker = makers.find(type);
  if (maker == makers.end()) fail("Expected a device that libtorch has here but the model is compiled for ", type);
  c10::Device device(type);
  device.set_index(c10::DeviceIndex(number("deviceIndex")));
  bool single = options.Get("runSingleThreaded").As<Napi::Boolean>();
  std::string beside = std::filesystem::u8path(library).parent_path().string();
  compiled->runner = maker->second(library, size_t(number("numRunners")), device.str(), beside, single);
  if (std::string blob = text("blob"); !blob.empty()) compiled->runner->update_constant_buffer_from_blob(blob);
  return Holder::New(info.Env(), compiled.release(), [](Napi::BasicEnv, Compiled* c) { delete c; });
}

// aotiUnload(model): what it holds is freed now
Napi::Value aotiUnload(const Napi::CallbackInfo& info) {
  info[0].As<Holder>().Data()->unload();
  return info.Env().Undefined();
}

// aotiCallSpec(model) => [how inputs are nested, how outputs are], JSON of Python's pytree
Napi::Value aotiCallSpec(const Napi::CallbackInfo& info) {
  auto specs = compiledOf(info).runner->get_call_spec();
  auto out = Napi::Array::New(info.Env(), specs.size());
  for (uint32_t k = 0; k < specs.size(); k++) out.Set(k, specs[k]);
  return out;
}

// aotiRun(model, inputs) => tensors
Napi::Value aotiRun(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  Compiled& compiled = compiledOf(info);
  auto inputs = tensorsOf(env, info[1]);
  for (size_t k = 0; k < inputs.size(); k++) {
    at::Tensor& input = inputs[k];
    if (input.layout() != c10::kStrided || input.is_nested())
      fail("Expected a dense tensor for input ", k, " of the compiled model but received ", describe(input));
    // Marks on tensors that stand for work not yet done: compiled code sees the bytes alone.
    if (input._is_zerotensor()) input = input.clone();
    input = input.resolve_conj().resolve_neg();
  }
  std::vector<at::Tensor> outputs;
  try {
    outputs = compiled.runner->run(inputs);
  } catch (const std::exception& e) {
    std::string received;
    for (const auto& input : inputs) received += (received.empty() ? "" : ", ") + describe(input);
    fail("Expected inputs that the compiled model takes but received ", received.empty() ? "none" : received, ": ", reasonOf(e));
  }
  auto out = Napi::Array::New(info.Env(), outputs.size());
  for (uint32_t k = 0; k < outputs.size(); k++) {
    at::Tensor& output = outputs[k];
    // A constant of the model that comes out as it is lies in memory that goes with the model.
    if (output.defined() && output.has_storage() && output.storage().nbytes() > 0 && !output.storage().data_ptr().get_context())
      output = output.clone();
    out.Set(k, Napi::Value(info.Env(), env.wrapJs(output)));
  }
  return out;
}

// aotiConstants(model) => names in the state dict, in the model's order
Napi::Value aotiConstants(const Napi::CallbackInfo& info) {
  std::map<std::string, std::string> names;
  for (auto& [name, key] : compiledOf(info).runner->getConstantNamesToOriginalFQNs()) names.emplace(key, name);
  auto out = Napi::Array::New(info.Env());
  for (auto& [key, name] : names) out.Set(out.Length(), key);
  return out;
}

// aotiLoadConstants(model, names, tensors, useInactive, checkFullUpdate)
Napi::Value aotiLoadConstants(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  Compiled& compiled = compiledOf(info);
  auto keys = info[1].As<Napi::Array>();
  auto tensors = tensorsOf(env, info[2]);
  bool inactive = info[3].As<Napi::Boolean>();
  bool full = info[4].As<Napi::Boolean>();
  std::unordered_map<std::string, std::string> names;
  for (auto& [name, key] : compiled.runner->getConstantNamesToOriginalFQNs()) names.emplace(key, name);
  auto present = compiled.runner->extract_constants_map(false);
  std::unordered_map<std::string, at::Tensor> update;
  for (uint32_t k = 0; k < keys.Length(); k++) {
    std::string key = keys.Get(k).As<Napi::String>();
    auto name = names.find(key);
    if (name == names.end()) fail("Expected names of the compiled model's constants for loadConstants but received ", key);
    at::Tensor& tensor = tensors[k];
    // libtorch copies as many bytes as the constant has, in the constant's order, whatever the tensor has.
    if (auto now = present.find(key); now != present.end() && now->second.defined()) {
      const at::Tensor& constant = now->second;
      if (tensor.layout() != c10::kStrided || tensor.sizes() != constant.sizes() || tensor.scalar_type() != constant.scalar_type() ||
          tensor.device().type() != constant.device().type())
        fail("Expected ", describe(constant), " for ", key, " in loadConstants but received ", describe(tensor));
      tensor = at::empty_strided(constant.sizes(), constant.strides(), constant.options()).copy_(tensor.detach());
    }
    update.emplace(name->second, tensor);
  }
  try {
    // A second set that lacks one would be run without it.
    compiled.runner->update_constant_buffer(update, inactive, full || (inactive && !compiled.hasInactive));
  } catch (const std::exception& e) {
    fail("Expected the compiled model's constants for loadConstants but received others: ", reasonOf(e));
  }
  compiled.hasInactive |= inactive;
  return info.Env().Undefined();
}

// aotiSwapConstants(model): the set that loadConstants filled with useInactive becomes the one in use
Napi::Value aotiSwapConstants(const Napi::CallbackInfo& info) {
  Compiled& compiled = compiledOf(info);
  if (!compiled.hasInactive) fail("Expected constants loaded with useInactive before swapConstants but there are none");
  compiled.runner->swap_constant_buffer();
  return info.Env().Undefined();
}

} // namespace

void exportInductor(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* name, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(napi, fn, name, &env));
  };
  set("aotiLoad", guarded<aotiLoad>);
  set("aotiUnload", guarded<aotiUnload>);
  set("aotiCallSpec", guarded<aotiCallSpec>);
  set("aotiRun", guarded<aotiRun>);
  set("aotiConstants", guarded<aotiConstants>);
  set("aotiLoadConstants", guarded<aotiLoadConstants>);
  set("aotiSwapConstants", guarded<aotiSwapConstants>);
}

} // namespace torchwright
