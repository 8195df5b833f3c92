// The memory of CPU tensors of more than a kilobyte. A step lets go of its tensors together at its end and asks for the same
// sizes again in the next one. malloc either gives large ones back to the system each time, and faulting their pages in again
// doubles the time of a small network, or keeps what was freed in its heap, where small allocations settle in the holes until
// no block of the size fits any more and the heap grows without end: a loop over batches of 50 KB by 100 MB in a thousand
// epochs. So blocks that are let go of are kept for the next block of their size: at most TORCHWRIGHT_CPU_CACHE_MB megabytes
// (512), the longest unused going first. Large ones are mappings of their own.
#include "blocks.h"

#ifndef _WIN32

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <list>
#include <mutex>
#include <unordered_map>

namespace torchwright {

namespace {

constexpr size_t kAlignment = 64;    // what libtorch's vectorised kernels expect
constexpr size_t kMapped = 64 << 10; // bytes from which on a block is a mapping: the system allows some 65,000 of them

struct Block {
  void* p;
  size_t bytes;
  uint64_t given; // the how manieth that was given back
};
using List = std::list<Block>;

struct Blocks {
  std::mutex mutex;
  List inUse;
  std::unordered_map<size_t, List> kept; // by size, each the longest unused first; sizes are few, and stay
  std::unordered_map<void*, List::iterator> entries;
  uint64_t given = 0;
  size_t keptBytes = 0;
  size_t limit = 512;

  Blocks() {
    if (const char* setting = std::getenv("TORCHWRIGHT_CPU_CACHE_MB")) limit = std::strtoull(setting, nullptr, 10);
    limit <<= 20;
  }

  void dropOldest() {
    List* oldest = nullptr;
    for (auto& [size, blocks] : kept) {
      if (!blocks.empty() && (!oldest || blocks.front().given < oldest->front().given)) oldest = &blocks;
    }
    auto [p, bytes, when] = oldest->front();
    oldest->pop_front();
    entries.erase(p);
    keptBytes -= bytes;
    if (bytes >= kMapped) {
      munmap(p, bytes);
    } else {
      std::free(p);
    }
  }
};

Blocks& blocks() {
  static Blocks* b = new Blocks; // never destroyed: tensors in static variables outlive everything
  return *b;
}

// Sizes in steps of an eighth of their power of two, so that nearly equal ones share their blocks.
size_t rounded(size_t bytes) {
  size_t step = bytes >= kMapped ? 4096 : kAlignment;
  while (step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* allocate(size_t bytes) {
  void* p = nullptr;
  if (bytes < kMapped) return posix_memalign(&p, kAlignment, bytes) == 0 ? p : nullptr;
  p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

} // namespace

void* takeBlock(size_t bytes) {
  if (bytes > (size_t(1) << 46)) return nullptr; // no machine has it, and rounding must not overflow
  size_t size = rounded(bytes);
  Blocks& b = blocks();
  std::lock_guard<std::mutex> lock(b.mutex);
  List& same = b.kept[size];
  if (!same.empty()) {
    auto last = std::prev(same.end()); // the latest used is the likeliest to be in the processor's cache
    b.keptBytes -= size;
    b.inUse.splice(b.inUse.end(), same, last);
    return last->p;
  }
  void* p = allocate(size);
  if (!p) {
    while (b.keptBytes > 0) b.dropOldest();
    p = allocate(size);
    if (!p) return nullptr;
  }
  b.inUse.push_back({p, size, 0});
  b.entries.emplace(p, std::prev(b.inUse.end()));
  return p;
}

bool giveBlock(void* p) {
  Blocks& b = blocks();
  std::lock_guard<std::mutex> lock(b.mutex);
  auto there = b.entries.find(p);
  if (there == b.entries.end()) return false;
  Block& block = *there->second;
  List& same = b.kept[block.bytes];
  block.given = b.given++;
  b.keptBytes += block.bytes;
  same.splice(same.end(), b.inUse, there->second);
  while (b.keptBytes > b.limit) b.dropOldest();
  return true;
}

} // namespace torchwright

#endif
