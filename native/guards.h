// Checks that stand before operators whose kernels trust their arguments.
#pragma once

#include "env.h"

namespace torchwright {

struct Plan;
struct Guard; // guards.cc

// The guard of an operator by its name (aten::_stack) or that of the overload (aten::view.dtype); null for nearly all.
const Guard* findGuard(const std::string& name, const std::string& fullName);

// Throws UserError when the arguments in the cells would end the process.
void checkGuard(Env& env, const Plan& plan, const Cell* cells, int argc);

void exportGuards(Napi::Env, Napi::Object, Env&);

} // namespace torchwright
