// Operators through the dispatcher: plans, arguments, results, the call itself.
#include "plan.h"

#include "async.h"
#include "errors.h"
#include "guards.h"

#include <ATen/core/List.h>
#include <c10/core/Scalar.h>

#include <cmath>

namespace torchwright {

namespace {

Kind kindOf(const c10::Type& type, const c10::Type& real) {
  using K = c10::TypeKind;
  switch (real.kind()) {
    case K::TensorType: return Kind::Tensor;
    case K::ScalarTypeType: return Kind::Dtype;
    case K::LayoutType: return Kind::Layout;
    case K::MemoryFormatType: return Kind::MemoryFormat;
    case K::DeviceObjType: return Kind::Device;
    case K::IntType:
    case K::SymIntType: return Kind::Int;
    case K::FloatType:
    case K::SymFloatType: return Kind::Float;
    case K::BoolType:
    case K::SymBoolType: return Kind::Bool;
    case K::NumberType: return Kind::Scalar;
    case K::StringType: return Kind::String;
    case K::GeneratorType: return Kind::Generator;
    case K::ListType: {
      const auto& element = *real.containedType(0);
      if (element.kind() == K::OptionalType)
        return element.containedType(0)->kind() == K::TensorType ? Kind::OptionalTensorList : Kind::Other;
      switch (kindOf(type, element)) {
        case Kind::Tensor: return Kind::TensorList;
        case Kind::Int: return Kind::IntList;
        case Kind::Float: return Kind::FloatList;
        case Kind::Bool: return Kind::BoolList;
        case Kind::Scalar: return Kind::ScalarList;
        case Kind::String: return Kind::StringList;
        default: return Kind::Other;
      }
    }
    default: return Kind::Other;
  }
}

const char* expectedFor(const Argument& a) {
  switch (a.kind) {
    case Kind::Tensor: return "a tensor";
    case Kind::TensorList: return "an array of tensors";
    case Kind::OptionalTensorList: return "an array of tensors or nulls";
    case Kind::Int: return "a whole number";
    case Kind::IntList: return "an array of whole numbers";
    case Kind::Float: return "a number";
    case Kind::FloatList: return "an array of numbers";
    case Kind::Bool: return "a boolean";
    case Kind::BoolList: return "an array of booleans";
    case Kind::Scalar: return "a number, bigint, boolean or complex number";
    case Kind::ScalarList: return "an array of numbers";
    case Kind::String: return "a string";
    case Kind::StringList: return "an array of strings";
    case Kind::Dtype: return "a dtype";
    case Kind::Layout: return "a layout";
    case Kind::Device: return "a device";
    case Kind::MemoryFormat: return "a memory format";
    case Kind::Generator: return "a Generator";
    case Kind::Other: return "null: this type has no JavaScript form";
  }
  return "";
}

std::string describeCell(const Cell& c) {
  switch (c.tag) {
    case kAbsent: return "nothing";
    case kNone: return "null";
    case kTensor: return "a tensor";
    case kNumber:
    case kDouble: {
      char text[32];
      snprintf(text, sizeof text, "%.17g", c.number);
      return std::string("number ") + text;
    }
    case kBool: return c.index ? "true" : "false";
    case kBigInt: return "bigint " + std::to_string(c.bigint);
    case kString: return "a string";
    case kTensorList: return "an array of " + std::to_string(c.aux) + " tensors";
    case kNumberList: return "an array of " + std::to_string(c.aux) + " numbers";
    case kList: return "an array of " + std::to_string(c.aux);
    case kDtype: return "a dtype";
    case kLayout: return "a layout";
    case kDevice: return "a device";
    case kMemoryFormat: return "a memory format";
    case kComplex: return "a complex number";
    case kGenerator: return "a Generator";
    default: return "something else";
  }
}

// Side offsets come from our own JavaScript, but a wrong one must never read outside.
const char* sideAt(Env& env, const Cell& c, size_t elementBytes) {
  if (c.aux < 0 || c.index < 0 || size_t(c.index) + size_t(c.aux) * elementBytes > env.sideBytes) Env::throwDamaged();
  return env.side + c.index;
}

bool isWhole(double v) {
  // 2^63 does not fit: the comparison is strict there. -0 is not an integer, its sign would be lost.
  return v == std::trunc(v) && v >= -9223372036854775808.0 && v < 9223372036854775808.0 && !(v == 0 && std::signbit(v));
}

int64_t numberToInt(const Plan& plan, size_t i, const Cell& c, double v) {
  if (v == 0) return 0;
  if (!isWhole(v)) badArgument(plan, i, expectedFor(plan.arguments[i]), c);
  return int64_t(v);
}

// int[2]: two numbers, or one for both; none only where the default is an empty list. Kernels read as many as they
// expect, also behind the end of a shorter list.
void checkLength(const Argument& a, const Cell& c) {
  if (a.size < 2 || c.aux == a.size || c.aux == 1 || (c.aux == 0 && a.hasDefault)) return;
  fail("expected ", a.size, " whole numbers for ", a.name, " but received an array of ", c.aux);
}

std::string readString(Env& env, const Cell& c) { return std::string(sideAt(env, c, 1), c.aux); }

} // namespace

void badArgument(const Plan& plan, size_t i, const char* expected, const Cell& cell) {
  fail("expected ", expected, " for ", plan.arguments[i].name, " but received ", describeCell(cell));
}

int64_t readInt(const Plan& plan, size_t i, const Cell& c) {
  switch (c.tag) {
    case kNumber:
    case kDouble: return numberToInt(plan, i, c, c.number);
    case kBigInt: return c.bigint;
    case kBool:
    case kDtype:
    case kLayout:
    case kMemoryFormat: return c.index;
    default: badArgument(plan, i, expectedFor(plan.arguments[i]), c);
  }
}

double readDouble(const Plan& plan, size_t i, const Cell& c) {
  switch (c.tag) {
    case kNumber:
    case kDouble: return c.number;
    case kBigInt: return double(c.bigint);
    default: badArgument(plan, i, "a number", c);
  }
}

at::Scalar readScalar(Env& env, const Plan& plan, size_t i, const Cell& c) {
  switch (c.tag) {
    case kNumber:
      return isWhole(c.number) && std::abs(c.number) <= 9007199254740992.0 ? at::Scalar(int64_t(c.number)) : at::Scalar(c.number);
    case kDouble: return at::Scalar(c.number);
    case kBigInt: return at::Scalar(c.bigint);
    case kBool: return at::Scalar(bool(c.index));
    case kComplex: {
      double v[2];
      Cell pair = c;
      pair.aux = 2;
      memcpy(v, sideAt(env, pair, 8), 16);
      return at::Scalar(c10::complex<double>(v[0], v[1]));
    }
    default: badArgument(plan, i, "a number, bigint, boolean or complex number", c);
  }
}

void readInts(Env& env, const Plan& plan, size_t i, const Cell& c, c10::SmallVectorImpl<int64_t>& out) {
  const Argument& a = plan.arguments[i];
  switch (c.tag) {
    case kNumberList: {
      checkLength(a, c);
      const char* p = sideAt(env, c, 8);
      out.reserve(c.aux);
      for (int32_t k = 0; k < c.aux; k++) {
        double v;
        memcpy(&v, p + 8 * k, 8);
        if (v != 0 && !isWhole(v)) fail("expected whole numbers for ", a.name, " but received ", v, " at index ", k);
        out.push_back(int64_t(v));
      }
      return;
    }
    case kList: {
      checkLength(a, c);
      const char* p = sideAt(env, c, sizeof(Cell));
      for (int32_t k = 0; k < c.aux; k++) {
        Cell e;
        memcpy(&e, p + sizeof(Cell) * k, sizeof e);
        out.push_back(readInt(plan, i, e));
      }
      return;
    }
    case kNumber:
    case kBigInt: {
      int64_t v = readInt(plan, i, c);
      out.assign(a.size > 0 ? a.size : 1, v);
      return;
    }
    default: badArgument(plan, i, expectedFor(a), c);
  }
}

std::vector<at::Tensor> readTensors(Env& env, const Plan& plan, size_t i, const Cell& c) {
  if (c.tag != kTensorList && !(c.tag == kNumberList && c.aux == 0)) badArgument(plan, i, expectedFor(plan.arguments[i]), c);
  std::vector<at::Tensor> out;
  out.reserve(c.aux);
  for (int32_t k = 0; k < c.aux; k++) {
    const at::Tensor& t = env.listed(c, k);
    if (!t.defined() && plan.arguments[i].kind != Kind::OptionalTensorList)
      fail("expected a tensor for ", plan.arguments[i].name, "[", k, "] but received null");
    out.push_back(t);
  }
  return out;
}

c10::IValue readArgument(Env& env, const Plan& plan, size_t i, const Cell& c) {
  const Argument& a = plan.arguments[i];
  if (c.tag == kAbsent) {
    if (a.hasDefault) return a.defaultValue;
    if (a.nullable) return c10::IValue();
    fail("expected ", expectedFor(a), " for ", a.name, " but received nothing");
  }
  if (c.tag == kNone) {
    if (a.nullable) return c10::IValue();
    badArgument(plan, i, expectedFor(a), c);
  }
  switch (a.kind) {
    case Kind::Tensor: return c10::IValue(env.tensor(c));
    case Kind::TensorList: return c10::IValue(c10::List<at::Tensor>(readTensors(env, plan, i, c)));
    case Kind::OptionalTensorList: {
      c10::List<std::optional<at::Tensor>> list;
      for (auto& t : readTensors(env, plan, i, c))
        list.push_back(t.defined() ? std::optional<at::Tensor>(std::move(t)) : std::nullopt);
      return c10::IValue(std::move(list));
    }
    case Kind::Int: return c10::IValue(readInt(plan, i, c));
    case Kind::IntList: {
      c10::SmallVector<int64_t, 8> v;
      readInts(env, plan, i, c, v);
      return c10::IValue(c10::List<int64_t>(c10::IntArrayRef(v)));
    }
    case Kind::Float: return c10::IValue(readDouble(plan, i, c));
    case Kind::FloatList: {
      c10::List<double> list;
      if (c.tag != kNumberList) badArgument(plan, i, expectedFor(a), c);
      const char* p = sideAt(env, c, 8);
      for (int32_t k = 0; k < c.aux; k++) {
        double v;
        memcpy(&v, p + 8 * k, 8);
        list.push_back(v);
      }
      return c10::IValue(std::move(list));
    }
    case Kind::Bool:
      if (c.tag != kBool) badArgument(plan, i, "a boolean", c);
      return c10::IValue(bool(c.index));
    case Kind::Scalar: return c10::IValue(readScalar(env, plan, i, c));
    case Kind::BoolList:
    case Kind::ScalarList:
    case Kind::StringList: {
      // An empty array carries no kind of its own.
      bool empty = c.tag == kNumberList && c.aux == 0;
      bool numbers = c.tag == kNumberList && a.kind == Kind::ScalarList;
      if (!empty && !numbers && c.tag != kList) badArgument(plan, i, expectedFor(a), c);
      const char* p = empty ? nullptr : sideAt(env, c, numbers ? 8 : sizeof(Cell));
      auto cellAt = [&](int32_t k) {
        Cell e{};
        if (numbers) {
          e.tag = kNumber;
          memcpy(&e.number, p + 8 * k, 8);
        } else {
          memcpy(&e, p + sizeof(Cell) * k, sizeof e);
        }
        return e;
      };
      if (a.kind == Kind::BoolList) {
        c10::List<bool> list;
        for (int32_t k = 0; k < c.aux; k++) {
          Cell e = cellAt(k);
          if (e.tag != kBool) badArgument(plan, i, expectedFor(a), c);
          list.push_back(bool(e.index));
        }
        return c10::IValue(std::move(list));
      }
      if (a.kind == Kind::StringList) {
        c10::List<std::string> list;
        for (int32_t k = 0; k < c.aux; k++) {
          Cell e = cellAt(k);
          if (e.tag != kString) badArgument(plan, i, expectedFor(a), c);
          list.push_back(readString(env, e));
        }
        return c10::IValue(std::move(list));
      }
      c10::List<at::Scalar> list;
      for (int32_t k = 0; k < c.aux; k++) list.push_back(readScalar(env, plan, i, cellAt(k)));
      return c10::IValue(std::move(list));
    }
    case Kind::String:
      if (c.tag != kString) badArgument(plan, i, "a string", c);
      return c10::IValue(readString(env, c));
    case Kind::Dtype:
      if (c.tag != kDtype) badArgument(plan, i, expectedFor(a), c);
      return c10::IValue(int64_t(c.index));
    case Kind::Layout:
      if (c.tag != kLayout) badArgument(plan, i, expectedFor(a), c);
      return c10::IValue(int64_t(c.index));
    case Kind::MemoryFormat:
      if (c.tag != kMemoryFormat) badArgument(plan, i, expectedFor(a), c);
      return c10::IValue(int64_t(c.index));
    case Kind::Device:
      if (c.tag != kDevice) badArgument(plan, i, expectedFor(a), c);
      return c10::IValue(c10::Device(c10::DeviceType(c.index), c10::DeviceIndex(c.aux)));
    case Kind::Generator: {
      if (c.tag != kGenerator) badArgument(plan, i, "a Generator", c);
      auto it = env.generators.find(c.index);
      if (it == env.generators.end()) fail("expected a live Generator for ", a.name);
      return c10::IValue(it->second);
    }
    case Kind::Other: badArgument(plan, i, expectedFor(a), c);
  }
  return {};
}

Plan::Plan(c10::OperatorHandle handle) : op(handle) {
  const auto& schema = op.schema();
  name = schema.name() + (schema.overload_name().empty() ? "" : "." + schema.overload_name());
  for (const auto& s : schema.arguments()) {
    Argument a;
    a.name = s.name();
    c10::TypePtr type = s.type(), real = s.real_type();
    while (real->kind() == c10::TypeKind::OptionalType) {
      a.nullable = true;
      real = real->containedType(0);
    }
    a.kind = kindOf(*type, *real);
    const c10::Type* leaf = real.get();
    if (leaf->kind() == c10::TypeKind::ListType) leaf = leaf->containedType(0).get();
    a.sym = leaf->kind() == c10::TypeKind::SymIntType;
    a.write = s.alias_info() && s.alias_info()->isWrite();
    a.out = a.write && s.kwarg_only();
    if (s.N()) a.size = *s.N();
    if (s.default_value()) {
      a.hasDefault = true;
      a.defaultValue = *s.default_value();
      if (a.kind == Kind::Scalar && !a.defaultValue.isNone()) a.defaultScalar = a.defaultValue.toScalar();
    }
    arguments.push_back(std::move(a));
  }
  guard = findGuard(*this, schema.name());
  for (const auto& r : schema.returns()) {
    int32_t same = -1;
    if (r.alias_info() && r.alias_info()->isWrite() && r.type()->kind() == c10::TypeKind::TensorType) {
      const auto& sets = r.alias_info()->beforeSets();
      for (size_t i = 0; i < schema.arguments().size() && same < 0; i++) {
        const auto* info = schema.arguments()[i].alias_info();
        if (info && info->isWrite() && info->beforeSets() == sets &&
            schema.arguments()[i].type()->kind() == c10::TypeKind::TensorType)
          same = int32_t(i);
      }
    }
    resultIs.push_back(same);
  }
}

Plan* findPlan(Env& env, const std::string& name, const std::string& overload) {
  std::string key = overload.empty() ? name : name + "." + overload;
  auto it = env.planIds.find(key);
  if (it != env.planIds.end()) return env.plans[it->second].get();
  auto op = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!op) return nullptr;
  auto plan = std::make_unique<Plan>(*op);
  if (plan->arguments.size() > kCells) return nullptr;
  findDirectPath(*plan);
  plan->id = int32_t(env.plans.size());
  env.planIds.emplace(key, plan->id);
  env.plans.push_back(std::move(plan));
  return env.plans.back().get();
}

