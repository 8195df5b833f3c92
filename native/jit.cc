// TorchScript: models that Python compiled and saved, run without Python.
#include "errors.h"
#include "plan.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

namespace torchwright {

namespace {

using torch::jit::Module;
using ModuleHolder = Napi::External<Module>;

Module& moduleOf(const Napi::CallbackInfo& info) { return *info[0].As<ModuleHolder>().Data(); }

// --- values into a model; the types that the model declares decide

[[noreturn]] void misfit(const c10::TypePtr& type, const std::string& where) {
  fail("Expected ", type->annotation_str(), " for ", where, " but received another value");
}

c10::IValue toIValue(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where);

// A tensor comes as Int32Array [slot, generation].
c10::IValue untyped(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  if (value.IsTypedArray()) {
    auto handle = value.As<Napi::Int32Array>();
    return env.tensor(handle[0], handle[1]);
  }
  if (value.IsNull() || value.IsUndefined()) return {};
  if (value.IsBoolean()) return bool(value.As<Napi::Boolean>());
  if (value.IsString()) return std::string(value.As<Napi::String>());
  misfit(type, where);
}

int64_t toInt(Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  if (value.IsBigInt()) {
    bool lossless = false;
    int64_t whole = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return whole;
  } else if (value.IsNumber()) {
    double number = value.As<Napi::Number>();
    if (std::abs(number) <= 9007199254740991.0 && number == std::trunc(number)) return int64_t(number);
  }
  misfit(type, where);
}

c10::IValue toDict(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  if (!value.IsObject() || value.IsArray() || value.IsTypedArray()) misfit(type, where);
  auto& dict = type->expectRef<c10::DictType>();
  if (dict.getKeyType()->kind() != c10::TypeKind::StringType) fail("Expected a dictionary with texts as keys for ", where);
  c10::impl::GenericDict out(dict.getKeyType(), dict.getValueType());
  auto object = value.As<Napi::Object>();
  auto names = object.GetPropertyNames();
  for (uint32_t k = 0; k < names.Length(); k++) {
    std::string name = names.Get(k).As<Napi::String>();
    out.insert(name, toIValue(env, object.Get(name), dict.getValueType(), where + "." + name));
  }
  return out;
}

c10::IValue toList(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  if (!value.IsArray()) misfit(type, where);
  auto array = value.As<Napi::Array>();
  auto element = type->expectRef<c10::ListType>().getElementType();
  c10::impl::GenericList out(element);
  for (uint32_t k = 0; k < array.Length(); k++)
    out.push_back(toIValue(env, array.Get(k), element, where + "[" + std::to_string(k) + "]"));
  return out;
}

c10::IValue toTuple(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  auto elements = type->containedTypes();
  if (!value.IsArray() || value.As<Napi::Array>().Length() != elements.size()) misfit(type, where);
  auto array = value.As<Napi::Array>();
  std::vector<c10::IValue> out;
  for (uint32_t k = 0; k < elements.size(); k++)
    out.push_back(toIValue(env, array.Get(k), elements[k], where + "[" + std::to_string(k) + "]"));
  return c10::ivalue::Tuple::create(std::move(out));
}

c10::IValue toIValue(Env& env, Napi::Value value, const c10::TypePtr& type, const std::string& where) {
  switch (type->kind()) {
    case c10::TypeKind::OptionalType:
      if (value.IsNull() || value.IsUndefined()) return {};
      return toIValue(env, value, type->expectRef<c10::OptionalType>().getElementType(), where);
    case c10::TypeKind::TensorType:
      if (!value.IsTypedArray()) misfit(type, where);
      return untyped(env, value, type, where);
    case c10::TypeKind::IntType: return toInt(value, type, where);
    case c10::TypeKind::FloatType:
      if (!value.IsNumber()) misfit(type, where);
      return double(value.As<Napi::Number>());
    case c10::TypeKind::BoolType:
      if (!value.IsBoolean()) misfit(type, where);
      return untyped(env, value, type, where);
    case c10::TypeKind::StringType:
      if (!value.IsString()) misfit(type, where);
      return untyped(env, value, type, where);
    case c10::TypeKind::NoneType:
      if (!value.IsNull() && !value.IsUndefined()) misfit(type, where);
      return {};
    case c10::TypeKind::DictType: return toDict(env, value, type, where);
    case c10::TypeKind::ListType: return toList(env, value, type, where);
    case c10::TypeKind::TupleType: return toTuple(env, value, type, where);
    default: return untyped(env, value, type, where);
  }
}

// --- values out of a model

Napi::Value toJs(Env& env, const c10::IValue& value) {
  Napi::Env napi(env.env);
  if (value.isTensor()) {
    const at::Tensor& t = value.toTensor();
    return t.defined() ? Napi::Value(napi, env.wrapJs(t)) : napi.Null();
  }
  if (value.isNone()) return napi.Null();
  if (value.isBool()) return Napi::Boolean::New(napi, value.toBool());
  if (value.isDouble()) return Napi::Number::New(napi, value.toDouble());
  if (value.isString()) return Napi::String::New(napi, value.toStringRef());
  if (value.isInt()) {
    int64_t whole = value.toInt();
    if (isExactNumber(whole)) return Napi::Number::New(napi, double(whole));
    return Napi::BigInt::New(napi, whole);
  }
  if (value.isList() || value.isTuple()) {
    std::vector<c10::IValue> items = itemsOf(value);
    auto out = Napi::Array::New(napi, items.size());
    for (uint32_t k = 0; k < items.size(); k++) out.Set(k, toJs(env, items[k]));
    return out;
  }
  if (value.isGenericDict()) {
    auto entries = Napi::Array::New(napi);
    for (const auto& item : value.toGenericDict()) {
      auto entry = Napi::Array::New(napi, 2);
      entry.Set(0u, toJs(env, item.key()));
      entry.Set(1u, toJs(env, item.value()));
      entries.Set(entries.Length(), entry);
    }
    auto out = Napi::Object::New(napi);
    out.Set("dict", entries);
    return out;
  }
  fail("Expected tensors, numbers, texts, lists, tuples and dictionaries from the model but received ", value.tagKind());
}

// --- functions

// jitLoad(path) => module, on the CPU
Napi::Value jitLoad(const Napi::CallbackInfo& info) {
  auto module =
      std::make_unique<Module>(torch::jit::load(std::string(info[0].As<Napi::String>()), c10::Device(c10::kCPU), false));
  return ModuleHolder::New(info.Env(), module.release(), [](Napi::Env, Module* m) { delete m; });
}

void collect(Env& env, const Module& module, const std::string& prefix, Napi::Array& out,
             std::unordered_map<const void*, uint32_t>& seen) {
  Napi::Env napi(env.env);
  auto add = [&](const std::string& name, const at::Tensor& tensor, bool parameter) {
    auto entry = Napi::Array::New(napi, 4);
    uint32_t position = out.Length();
    entry.Set(0u, prefix + name);
    entry.Set(1u, Napi::Value(napi, env.wrapJs(tensor)));
    entry.Set(2u, parameter);
    entry.Set(3u, seen.emplace(tensor.unsafeGetTensorImpl(), position).first->second);
    out.Set(position, entry);
  };
  for (const auto& parameter : module.named_parameters(false)) add(parameter.name, parameter.value, true);
  for (const auto& buffer : module.named_buffers(false)) add(buffer.name, buffer.value, false);
  for (const auto& child : module.named_children()) collect(env, child.value, prefix + child.name + ".", out, seen);
}

// jitTensors(module) => [name, tensor, whether a parameter, position of the first that is the same tensor][], in state dict order
Napi::Value jitTensors(const Napi::CallbackInfo& info) {
  auto out = Napi::Array::New(info.Env());
  std::unordered_map<const void*, uint32_t> seen;
  collect(Env::of(info), moduleOf(info), "", out, seen);
  return out;
}

// jitSetTensor(module, name, [slot, generation]): from then on the model uses this tensor
Napi::Value jitSetTensor(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  Module module = moduleOf(info);
  std::string name = info[1].As<Napi::String>();
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
    module = module.attr(name.substr(0, dot)).toModule();
    name = name.substr(dot + 1);
  }
  auto handle = info[2].As<Napi::Int32Array>();
  module.setattr(name, env.tensor(handle[0], handle[1]));
  return info.Env().Undefined();
}

Napi::Value jitTrain(const Napi::CallbackInfo& info) {
  moduleOf(info).train(info[1].As<Napi::Boolean>());
  return info.Env().Undefined();
}

Napi::Value jitTraining(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), moduleOf(info).is_training()); }

