// Stochastic gradient descent with momentum, PyTorch's formula.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <vector>

namespace bench {

struct Sgd {
  std::vector<at::Tensor> parameters;
  double lr;
  double momentum = 0;
  std::vector<at::Tensor> velocities = {};

  void zeroGrad() {
    for (auto& p : parameters) p.mutable_grad().reset();
  }

  void step() {
    at::NoGradGuard noGrad;
    if (momentum != 0 && velocities.empty()) {
      for (auto& p : parameters) velocities.push_back(at::zeros_like(p));
    }
    for (size_t i = 0; i < parameters.size(); i++) {
      const at::Tensor& grad = parameters[i].grad();
      if (momentum == 0) {
        parameters[i].add_(grad, -lr);
      } else {
        velocities[i].mul_(momentum).add_(grad);
        parameters[i].add_(velocities[i], -lr);
      }
    }
  }
};

// A parameter with PyTorch's default start for layers: uniform in +-1/sqrt(fanIn).
inline at::Tensor parameter(at::IntArrayRef shape, int64_t fanIn) {
  double bound = 1 / std::sqrt(double(fanIn));
  return at::empty(shape).uniform_(-bound, bound).requires_grad_();
}

} // namespace bench
