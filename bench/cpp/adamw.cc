// One step of AdamW over parameters of ResNet-18's shapes, gradients at hand.
#include "optimizer.h"
#include "workloads.h"

namespace bench {

namespace {

// A convolution without bias and its batch norm: weight, scale, shift.
void convolution(std::vector<at::Tensor>& list, int64_t out, int64_t in, int64_t kernel) {
  list.push_back(at::randn({out, in, kernel, kernel}));
  list.push_back(at::randn({out}));
  list.push_back(at::randn({out}));
}

// The 62 parameters of ResNet-18, 11.7 million numbers.
std::vector<at::Tensor> resnet18() {
  std::vector<at::Tensor> list;
  convolution(list, 64, 3, 7);
  int64_t in = 64;
  for (int64_t out : {64, 128, 256, 512}) {
    for (int block = 0; block < 2; block++) {
      convolution(list, out, in, 3);
      convolution(list, out, out, 3);
      if (in != out) convolution(list, out, in, 1);
      in = out;
    }
  }
  list.push_back(at::randn({1000, 512}));
  list.push_back(at::randn({1000}));
  return list;
}

} // namespace

Batch adamwResnet18(int64_t) {
  std::vector<at::Tensor> parameters = resnet18();
  for (auto& p : parameters) p.requires_grad_().mutable_grad() = at::randn_like(p).detach();
  AdamW optimizer(parameters, 1e-3);
  return [=](int64_t n) mutable {
    for (int64_t i = 0; i < n; i++) optimizer.step();
  };
}

} // namespace bench
