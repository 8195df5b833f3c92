// What guards see of a call: its arguments by name.
#pragma once

#include "errors.h"
#include "plan.h"

namespace torchwright {

struct Arguments {
  Env& env;
  const Plan& plan;
  const Cell* cells;
  int argc;
  const std::vector<const char*>& names; // what the guard is told to look at
  mutable bool relay = false;            // a check says: all is right, but lies in memory as the kernel does not expect it

  const Cell* cell(const char* name) const {
    int i = place(name);
    return i < 0 ? nullptr : &cells[i];
  }
  // Null when it is not given; a wrong kind is left to the reader of the argument.
  const at::Tensor* tensor(const char* name) const {
    const Cell* c = cell(name);
    return c && c->tag == kTensor ? &env.tensor(*c) : nullptr;
  }
  std::vector<at::Tensor> tensors(const char* name) const {
    int i = place(name);
    return i < 0 || cells[i].tag != kTensorList ? std::vector<at::Tensor>() : readTensors(env, plan, size_t(i), cells[i]);
  }
  // Empty when it is not given, as the default is where it matters.
  std::vector<int64_t> integers(const char* name) const {
    c10::SmallVector<int64_t, 8> out;
    int i = place(name);
    if (i >= 0 && cells[i].tag != kNone && cells[i].tag != kAbsent) readInts(env, plan, size_t(i), cells[i], out);
    return {out.begin(), out.end()};
  }
  int64_t integer(const char* name, int64_t otherwise) const {
    auto all = integers(name);
    return all.size() == 1 ? all[0] : otherwise;
  }
  // NaN when it is not given, or no number.
  double number(const char* name) const {
    const Cell* c = cell(name);
    if (c && (c->tag == kNumber || c->tag == kDouble)) return c->number;
    return c && c->tag == kBigInt ? double(c->bigint) : std::numeric_limits<double>::quiet_NaN();
  }
  bool flag(const char* name) const {
    const Cell* c = cell(name);
    return c && c->tag == kBool && c->index;
  }

 private:
  int place(const char* name) const {
    for (size_t i = 0; i < plan.arguments.size() && int(i) < argc; i++)
      if (plan.arguments[i].name == name) return int(i);
    return -1;
  }
};

using Check = void (*)(const Arguments&);

// All elements from `low` to `high`, for tensors of integers on the CPU; what lies on a device would cost a wait.
void elementsBetween(const at::Tensor& t, int64_t low, int64_t high, const char* name);

// Exactly these sizes.
void checkSizes(const at::Tensor& t, at::IntArrayRef sizes, const char* name);

} // namespace torchwright
