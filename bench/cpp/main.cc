// bench <workload> <threads> <size> [package-memory]: says "ready", then for each line with a count runs that many
// iterations and answers with nanoseconds per iteration. The last argument takes the package's memory for CPU tensors
// instead of libtorch's.
#include "cpu_memory.h"
#include "workloads.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <iostream>
#include <map>
#include <string>

int main(int argc, char** argv) {
  const std::map<std::string, bench::Batch (*)(int64_t)> workloads{
      {"add", bench::add},
      {"mul-backward", bench::mulBackward},
      {"mlp-step", bench::mlpStep},
      {"cnn-step", bench::cnnStep},
      {"cnn-losses", bench::cnnLosses},
      {"transformer-step", bench::transformerStep},
      {"adamw-resnet18", bench::adamwResnet18},
      {"data-epoch", bench::dataEpoch},
      {"augmented-epoch", bench::augmentedEpoch},
      {"factored-output", bench::factoredOutput},
      {"sampled-head", bench::sampledHead},
      {"recall-at-k", bench::recallAtK},
      {"map-at-r", bench::mapAtR},
      {"nearest-neighbors", bench::nearestNeighbors},
      {"pair-tar-at-far", bench::pairTarAtFar},
      {"tensor-loop", bench::tensorLoop},
      {"nothing", bench::nothing},
  };
  bool packageMemory = argc == 5 && std::string(argv[4]) == "package-memory";
  if ((argc != 4 && !packageMemory) || !workloads.count(argv[1])) {
    std::cerr << "Expected: bench <workload> <threads> <size> [package-memory]\n";
    return 2;
  }
  if (packageMemory) torchwright::tuneCpuMemory();
  at::set_num_threads(std::stoi(argv[2]));
  at::manual_seed(1);
  bench::Batch run = workloads.at(argv[1])(std::stoll(argv[3]));
  std::cout << "ready" << std::endl;

  for (std::string line; std::getline(std::cin, line);) {
    int64_t n = std::stoll(line);
    auto start = std::chrono::steady_clock::now();
    run(n);
    std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    std::cout << took.count() / double(n) << std::endl;
  }
}
