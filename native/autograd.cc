// Autograd: backward, gradients, modes, hooks, and functions whose backward is JavaScript.
#include "anomaly.h"
#include "async.h"
#include "errors.h"
#include "plan.h"

#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

namespace torchwright {

namespace ag = torch::autograd;

namespace {

// How many hooks and custom functions exist that JavaScript must run. While there are none, backward never needs
// the detour through a second thread.
std::atomic<int64_t> jsNodes{0};
std::atomic<bool> forceServing{false};

Napi::Value undefined(const Napi::CallbackInfo& info) { return info.Env().Undefined(); }

// A tensor, a list of tensors, or nothing.
ag::variable_list readList(Env& env, const Cell& c, const char* what) {
  if (c.tag == kTensor) return {env.tensor(c)};
  ag::variable_list out;
  if (c.tag == kNone || c.tag == kAbsent || c.aux == 0) return out;
  if (c.tag != kTensorList) fail("expected tensors for ", what);
  out.reserve(c.aux);
  for (int32_t k = 0; k < c.aux; k++) out.push_back(env.listed(c, k));
  return out;
}

void writeList(Env& env, ag::variable_list&& list) {
  env.putList(std::move(list), env.cells[0]);
  env.header[kResults] = 1;
}

// Runs a backward pass. Nodes on CPU tensors run on the calling thread and may call JavaScript directly. Nodes
// on an accelerator run on libtorch's own threads: if one of them is JavaScript, this thread must serve it
// while it waits, so the pass itself moves to a helper thread.
void runEngine(Env& env, const ag::variable_list& roots, const std::function<void()>& pass) {
  bool serve = forceServing;
  if (!serve && jsNodes > 0)
    for (const auto& t : roots) serve = serve || (t.defined() && !t.device().is_cpu());
  if (!serve) {
    pass();
    return;
  }
  OffThread call;
  bool done = false;
  std::thread helper([&] {
    call.run(pass);
    std::lock_guard<std::mutex> lock(env.bridge->mutex);
    done = true;
    env.bridge->changed.notify_all();
  });
  serveUntil(env, [&] { return done; });
  helper.join();
  call.finish(env);
}

// cells: outputs, gradients, retainGraph (bool or none), createGraph (bool), inputs
Napi::Value backward(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  drainDropped(env);
  auto outputs = readList(env, env.cells[0], "outputs");
  auto gradients = readList(env, env.cells[1], "gradient");
  std::optional<bool> retain = env.cells[2].tag == kBool ? std::optional<bool>(env.cells[2].index) : std::nullopt;
  bool create = env.cells[3].tag == kBool && env.cells[3].index;
  auto inputs = readList(env, env.cells[4], "inputs");
  if (env.header[kMode]) {
    Task task;
    task.what = "backward";
    task.work = [=] { ag::backward(outputs, gradients, retain, create, inputs); };
    task.deliver = [](Env& e) { e.header[kResults] = 0; };
    startTask(env, std::move(task));
    return undefined(info);
  }
  runEngine(env, outputs, [&] { ag::backward(outputs, gradients, retain, create, inputs); });
  env.header[kResults] = 0;
  return undefined(info);
}

// cells: outputs, inputs, gradients, retainGraph, createGraph, allowUnused. Result: a list.
Napi::Value grad(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  drainDropped(env);
  auto outputs = readList(env, env.cells[0], "outputs");
  auto inputs = readList(env, env.cells[1], "inputs");
  auto gradients = readList(env, env.cells[2], "gradOutputs");
  std::optional<bool> retain = env.cells[3].tag == kBool ? std::optional<bool>(env.cells[3].index) : std::nullopt;
  bool create = env.cells[4].tag == kBool && env.cells[4].index;
  bool allowUnused = env.cells[5].tag == kBool && env.cells[5].index;
  ag::variable_list result;
  runEngine(env, outputs, [&] { result = ag::grad(outputs, inputs, gradients, retain, create, allowUnused); });
  writeList(env, std::move(result));
  return undefined(info);
}

Napi::Value getGrad(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  const at::Tensor& t = env.tensor(env.cells[0]);
  at::Tensor g = t.is_leaf() || t.retains_grad() ? t.grad() : at::Tensor();
  env.put(std::move(g), env.cells[0]);
  return undefined(info);
}

// cells: tensor, gradient or none
Napi::Value setGrad(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = env.tensor(env.cells[0]);
  if (env.cells[1].tag == kNone) {
    t.mutable_grad().reset();
    return undefined(info);
  }
  at::Tensor g = env.tensor(env.cells[1]);
  if (g.sizes() != t.sizes()) fail("expected a gradient of the tensor's shape ", t.sizes(), " but received ", g.sizes());
  if (g.scalar_type() != t.scalar_type() || g.device() != t.device())
    fail("expected a gradient like ", describe(t), " but received ", describe(g));
  if (g.is_same(t)) fail("expected a gradient other than the tensor itself");
  t.mutable_grad() = g;
  return undefined(info);
}

// Clears the gradients of a list: the whole of zeroGrad in one call. cells: tensors; argument: set to none.
Napi::Value zeroGrads(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  bool setToNone = info[0].As<Napi::Boolean>();
  for (auto& t : readList(env, env.cells[0], "parameters")) {
    if (!t.defined() || !t.mutable_grad().defined()) continue;
    if (setToNone) {
      t.mutable_grad().reset();
    } else {
      at::Tensor g = t.mutable_grad();
      if (g.grad_fn()) g.detach_();
      else g.requires_grad_(false);
      g.zero_();
    }
  }
  return undefined(info);
}

// The gradients of a list, null where there is none: what optimizers read in one call.
Napi::Value getGrads(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  ag::variable_list grads;
  bool sparse = false; // a look at each from JavaScript would cost as much as the call
  for (auto& t : readList(env, env.cells[0], "parameters")) {
    grads.push_back(t.defined() ? t.grad() : at::Tensor());
    sparse |= grads.back().defined() && grads.back().layout() != at::kStrided;
  }
  writeList(env, std::move(grads));
  return Napi::Boolean::New(info.Env(), sparse);
}

Napi::Value setRequiresGrad(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = env.tensor(env.cells[0]);
  bool on = info[0].As<Napi::Boolean>();
  if (!t.is_leaf() && !on) fail("expected a leaf tensor: only leaves can stop requiring gradients; use detach()");
  if (on && !at::isFloatingType(t.scalar_type()) && !at::isComplexType(t.scalar_type()))
    fail("expected a floating-point or complex tensor for requiresGrad but received ", dtypeName(t.scalar_type()));
  t.requires_grad_(on);
  return undefined(info);
}

Napi::Value retainGrad(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  env.tensor(env.cells[0]).retain_grad();
  return undefined(info);
}

// --- modes

Napi::Value setModes(const Napi::CallbackInfo& info) {
  // setModes(grad, inference): what the JavaScript context asks for; called only when it changes. Guards nest
  // in JavaScript, here only the resulting state matters, so one InferenceMode object per thread is enough.
  static thread_local std::unique_ptr<c10::InferenceMode> inference;
  bool gradOn = info[0].As<Napi::Boolean>();
  bool inferenceOn = info[1].As<Napi::Boolean>();
  if (inferenceOn && !inference) inference = std::make_unique<c10::InferenceMode>(true);
  if (!inferenceOn && inference) inference.reset();
  c10::GradMode::set_enabled(gradOn && !inferenceOn);
  return undefined(info);
}

Napi::Value gradEnabled(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), c10::GradMode::is_enabled()); }