void readStack(Env& env, const Plan& plan, torch::jit::Stack& stack, const Cell* cells, int argc) {
  size_t n = plan.arguments.size();
  if (argc < 0 || size_t(argc) > n) fail("expected at most ", n, " arguments but received ", argc);
  stack.reserve(n);
  static const Cell absent{};
  for (size_t i = 0; i < n; i++) stack.push_back(readArgument(env, plan, i, i < size_t(argc) ? cells[i] : absent));
}

std::vector<c10::IValue> itemsOf(const c10::IValue& v) {
  std::vector<c10::IValue> items;
  if (v.isTuple()) {
    for (const auto& item : v.toTupleRef().elements()) items.push_back(item);
  } else {
    for (c10::IValue item : v.toList()) items.push_back(std::move(item));
  }
  return items;
}

void writeValue(Env& env, c10::IValue&& v, Cell& cell) {
  if (v.isTensor()) {
    env.put(std::move(v).toTensor(), cell);
  } else if (v.isInt()) {
    int64_t n = v.toInt();
    if (isExactNumber(n)) {
      cell.tag = kNumber;
      cell.number = double(n);
    } else {
      cell.tag = kBigInt;
      cell.bigint = n;
    }
  } else if (v.isDouble()) {
    cell.tag = kNumber;
    cell.number = v.toDouble();
  } else if (v.isBool()) {
    cell.tag = kBool;
    cell.index = v.toBool();
  } else if (v.isNone()) {
    cell.tag = kNone;
  } else if (v.isComplexDouble()) {
    auto z = v.toComplexDouble();
    double parts[2] = {z.real(), z.imag()};
    size_t at = env.sideAlloc(16);
    memcpy(env.side + at, parts, 16);
    cell.tag = kComplex;
    cell.index = int32_t(at);
  } else if (v.isString()) {
    const std::string& s = v.toStringRef();
    size_t at = env.sideAlloc(s.size());
    memcpy(env.side + at, s.data(), s.size());
    cell.tag = kString;
    cell.aux = int32_t(s.size());
    cell.index = int32_t(at);
  } else if (v.isSymInt()) {
    writeValue(env, c10::IValue(v.toSymInt().guard_int(__FILE__, __LINE__)), cell);
  } else if (v.isDevice()) {
    cell.tag = kDevice;
    cell.index = int32_t(v.toDevice().type());
    cell.aux = v.toDevice().index();
  } else if (v.isList() || v.isTuple()) {
    std::vector<c10::IValue> items = itemsOf(v);
    size_t at = env.sideAlloc(items.size() * sizeof(Cell));
    for (size_t k = 0; k < items.size(); k++) {
      Cell e{};
      writeValue(env, std::move(items[k]), e); // may replace side: the offset stays good, the pointer does not
      memcpy(env.side + at + k * sizeof(Cell), &e, sizeof e);
    }
    cell.tag = kList;
    cell.aux = int32_t(items.size());
    cell.index = int32_t(at);
  } else {
    fail("returned a ", v.tagKind(), ", which has no JavaScript form");
  }
}

