// A plan is what is known about one operator before it is called: how to read each argument out of its
// cell, what comes back, and whether a direct (unboxed) path exists for its signature.
#pragma once

#include "env.h"

namespace torchwright {

enum class Kind : uint8_t {
  Tensor,
  TensorList,
  OptionalTensorList, // Tensor?[]
  Int,                // int and SymInt
  IntList,
  Float,
  FloatList,
  Bool,
  BoolList,
  Scalar,
  ScalarList,
  String,
  StringList,
  Dtype,
  Layout,
  Device,
  MemoryFormat,
  Generator,
  Other, // not expressible in JavaScript: only its default or null can be passed
};

struct Guard;

struct Argument {
  std::string name;
  Kind kind;
  bool nullable = false;
  bool sym = false;   // SymInt rather than int: a different C++ type, the same JavaScript number
  bool write = false; // the operator writes to it (alias annotation with !)
  bool out = false;   // and that is all it is for: `out`
  int32_t size = 0;   // int[2]: how often a bare number repeats
  bool hasDefault = false;
  c10::IValue defaultValue;
  at::Scalar defaultScalar; // the same for a Scalar, ready to use
};

struct Plan {
  Plan(c10::OperatorHandle op);
  c10::OperatorHandle op;
  int32_t id = 0;
  std::string name; // aten::add.Tensor
  std::vector<Argument> arguments;
  const Guard* guard = nullptr;  // what must be checked before the operator runs (guards.cc)
  std::vector<int32_t> resultIs; // per result: the argument that is returned itself, or -1
  // The direct path by signature, null when there is none (typed.cc).
  void (*direct)(Env&, const Plan&, Cell*) = nullptr;
  std::shared_ptr<void> typedHandle;
};

// The IValue of one argument; throws UserError when the cell does not fit the argument.
c10::IValue readArgument(Env& env, const Plan& plan, size_t i, const Cell& cell);
// Cells -> stack with defaults filled in.
void readStack(Env& env, const Plan& plan, torch::jit::Stack& stack, const Cell* cells, int argc);
// Results -> cells.
void writeResults(Env& env, const Plan& plan, torch::jit::Stack& stack, Cell* cells);
void writeValue(Env& env, c10::IValue&& v, Cell& cell);
// The rule for 64-bit results: a number when it is exact there, else a BigInt.
inline bool isExactNumber(int64_t n) { return n >= -9007199254740991 && n <= 9007199254740991; }
// What a list or a tuple holds.
std::vector<c10::IValue> itemsOf(const c10::IValue& v);

[[noreturn]] void badArgument(const Plan& plan, size_t i, const char* expected, const Cell& cell);

// Readers shared by the boxed and the direct path.
int64_t readInt(const Plan& plan, size_t i, const Cell& c);
double readDouble(const Plan& plan, size_t i, const Cell& c);
at::Scalar readScalar(Env& env, const Plan& plan, size_t i, const Cell& c);
void readInts(Env& env, const Plan& plan, size_t i, const Cell& c, c10::SmallVectorImpl<int64_t>& out);
std::vector<at::Tensor> readTensors(Env& env, const Plan& plan, size_t i, const Cell& c);

// Chooses the direct path for the plan's signature, if there is one.
void findDirectPath(Plan& plan);

Plan* findPlan(Env& env, const std::string& name, const std::string& overload);

} // namespace torchwright
