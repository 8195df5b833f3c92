// The workloads in C++, as a good user of libtorch writes them. bench/python and bench/typescript hold the same.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <functional>

namespace bench {

// Runs the workload n times.
using Batch = std::function<void(int64_t n)>;

// Rows of length 1.
inline at::Tensor unit(const at::Tensor& x) { return x / x.norm(2, {1}, true).clamp_min(1e-12); }

// Each makes its tensors once; `size` means something to those workloads that can grow.
Batch add(int64_t size);
Batch mulBackward(int64_t size);
Batch mlpStep(int64_t size);
Batch cnnStep(int64_t size);
Batch cnnLosses(int64_t size); // prints the loss of each step, from which one sees that the languages do the same
Batch transformerStep(int64_t size);
Batch adamwResnet18(int64_t size);
Batch dataEpoch(int64_t size);
Batch augmentedEpoch(int64_t size);
Batch factoredOutput(int64_t size); // plain, with log-softmax
Batch sampledHead(int64_t size); // ArcFace over all classes
Batch recallAtK(int64_t size);
Batch mapAtR(int64_t size);
Batch nearestNeighbors(int64_t size);
Batch pairTarAtFar(int64_t size);
Batch tensorLoop(int64_t size);
Batch nothing(int64_t size);

} // namespace bench
