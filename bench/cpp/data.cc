// One epoch over images in memory: shuffled, in batches of 64, made floats in [0, 1].
#include "workloads.h"

namespace bench {

Batch dataEpoch(int64_t size) {
  at::Tensor images = at::randint(256, {size, 1, 28, 28}, at::kByte), labels = at::randint(10, {size}, at::kLong);
  return [=](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      for (const at::Tensor& rows : at::randperm(size, at::kLong).split(64)) {
        at::Tensor x = images.index_select(0, rows).to(at::kFloat).div_(255);
        at::Tensor y = labels.index_select(0, rows);
      }
    }
  };
}

} // namespace bench
