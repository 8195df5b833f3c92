#include "ending.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

#ifdef __GLIBC__
#include <dlfcn.h>
#include <unistd.h>
#endif

namespace torchwright {

namespace {

// Never destroyed: it is for a time when destructors run.
struct Works {
  std::mutex mutex;
  std::vector<void (*)()> all;
};
Works& works() {
  static Works* held = new Works;
  return *held;
}

void workAtEnd() {
  std::vector<void (*)()> all;
  {
    std::lock_guard<std::mutex> lock(works().mutex);
    all.swap(works().all);
  }
  for (auto work : all) work();
}

#ifdef __GLIBC__
using Reset = void (*)();
Reset resetStdio = nullptr;

void end(int status, void*) {
  workAtEnd();
  std::fflush(nullptr);
  resetStdio(); // what Node itself has to do here: the terminal as it was
  _exit(status);
}
#endif

} // namespace

void beforeEnd(void (*work)()) {
  std::lock_guard<std::mutex> lock(works().mutex);
  auto& all = works().all;
  if (std::find(all.begin(), all.end(), work) == all.end()) all.push_back(work);
}

void endEarly() {
  std::atexit(workAtEnd); // runs after `end`, where there is one, and then has nothing to do
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const char* setting = std::getenv("TORCHWRIGHT_FULL_EXIT");
  if (setting && *setting && *setting != '0') return;
  // A Node that keeps this to itself ends as it would without us.
  resetStdio = reinterpret_cast<Reset>(dlsym(RTLD_DEFAULT, "_ZN4node10ResetStdioEv"));
  if (resetStdio) on_exit(end, nullptr);
#endif
}

} // namespace torchwright
