// SGD and AdamW over libtorch's fused steps, which the other languages use too.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <utility>
#include <vector>

namespace bench {

// A parameter with PyTorch's default start for layers: uniform in +-1/sqrt(fanIn).
inline at::Tensor parameter(at::IntArrayRef shape, int64_t fanIn) {
  double bound = 1 / std::sqrt(double(fanIn));
  return at::empty(shape).uniform_(-bound, bound).requires_grad_();
}

struct Optimizer {
  std::vector<at::Tensor> parameters;
  double lr;

  void zeroGrad() {
    for (auto& p : parameters) p.mutable_grad().reset();
  }
  std::vector<at::Tensor> gradients() const {
    std::vector<at::Tensor> list;
    for (const auto& p : parameters) list.push_back(p.grad());
    return list;
  }
};

struct Sgd : Optimizer {
  void step() {
    at::NoGradGuard noGrad;
    at::_fused_sgd_(parameters, gradients(), {}, /*weight_decay=*/0, /*momentum=*/0, lr, /*dampening=*/0, /*nesterov=*/false,
                    /*maximize=*/false, /*is_first_step=*/false);
  }
};

struct AdamW : Optimizer {
  std::vector<at::Tensor> averages, squares, steps;

  AdamW(std::vector<at::Tensor> p, double rate) : Optimizer{std::move(p), rate} {
    for (const auto& parameter : parameters) {
      averages.push_back(at::zeros_like(parameter));
      squares.push_back(at::zeros_like(parameter));
      steps.push_back(at::zeros({}));
    }
  }
  void step() {
    at::NoGradGuard noGrad;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(parameters, gradients(), averages, squares, {}, steps, lr, /*beta1=*/0.9, /*beta2=*/0.999,
                      /*weight_decay=*/0.01, /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false);
  }
};

} // namespace bench
