// Epochs over images in memory.
#include "workloads.h"

namespace bench {

// Shuffled, in batches of 64, made floats in [0, 1].
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

// Each image cropped, out of a border of 2 pixels, and mirrored at random.
static at::Tensor augment(const at::Tensor& images) {
  int64_t count = images.size(0);
  auto place = [&] { return at::randint(5, {count}, at::kLong); };
  at::Tensor parts = at::constant_pad_nd(images, {2, 2, 2, 2}).unfold(2, 28, 1).unfold(3, 28, 1);
  at::Tensor cropped = parts.index({at::arange(count), at::indexing::Slice(), place(), place()});
  at::Tensor mirrored = at::rand({count}).lt(0.5).view({-1, 1, 1, 1});
  return at::where(mirrored, cropped.flip({3}), cropped).to(at::kFloat).div_(255);
}

// Shuffled, in batches of 256, augmented.
Batch augmentedEpoch(int64_t size) {
  at::Tensor images = at::randint(256, {size, 1, 28, 28}, at::kByte), labels = at::randint(10, {size}, at::kLong);
  return [=](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      for (const at::Tensor& rows : at::randperm(size, at::kLong).split(256)) {
        at::Tensor x = augment(images.index_select(0, rows));
        at::Tensor y = labels.index_select(0, rows);
      }
    }
  };
}

} // namespace bench
