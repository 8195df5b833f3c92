// Arguments in the order of memory that a kernel takes for granted, where the call is right and only that is not.
#pragma once

#include "plan.h"

namespace torchwright {

// Calls the operator with the arguments on the stack and leaves its results there. `names`: what the guard looks at.
using Relay = void(const Plan& plan, torch::jit::Stack& stack, const std::vector<const char*>& names);

// The named tensors without strides.
Relay contiguousOnes;
// An output of its own, copied to `out`.
Relay ownOutput;
// The lists of a fused optimizer, each tensor with the strides of its parameter.
Relay oneOrder;
// Distances between no rows: the input itself, which has no elements either and a gradient that can be computed.
Relay noDistances;
// A grid whose places are numbers: those that are none lie at the edge, as PyTorch documents for NaN.
Relay finitePlaces;

// Whether a fused optimizer can walk these tensors together, by the memory of the parameter.
bool sameOrder(const at::Tensor& parameter, const at::Tensor& t);

} // namespace torchwright