Napi::Value setDetectAnomaly(const Napi::CallbackInfo& info) {
  setAnomaly(Env::of(info), info[0].As<Napi::Boolean>(), info[1].As<Napi::Boolean>());
  return undefined(info);
}

// --- hooks

struct Hook {
  std::shared_ptr<JsRef> fn;
  explicit Hook(std::shared_ptr<JsRef> f) : fn(std::move(f)) { jsNodes++; }
  Hook(const Hook&) = delete;
  ~Hook() { jsNodes--; }

  // The tensor that JavaScript answered with, undefined when it answered with none.
  at::Tensor call(const at::Tensor& t) const {
    at::Tensor result;
    fn->bridge->runOnJavaScript([&](Env& env) {
      napi_value f;
      napi_get_reference_value(env.env, fn->ref, &f);
      // The wrapper in lib/autograd leaves the answer in cell 0.
      Napi::Function(env.env, f).Call({env.wrapJs(t)});
      if (env.cells[0].tag == kTensor) result = env.tensor(env.cells[0]);
    });
    return result;
  }
};

std::shared_ptr<Hook> makeHook(const Napi::CallbackInfo& info, Env& env) {
  napi_ref ref;
  napi_create_reference(info.Env(), info[0], 1, &ref);
  return std::make_shared<Hook>(std::make_shared<JsRef>(env.bridge, ref));
}

