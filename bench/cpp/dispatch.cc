// What one operator costs when there is next to nothing to compute.
#include "workloads.h"

namespace bench {

// An iteration is a hundred additions without gradients, each result let go.
Batch add(int64_t size) {
  at::Tensor a = at::randn({size, size}), b = at::randn({size, size});
  return [=](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      for (int k = 0; k < 100; k++) at::Tensor c = a.add(b);
    }
  };
}

// An iteration is one product and the way back through it.
Batch mulBackward(int64_t size) {
  at::Tensor a = at::randn({size, size}).requires_grad_(), b = at::randn({size, size}).requires_grad_();
  at::Tensor gradient = at::ones({size, size});
  return [=](int64_t n) {
    for (int64_t i = 0; i < n; i++) {
      at::Tensor c = a.mul(b);
      c.backward(gradient);
    }
  };
}

// A loop that makes tensors of `size` floats, keeping none.
Batch tensorLoop(int64_t size) {
  return [=](int64_t n) {
    for (int64_t i = 0; i < n; i++) at::Tensor t = at::ones({size});
  };
}

// Only starts: a library is loaded and one tensor made.
Batch nothing(int64_t) {
  at::ones({1});
  return [](int64_t) {};
}

} // namespace bench
