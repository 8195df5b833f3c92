// One training step of the demo on 28 x 28 images: its network, its loss, its optimizer.
#include "optimizer.h"
#include "workloads.h"

#include <iostream>

namespace bench {

namespace {

at::Tensor smoothedCrossEntropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing = 0.05) {
  at::Tensor logProbabilities = logits - logits.logsumexp(1, /*keepdim=*/true);
  at::Tensor ofTarget = logProbabilities.gather(1, labels.unsqueeze(1)).mean();
  return ofTarget.mul(1 - smoothing).add(logProbabilities.mean().mul(smoothing)).neg();
}

Batch demo(int64_t size, bool tell) {
  at::Tensor k1 = parameter({16, 1, 3, 3}, 9), c1 = parameter({16}, 9);
  at::Tensor k2 = parameter({32, 16, 3, 3}, 144), c2 = parameter({32}, 144);
  at::Tensor w1 = parameter({128, 32 * 7 * 7}, 32 * 7 * 7), b1 = parameter({128}, 32 * 7 * 7);
  at::Tensor w2 = parameter({10, 128}, 128), b2 = parameter({10}, 128);
  AdamW optimizer({k1, c1, k2, c2, w1, b1, w2, b2}, 5e-3);
  // Drawn in this order, the weights first, the numbers are those of the other languages.
  at::Tensor x = at::randn({size, 1, 28, 28}), y = at::randint(10, {size}, at::kLong);
  return [=](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++) {
      at::Tensor h = at::max_pool2d(at::conv2d(x, k1, c1, 1, 1).relu(), 2);
      h = at::max_pool2d(at::conv2d(h, k2, c2, 1, 1).relu(), 2).flatten(1);
      at::Tensor logits = at::linear(at::linear(h, w1, b1).relu(), w2, b2);
      at::Tensor loss = smoothedCrossEntropy(logits, y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (tell) std::cout << loss.item<float>() << '\n';
    }
  };
}

} // namespace

Batch cnnStep(int64_t size) { return demo(size, false); }
Batch cnnLosses(int64_t size) { return demo(size, true); }

} // namespace bench
