// libtorch's warnings go to JavaScript's process.emitWarning instead of stderr.
#pragma once

#include "env.h"

#include <c10/util/Exception.h>

namespace torchwright {

// The warnings of this thread, which must be one with JavaScript, are told at once. libtorch keeps a handler for each thread.
void tellWarnings();

// The warnings of a thread without JavaScript, kept until they can be told.
class KeptWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { messages.push_back(warning.msg()); }
  void tell(Env& env);

 private:
  std::vector<std::string> messages;
};

} // namespace torchwright
