"""worker.py <workload> <threads> <size> [variant]: says "ready", then for each line with a count runs that many iterations
and answers with nanoseconds per iteration."""

import sys
import time

import losses
import torch
import workloads

name, threads, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
name = name.replace("-", "_")
run = losses.workload(name, size) if name.startswith("loss_") else getattr(workloads, name)(size, *sys.argv[4:])
print("ready", flush=True)

for line in sys.stdin:
    count = int(line)
    start = time.perf_counter_ns()
    run(count)
    print((time.perf_counter_ns() - start) / count, flush=True)
