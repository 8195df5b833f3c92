// Most operators check what they are given. Some internal ones do not, because libtorch's own callers have checked:
// called with arbitrary arguments they read or write outside their tensors and end the process, from Python too. The
// fuzz program (npm run fuzz) found them. Where the condition is simple it is checked here; the rest refuse to run
// unless torch.ops.allowUnchecked(true) was called, which promises that the arguments are right.
#include "guards.h"

#include "errors.h"
#include "plan.h"

#include <ATen/ATen.h>

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

// Each list of a fixed length has that length: reflection_pad2d_backward takes four, and reads four whatever there is.
void listsOfFullLength(const Arguments& a) {
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    const auto& argument = a.plan.arguments[i];
    const Cell& c = a.cells[i];
    if (argument.kind != Kind::IntList || argument.size < 2 || (c.tag != kNumberList && c.tag != kList)) continue;
    if (c.aux != argument.size)
      fail("expected ", argument.size, " whole numbers for ", argument.name, " but received an array of ", c.aux);
  }
}

// The view stays inside its memory, which libtorch takes for granted here.
void insideStorage(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self || !self->has_storage()) return;
  auto size = a.integers("size"), stride = a.integers("stride");
  if (size.size() != stride.size()) fail("expected as many strides as sizes");
  double last = double(self->storage_offset());
  for (size_t k = 0; k < size.size(); k++) {
    if (size[k] < 0 || stride[k] < 0) fail("expected sizes and strides from 0");
    if (size[k] == 0) return;
    last += double(size[k] - 1) * double(stride[k]);
  }
  if ((last + 1) * double(self->itemsize()) > double(self->storage().nbytes()))
    fail("expected a view inside the tensor's memory");
}

// A search in steps of a width that these give: without bounds it does not end.
void quantizationSearch(const Arguments& a) {
  auto between = [&](const char* name, double low, double high) {
    const Cell* c = a.cell(name);
    if (!c || (c->tag != kNumber && c->tag != kDouble && c->tag != kBigInt)) return;
    double v = c->tag == kBigInt ? double(c->bigint) : c->number;
    if (!(v >= low && v <= high)) fail("expected a number from ", low, " to ", high, " for ", name, " but received ", v);
  };
  between("n_bins", 1, 1 << 20), between("nbins", 1, 1 << 20), between("ratio", 0, 1), between("bit_width", 1, 32);
}

void rowsAndColumns(const Arguments& a) {
  quantizationSearch(a);
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++)
    if (a.plan.arguments[i].kind == Kind::Tensor && a.cells[i].tag == kTensor &&
        (a.env.tensor(a.cells[i]).dim() < 2 || a.env.tensor(a.cells[i]).numel() == 0))
      fail("expected at least two dimensions and an element for ", a.plan.arguments[i].name);
}

// LAPACK ends the process over a matrix that is not finite; libtorch looks in eig and eigh, and not in eigvals.
void finite(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self || !self->device().is_cpu() || self->layout() != c10::kStrided || self->numel() == 0) return;
  if (!at::isFloatingType(self->scalar_type()) && !at::isComplexType(self->scalar_type())) return;
  at::NoGradGuard guard;
  if (!self->isfinite().all().item<bool>()) fail("expected a matrix without infinities and NaNs");
}

// A view of quantized memory under another dtype is half of either kind; the next operator falls over it.
void notQuantized(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (self && c10::isQIntType(self->scalar_type())) fail("expected a tensor that is not quantized for self");
}

// One value for each channel, and what the forward pass saved.
void channelStatistics(const Arguments& a) {
  const at::Tensor* input = a.tensor("input");
  const at::Tensor* gradient = a.tensor("grad_out");
  if (!input || !gradient) return;
  if (input->dim() < 2) fail("expected at least two dimensions for input");
  if (gradient->sizes() != input->sizes()) fail("expected the shape of input for grad_out");
  for (const char* name : {"weight", "running_mean", "running_var", "save_mean", "save_invstd", "save_var"}) {
    const at::Tensor* t = a.tensor(name);
    if (t && (t->dim() != 1 || t->size(0) != input->size(1))) fail("expected ", input->size(1), " elements for ", name);
  }
  bool saved = a.tensor("save_mean") && (a.tensor("save_invstd") || a.tensor("save_var"));
  bool running = a.tensor("running_mean") && a.tensor("running_var");
  const Cell* train = a.cell("train") ? a.cell("train") : a.cell("update");
  if (train && train->tag == kBool && !(train->index ? saved : running))
    fail(train->index ? "expected the saved mean and variance" : "expected the running mean and variance");
}

