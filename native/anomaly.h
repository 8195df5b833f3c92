// Anomaly detection: which operation made a gradient wrong, and where in the JavaScript program it was recorded.
#pragma once

#include "env.h"

#include <torch/csrc/autograd/function.h>

namespace torchwright {

// From here on libtorch's graphs remember JavaScript lines instead of C++ frames. Costs nothing while detection is off.
void rememberJavaScript();

// Switches detection for an environment: off, or on with a look at every gradient for NaN or without. libtorch has one switch
// for the whole process; it is on while any environment wants it.
void setAnomaly(Env& env, bool on, bool checkNan);

// The JavaScript stack of this moment. On a thread without JavaScript, that of the work that it does (TraceGuard). Empty while
// detection is off.
std::string currentTrace();

// Gives this thread the trace of the work that it does for a JavaScript thread.
class TraceGuard {
 public:
  explicit TraceGuard(const std::string& trace);
  TraceGuard(const TraceGuard&) = delete;
  ~TraceGuard();

 private:
  const std::string* outer;
};

// The name that reports call a node by, when it is not the node's own. For nodes made while detection is on.
void nameForReports(torch::autograd::Node& node, const std::string& name);

// What libtorch does with the gradients of a node while detection is on, for a node with a name of its own: throws at a NaN.
void refuseNan(const torch::autograd::variable_list& gradients, const std::string& name);

} // namespace torchwright
