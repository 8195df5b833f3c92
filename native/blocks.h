// The memory of CPU tensors of more than a kilobyte (blocks.cc).
#pragma once

#include <cstddef>

namespace torchwright {

// Memory aligned for libtorch's kernels; null when the system has no more.
void* takeBlock(size_t bytes);
// False when the memory did not come from takeBlock.
bool giveBlock(void* p);

} // namespace torchwright
