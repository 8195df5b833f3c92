#include "memory_order.h"

#include <ATen/ATen.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/native/Resize.h>

namespace torchwright {

namespace {

int place(const Plan& plan, const char* name) {
  for (size_t i = 0; i < plan.arguments.size(); i++)
    if (plan.arguments[i].name == name) return int(i);
  return -1;
}

bool strided(const at::Tensor& t) { return t.defined() && t.layout() == c10::kStrided && !t.is_nested(); }

// Strides differ, and the elements lie in the same order: those of dimensions of one element say nothing.
bool differsInNothing(const at::Tensor& t, at::IntArrayRef strides) {
  for (int64_t d = 0; d < t.dim(); d++)
    if (t.size(d) != 1 && t.stride(d) != strides[size_t(d)]) return t.numel() == 0;
  return true;
}

} // namespace

bool sameOrder(const at::Tensor& parameter, const at::Tensor& t) {
  if (!strided(parameter) || !strided(t)) return true;
  return t.strides() == parameter.strides() && t.is_non_overlapping_and_dense();
}

void contiguousOnes(const Plan& plan, torch::jit::Stack& stack, const std::vector<const char*>& names) {
  for (const char* name : names) {
    const int i = place(plan, name);
    if (i < 0 || !stack[size_t(i)].isTensor()) continue;
    const at::Tensor& t = stack[size_t(i)].toTensor();
    if (strided(t)) stack[size_t(i)] = t.contiguous();
  }
  plan.op.callBoxed(stack);
}

void ownOutput(const Plan& plan, torch::jit::Stack& stack, const std::vector<const char*>& names) {
  const size_t i = size_t(place(plan, names[0]));
  const at::Tensor out = stack[i].toTensor();
  stack[i] = at::empty({0}, out.options());
  plan.op.callBoxed(stack);
  const at::Tensor result = stack.back().toTensor();
  at::native::resize_output(out, result.sizes());
  out.copy_(result);
  stack.back() = out;
}

// Steps are numbers, one for each parameter, and have no order.
void oneOrder(const Plan& plan, torch::jit::Stack& stack, const std::vector<const char*>&) {
  const std::vector<at::Tensor> parameters = stack[0].toTensorVector();
  std::vector<std::vector<int64_t>> strides;
  for (const auto& p : parameters)
    strides.push_back(strided(p) ? at::empty_like(p, at::kMeta).strides().vec() : std::vector<int64_t>());
  const int scale = place(plan, "grad_scale");
  const bool unscales = scale >= 0 && !stack[size_t(scale)].isNone();
  std::vector<std::pair<at::Tensor, at::Tensor>> written; // a tensor, and what stands in for it
  for (size_t i = 0; i < plan.arguments.size(); i++) {
    const auto& argument = plan.arguments[i];
    if (argument.kind != Kind::TensorList || argument.out || argument.name == "state_steps") continue;
    std::vector<at::Tensor> list = stack[i].toTensorVector();
    const bool writes = argument.write && (argument.name != "grads" || unscales);
    for (size_t k = 0; k < list.size() && k < parameters.size(); k++) {
      at::Tensor& t = list[k];
      if (!strided(t) || !strided(parameters[k]) ||
          (t.strides() == at::IntArrayRef(strides[k]) && t.is_non_overlapping_and_dense()))
        continue;
      if (differsInNothing(t, strides[k])) {
        t = t.as_strided(t.sizes(), strides[k]);
        continue;
      }
      at::Tensor copy = at::empty_strided(t.sizes(), strides[k], t.options()).copy_(t);
      // A gradient may be one number for all its elements; nothing can be written there, and nobody expects it.
      const bool apart = argument.name != "grads" || at::has_internal_overlap(t) != at::MemOverlap::Yes;
      if (writes && apart) {
        at::assert_no_internal_overlap(t);
        written.emplace_back(t, copy);
      }
      t = copy;
    }
    stack[i] = c10::List<at::Tensor>(list);
  }
  plan.op.callBoxed(stack);
  for (const auto& [tensor, copy] : written) tensor.copy_(copy);
}

void noDistances(const Plan&, torch::jit::Stack& stack, const std::vector<const char*>&) {
  const at::Tensor self = stack[0].toTensor();
  torch::jit::drop(stack, stack.size());
  stack.emplace_back(self.reshape({0}));
}

void finitePlaces(const Plan& plan, torch::jit::Stack& stack, const std::vector<const char*>&) {
  constexpr int64_t kBorder = 1;
  const bool border = stack[size_t(place(plan, "padding_mode"))].toInt() == kBorder;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  c10::IValue& grid = stack[size_t(place(plan, "grid"))];
  // Beyond a border lies the border; reflected without end, nothing.
  grid = border ? grid.toTensor().nan_to_num(-1, kInfinity, -kInfinity) : grid.toTensor().nan_to_num(-1, -1, -1);
  plan.op.callBoxed(stack);
}

} // namespace torchwright