// jitSchema(module, method) => how the method is called, or null
Napi::Value jitSchema(const Napi::CallbackInfo& info) {
  auto method = moduleOf(info).find_method(info[1].As<Napi::String>());
  if (!method) return info.Env().Null();
  return Napi::String::New(info.Env(), c10::str(method->function().getSchema()));
}

// jitCall(module, method, arguments)
Napi::Value jitCall(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  std::string name = info[1].As<Napi::String>();
  auto method = moduleOf(info).find_method(name);
  if (!method) fail("Expected a method of the model but received ", name);
  const auto& parameters = method->function().getSchema().arguments(); // the first one is the module
  auto given = info[2].As<Napi::Array>();
  if (given.Length() + 1 > parameters.size())
    fail("Expected at most ", parameters.size() - 1, " arguments for ", name, " but received ", given.Length());
  std::vector<c10::IValue> stack;
  for (uint32_t k = 0; k < given.Length(); k++)
    stack.push_back(toIValue(env, given.Get(k), parameters[k + 1].type(), parameters[k + 1].name()));
  return toJs(env, (*method)(std::move(stack)));
}

} // namespace

void exportJit(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* name, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(napi, fn, name, &env));
  };
  set("jitLoad", guarded<jitLoad>);
  set("jitTensors", guarded<jitTensors>);
  set("jitSetTensor", guarded<jitSetTensor>);
  set("jitTrain", guarded<jitTrain>);
  set("jitTraining", guarded<jitTraining>);
  set("jitSchema", guarded<jitSchema>);
  set("jitCall", guarded<jitCall>);
}

} // namespace torchwright
