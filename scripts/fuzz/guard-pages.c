// Puts each of libtorch's blocks of memory at the end of a page of its own, with a page behind it that nobody may touch, and
// never uses a page again: what reads or writes behind its tensor, or uses a tensor that is gone, ends the process at once
// instead of damaging a neighbour. Preloaded by `npm run fuzz -- --guard-pages`, with the package's own allocator switched off.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

extern void __libc_free(void*);
extern void* __libc_memalign(size_t, size_t);

enum { PAGE = 4096 };
static const size_t REGION = (size_t)1 << 38; // reserved, not used
static const size_t LARGEST = (size_t)64 << 20;

static char* region;
static uint32_t* pagesAt; // of the block that begins at a page
static _Atomic size_t used;
static _Atomic int state; // 0 before, 1 while and 2 after the region is reserved

static void reserve(void) {
  int before = 0;
  if (atomic_compare_exchange_strong(&state, &before, 1)) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* lengths = mmap(0, REGION / PAGE * sizeof(uint32_t), PROT_READ | PROT_WRITE, flags, -1, 0);
    void* pages = mmap(0, REGION, PROT_NONE, flags, -1, 0);
    if (lengths != MAP_FAILED && pages != MAP_FAILED) pagesAt = lengths, region = pages;
    atomic_store(&state, 2);
  }
  while (atomic_load(&state) != 2) {
  }
}

// Only what libtorch's allocator asks for: other libraries may rely on the alignment.
static int fromLibtorch(void* caller) {
  static void* library;
  Dl_info info;
  if (!dladdr(caller, &info)) return 0;
  if (!library && info.dli_fname && strstr(info.dli_fname, "libc10.so")) library = info.dli_fbase;
  return library && info.dli_fbase == library;
}

int posix_memalign(void** out, size_t alignment, size_t size) {
  if (size > 0 && size <= LARGEST && fromLibtorch(__builtin_return_address(0))) {
    reserve();
    size_t bytes = (size + PAGE - 1) / PAGE * PAGE, at = region ? atomic_fetch_add(&used, bytes + PAGE) : REGION;
    if (at + bytes + PAGE <= REGION) {
      if (mprotect(region + at, bytes, PROT_READ | PROT_WRITE)) return ENOMEM;
      pagesAt[at / PAGE] = (uint32_t)(bytes / PAGE);
      *out = region + at + bytes - size;
      return 0;
    }
  }
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}

void free(void* p) {
  char* block = p;
  if (!region || block < region || block >= region + REGION) {
    __libc_free(p);
    return;
  }
  size_t page = (size_t)(block - region) / PAGE;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  mmap(region + page * PAGE, (size_t)pagesAt[page] * PAGE, PROT_NONE, flags, -1, 0);
}
