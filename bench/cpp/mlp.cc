// One training step of a perceptron: 64 x 784 - 256 - 10, cross entropy, SGD.
#include "optimizer.h"
#include "workloads.h"

namespace bench {

Batch mlpStep(int64_t size) {
  at::Tensor x = at::randn({size, 784}), y = at::randint(10, {size}, at::kLong);
  at::Tensor w1 = parameter({256, 784}, 784), b1 = parameter({256}, 784);
  at::Tensor w2 = parameter({10, 256}, 256), b2 = parameter({10}, 256);
  Sgd optimizer{{{w1, b1, w2, b2}, 0.01}};
  return [=](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++) {
      at::Tensor logits = at::linear(at::linear(x, w1, b1).relu(), w2, b2);
      at::Tensor loss = at::cross_entropy_loss(logits, y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    }
  };
}

} // namespace bench