Napi::Value registerHook(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = env.tensor(env.cells[0]);
  if (!t.requires_grad()) fail("expected a tensor that requires gradients");
  auto hook = makeHook(info, env);
  unsigned position = t.register_hook([hook](const at::Tensor& g) -> at::Tensor { return hook->call(g); });
  return Napi::Number::New(info.Env(), position);
}

Napi::Value removeHook(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  env.tensor(env.cells[0]).remove_hook(info[0].As<Napi::Number>().Uint32Value());
  return undefined(info);
}

struct PostAccumulate : ag::PostAccumulateGradHook {
  std::shared_ptr<Hook> hook;
  explicit PostAccumulate(std::shared_ptr<Hook> h) : hook(std::move(h)) {}
  void operator()(const at::Tensor& t) override { hook->call(t); }
};

// One hook per tensor; null takes it away. lib/autograd keeps the list.
Napi::Value setPostAccumulateHook(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  at::Tensor t = env.tensor(env.cells[0]);
  if (!t.requires_grad() || !t.is_leaf()) fail("expected a leaf tensor that requires gradients");
  if (info[0].IsNull()) {
    ag::impl::set_post_acc_grad_hooks(t, nullptr);
  } else {
    ag::impl::set_post_acc_grad_hooks(t, std::make_unique<PostAccumulate>(makeHook(info, env)));
  }
  return undefined(info);
}

// --- functions whose forward and backward are JavaScript

// What a custom function's context holds for C++: the JavaScript context object.
struct JsContext : torch::CustomClassHolder {
  std::shared_ptr<JsRef> object;
  explicit JsContext(std::shared_ptr<JsRef> o) : object(std::move(o)) { jsNodes++; }
  ~JsContext() override { jsNodes--; }
};

// The AutogradContext that JavaScript's ctx methods speak to while forward or backward runs.
thread_local ag::AutogradContext* activeContext = nullptr;
struct ActiveContext {
  ag::AutogradContext* outer = activeContext;
  explicit ActiveContext(ag::AutogradContext* ctx) { activeContext = ctx; }
  ~ActiveContext() { activeContext = outer; }
};

struct ForwardCall {
  Env* env;
  Napi::Function run;   // () => void: runs forward, leaves outputs in the cells
  Napi::Object context; // the JavaScript ctx
  Napi::Function backward;
  std::string name; // what gradFn shows
};

struct JsFunction : ag::Function<JsFunction> {
  static ag::variable_list forward(ag::AutogradContext* ctx, at::TensorList, ForwardCall* call) {
    Env& env = *call->env;
    napi_ref ref;
    auto pair = Napi::Object::New(env.env);
    pair.Set("context", call->context);
    pair.Set("backward", call->backward);
    napi_create_reference(env.env, pair, 1, &ref);
    c10::intrusive_ptr<torch::CustomClassHolder> holder =
        c10::make_intrusive<JsContext>(std::make_shared<JsRef>(env.bridge, ref));
    ctx->saved_data["js"] = c10::IValue::make_capsule(holder);
    ctx->saved_data["name"] = call->name;
    ActiveContext active(ctx);
    call->run.Call({});
    return readList(env, env.cells[0], "the results of forward");
  }

  static ag::variable_list backward(ag::AutogradContext* ctx, ag::variable_list gradients) {
    auto holder = ctx->saved_data["js"].toCapsule();
    auto* js = static_cast<JsContext*>(holder.get());
    ag::variable_list result;
    js->object->bridge->runOnJavaScript([&](Env& env) {
      napi_value value;
      napi_get_reference_value(env.env, js->object->ref, &value);
      Napi::Object pair(env.env, value);
      ActiveContext active(ctx);
      auto list = Napi::Array::New(env.env, gradients.size());
      for (size_t k = 0; k < gradients.size(); k++)
        list.Set(uint32_t(k), gradients[k].defined() ? Napi::Value(env.env, env.wrapJs(gradients[k])) : env.jsNull());
      pair.Get("backward").As<Napi::Function>().Call({pair.Get("context"), list});
      result = readList(env, env.cells[0], "the results of backward");
    });
    refuseNan(result, ctx->saved_data["name"].toStringRef());
    // One result per tensor input; the JavaScript side has checked the count. A trailing slot stands for the
    // ForwardCall argument, which has no gradient.
    result.emplace_back();
    return result;
  }
};

