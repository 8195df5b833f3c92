// The memory of large CPU tensors (large_blocks.cc).
#pragma once

#include <cstddef>

namespace torchwright {

constexpr size_t kLargeBlock = 64 << 10; // bytes from which on a block is large

// Page-aligned memory; null when the system has no more.
void* takeLarge(size_t bytes);
// False when the memory did not come from takeLarge.
bool giveLarge(void* p);

} // namespace torchwright
