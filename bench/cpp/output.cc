// One training step of a plain output layer over very many classes: scores of all of them, log-softmax, SGD. The other languages have the
// factored layer under this name.
#include "optimizer.h"
#include "workloads.h"

namespace bench {

Batch factoredOutput(int64_t size) {
  constexpr int64_t features = 300, samples = 128, batches = 16;
  std::vector<at::Tensor> hidden, labels;
  for (int64_t k = 0; k < batches; k++) {
    hidden.push_back(at::randn({samples, features}).requires_grad_());
    labels.push_back(at::randint(size, {samples}, at::kLong));
  }
  at::Tensor w = parameter({size, features}, features);
  Sgd optimizer{{{w}, 0.01}};
  return [=, step = int64_t(0)](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++, step++) {
      auto k = size_t(step % batches);
      at::Tensor loss = at::nll_loss(at::log_softmax(at::linear(hidden[k], w), 1), labels[k]);
      optimizer.zeroGrad();
      hidden[k].mutable_grad().reset();
      loss.backward();
      optimizer.step();
    }
  };
}

} // namespace bench