ag::CppNode<JsFunction>* jsFunction(ag::Node* node) { return dynamic_cast<ag::CppNode<JsFunction>*>(node); }

Napi::Value gradFnName(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  auto fn = env.tensor(env.cells[0]).grad_fn();
  if (!fn) return info.Env().Null();
  if (auto* js = jsFunction(fn.get())) return Napi::String::New(info.Env(), js->ctx_.saved_data["name"].toStringRef());
  return Napi::String::New(info.Env(), fn->name());
}

ag::AutogradContext& active() {
  if (!activeContext) fail("expected to be called while the function's forward or backward runs");
  return *activeContext;
}

// applyFunction(run, ctx, backward, name): cells[0] = tensor inputs. Leaves the list of outputs in cell 0.
Napi::Value applyFunction(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  auto inputs = readList(env, env.cells[0], "inputs");
  ForwardCall call{&env, info[0].As<Napi::Function>(), info[1].As<Napi::Object>(), info[2].As<Napi::Function>(),
                   info[3].As<Napi::String>()};
  at::TensorList list(inputs);
  auto outputs = JsFunction::apply(list, &call);
  if (ag::AnomalyMode::is_enabled())
    for (const auto& t : outputs)
      if (auto* js = t.defined() ? jsFunction(t.grad_fn().get()) : nullptr) nameForReports(*js, call.name);
  writeList(env, std::move(outputs));
  return undefined(info);
}

Napi::Value saveForBackward(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  active().save_for_backward(readList(env, env.cells[0], "saveForBackward"));
  return undefined(info);
}
Napi::Value savedTensors(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  writeList(env, active().get_saved_variables());
  return undefined(info);
}
Napi::Value markDirty(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  active().mark_dirty(readList(env, env.cells[0], "markDirty"));
  return undefined(info);
}
Napi::Value markNonDifferentiable(const Napi::CallbackInfo& info) {
  Env& env = Env::of(info);
  active().mark_non_differentiable(readList(env, env.cells[0], "markNonDifferentiable"));
  return undefined(info);
}
Napi::Value setMaterializeGrads(const Napi::CallbackInfo& info) {
  active().set_materialize_grads(info[0].As<Napi::Boolean>());
  return undefined(info);
}
// Test hook: backward always takes the path through a helper thread, as it does for accelerators.
Napi::Value setForceServing(const Napi::CallbackInfo& info) {
  forceServing = info[0].As<Napi::Boolean>();
  return undefined(info);
}

} // namespace

void exportAutograd(Napi::Env napi, Napi::Object exports, Env& env) {
  auto set = [&](const char* name, Napi::Value (*fn)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(napi, fn, name, &env));
  };
  set("backward", guarded<backward>);
  set("grad", guarded<grad>);
  set("getGrad", guarded<getGrad>);
  set("setGrad", guarded<setGrad>);
  set("getGrads", guarded<getGrads>);
  set("zeroGrads", guarded<zeroGrads>);
  set("setRequiresGrad", guarded<setRequiresGrad>);
  set("retainGrad", guarded<retainGrad>);
  set("gradFnName", guarded<gradFnName>);
  set("setModes", guarded<setModes>);
  set("gradEnabled", guarded<gradEnabled>);
  set("setAnomaly", guarded<setDetectAnomaly>);
  set("registerHook", guarded<registerHook>);
  set("removeHook", guarded<removeHook>);
  set("setPostAccumulateHook", guarded<setPostAccumulateHook>);
  set("applyFunction", guarded<applyFunction>);
  set("saveForBackward", guarded<saveForBackward>);
  set("savedTensors", guarded<savedTensors>);
  set("markDirty", guarded<markDirty>);
  set("markNonDifferentiable", guarded<markNonDifferentiable>);
  set("setMaterializeGrads", guarded<setMaterializeGrads>);
  set("setForceServing", guarded<setForceServing>);
}

} // namespace torchwright
