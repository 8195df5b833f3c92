// Checks on the operators of networks: recurrent ones, embeddings, normalisation, pooling, convolutions, losses.
#include "guard_checks.h"

#include <ATen/ATen.h>

namespace torchwright {

// --- recurrent networks

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

void fewLayers(const Arguments& a) {
  for (int64_t n : a.integers("num_layers"))
    if (n < 1 || n > 100000) fail("expected from 1 to 100000 for num_layers but received ", n);
}

// Weights, biases and states that belong to each other: Python's layers see to it, the operators do not.
void recurrent(const Arguments& a) {
  fewLayers(a);
  packedSequence(a);
  const std::string& name = a.plan.name;
  const bool lstm = name.rfind("aten::lstm", 0) == 0, packed = a.tensor("data");
  const int64_t gates = lstm ? 4 : name.rfind("aten::gru", 0) == 0 ? 3 : 1;
  const at::Tensor* input = a.tensor(packed ? "data" : "input");
  const Cell *paramsCell = a.cell("params"), *hxCell = a.cell("hx");
  if (!input || !paramsCell || paramsCell->tag != kTensorList || !hxCell) return;
  std::vector<at::Tensor> states = lstm ? a.tensors("hx") : std::vector<at::Tensor>();
  if (!lstm && a.tensor("hx")) states.push_back(*a.tensor("hx"));
  if (states.size() != (lstm ? 2 : 1)) return lstm ? fail("expected two tensors for hx but received ", states.size()) : void();
  if (input->dim() != (packed ? 2 : 3)) fail("expected ", packed ? 2 : 3, " dimensions for ", packed ? "data" : "input");
  for (const auto& t : states)
    if (t.dim() != 3) fail("expected states of three dimensions for hx");
  const int64_t layers = a.integer("num_layers", 1), directions = a.flag("bidirectional") ? 2 : 1;
  const int64_t hidden = states.back().size(2), output = states[0].size(2);
  const bool biases = a.flag("has_biases"), projects = lstm && hidden != output;
  const at::Tensor* sizes = a.tensor("batch_sizes");
  if (packed && (!sizes || !sizes->device().is_cpu())) return; // libtorch says what is wrong
  const int64_t batch = packed ? sizes->select(0, 0).item<int64_t>() : input->size(a.flag("batch_first") ? 0 : 1);
  for (size_t k = 0; k < states.size(); k++)
    checkSizes(states[k], {layers * directions, batch, k ? hidden : output}, "a state of hx");
  auto params = a.tensors("params");
  const int64_t each = 2 + (biases ? 2 : 0) + (projects ? 1 : 0);
  if (int64_t(params.size()) != layers * directions * each)
    fail("expected ", layers * directions * each, " tensors for params but received ", params.size());
  for (size_t k = 0; k < params.size(); k++) {
    const int64_t part = int64_t(k) % each, layer = int64_t(k) / each / directions;
    const int64_t width = layer == 0 ? input->size(-1) : output * directions;
    if (part == 0) checkSizes(params[k], {gates * hidden, width}, "a tensor of params");
    else if (part == 1) checkSizes(params[k], {gates * hidden, output}, "a tensor of params");
    else if (biases && part < 4) checkSizes(params[k], {gates * hidden}, "a tensor of params");
    else checkSizes(params[k], {output, hidden}, "a tensor of params");
  }
}

// --- embeddings

void embeddingBag(const Arguments& a) {
  contiguous(a);
  const at::Tensor* indices = a.tensor("indices");
  const at::Tensor* offsets = a.tensor("offsets");
  if (!indices || !offsets) return;
  if (indices->dim() != 1 || offsets->dim() != 1) fail("expected one dimension for indices and for offsets");
  const at::Tensor* weight = a.tensor("weight");
  if (offsets->numel() == 0 && indices->numel() > 0 && weight && weight->requires_grad() && at::GradMode::is_enabled())
    fail("expected at least one element for offsets, because gradients are recorded");
  elementsBetween(*offsets, 0, indices->numel(), "offsets");
}

void embeddingGradient(const Arguments& a) {
  const at::Tensor* gradient = a.tensor("grad_output");
  if (!gradient) gradient = a.tensor("grad");
  const at::Tensor* indices = a.tensor("indices");
  auto count = a.integers("num_weights");
  if (!gradient || !indices || count.size() != 1) return;
  if (gradient->dim() != indices->dim() + 1 || gradient->sizes().slice(0, size_t(indices->dim())) != indices->sizes())
    fail("expected the shape of indices and one dimension more for grad_output");
  elementsBetween(*indices, 0, count[0] - 1, "indices");
}

// --- normalisation

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

// One value for each channel.
void channelValues(const Arguments& a) {
  const at::Tensor* input = a.tensor("input") ? a.tensor("input") : a.tensor("qx");
  if (!input) return;
  if (input->dim() < 2) fail("expected at least two dimensions for input but received ", input->dim());
  for (const char* name : {"weight", "bias", "running_mean", "running_var", "mean", "var"}) {
    const at::Tensor* t = a.tensor(name);
    if (!t) continue;
    if (t->numel() != input->size(1) || (t->dim() != 1 && !t->is_contiguous()))
      fail("expected shape [", input->size(1), "] for ", name, " but received ", t->sizes());
    if (input->is_quantized() && !t->is_contiguous()) a.relay = true;
  }
}

// A gradient of the input's shape, and the statistics of each group.
void groupStatistics(const Arguments& a) {
  const at::Tensor* input = a.tensor("input");
  if (!input) return;
  const int64_t n = a.integer("N", 0), c = a.integer("C", 0), area = a.integer("HxW", 0), groups = a.integer("group", 0);
  if (n < 0 || c < 0 || area < 0 || double(n) * double(c) * double(area) != double(input->numel()))
    fail("expected N, C and HxW with a product of ", input->numel());
  if (groups < 1 || c % groups != 0) fail("expected a number of groups that divides ", c, " but received ", groups);
  if (const at::Tensor* gradient = a.tensor("grad_out")) checkSizes(*gradient, input->sizes(), "grad_out");
  for (const char* name : {"mean", "rstd"}) {
    const at::Tensor* t = a.tensor(name);
    if (t && t->numel() != n * groups) fail("expected ", n * groups, " elements for ", name, " but received ", t->numel());
  }
  for (const char* name : {"weight", "bias"}) {
    const at::Tensor* t = a.tensor(name);
    if (t && t->numel() != c) fail("expected ", c, " elements for ", name, " but received ", t->numel());
  }
}

// A gradient of the input's shape, and the statistics of each row.
void rowStatistics(const Arguments& a) {
  const at::Tensor* input = a.tensor("input");
  const at::Tensor* gradient = a.tensor("grad_out");
  if (!input || !gradient) return;
  auto shape = a.integers("normalized_shape");
  if (shape.empty() || int64_t(shape.size()) > input->dim() ||
      input->sizes().slice(size_t(input->dim()) - shape.size()) != at::IntArrayRef(shape))
    fail("expected the input's last dimensions for normalized_shape");
  checkSizes(*gradient, input->sizes(), "grad_out");
  int64_t rows = 1;
  for (int64_t k = 0; k < input->dim() - int64_t(shape.size()); k++) rows *= input->size(k);
  for (const char* name : {"mean", "rstd"}) {
    const at::Tensor* t = a.tensor(name);
    if (t && t->numel() != rows) fail("expected ", rows, " elements for ", name, " but received ", t->numel());
  }
  for (const char* name : {"weight", "bias"}) {
    const at::Tensor* t = a.tensor(name);
    if (t) checkSizes(*t, shape, name);
  }
}

// A norm for each slice along a dimension, the first or the last in the fused kernels.
void weightNorm(const Arguments& a) {
  const at::Tensor *v = a.tensor("v") ? a.tensor("v") : a.tensor("saved_v"), *gradient = a.tensor("grad_w");
  if (!v) return;
  const int64_t dim = a.integer("dim", 0);
  const bool inner = a.plan.name.find("_interface") != std::string::npos;
  if (v->dim() == 0) fail("expected at least one dimension for v");
  if (inner) contiguous(a);
  if (dim != 0 && dim != v->dim() - 1)
    return inner ? fail("expected the first or the last dimension for dim but received ", dim) : void();
  std::vector<int64_t> expected(size_t(v->dim()), 1);
  expected[size_t(dim)] = v->size(dim);
  for (const char* name : {"g", "saved_g", "saved_norms"})
    if (const at::Tensor* t = a.tensor(name)) checkSizes(*t, expected, name);
  if (gradient) checkSizes(*gradient, v->sizes(), "grad_w");
}

// --- padding and pooling

// Sizes plus padding overflow unnoticed.
void moderatePadding(const Arguments& a) {
  constexpr int64_t kLargest = int64_t(1) << 40;
  for (int64_t p : a.integers("padding"))
    if (p > kLargest || p < -kLargest) fail("expected moderate numbers for padding but received ", p);
}

void padBackward(const Arguments& a) {
  listsOfFullLength(a);
  moderatePadding(a);
  const at::Tensor *gradient = a.tensor("grad_output"), *input = a.tensor("self");
  if (!gradient || !input) return;
  auto padding = a.integers("padding"), expected = input->sizes().vec();
  if (padding.size() > 2 * expected.size()) fail("expected more dimensions than ", expected.size(), " for self");
  for (size_t k = 0; k + 1 < padding.size(); k += 2) expected[expected.size() - 1 - k / 2] += padding[k] + padding[k + 1];
  checkSizes(*gradient, expected, "grad_output");
}

namespace {

// The dimensions that an operator works on, by its name: max_pool2d has two.
int64_t spatialDims(const Arguments& a) { return a.plan.name.find("3d") != std::string::npos ? 3 : 2; }

} // namespace

// The gradient has as many planes, or volumes, as the input.
void poolGradient(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *input = a.tensor("self"), *indices = a.tensor("indices");
  if (!gradient || !input) return;
  auto output = a.integers("output_size");
  const int64_t lead = input->dim() - spatialDims(a);
  if (lead < 1 || gradient->dim() != input->dim() ||
      gradient->sizes().slice(0, size_t(lead)) != input->sizes().slice(0, size_t(lead)))
    fail("expected the leading dimensions of self for grad_output");
  if (!output.empty() && gradient->sizes().slice(size_t(lead)) != at::IntArrayRef(output))
    fail("expected the last dimensions ", at::IntArrayRef(output), " for grad_output but received ", gradient->sizes());
  if (indices) checkSizes(*indices, gradient->sizes(), "indices"), positionsInside(a);
}

// The positions of the largest elements lie in the plane, or the volume, that they were taken from.
void positionsInside(const Arguments& a) {
  const at::Tensor *input = a.tensor("self"), *indices = a.tensor("indices");
  const int64_t spatial = spatialDims(a);
  if (!input || !indices || input->dim() < spatial) return;
  int64_t area = 1;
  for (int64_t k = 1; k <= spatial; k++) area *= input->size(-k);
  elementsBetween(*indices, 0, area - 1, "indices");
}

// An output without elements is walked through all the same, along its other dimensions.
void adaptivePool(const Arguments& a) {
  auto output = a.integers("output_size");
  bool empty = false;
  int64_t largest = 0;
  for (int64_t size : output) empty |= size == 0, largest = std::max(largest, size);
  if (empty && largest > 1 << 20) fail("expected smaller sizes beside 0 for output_size but received ", at::IntArrayRef(output));
}

// The gradient has the input's leading dimensions; empty ones are divided by.
void adaptivePoolGradient(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *input = a.tensor("self"), *indices = a.tensor("indices");
  if (!gradient || !input) return;
  const int64_t spatial = spatialDims(a), lead = input->dim() - spatial;
  if (lead < 1 || lead > 2)
    fail("expected ", spatial + 1, " or ", spatial + 2, " dimensions for self but received ", input->dim());
  if (gradient->dim() != input->dim() || gradient->sizes().slice(0, size_t(lead)) != input->sizes().slice(0, size_t(lead)))
    fail("expected the leading dimensions of self for grad_output");
  if (input->numel() == 0 || gradient->numel() == 0) fail("expected tensors with elements");
  if (indices) checkSizes(*indices, gradient->sizes(), "indices"), positionsInside(a);
}

// Where windows begin is worked out of these: outside [0, 1) they begin outside the input.
void randomShares(const Arguments& a) {
  const at::Tensor* t = a.tensor("random_samples");
  if (!t || !t->device().is_cpu() || t->numel() == 0 || t->layout() != c10::kStrided || !at::isFloatingType(t->scalar_type()))
    return;
  at::NoGradGuard guard;
  if (!(t->ge(0).all().item<bool>() && t->lt(1).all().item<bool>())) fail("expected elements in [0, 1) for random_samples");
}

// --- convolutions and sampling of images

// The size of the kernel, which is given beside the weights, is theirs.
void kernelOfWeight(const Arguments& a) {
  const at::Tensor* weight = a.tensor("weight");
  if (!weight) return;
  auto kernel = a.integers("kernel_size");
  const size_t spatial = size_t(spatialDims(a));
  if (kernel.size() == 1) kernel.assign(spatial, kernel[0]);
  if (kernel.size() != spatial) return; // its reader says what is wrong
  if (weight->dim() != int64_t(spatial) + 2 || weight->sizes().slice(2) != at::IntArrayRef(kernel))
    fail("expected ", at::IntArrayRef(kernel), " for the last dimensions of weight but received ", weight->sizes());
}

// The gradient has the shape of the convolution's result.
void convolutionGradient(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *input = a.tensor("input"), *weight = a.tensor("weight");
  if (!gradient || !input || !weight) return;
  const int64_t spatial = input->dim() - 2, groups = a.integer("groups", 1);
  if (spatial < 1 || weight->dim() != input->dim())
    fail("expected an input and a weight of the same number of dimensions, from three");
  if (groups < 1) fail("expected a positive number for groups but received ", groups);
  auto each = [&](const char* name, int64_t least) {
    auto all = a.integers(name);
    if (all.size() == 1) all.assign(size_t(spatial), all[0]);
    if (int64_t(all.size()) != spatial) fail("expected ", spatial, " whole numbers for ", name, " but received ", all.size());
    for (int64_t v : all)
      if (v < least || v > (int64_t(1) << 40)) fail("expected moderate numbers from ", least, " for ", name, " but received ", v);
    return all;
  };
  auto stride = each("stride", 1), padding = each("padding", 0), dilation = each("dilation", 1),
       outer = each("output_padding", 0);
  const bool transposed = a.flag("transposed");
  if (input->size(1) != (transposed ? weight->size(0) : weight->size(1) * groups))
    fail("expected the channels of weight for input");
  if (transposed ? input->size(1) % groups != 0 : weight->size(0) % groups != 0) fail("expected groups that divide the channels");
  std::vector<int64_t> expected{input->size(0), transposed ? weight->size(1) * groups : weight->size(0)};
  for (size_t k = 0; k < size_t(spatial); k++) {
    const int64_t in = input->size(int64_t(k) + 2), reach = dilation[k] * (weight->size(int64_t(k) + 2) - 1);
    expected.push_back(transposed ? (in - 1) * stride[k] - 2 * padding[k] + reach + outer[k] + 1
                                  : (in + 2 * padding[k] - reach - 1) / stride[k] + 1);
  }
  checkSizes(*gradient, expected, "grad_output");
}

// One value of each channel for each place of the grid.
void gridGradient(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *input = a.tensor("input"), *grid = a.tensor("grid");
  if (!gradient || !input || !grid || input->dim() < 3 || grid->dim() != input->dim()) return;
  std::vector<int64_t> expected{input->size(0), input->size(1)};
  for (int64_t k = 1; k + 1 < grid->dim(); k++) expected.push_back(grid->size(k));
  checkSizes(*gradient, expected, "grad_output");
  gridPlaces(a);
}

// Reflected or clipped to a border, no number has a place that the gradient of the bilinear kernel could write to.
void gridPlaces(const Arguments& a) {
  const at::Tensor *input = a.tensor("input"), *grid = a.tensor("grid");
  constexpr int64_t kBilinear = 0, kZeros = 0;
  if (!input || !grid || a.integer("interpolation_mode", 0) != kBilinear || a.integer("padding_mode", 0) == kZeros) return;
  const bool backward = a.tensor("grad_output") != nullptr;
  if (!backward && !(at::GradMode::is_enabled() && (input->requires_grad() || grid->requires_grad()))) return;
  if (!grid->is_cpu() || grid->layout() != c10::kStrided || grid->is_nested() || !grid->is_floating_point()) return;
  at::NoGradGuard noGrad;
  if (!grid->isfinite().all().item<bool>()) a.relay = true;
}

// Scales that lead from the input's size to the output's: others lead outside the input.
void scalesFit(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  auto out = a.integers("output_size"), in = a.integers("input_size");
  if (in.empty() && self) in = self->sizes().vec();
  if (in.size() < 2 || out.size() != 2) return;
  int k = 0;
  for (const char* name : {"scales_h", "scales_w"}) {
    const double scale = a.number(name), from = double(in[in.size() - 2 + size_t(k)]), to = double(out[size_t(k)]);
    const Cell* c = a.cell(name);
    k++;
    if (!c || c->tag == kNone || c->tag == kAbsent) continue;
    if (!(scale > 0 && (to - 0.5) / scale < from)) fail("expected a scale that leads from ", from, " to ", to, " for ", name);
  }
}

// --- attention

// Queries, keys and values of the same batches, heads and widths; as many values as keys.
void attention(const Arguments& a) {
  const at::Tensor *query = a.tensor("query"), *key = a.tensor("key"), *value = a.tensor("value"), *mask = a.tensor("attn_mask");
  if (!query || !key || !value) return;
  if (query->dim() != 4 || key->dim() != 4 || value->dim() != 4) fail("expected four dimensions for query, key and value");
  // Several heads of queries may share one of keys and values.
  const int64_t heads = key->size(1);
  if (heads < 1 || query->size(1) % heads != 0)
    fail("expected a number of heads that divides ", query->size(1), " for key but received ", heads);
  checkSizes(*key, {query->size(0), heads, key->size(2), query->size(3)}, "key");
  checkSizes(*value, key->sizes(), "value");
  if (!mask) return;
  if (mask->dim() != 2 && mask->dim() != 4) fail("expected two or four dimensions for attn_mask but received ", mask->dim());
  const std::vector<int64_t> whole{query->size(0), query->size(1), query->size(2), key->size(2)};
  for (int64_t k = 1; k <= mask->dim(); k++)
    if (mask->size(-k) != 1 && mask->size(-k) != whole[size_t(4 - k)])
      fail("expected a mask that fits ", at::IntArrayRef(whole), " for attn_mask but received ", mask->sizes());
}

// The mask of scores [B, H, L, L]: [L, L] or [B, L] by its type, or one for each score.
void scoresMask(const Arguments& a) {
  const at::Tensor *scores = a.tensor("self"), *mask = a.tensor("mask");
  if (!scores || !mask) return;
  const int64_t type = a.integer("mask_type", 2);
  if (type != 0 && type != 1) return checkSizes(*mask, scores->sizes(), "mask");
  if (scores->dim() != 4) fail("expected four dimensions for self but received ", scores->dim());
  if (type == 1) checkSizes(*mask, {scores->size(0), scores->size(3)}, "mask");
  else checkSizes(*mask, {scores->size(2), scores->size(3)}, "mask");
}

// --- losses

// One gradient for the mean or the sum, or one for each sample; and what the forward pass found out about each target.
void marginGradient(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *self = a.tensor("self"), *target = a.tensor("target");
  if (!gradient || !self || !target) return;
  const int64_t samples = self->dim() < 2 ? 1 : self->size(0), count = a.integer("reduction", 1) == 0 ? samples : 1;
  if (gradient->numel() != count) fail("expected ", count, " elements for grad_output but received ", gradient->numel());
  const at::Tensor* isTarget = a.tensor("is_target");
  if (!isTarget) return;
  checkSizes(*target, self->sizes(), "target");
  checkSizes(*isTarget, self->sizes(), "is_target");
  if (self->dim() > 0) elementsBetween(*target, -1, self->size(-1) - 1, "target");
}

// Class numbers below the number of classes, or the one that is ignored.
void targetsInside(const Arguments& a) {
  const at::Tensor *self = a.tensor("self"), *target = a.tensor("target");
  if (!self || !target || self->dim() < 1 || !target->device().is_cpu() || target->layout() != c10::kStrided) return;
  if (!at::isIntegralType(target->scalar_type(), false) || target->numel() == 0) return;
  const int64_t classes = self->dim() == 1 ? self->size(0) : self->size(1), ignored = a.integer("ignore_index", -100);
  at::NoGradGuard guard;
  auto wrong = target->lt(0).logical_or(target->ge(classes)).logical_and(target->ne(ignored));
  if (wrong.any().item<bool>()) fail("expected elements from 0 to ", classes - 1, ", or ", ignored, ", for target");
}

// Lengths inside the tensors, and labels below the number of classes.
void alignments(const Arguments& a) {
  const at::Tensor *scores = a.tensor("log_probs"), *targets = a.tensor("targets");
  if (!scores || !targets || !targets->device().is_cpu()) return;
  const int64_t least = a.plan.name.rfind("aten::ctc_loss", 0) == 0 ? 2 : 3; // the public operator takes one sequence too
  if (scores->dim() < least || scores->dim() > 3) fail("expected three dimensions for log_probs but received ", scores->dim());
  if (targets->dim() < 1 || targets->dim() > 2) fail("expected one or two dimensions for targets but received ", targets->dim());
  if (!at::isIntegralType(targets->scalar_type(), false) || targets->layout() != c10::kStrided)
    fail("expected whole numbers for targets");
  const int64_t steps = scores->size(0), batch = scores->dim() == 3 ? scores->size(1) : 1, classes = scores->size(-1);
  at::NoGradGuard guard;
  auto lengths = [&](const char* name, int64_t most) {
    std::vector<int64_t> all;
    if (const at::Tensor* t = a.tensor(name)) {
      if (!t->device().is_cpu() || !at::isIntegralType(t->scalar_type(), false) || t->layout() != c10::kStrided || t->dim() > 1)
        fail("expected whole numbers on the CPU for ", name);
      at::Tensor plain = t->to(at::kLong).contiguous();
      all.assign(plain.const_data_ptr<int64_t>(), plain.const_data_ptr<int64_t>() + plain.numel());
    } else {
      all = a.integers(name);
    }
    if (int64_t(all.size()) != batch) fail("expected ", batch, " lengths for ", name, " but received ", all.size());
    for (int64_t n : all)
      if (n < 0 || n > most) fail("expected lengths from 0 to ", most, " for ", name, " but received ", n);
    return all;
  };
  lengths("input_lengths", steps);
  const auto used = lengths("target_lengths", targets->size(-1));
  const int64_t blank = a.integer("blank", 0);
  if (blank < 0 || blank >= classes) fail("expected a class from 0 to ", classes - 1, " for blank but received ", blank);
  at::Tensor labels = targets->to(at::kLong).contiguous();
  const int64_t* p = labels.const_data_ptr<int64_t>();
  const bool rows = labels.dim() == 2;
  if (rows && labels.size(0) != batch) fail("expected ", batch, " rows for targets but received ", labels.size(0));
  int64_t at = 0, longest = 0;
  for (size_t b = 0; b < used.size(); b++) {
    if (rows) at = int64_t(b) * labels.size(1);
    if (at + used[b] > labels.numel()) fail("expected at least as many targets as target_lengths add up to");
    for (int64_t end = at + used[b]; at < end; at++)
      if (p[at] < 0 || p[at] >= classes) fail("expected labels from 0 to ", classes - 1, " for targets but received ", p[at]);
    longest = std::max(longest, used[b]);
  }
  if (const at::Tensor* gradient = a.tensor("grad")) checkSizes(*gradient, {batch}, "grad");
  if (const at::Tensor* loss = a.tensor("neg_log_likelihood")) checkSizes(*loss, {batch}, "neg_log_likelihood");
  if (const at::Tensor* alpha = a.tensor("log_alpha"))
    if (alpha->dim() != 3 || alpha->size(0) != batch || alpha->size(1) != steps || alpha->size(2) < 2 * longest + 1)
      fail("expected shape [", batch, ", ", steps, ", ", 2 * longest + 1, "] for log_alpha but received ", alpha->sizes());
}

} // namespace torchwright
