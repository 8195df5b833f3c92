// Most operators check what they are given. Some internal ones do not, because libtorch's own callers have checked:
// called with arbitrary arguments they read or write outside their tensors and end the process, from Python too. The
// fuzz program (npm run fuzz) found them. Where the condition is simple it is checked here; the rest refuse to run
// unless torch.ops.allowUnchecked(true) was called, which promises that the arguments are right.
#include "guards.h"

#include "errors.h"
#include "plan.h"

#include <atomic>

namespace torchwright {

namespace {

std::atomic<bool> allowUnchecked{false};

// The arguments of a call by name, as far as guards need them.
struct Arguments {
  Env& env;
  const Plan& plan;
  const Cell* cells;
  int argc;

  const Cell* cell(const char* name) const {
    for (size_t i = 0; i < plan.arguments.size() && int(i) < argc; i++)
      if (plan.arguments[i].name == name) return &cells[i];
    return nullptr;
  }
  // Null when it is not given; a wrong kind is left to the reader of the argument.
  const at::Tensor* tensor(const char* name) const {
    const Cell* c = cell(name);
    return c && c->tag == kTensor ? &env.tensor(*c) : nullptr;
  }
  std::vector<int64_t> integers(const char* name) const {
    c10::SmallVector<int64_t, 8> out;
    for (size_t i = 0; i < plan.arguments.size() && int(i) < argc; i++)
      if (plan.arguments[i].name == name && cells[i].tag != kNone && cells[i].tag != kAbsent)
        readInts(env, plan, i, cells[i], out);
    return {out.begin(), out.end()};
  }
};

using Check = void (*)(const Arguments&);

// Every list of tensors has an element; libtorch looks at the first one before it counts.
void listsNotEmpty(const Arguments& a) {
  for (size_t i = 0; i < a.plan.arguments.size(); i++) {
    if (a.plan.arguments[i].kind != Kind::TensorList) continue;
    if (int(i) >= a.argc || a.cells[i].aux == 0) fail("expected at least one tensor for ", a.plan.arguments[i].name);
  }
}

// All lists of tensors have as many elements as the first.
void listsOfOneLength(const Arguments& a) {
  int32_t length = -1;
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    if (a.plan.arguments[i].kind != Kind::TensorList) continue;
    const Cell& c = a.cells[i];
    if (c.tag != kTensorList && c.tag != kNumberList) continue;
    if (length < 0) length = c.aux;
    if (c.aux != length)
      fail("expected ", length, " tensors for ", a.plan.arguments[i].name, " as in the first list but received ", c.aux);
  }
}

// The kernels behind torch.fft take dimensions that were wrapped, told apart and counted before.
void fftDimensions(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self) return;
  auto dims = a.integers("dim");
  if (dims.empty()) fail("expected at least one dimension for dim");
  std::vector<bool> seen(size_t(self->dim()));
  for (int64_t d : dims) {
    if (d < 0 || d >= self->dim()) fail("expected dimensions from 0 to ", self->dim() - 1, " for dim but received ", d);
    if (seen[size_t(d)]) fail("expected different dimensions for dim but received ", d, " twice");
    seen[size_t(d)] = true;
  }
}

} // namespace

struct Guard {
  const char* reason; // why it refuses; null when `check` decides
  Check check;
};

namespace {

constexpr Guard refuse(const char* reason) { return {reason, nullptr}; }
constexpr Guard when(Check check) { return {nullptr, check}; }

const std::unordered_map<std::string, Guard>& table() {
  static const std::unordered_map<std::string, Guard> guards{
      {"aten::_stack", when(listsNotEmpty)},
      {"aten::_chunk_cat", when(listsNotEmpty)},
      {"aten::_fft_r2c", when(fftDimensions)},
      {"aten::_fft_c2r", when(fftDimensions)},
      {"aten::_fft_c2c", when(fftDimensions)},
      {"aten::_remove_batch_dim", refuse("it belongs to vmap, whose tensors it expects")},
      {"aten::_convert_indices_from_coo_to_csr", refuse("it writes wherever the indices point")},
      {"aten::_nnpack_spatial_convolution", refuse("it does not look at the shapes")},
      {"aten::_slow_conv2d_backward", refuse("it does not look at the shapes of the gradients")},
      {"aten::quantized_lstm_cell", refuse("it reads packed weights that it does not look at")},
      {"mkl::_mkl_reorder_linear_weight", refuse("it does not look at the shape of the weights")},
      {"quantized::linear_prepack_fp16", refuse("it reads any tensor as float32")},
      {"_quantized::linear_prepack_fp16", refuse("it reads any tensor as float32")},
  };
  return guards;
}

// setAllowUnchecked(on)
Napi::Value setAllowUnchecked(const Napi::CallbackInfo& info) {
  allowUnchecked = info[0].As<Napi::Boolean>();
  return info.Env().Undefined();
}

} // namespace

const Guard* findGuard(const std::string& name) {
  auto it = table().find(name);
  if (it != table().end()) return &it->second;
  static const Guard foreach = when(listsOfOneLength);
  return name.rfind("aten::_foreach_", 0) == 0 ? &foreach : nullptr;
}

void checkGuard(Env& env, const Plan& plan, const Cell* cells, int argc) {
  if (plan.guard->check) {
    plan.guard->check({env, plan, cells, argc});
  } else if (!allowUnchecked) {
    fail("this internal operator does not check its arguments, and wrong ones end the process: ", plan.guard->reason,
         "; torch.ops.allowUnchecked(true) lets it run");
  }
}

void exportGuards(Napi::Env napi, Napi::Object exports, Env& env) {
  exports.Set("setAllowUnchecked", Napi::Function::New(napi, guarded<setAllowUnchecked>, "setAllowUnchecked", &env));
}

} // namespace torchwright