// A fused optimizer walks all its lists by the first one. What an option switches off may be an empty list.
void fusedLists(const Arguments& a) {
  auto on = [&](const char* name) {
    const Cell* c = a.cell(name);
    return c && ((c->tag == kBool && c->index) || ((c->tag == kNumber || c->tag == kDouble) && c->number != 0));
  };
  const Cell* self = a.cell("self");
  if (!self || self->tag != kTensorList) return;
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    const auto& argument = a.plan.arguments[i];
    const Cell& c = a.cells[i];
    if (argument.kind != Kind::TensorList || (c.tag != kTensorList && c.tag != kNumberList)) continue;
    bool optional =
        (argument.name == "max_exp_avg_sqs" && !on("amsgrad")) || (argument.name == "momentum_buffer_list" && !on("momentum"));
    if (c.aux != self->aux && !(optional && c.aux == 0))
      fail("expected ", self->aux, " tensors for ", argument.name, " as in self but received ", c.aux);
  }
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    const auto& argument = a.plan.arguments[i];
    const Cell& c = a.cells[i];
    if (&c == self || argument.kind != Kind::TensorList || argument.name == "state_steps" || c.tag != kTensorList) continue;
    for (int32_t k = 0; k < c.aux; k++) {
      const at::Tensor &t = a.env.listed(c, k), &first = a.env.listed(*self, k);
      if (t.defined() && first.defined() && (t.sizes() != first.sizes() || t.layout() != first.layout()))
        fail("expected the shape of self[", k, "] for ", argument.name, "[", k, "]");
    }
  }
}

// All elements from 0 to `limit`, for tensors of integers on the CPU; what lies on a device would cost a wait.
void elementsUpTo(const at::Tensor& t, int64_t limit, const char* name) {
  if (!t.device().is_cpu() || t.layout() != c10::kStrided || t.numel() == 0) return;
  if (t.scalar_type() != at::kLong && t.scalar_type() != at::kInt) fail("expected int64 or int32 for ", name);
  at::NoGradGuard guard;
  int64_t low = t.min().item<int64_t>(), high = t.max().item<int64_t>();
  if (low < 0 || high > limit) fail("expected elements from 0 to ", limit, " for ", name, " but received ", low < 0 ? low : high);
}

// The sizes of a packed sequence's steps: positive, never growing, as many rows in all as there are.
void packedSequence(const Arguments& a) {
  const at::Tensor* data = a.tensor("data");
  const at::Tensor* sizes = a.tensor("batch_sizes");
  if (!data || !sizes || !sizes->device().is_cpu()) return;
  if (data->dim() < 1 || sizes->dim() != 1 || sizes->scalar_type() != at::kLong || sizes->numel() == 0)
    fail("expected int64 sizes of one dimension for batch_sizes");
  at::Tensor in = sizes->contiguous();
  const int64_t* p = in.const_data_ptr<int64_t>();
  int64_t sum = 0;
  for (int64_t k = 0; k < in.numel(); k++) {
    if (p[k] < 1 || p[k] > (k ? p[k - 1] : data->size(0))) fail("expected positive sizes that do not grow for batch_sizes");
    sum += p[k];
  }
  if (sum != data->size(0)) fail("expected batch_sizes with a sum of ", data->size(0), " but it is ", sum);
}

// Written through the strides of a matrix that libtorch believes to be in order.
void contiguousOut(const Arguments& a) {
  const at::Tensor* out = a.tensor("out");
  if (out && out->layout() == c10::kStrided && !out->is_contiguous()) fail("expected a contiguous tensor for out");
}

void embeddingBag(const Arguments& a) {
  const at::Tensor* indices = a.tensor("indices");
  const at::Tensor* offsets = a.tensor("offsets");
  if (!indices || !offsets) return;
  if (indices->dim() != 1 || offsets->dim() != 1) fail("expected one dimension for indices and for offsets");
  elementsUpTo(*offsets, indices->numel(), "offsets");
}

void embeddingGradient(const Arguments& a) {
  const at::Tensor* gradient = a.tensor("grad_output");
  if (!gradient) gradient = a.tensor("grad");
  const at::Tensor* indices = a.tensor("indices");
  auto count = a.integers("num_weights");
  if (!gradient || !indices || count.size() != 1) return;
  if (gradient->dim() != indices->dim() + 1 || gradient->sizes().slice(0, size_t(indices->dim())) != indices->sizes())
    fail("expected the shape of indices and one dimension more for grad_output");
  elementsUpTo(*indices, count[0] - 1, "indices");
}

// The negative of the smallest number is itself.
void exponent(const Arguments& a) {
  for (int64_t n : a.integers("n"))
    if (n == INT64_MIN) fail("expected an exponent above ", n, " for n");
}

void fewLayers(const Arguments& a) {
  for (int64_t n : a.integers("num_layers"))
    if (n < 1 || n > 100000) fail("expected from 1 to 100000 for num_layers but received ", n);
}

