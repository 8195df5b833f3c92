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

// One training step of ArcFace over all of very many classes, SGD. In TypeScript a head has this name that looks at a tenth of them.
Batch sampledHead(int64_t size) {
  constexpr int64_t features = 512, samples = 128, batches = 16;
  constexpr double scale = 64, margin = 0.5, kInside = 1 - 1e-7;
  std::vector<at::Tensor> embeddings, labels;
  for (int64_t k = 0; k < batches; k++) {
    embeddings.push_back(at::randn({samples, features}).requires_grad_());
    labels.push_back(at::randint(size, {samples}, at::kLong));
  }
  at::Tensor w = parameter({size, features}, features);
  Sgd optimizer{{{w}, 0.01}};
  return [=, step = int64_t(0)](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++, step++) {
      auto k = size_t(step % batches);
      at::Tensor target = labels[k].unsqueeze(1), cosines = at::linear(unit(embeddings[k]), unit(w));
      at::Tensor cos = cosines.gather(1, target).clamp(-kInside, kInside);
      at::Tensor turned = cos * std::cos(margin) - (1 - cos.square()).sqrt() * std::sin(margin);
      at::Tensor moved = at::where(cos > std::cos(M_PI - margin), turned, cos - margin * std::sin(margin));
      at::Tensor loss = at::cross_entropy_loss((cosines * scale).scatter_(1, target, moved * scale), labels[k]);
      optimizer.zeroGrad();
      embeddings[k].mutable_grad().reset();
      loss.backward();
      optimizer.step();
    }
  };
}

} // namespace bench