void writeResults(Env& env, const Plan& plan, torch::jit::Stack& stack, Cell* cells) {
  env.sideUsed = 0;
  size_t n = stack.size();
  if (n > kCells) fail("returned more than ", int(kCells), " values");
  for (size_t k = 0; k < n; k++) {
    int32_t same = k < plan.resultIs.size() ? plan.resultIs[k] : -1;
    if (same >= 0) {
      cells[k].tag = kSame;
      cells[k].index = same;
    } else {
      writeValue(env, std::move(stack[k]), cells[k]);
    }
  }
  env.header[kResults] = int32_t(n);
}

namespace {

Plan& planInHeader(Env& env) {
  int32_t id = env.header[kOp];
  if (uint32_t(id) >= env.plans.size()) fail("unknown operator ", id);
  return *env.plans[id];
}

void runBoxed(Env& env, const Plan& plan, Cell* cells, bool relay) {
  torch::jit::Stack stack;
  readStack(env, plan, stack, cells, env.header[kArgc]);
  if (C10_UNLIKELY(relay)) callRelaid(plan, stack);
  else plan.op.callBoxed(stack);
  writeResults(env, plan, stack, cells);
}

// The one entry for operators: raw Node-API, no arguments, no result. Everything is in the cells.
napi_value call(napi_env napi, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(napi, info, nullptr, nullptr, nullptr, &data);
  Env& env = *static_cast<Env*>(data);
  const Plan* plan = nullptr;
  try {
    plan = &planInHeader(env);
    const bool relay = C10_UNLIKELY(plan->guard != nullptr) && checkGuard(env, *plan, env.cells, env.header[kArgc]);
    if (C10_UNLIKELY(env.header[kMode] != 0)) {
      callAsync(env, *plan, relay); // throws the sentinel
      return nullptr;
    }
    if (plan->direct && !relay) {
      plan->direct(env, *plan, env.cells);
    } else {
      runBoxed(env, *plan, env.cells, relay);
    }
  } catch (...) {
    return giveError(env, "", plan, env.cells);
  }
  return nullptr;
}

Napi::Value findOp(const Napi::CallbackInfo& info) {
  Plan* plan = findPlan(Env::of(info), info[0].As<Napi::String>(), info[1].As<Napi::String>());
  return Napi::Number::New(info.Env(), plan ? plan->id : -1);
}

// The schema's text, with real types (ScalarType and not int), for the JavaScript side to read once.
Napi::Value schemaOf(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  int32_t id = info[0].As<Napi::Number>();
  if (uint32_t(id) >= env.plans.size()) fail("unknown operator ", id);
  return Napi::String::New(info.Env(), c10::str(env.plans[id]->op.schema()));
}

// Every operator of the dispatcher: ["aten::add.Tensor", ...].
Napi::Value opNames(const Napi::CallbackInfo& info) {
  auto names = c10::Dispatcher::singleton().getAllOpNames();
  auto out = Napi::Array::New(info.Env());
  uint32_t n = 0;
  for (const auto& name : names) {
    // Only a name with a schema can be called.
    if (!c10::Dispatcher::singleton().findSchema(name)) continue;
    out.Set(n++, Napi::String::New(info.Env(), name.overload_name.empty() ? name.name : name.name + "." + name.overload_name));
  }
  return out;
}

} // namespace

void exportPlan(Napi::Env napi, Napi::Object exports, Env& env) {
  napi_value fn;
  napi_create_function(napi, "call", NAPI_AUTO_LENGTH, call, &env, &fn);
  exports.Set("call", Napi::Value(napi, fn));
  exports.Set("findOp", Napi::Function::New(napi, guarded<findOp>, "findOp", &env));
  exports.Set("schemaOf", Napi::Function::New(napi, guarded<schemaOf>, "schemaOf", &env));
  exports.Set("opNames", Napi::Function::New(napi, guarded<opNames>, "opNames", &env));
}

} // namespace torchwright
