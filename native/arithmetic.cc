#include "arithmetic.h"

#if defined(__linux__) && defined(__x86_64__)

#include <link.h>
#include <ucontext.h>
#include <csignal>
#include <cstdint>
#include <cstring>

namespace torchwright {

namespace {

struct sigaction before;

// Where libtorch's code lies: a division in anybody else's is not ours to change.
struct Range {
  uintptr_t begin, end;
};
Range ranges[32];
int rangeCount = 0;

int addRanges(dl_phdr_info* info, size_t, void*) {
  if (!strstr(info->dlpi_name, "libtorch") && !strstr(info->dlpi_name, "torchwright-core")) return 0;
  for (int k = 0; k < info->dlpi_phnum && rangeCount < 32; k++) {
    const auto& part = info->dlpi_phdr[k];
    if (part.p_type != PT_LOAD || !(part.p_flags & PF_X)) continue;
    uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    ranges[rangeCount++] = {begin, begin + part.p_memsz};
  }
  return 0;
}

bool isLibtorch(uintptr_t code) {
  for (int k = 0; k < rangeCount; k++)
    if (code >= ranges[k].begin && code < ranges[k].end) return true;
  return false;
}

// The length in bytes of `div` or `idiv` (F6 /6, F6 /7, F7 /6, F7 /7) at `code`, 0 for anything else. `wide` tells whether
// the operands are more than eight bits.
int divisionLength(const uint8_t* code, bool& wide) {
  int at = 0;
  while (code[at] == 0x66 || code[at] == 0x67 || code[at] == 0x2e || code[at] == 0x3e || code[at] == 0x64 || code[at] == 0x65)
    at++;
  if ((code[at] & 0xf0) == 0x40) at++; // REX
  if (code[at] != 0xf6 && code[at] != 0xf7) return 0;
  wide = code[at] == 0xf7;
  at++;
  uint8_t modrm = code[at++];
  if (((modrm >> 3) & 6) != 6) return 0;
  int mod = modrm >> 6, rm = modrm & 7;
  if (mod == 3) return at;
  if (rm == 4) {
    uint8_t sib = code[at++];
    if (mod == 0 && (sib & 7) == 5) return at + 4;
  } else if (mod == 0 && rm == 5) {
    return at + 4; // relative to the instruction pointer
  }
  return at + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

void onArithmeticSignal(int signal, siginfo_t* info, void* raw) {
  auto& registers = static_cast<ucontext_t*>(raw)->uc_mcontext.gregs;
  auto* code = reinterpret_cast<const uint8_t*>(registers[REG_RIP]);
  bool wide = false;
  bool division = info->si_code == FPE_INTDIV || info->si_code == FPE_INTOVF;
  int length = division && isLibtorch(uintptr_t(code)) ? divisionLength(code, wide) : 0;
  if (length == 0) {
    // Not ours: as if this handler were not there.
    if (before.sa_flags & SA_SIGINFO) {
      before.sa_sigaction(signal, info, raw);
    } else {
      sigaction(SIGFPE, &before, nullptr); // the instruction runs again and the signal takes its course
    }
    return;
  }
  if (wide) {
    bool smallest = registers[REG_RAX] == INT64_MIN || int32_t(registers[REG_RAX]) == INT32_MIN;
    if (!smallest) registers[REG_RAX] = 0;
    registers[REG_RDX] = 0;
  } else {
    registers[REG_RAX] &= ~greg_t(0xffff);
  }
  registers[REG_RIP] += length;
}

} // namespace

void tameIntegerDivision() {
  dl_iterate_phdr(addRanges, nullptr);
  struct sigaction action {};
  action.sa_sigaction = onArithmeticSignal;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGFPE, &action, &before);
}

} // namespace torchwright

#else

namespace torchwright {
void tameIntegerDivision() {}
} // namespace torchwright

#endif
