// Evaluation of embeddings, all against all, in blocks of queries: 512 features, 20 samples of each label.
#include "workloads.h"

#include <vector>

namespace bench {

namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

struct Embeddings {
  at::Tensor rows, labels;
};

Embeddings embedded(int64_t size) {
  at::Tensor labels = at::arange(size).remainder(size / 20);
  return {at::randn({size / 20, 512}).index_select(0, labels).add_(at::randn({size, 512})), labels};
}

// What `of` makes of the cosines of each block, from its first row on.
template <typename Of> void blocks(const at::Tensor& rows, Of of) {
  const int64_t all = rows.size(0), step = std::max<int64_t>(1, (int64_t(1) << 24) / all);
  for (int64_t from = 0; from < all; from += step) of(rows.narrow(0, from, std::min(step, all - from)).mm(rows.t()), from);
}

void withoutSelf(at::Tensor& similarity, int64_t from) {
  similarity.scatter_(1, at::arange(from, from + similarity.size(0)).unsqueeze(1), kNone);
}

} // namespace

Batch recallAtK(int64_t size) {
  auto [x, labels] = embedded(size);
  return [x = x, labels = labels](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      std::vector<at::Tensor> ahead;
      blocks(unit(x), [&](at::Tensor similarity, int64_t from) {
        withoutSelf(similarity, from);
        at::Tensor same = labels.narrow(0, from, similarity.size(0)).unsqueeze(1).eq(labels);
        at::Tensor best = similarity.masked_fill(~same, kNone).amax({1}, true);
        ahead.push_back(similarity.masked_fill_(same, kNone).gt(best).sum(1));
      });
      at::cat(ahead).unsqueeze(1).lt(at::tensor({1, 2, 4, 8})).to(at::kDouble).mean(0);
    }
  };
}

Batch mapAtR(int64_t size) {
  auto [x, labels] = embedded(size);
  return [x = x, labels = labels](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      at::Tensor counts = labels.bincount().index_select(0, labels) - 1;
      const int64_t most = counts.max().item<int64_t>();
      at::Tensor place = at::arange(1, most + 1);
      std::vector<at::Tensor> precision;
      blocks(unit(x), [&](at::Tensor similarity, int64_t from) {
        withoutSelf(similarity, from);
        at::Tensor nearest = std::get<1>(similarity.topk(most));
        at::Tensor relevant = counts.narrow(0, from, similarity.size(0)).unsqueeze(1);
        at::Tensor own = labels.index_select(0, nearest.flatten()).view_as(nearest);
        at::Tensor right = own.eq(labels.narrow(0, from, similarity.size(0)).unsqueeze(1)).logical_and(place.le(relevant));
        precision.push_back((right.cumsum(1) * right).to(at::kDouble).div(place).sum(1) / relevant.squeeze(1));
      });
      at::cat(precision).mean();
    }
  };
}

Batch nearestNeighbors(int64_t size) {
  at::Tensor x = embedded(size).rows;
  return [=](int64_t n) {
    at::NoGradGuard noGrad;
    for (int64_t i = 0; i < n; i++) {
      std::vector<at::Tensor> indices, values;
      blocks(unit(x), [&](at::Tensor similarity, int64_t from) {
        withoutSelf(similarity, from);
        auto [value, index] = similarity.topk(10);
        values.push_back(value);
        indices.push_back(index);
      });
      at::cat(indices);
      at::cat(values);
    }
  };
}

// Thresholds in two passes over all pairs: the first 16 bits of each similarity are counted, then the last 16 of those that begin as the
// thresholds do. Whether they are turned into the order of the numbers before or after costs the same.
Batch pairTarAtFar(int64_t size) {
  auto [x, labels] = embedded(size);
  return [x = x, labels = labels](int64_t n) {
    at::NoGradGuard noGrad;
    constexpr int64_t kDigits = 1 << 16;
    const std::vector<double> fars{1e-3, 1e-2, 1e-1};
    for (int64_t i = 0; i < n; i++) {
      at::Tensor rows = unit(x), own = at::zeros({kDigits}, at::kLong), others = at::zeros({kDigits}, at::kLong);
      const int64_t all = rows.size(0), step = std::max<int64_t>(1, (int64_t(1) << 24) / all);
      auto pairs = [&](auto of) {
        for (int64_t from = 0; from < all; from += step) {
          const int64_t count = std::min(step, all - from);
          at::Tensor later = rows.narrow(0, from, all - from);
          at::Tensor similarity = rows.narrow(0, from, count).mm(later.t());
          at::Tensor once = at::ones({count, all - from}, at::kBool).triu_(1);
          at::Tensor same = labels.narrow(0, from, count).unsqueeze(1).eq(labels.narrow(0, from, all - from));
          of(similarity.masked_select(same.logical_and(once)), similarity.masked_select(same.logical_not().logical_and_(once)));
        }
      };
      auto first = [](const at::Tensor& values) { return values.view(at::kInt).bitwise_right_shift(16); };
      pairs([&](const at::Tensor& positive, const at::Tensor& negative) {
        own += first(positive).add_(kDigits / 2).bincount({}, kDigits);
        others += first(negative).add_(kDigits / 2).bincount({}, kDigits);
      });
      at::Tensor above = at::cat({others.narrow(0, 0, kDigits / 2).flip(0), others.narrow(0, kDigits / 2, kDigits / 2)}).flip(0).cumsum(0);
      std::vector<int64_t> begins;
      for (double far : fars) {
        const int64_t digit = kDigits - 1 - at::searchsorted(above, at::scalar_tensor(int64_t(far * double(above[-1].item<int64_t>())), at::kLong)).item<int64_t>();
        begins.push_back(digit >= kDigits / 2 ? digit - kDigits / 2 : -1 - digit);
      }
      std::vector<at::Tensor> counts(fars.size() * 2, at::zeros({kDigits}, at::kLong));
      pairs([&](const at::Tensor& positive, const at::Tensor& negative) {
        for (size_t k = 0; k < fars.size(); k++)
          for (size_t kind = 0; kind < 2; kind++) {
            const at::Tensor& values = kind == 0 ? positive : negative;
            at::Tensor digits = values.view(at::kInt).masked_select(first(values).eq(begins[k])).bitwise_and(kDigits - 1);
            counts[2 * k + kind] = counts[2 * k + kind] + digits.bincount({}, kDigits);
          }
      });
    }
  };
}

} // namespace bench
