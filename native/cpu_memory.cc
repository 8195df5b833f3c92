// The memory of small CPU tensors. A scope lets go of all its tensors at its end, so hundreds are alive where a C++ program
// would hold a few, and malloc's own cache of a handful of blocks misses every time: aligned allocation and release then
// cost as much as a small operator. Blocks up to a kilobyte come from free lists of one reserved region instead, larger ones
// from blocks.cc. TORCHWRIGHT_CPU_MEMORY=0 leaves all of it to libtorch.
#include "cpu_memory.h"

#include "blocks.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>

#ifndef _WIN32
#include <sys/mman.h>
#endif

namespace torchwright {

#ifndef _WIN32

namespace {

constexpr size_t kAlignment = 64; // what libtorch's vectorised kernels expect
constexpr size_t kLargest = 1024; // bytes; larger blocks cost more to fill than to allocate
constexpr size_t kClasses = kLargest / kAlignment;
constexpr size_t kRegion = size_t(256) << 20; // reserved, not used: pages cost memory when they are first touched
constexpr size_t kPage = 64 << 10;            // all blocks of a page have one size
constexpr int kBatch = 64;                    // blocks that a thread takes from or gives to the others at once
constexpr int kKept = 512;                    // blocks of a size that a thread keeps for itself

struct Block {
  Block* next;
};

struct Shared {
  char* region = nullptr;
  std::atomic<size_t> pages{0}; // handed out so far
  uint8_t classOfPage[kRegion / kPage] = {};
  std::mutex mutex;
  Block* free[kClasses] = {};

  bool owns(const void* p) const { return p >= region && p < region + kRegion; }
  size_t classOf(const void* p) const { return classOfPage[size_t(static_cast<const char*>(p) - region) / kPage]; }
};
Shared& shared() {
  static Shared* s = new Shared; // never destroyed: tensors in static variables outlive everything
  return *s;
}

// What one thread keeps. Plain data, so that it can still be used while the thread's destructors run.
struct Local {
  Block* free[kClasses];
  int count[kClasses];
  bool closed;
};
thread_local Local local{};

// Gives a thread's blocks to the others when it ends.
struct Closer {
  bool armed = false;
  ~Closer() {
    auto& s = shared();
    std::lock_guard<std::mutex> lock(s.mutex);
    for (size_t c = 0; c < kClasses; c++) {
      while (Block* b = local.free[c]) {
        local.free[c] = b->next;
        b->next = s.free[c];
        s.free[c] = b;
      }
      local.count[c] = 0;
    }
    local.closed = true;
  }
};
thread_local Closer closer;

Block* refill(size_t c) {
  closer.armed = true; // touches it, so that its destructor is registered
  auto& s = shared();
  {
    std::lock_guard<std::mutex> lock(s.mutex);
    for (int k = 0; k < kBatch && s.free[c]; k++) {
      Block* b = s.free[c];
      s.free[c] = b->next;
      b->next = local.free[c];
      local.free[c] = b;
      local.count[c]++;
    }
  }
  if (!local.free[c]) {
    size_t page = s.pages.fetch_add(1, std::memory_order_relaxed);
    if (page >= kRegion / kPage) {
      s.pages.store(kRegion / kPage, std::memory_order_relaxed);
      return nullptr;
    }
    s.classOfPage[page] = uint8_t(c);
    char* start = s.region + page * kPage;
    size_t bytes = (c + 1) * kAlignment;
    for (size_t at = kPage / bytes * bytes; at >= bytes; at -= bytes) {
      auto* b = reinterpret_cast<Block*>(start + at - bytes);
      b->next = local.free[c];
      local.free[c] = b;
      local.count[c]++;
    }
  }
  return local.free[c];
}

void giveBack(size_t c) {
  auto& s = shared();
  std::lock_guard<std::mutex> lock(s.mutex);
  while (local.count[c] > kKept / 2) {
    Block* b = local.free[c];
    local.free[c] = b->next;
    local.count[c]--;
    b->next = s.free[c];
    s.free[c] = b;
  }
}

c10::Allocator* libtorchs = nullptr;

void release(void* p) {
  auto& s = shared();
  if (C10_UNLIKELY(!s.owns(p))) {
    if (!giveBlock(p)) libtorchs->raw_deleter()(p);
    return;
  }
  size_t c = s.classOf(p);
  auto* b = static_cast<Block*>(p);
  if (C10_UNLIKELY(local.closed)) {
    std::lock_guard<std::mutex> lock(s.mutex);
    b->next = s.free[c];
    s.free[c] = b;
    return;
  }
  b->next = local.free[c];
  local.free[c] = b;
  if (C10_UNLIKELY(++local.count[c] > kKept)) giveBack(c);
}

struct CpuMemory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    if (C10_LIKELY(bytes - 1 < kLargest && !local.closed)) {
      size_t c = (bytes - 1) / kAlignment;
      Block* b = local.free[c];
      if (C10_UNLIKELY(!b)) b = refill(c);
      if (C10_LIKELY(b != nullptr)) {
        local.free[c] = b->next;
        local.count[c]--;
        return {b, b, &release, c10::Device(c10::DeviceType::CPU)};
      }
    }
    if (bytes > kLargest) {
      if (void* p = takeBlock(bytes)) return {p, p, &release, c10::Device(c10::DeviceType::CPU)};
    }
    return libtorchs->allocate(bytes); // which throws when the system has no more
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

} // namespace

void tuneCpuMemory() {
  const char* setting = std::getenv("TORCHWRIGHT_CPU_MEMORY");
  if (setting && std::string(setting) == "0") return;
  void* region = mmap(nullptr, kRegion, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED) return; // a tight limit on address space: libtorch's allocator does
  shared().region = static_cast<char*>(region);
  libtorchs = c10::GetCPUAllocator();
  static CpuMemory* allocator = new CpuMemory;
  c10::SetCPUAllocator(allocator, 1);
}

#else

void tuneCpuMemory() {}

#endif

} // namespace torchwright
