// The memory of large CPU tensors. A step lets go of its tensors together at its end and asks for the same sizes again in the
// next one. malloc either gives the pages back each time, and faulting them in again doubles the time of a small network, or
// keeps them in its heap, where small allocations settle in the holes until no large block fits any more and the heap grows
// without end. So large blocks are mappings of their own, and those let go of are kept for the next block of their size: at
// most TORCHWRIGHT_CPU_CACHE_MB megabytes (512), the longest unused going first.
#include "large_blocks.h"

#ifndef _WIN32

#include <sys/mman.h>

#include <cstdlib>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace torchwright {

namespace {

struct Kept {
  void* p;
  size_t bytes;
};

struct Blocks {
  std::mutex mutex;
  std::unordered_map<void*, size_t> inUse;
  std::list<Kept> kept; // the longest unused first
  std::unordered_map<size_t, std::vector<std::list<Kept>::iterator>> bySize;
  size_t keptBytes = 0;
  size_t limit = 512;

  Blocks() {
    if (const char* setting = std::getenv("TORCHWRIGHT_CPU_CACHE_MB")) limit = std::strtoull(setting, nullptr, 10);
    limit <<= 20;
  }

  void dropOldest() {
    auto oldest = kept.begin();
    auto& same = bySize[oldest->bytes]; // in the order in which they came, so that it is the first there too
    same.erase(same.begin());
    if (same.empty()) bySize.erase(oldest->bytes);
    munmap(oldest->p, oldest->bytes);
    keptBytes -= oldest->bytes;
    kept.pop_front();
  }
};

Blocks& blocks() {
  static Blocks* b = new Blocks; // never destroyed: tensors in static variables outlive everything
  return *b;
}

// Sizes in steps of an eighth of their power of two, so that nearly equal ones share their blocks.
size_t rounded(size_t bytes) {
  size_t step = 4096;
  while (step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

} // namespace

void* takeLarge(size_t bytes) {
  if (bytes > (size_t(1) << 46)) return nullptr; // no machine has it, and rounding must not overflow
  size_t size = rounded(bytes);
  Blocks& b = blocks();
  std::lock_guard<std::mutex> lock(b.mutex);
  void* p = nullptr;
  auto there = b.bySize.find(size);
  if (there != b.bySize.end()) {
    auto entry = there->second.back();
    there->second.pop_back();
    if (there->second.empty()) b.bySize.erase(there);
    p = entry->p;
    b.keptBytes -= size;
    b.kept.erase(entry);
  } else {
    p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
      while (!b.kept.empty()) b.dropOldest();
      p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (p == MAP_FAILED) return nullptr;
    }
  }
  b.inUse.emplace(p, size);
  return p;
}

bool giveLarge(void* p) {
  Blocks& b = blocks();
  std::lock_guard<std::mutex> lock(b.mutex);
  auto there = b.inUse.find(p);
  if (there == b.inUse.end()) return false;
  size_t size = there->second;
  b.inUse.erase(there);
  b.kept.push_back({p, size});
  b.bySize[size].push_back(std::prev(b.kept.end()));
  b.keptBytes += size;
  while (b.keptBytes > b.limit) b.dropOldest();
  return true;
}

} // namespace torchwright

#endif
