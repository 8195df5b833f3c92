// One training step of a pre-norm transformer block: width 128, 4 heads, sequences of 64.
#include "optimizer.h"
#include "workloads.h"

namespace bench {

Batch transformerStep(int64_t size) {
  constexpr int64_t kWidth = 128, kHeads = 4, kLength = 64;
  at::Tensor x = at::randn({size, kLength, kWidth}), target = at::randn({size, kLength, kWidth});
  at::Tensor g1 = at::ones({kWidth}).requires_grad_(), s1 = at::zeros({kWidth}).requires_grad_();
  at::Tensor g2 = at::ones({kWidth}).requires_grad_(), s2 = at::zeros({kWidth}).requires_grad_();
  at::Tensor wQkv = parameter({3 * kWidth, kWidth}, kWidth), bQkv = parameter({3 * kWidth}, kWidth);
  at::Tensor wOut = parameter({kWidth, kWidth}, kWidth), bOut = parameter({kWidth}, kWidth);
  at::Tensor wUp = parameter({4 * kWidth, kWidth}, kWidth), bUp = parameter({4 * kWidth}, kWidth);
  at::Tensor wDown = parameter({kWidth, 4 * kWidth}, 4 * kWidth), bDown = parameter({kWidth}, 4 * kWidth);
  Sgd optimizer{{{g1, s1, g2, s2, wQkv, bQkv, wOut, bOut, wUp, bUp, wDown, bDown}, 0.01}};
  return [=](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++) {
      at::Tensor h = at::layer_norm(x, {kWidth}, g1, s1);
      auto heads = at::linear(h, wQkv, bQkv).reshape({size, kLength, 3, kHeads, kWidth / kHeads}).permute({2, 0, 3, 1, 4}).unbind(0);
      at::Tensor mixed = at::scaled_dot_product_attention(heads[0], heads[1], heads[2]);
      at::Tensor y = x + at::linear(mixed.transpose(1, 2).reshape({size, kLength, kWidth}), wOut, bOut);
      h = at::layer_norm(y, {kWidth}, g2, s2);
      y = y + at::linear(at::gelu(at::linear(h, wUp, bUp)), wDown, bDown);
      at::Tensor loss = at::mse_loss(y, target);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    }
  };
}

} // namespace bench