// Each step of combinations makes tensors for one more element, however few there are.
void fewElements(const Arguments& a) {
  for (int64_t r : a.integers("r"))
    if (r > 1000) fail("expected at most 1000 for r but received ", r);
}

void oneLayout(const Arguments& a) {
  const at::Tensor* first = nullptr;
  for (const char* name : {"self", "src", "out"}) {
    const at::Tensor* t = a.tensor(name);
    if (first && t && t->layout() != first->layout()) fail("expected tensors of one layout");
    if (!first) first = t;
  }
}

// Copies between layouts of which one is sparse, element by element.
void listsOfOneLayout(const Arguments& a) {
  listsOfOneLength(a);
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    if (a.plan.arguments[i].kind != Kind::TensorList || a.cells[i].tag != kTensorList) continue;
    for (const auto& t : readTensors(a.env, a.plan, i, a.cells[i]))
      if (t.layout() != c10::kStrided) fail("expected strided tensors for ", a.plan.arguments[i].name);
  }
}

// Sizes plus padding overflow unnoticed.
void moderatePadding(const Arguments& a) {
  constexpr int64_t kLargest = int64_t(1) << 40;
  for (int64_t p : a.integers("padding"))
    if (p > kLargest || p < -kLargest) fail("expected moderate numbers for padding but received ", p);
}

void padBackward(const Arguments& a) {
  listsOfFullLength(a);
  moderatePadding(a);
}

