#include "anomaly.h"

#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/engine.h>

namespace torchwright {

namespace ag = torch::autograd;

namespace {

thread_local const std::string* traceOfWork = nullptr;

std::mutex switchMutex;
std::unordered_map<const Env*, bool> switchedOn; // environment -> whether it looks for NaN

// The type of a node's owner: std::shared_ptr in older libtorch, an intrusive one in newer.
template <class T>
struct ArgumentOf;
template <class C, class A>
struct ArgumentOf<void (C::*)(A)> {
  using Type = std::remove_cv_t<std::remove_reference_t<A>>;
};
using NodePtr = ArgumentOf<decltype(&ag::AnomalyMetadata::assign_parent)>::Type;

// What a node remembers of its making.
struct JsOrigin : ag::AnomalyMetadata {
  std::string trace;
  std::string name; // when it is not the node's own
  NodePtr parent;   // the node whose backward recorded this one

  void store_stack() override { trace = currentTrace(); }
  void assign_parent(const NodePtr& node) override { parent = node; }
  void print_stack(const std::string& node) override;

  static JsOrigin* of(ag::Node& node) { return dynamic_cast<JsOrigin*>(node.metadata()); }
};

void JsOrigin::print_stack(const std::string& node) {
  auto described = [](const JsOrigin* origin, const char* what) {
    if (!origin || origin->trace.empty())
      return std::string(
          " No forward pass information available. Enable detect anomaly during forward pass for more information.");
    return std::string(" Traceback of forward call that ") + what + ":\n" + origin->trace;
  };
  std::string text = "Error detected in " + (name.empty() ? node : name) + "." + described(this, "caused the error");
  for (ag::Node* by = parent.get(); by;) {
    JsOrigin* origin = of(*by);
    text += "\n\nPrevious calculation was induced by " + (origin && !origin->name.empty() ? origin->name : by->name()) + "." +
            described(origin, "induced the previous calculation");
    by = origin ? origin->parent.get() : nullptr;
  }
  TORCH_WARN(text);
}

struct JsEngine : ag::Engine {
  std::unique_ptr<ag::AnomalyMetadata> make_anomaly_metadata() override { return std::make_unique<JsOrigin>(); }
};

// Never destroyed: its device threads may still run when the process ends.
ag::Engine& jsEngine() {
  static auto* engine = new JsEngine;
  return *engine;
}

} // namespace

void rememberJavaScript() { ag::set_default_engine_stub(jsEngine); }

void setAnomaly(Env& env, bool on, bool checkNan) {
  std::lock_guard<std::mutex> lock(switchMutex);
  if (on) switchedOn[&env] = checkNan;
  else switchedOn.erase(&env);
  bool anyNan = std::any_of(switchedOn.begin(), switchedOn.end(), [](const auto& entry) { return entry.second; });
  ag::AnomalyMode::set_enabled(!switchedOn.empty(), anyNan);
}

std::string currentTrace() {
  if (!ag::AnomalyMode::is_enabled()) return "";
  if (traceOfWork) return *traceOfWork;
  Env* env = environmentOfThread();
  if (!env) return "";
  Napi::HandleScope scope(env->env);
  napi_value trace = tryCall(*env, env->jsTrace, {});
  size_t length = 0;
  if (!trace || napi_get_value_string_utf8(env->env, trace, nullptr, 0, &length) != napi_ok) return "";
  std::string text(length, '\0');
  napi_get_value_string_utf8(env->env, trace, text.data(), length + 1, &length);
  return text;
}

TraceGuard::TraceGuard(const std::string& trace) : outer(traceOfWork) { traceOfWork = &trace; }
TraceGuard::~TraceGuard() { traceOfWork = outer; }

void nameForReports(ag::Node& node, const std::string& name) {
  if (auto* origin = JsOrigin::of(node)) origin->name = name;
}

void refuseNan(const ag::variable_list& gradients, const std::string& name) {
  if (!ag::AnomalyMode::is_enabled() || !ag::AnomalyMode::should_check_nan()) return;
  c10::AutoGradMode off(false);
  for (size_t k = 0; k < gradients.size(); k++)
    if (gradients[k].defined() && gradients[k].isnan().any().item<bool>())
      throw std::runtime_error(c10::str("Function '", name, "' returned nan values in its ", k, "th output."));
}

} // namespace torchwright
