// Checks that stand before operators whose kernels trust their arguments.
#pragma once

#include "env.h"

namespace torchwright {

struct Plan;
struct Guard; // guards.cc

// The guard of an operator, whose name (aten::_stack) has no overload in it; null for nearly all without `out`.
const Guard* findGuard(const Plan& plan, const std::string& name);

// Throws UserError when the arguments in the cells would end the process. True when they are right and must be laid out in
// memory for the kernel first: then `callRelaid` is the way to call.
bool checkGuard(Env& env, const Plan& plan, const Cell* cells, int argc);

// The operator with arguments on the stack, some of which it gets in another order of memory.
void callRelaid(const Plan& plan, torch::jit::Stack& stack);

void exportGuards(Napi::Env, Napi::Object, Env&);

} // namespace torchwright
