// How CPU memory is kept for the next tensor (cpu_memory.cc).
#pragma once

namespace torchwright {

// Puts free lists before libtorch's CPU allocator; once a process.
void tuneCpuMemory();

} // namespace torchwright
