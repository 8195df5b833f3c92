// How CPU memory is kept for the next tensor (cpu_memory.cc).
#pragma once

namespace torchwright {

// Puts free lists for small blocks before libtorch's CPU allocator and lets malloc keep the pages of large ones; once a
// process.
void tuneCpuMemory();

} // namespace torchwright