// The recurrences take n steps for each element and cannot be interrupted.
void polynomialDegree(const Arguments& a) {
  constexpr double kLargest = 1 << 24;
  auto check = [](double n) {
    if (n > kLargest) fail("expected a degree up to ", int64_t(kLargest), " for n but received ", n);
  };
  const Cell* c = a.cell("n");
  if (!c) return;
  if (c->tag == kNumber || c->tag == kDouble) check(c->number);
  if (c->tag == kBigInt) check(double(c->bigint));
  const at::Tensor* n = a.tensor("n");
  if (!n || !n->device().is_cpu() || n->numel() == 0 || n->layout() != c10::kStrided || n->is_complex() || n->is_quantized())
    return;
  at::NoGradGuard guard;
  check(n->to(at::kDouble).nan_to_num(0, std::nullopt, 0).max().item<double>());
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
      {"aten::cat", when(listsNotEmpty)},
      {"aten::concat", when(listsNotEmpty)},
      {"aten::concatenate", when(listsNotEmpty)},
      {"aten::_foreach_copy", when(listsOfOneLayout)},
      {"aten::_foreach_copy_", when(listsOfOneLayout)},
      {"aten::embedding_backward", when(embeddingGradient)},
      {"aten::_fft_r2c", when(fftDimensions)},
      {"aten::_fft_c2r", when(fftDimensions)},
      {"aten::_fft_c2c", when(fftDimensions)},
      {"aten::_reshape_alias", when(insideStorage)},
      {"aten::_reshape_alias_copy", when(insideStorage)},
      {"aten::triu.out", when(contiguousOut)},
      {"aten::tril.out", when(contiguousOut)},
      {"aten::_pad_packed_sequence", when(packedSequence)},
      {"aten::matrix_power", when(exponent)},
      {"aten::linalg_matrix_power", when(exponent)},
      {"aten::lstm", when(fewLayers)},
      {"aten::gru", when(fewLayers)},
      {"aten::rnn_tanh", when(fewLayers)},
      {"aten::rnn_relu", when(fewLayers)},
      {"aten::combinations", when(fewElements)},
      {"aten::copy", when(oneLayout)},
      {"aten::embedding_bag", when(embeddingBag)},
      {"aten::_embedding_bag", when(embeddingBag)},
      {"aten::_embedding_bag_forward_only", when(embeddingBag)},
      {"aten::embedding_dense_backward", when(embeddingGradient)},
      {"aten::_sobol_engine_draw", refuse("it does not look at the shapes")},
      {"aten::_sobol_engine_ff_", refuse("it does not look at the shapes")},
      {"aten::_sobol_engine_initialize_state_", refuse("it does not look at the shapes")},
      {"aten::_sobol_engine_scramble_", refuse("it does not look at the shapes")},
      {"fsdp::chunk_cat_mixed_dtype", refuse("it does not look at the shapes")},
      {"aten::batch_norm_backward", when(channelStatistics)},
      {"aten::native_batch_norm_backward", when(channelStatistics)},
      {"aten::_adaptive_avg_pool2d_backward", refuse("it does not look at empty inputs")},
      {"aten::_adaptive_avg_pool3d_backward", refuse("it does not look at empty inputs")},
      {"aten::_nested_compute_contiguous_strides_offsets", refuse("it does not look at the shapes")},
      {"aten::linalg_eigvals", when(finite)},
      {"aten::_linalg_eigvals", when(finite)},
      {"aten::view.dtype", when(notQuantized)},
      {"aten::view_copy.dtype", when(notQuantized)},
      {"aten::view_copy.dtype_out", when(notQuantized)},
      {"aten::_neg_view", when(notQuantized)},
      {"aten::_neg_view_copy", when(notQuantized)},
      {"aten::choose_qparams_optimized", when(quantizationSearch)},
      {"aten::_remove_batch_dim", refuse("it belongs to vmap, whose tensors it expects")},
      {"aten::_convert_indices_from_coo_to_csr", refuse("it writes wherever the indices point")},
      {"aten::_chunk_cat", refuse("it does not look at the shapes")},
      {"aten::_convert_indices_from_csr_to_coo", refuse("it writes wherever the indices point")},
      {"aten::_unsafe_masked_index", refuse("it reads wherever the indices point")},
      {"aten::_unsafe_masked_index_put_accumulate", refuse("it writes wherever the indices point")},
      {"aten::_saturate_weight_to_fp16", refuse("it reads any tensor as float32")},
      {"quantized::make_quantized_cell_params", refuse("it reads packed weights that it does not look at")},
      {"aten::_cummax_helper", refuse("it writes to outputs whose shapes it does not look at")},
      {"aten::_cummin_helper", refuse("it writes to outputs whose shapes it does not look at")},
      {"aten::_new_zeros_with_same_feature_meta", refuse("it belongs to forward-mode gradients under vmap")},
      {"aten::_nnpack_spatial_convolution", refuse("it does not look at the shapes")},
      {"aten::_pdist_backward", refuse("it does not look at the shapes")},
      {"aten::_slow_conv2d_backward", refuse("it does not look at the shapes of the gradients")},
      {"aten::_thnn_differentiable_gru_cell_backward", refuse("it does not look at the shapes")},
      {"aten::_thnn_differentiable_lstm_cell_backward",
       refuse("it does not look at the shapes, nor whether a gradient is there")},
      {"aten::_transform_bias_rescale_qkv", refuse("it does not look at the shapes")},
      {"aten::mkldnn_rnn_layer_backward", refuse("it does not look at the shapes")},
      {"aten::_batch_norm_impl_index_backward", refuse("it does not look at the shapes")},
      {"aten::_cholesky_solve_helper", refuse("it does not look at the shapes")},
      {"aten::_nested_from_padded", refuse("it does not look at the shapes")},
      {"aten::_pdist_forward", refuse("it does not look at the shapes")},
      {"aten::_weight_norm_interface", refuse("it does not look at the shapes")},
      {"aten::_weight_norm_interface_backward", refuse("it does not look at the shapes")},
      {"aten::mkldnn_rnn_layer", refuse("it does not look at the shapes")},
      {"aten::quantized_lstm_cell", refuse("it reads packed weights that it does not look at")},
      {"mkl::_mkl_reorder_linear_weight", refuse("it does not look at the shape of the weights")},
      {"mkldnn::_reorder_mkldnn_rnn_layer_weight", refuse("it does not look at the shapes")},
      {"onednn::linear_prepack_fp16", refuse("it reads any tensor as float32")},
      {"quantized::linear_dynamic_fp16_unpacked_weight", refuse("it reads any tensor as float32")},
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

const Guard* findGuard(const std::string& name, const std::string& fullName) {
  auto it = table().find(name);
  if (it == table().end()) it = table().find(fullName);
  if (it != table().end()) return &it->second;
  static const Guard foreach = when(listsOfOneLength), polynomial = when(polynomialDegree), rows = when(rowsAndColumns);
  static const Guard packed = refuse("it packs for a matrix library without a look at shape and dtype");
  auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  if (starts("aten::_foreach_")) return &foreach;
  static const Guard fused = when(fusedLists), pad = when(moderatePadding), padGradient = when(padBackward);
  if (starts("aten::_fused_adam") || starts("aten::_fused_sgd")) return &fused;
  if (starts("aten::reflection_pad") || starts("aten::replication_pad"))
    return name.find("backward") == std::string::npos ? &pad : &padGradient;
  static const Guard attention = refuse("it takes the shapes of the saved tensors for granted");
  if ((starts("aten::_scaled_dot_product_") || starts("aten::_flash_attention_") || starts("aten::_efficient_attention_")) &&
      name.find("backward") != std::string::npos)
    return &attention;
  if (starts("aten::fbgemm_")) return &packed;
  if (starts("quantized::embedding_bag_")) return &rows;
  if (starts("aten::special_") && name.find("_polynomial_") != std::string::npos) return &polynomial;
  return nullptr;
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
