// AOTInductor: models that Python compiled to machine code, run without Python. JavaScript has checked the package and unpacked it
// (lib/inductor/package.ts); from there on this does what libtorch's AOTIModelPackageLoader does. That class itself is not used: it
// believes damaged packages, compiles with commands that a package may hold, and leaves its folder behind when a model does not load.
#include "ending.h"
#include "errors.h"

#include <ATen/DynamicLibrary.h>
#include <ATen/ops/empty_strided.h>
#include <torch/csrc/inductor/aoti_runner/model_container_runner.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

namespace torchwright {

namespace {

using torch::inductor::AOTIModelContainerRunner;

// Node's texts are UTF-8, the system's paths may be others.
std::filesystem::path pathOf(const std::string& text) { return std::u8string(text.begin(), text.end()); }

// A parameter or buffer of a model.
struct Constant {
  std::string name;    // the model's own; the state dict's is its key in the map
  bool folded = false; // computed from others by the model itself
  size_t bytes = 0;
};

// The folders of the models that live. process.exit() runs no finalizers; what is left then goes in the end.
struct Folders {
  std::mutex mutex;
  std::set<std::filesystem::path> live;
  void add(const std::filesystem::path& folder) {
    std::lock_guard<std::mutex> lock(mutex);
    live.insert(folder);
    beforeEnd(removeAll);
  }
  void remove(const std::filesystem::path& folder) {
    std::lock_guard<std::mutex> lock(mutex);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    live.erase(folder);
  }
  static void removeAll();
};
Folders& folders() {
  static Folders* held = new Folders; // never destroyed: it is used when destructors run
  return *held;
}
void Folders::removeAll() {
  std::lock_guard<std::mutex> lock(folders().mutex);
  std::error_code ignored;
  for (const auto& folder : folders().live) std::filesystem::remove_all(folder, ignored);
  folders().live.clear();
}

struct Compiled {
  std::filesystem::path folder;
  std::unique_ptr<AOTIModelContainerRunner> runner;
  std::map<std::string, Constant> constants;
  std::set<std::string> missing; // constants without which the model would read at address zero
  bool hasInactive = false;      // a whole second set of constants, to swap with
  explicit Compiled(std::filesystem::path path) : folder(std::move(path)) { folders().add(folder); }
  Compiled(const Compiled&) = delete;
  ~Compiled() { unload(); }
  void unload() {
    if (folder.empty()) return;
    runner.reset();
    folders().remove(folder);
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

std::string list(const std::set<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::vector<at::Tensor> tensorsOf(Env& env, Napi::Value handles) {
  auto numbers = handles.As<Napi::Int32Array>(); // [slot, generation, slot, generation, ...]
  std::vector<at::Tensor> out;
  for (size_t k = 0; k + 1 < numbers.ElementLength(); k += 2) out.push_back(env.tensor(numbers[k], numbers[k + 1]));
  return out;
}

// Why a call into the model failed. Old versions of libtorch keep what the model says about it for the standard error.
std::string reasonOf(const std::exception& e) {
  auto* error = dynamic_cast<const c10::Error*>(&e);
  std::string reason = error ? error->what_without_backtrace() : e.what();
  if (reason.find(" API call failed at ") != std::string::npos) return "the standard error says why";
  if (size_t line = reason.find('\n'); line != std::string::npos) reason.resize(line);
  return reason;
}

// The runner keeps to itself what it calls the model with.
struct Inside : AOTIModelContainerRunner {
  static at::DynamicLibrary& library(AOTIModelContainerRunner& runner) { return *(runner.*&Inside::model_so_); }
  static AOTInductorModelContainerHandle model(AOTIModelContainerRunner& runner) { return runner.*&Inside::container_handle_; }
};

void findConstants(Compiled& compiled) {
  auto& library = Inside::library(*compiled.runner);
  auto model = Inside::model(*compiled.runner);
  auto ask = [&]<class... Args>(auto* type, const char* name, Args... args) {
    if (reinterpret_cast<decltype(type)>(library.sym(name))(model, args...) != AOTI_RUNTIME_SUCCESS)
      fail("the model does not answer to ", name);
  };
#define TORCHWRIGHT_ASK(name, ...) ask(static_cast<decltype(&name)>(nullptr), #name, __VA_ARGS__)
  size_t count = 0;
  TORCHWRIGHT_ASK(AOTInductorModelContainerGetNumConstants, &count);
  auto present = compiled.runner->extract_constants_map(false);
  for (size_t k = 0; k < count; k++) {
    const char *name = nullptr, *key = nullptr;
    Constant constant;
    TORCHWRIGHT_ASK(AOTInductorModelContainerGetConstantName, k, &name);
    TORCHWRIGHT_ASK(AOTInductorModelContainerGetConstantOriginalFQN, k, &key);
    TORCHWRIGHT_ASK(AOTInductorModelContainerGetConstantFromFolded, k, &constant.folded);
    TORCHWRIGHT_ASK(AOTInductorModelContainerGetConstantDataSize, k, &constant.bytes);
#undef TORCHWRIGHT_ASK
    constant.name = name;
    if (!constant.folded && !present.count(key)) compiled.missing.insert(key);
    compiled.constants.emplace(key, std::move(constant));
  }
}

// aotiLoad({folder, library, blob, device, deviceIndex, numRunners, runSingleThreaded}) => model, which removes the folder in the end
Napi::Value aotiLoad(const Napi::CallbackInfo& info) {
  static std::once_flag once;
  std::call_once(once, checkInputsOfModels);
  auto options = info[0].As<Napi::Object>();
  auto text = [&](const char* key) { return std::string(options.Get(key).As<Napi::String>()); };
  auto number = [&](const char* key) { return options.Get(key).As<Napi::Number>().Int32Value(); };
  auto compiled = std::make_unique<Compiled>(pathOf(text("folder")));
  std::string library = text("library");
  std::string type = text("device");
  auto makers = torch::inductor::getAOTIModelRunnerRegistry();
  auto maker = makers.find(type);
  if (maker == makers.end()) fail("Expected a device that libtorch has here but the model is compiled for ", type);
  c10::Device device(type);
  device.set_index(c10::DeviceIndex(number("deviceIndex")));
  bool single = options.Get("runSingleThreaded").As<Napi::Boolean>();
  std::string beside = pathOf(library).parent_path().string();
  compiled->runner = maker->second(library, size_t(number("numRunners")), device.str(), beside, single);
  if (std::string blob = text("blob"); !blob.empty()) compiled->runner->update_constant_buffer_from_blob(blob);
  findConstants(*compiled);
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
  if (!compiled.missing.empty())
    fail("Expected loadConstants before the first run but the model has no ", list(compiled.missing));
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

// aotiConstants(model) => names in the state dict, in the order of the alphabet
Napi::Value aotiConstants(const Napi::CallbackInfo& info) {
  auto out = Napi::Array::New(info.Env());
  for (auto& [key, constant] : compiledOf(info).constants)
    if (!constant.folded) out.Set(out.Length(), key);
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
  auto present = compiled.runner->extract_constants_map(false);
  std::unordered_map<std::string, at::Tensor> update;
  std::set<std::string> lacking;
  for (auto& [key, constant] : compiled.constants)
    if (!constant.folded) lacking.insert(key);
  for (uint32_t k = 0; k < keys.Length(); k++) {
    std::string key = keys.Get(k).As<Napi::String>();
    auto found = compiled.constants.find(key);
    if (found == compiled.constants.end() || found->second.folded)
      fail("Expected names of the compiled model's constants for loadConstants but received ", key);
    // libtorch copies the whole storage, however large it and whatever the shape is: only a copy that fits may come there.
    at::Tensor tensor = tensors[k].detach();
    if (auto now = present.find(key); now != present.end() && !compiled.missing.count(key)) {
      const at::Tensor& constant = now->second;
      if (tensor.layout() != c10::kStrided || tensor.sizes() != constant.sizes() ||
          tensor.scalar_type() != constant.scalar_type() || tensor.device().type() != constant.device().type())
        fail("Expected ", describe(constant), " for ", key, " in loadConstants but received ", describe(tensor));
      tensor = at::empty_strided(constant.sizes(), constant.strides(), constant.options()).copy_(tensor);
    } else {
      // The model tells how much room there is, in steps of 64 bytes, and its shape only afterwards.
      size_t room = found->second.bytes;
      if (tensor.layout() != c10::kStrided || tensor.is_nested() || tensor.nbytes() > room || tensor.nbytes() + 64 <= room)
        fail("Expected a tensor that takes ", room, " bytes in steps of 64 for ", key, " in loadConstants but received ",
             describe(tensor));
      if (!tensor.is_non_overlapping_and_dense()) tensor = tensor.contiguous();
      tensor = at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options()).copy_(tensor);
    }
    if (tensor.storage().nbytes() > found->second.bytes) fail("the constant ", key, " does not fit where it was");
    update.emplace(found->second.name, tensor);
    lacking.erase(key);
  }
  auto dtypes = compiled.runner->getConstantNamesToDtypes();
  for (auto& [name, tensor] : update)
    if (auto dtype = dtypes.find(name); dtype != dtypes.end() && dtype->second != int32_t(tensor.scalar_type()))
      fail("Expected ", dtypeName(c10::ScalarType(dtype->second)), " for ", name, " in loadConstants but received ",
           describe(tensor));
  std::set<std::string> nowhere; // neither given nor there to be taken over
  for (auto& key : lacking)
    if (!present.count(key)) nowhere.insert(key);
  if (inactive && !compiled.hasInactive && !nowhere.empty())
    fail("Expected all of the compiled model's constants for loadConstants but received none for ", list(nowhere));
  try {
    // A second set that lacks one would be run without it.
    compiled.runner->update_constant_buffer(update, inactive, full || (inactive && !compiled.hasInactive));
  } catch (const std::exception& e) {
    if (!lacking.empty())
      fail("Expected all of the compiled model's constants for loadConstants but received none for ", list(lacking));
    fail("Expected constants that the compiled model takes for loadConstants but received others: ", reasonOf(e));
  }
  if (inactive) compiled.hasInactive = true;
  auto after = compiled.runner->extract_constants_map(inactive);
  for (auto& [key, constant] : compiled.constants) {
    auto given = update.find(constant.name);
    if (given == update.end()) continue;
    auto there = after.find(key);
    if (there == after.end() || there->second.sizes() != given->second.sizes()) {
      // Only now the model has told its shape.
      inactive ? void(compiled.hasInactive = false) : void(compiled.missing.insert(key));
      fail("Expected ", there == after.end() ? "another constant" : describe(there->second), " for ", key,
           " in loadConstants but received ", describe(given->second));
    }
    if (!inactive) compiled.missing.erase(key);
  }
  return info.Env().Undefined();
}

// aotiSwapConstants(model): the set that loadConstants filled with useInactive becomes the one in use
Napi::Value aotiSwapConstants(const Napi::CallbackInfo& info) {
  Compiled& compiled = compiledOf(info);
  if (!compiled.hasInactive) fail("Expected constants loaded with useInactive before swapConstants but there are none");
  compiled.runner->swap_constant_buffer();
  compiled.hasInactive = compiled.missing.empty();
  compiled.missing.clear();
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
