// The memory of small CPU tensors (small_blocks.cc).
#pragma once

namespace torchwright {

// Puts free lists for small blocks before libtorch's CPU allocator; once a process.
void useSmallBlocks();

} // namespace torchwright
