// Checks on lists, views, indices and numbers.
#include "guard_checks.h"

#include "memory_order.h"

#include <ATen/ATen.h>
#include <ATen/MemoryOverlap.h>

namespace torchwright {

void elementsBetween(const at::Tensor& t, int64_t low, int64_t high, const char* name) {
  if (!t.device().is_cpu() || t.layout() != c10::kStrided || t.numel() == 0) return;
  if (t.scalar_type() != at::kLong && t.scalar_type() != at::kInt) fail("expected int64 or int32 for ", name);
  at::NoGradGuard guard;
  int64_t least = t.min().item<int64_t>(), most = t.max().item<int64_t>();
  if (least < low || most > high)
    fail("expected elements from ", low, " to ", high, " for ", name, " but received ", least < low ? least : most);
}

void checkSizes(const at::Tensor& t, at::IntArrayRef sizes, const char* name) {
  if (t.sizes() != sizes) fail("expected shape ", sizes, " for ", name, " but received ", t.sizes());
}

// Each element of `out` has a place of its own. Kernels that do not look write an expanded tensor as if it were whole.
void outputsApart(const Arguments& a) {
  auto check = [](const at::Tensor& t, const std::string& name) {
    if (!t.defined() || t.layout() != c10::kStrided || t.unsafeGetTensorImpl()->is_non_overlapping_and_dense()) return;
    if (at::has_internal_overlap(t) == at::MemOverlap::Yes)
      fail("expected a place in memory for each element of ", name, " but received an expanded tensor");
  };
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    const auto& argument = a.plan.arguments[i];
    const Cell& c = a.cells[i];
    if (!argument.out) continue;
    if (c.tag == kTensor) check(a.env.tensor(c), argument.name);
    for (int32_t k = 0; c.tag == kTensorList && k < c.aux; k++) check(a.env.listed(c, k), argument.name);
  }
}

// Tensors that a kernel walks together, by the size of one of them.
void sameSizes(const Arguments& a) {
  const at::Tensor* first = nullptr;
  for (const char* name : a.names) {
    const at::Tensor* t = a.tensor(name);
    if (t && !first) first = t;
    if (t && t->sizes() != first->sizes()) fail("expected the shape of ", a.names[0], " for ", name);
  }
}

// The same, where the kernel takes the dtype for granted too.
void sameSizesAndDtypes(const Arguments& a) {
  sameSizes(a);
  const at::Tensor* first = a.tensor(a.names[0]);
  for (const char* name : a.names) {
    const at::Tensor* t = a.tensor(name);
    if (t && first && t->scalar_type() != first->scalar_type())
      fail("expected ", dtypeName(first->scalar_type()), " for ", name, " but received ", dtypeName(t->scalar_type()));
  }
}

// Every list of tensors has an element; libtorch looks at the first one before it counts.
void listsNotEmpty(const Arguments& a) {
  for (size_t i = 0; i < a.plan.arguments.size(); i++) {
    if (a.plan.arguments[i].kind != Kind::TensorList) continue;
    if (int(i) >= a.argc || a.cells[i].aux == 0) fail("expected at least one tensor for ", a.plan.arguments[i].name);
  }
}

// All lists, of tensors and of numbers for them, have as many elements as the first.
void listsOfOneLength(const Arguments& a) {
  int32_t length = -1;
  for (size_t i = 0; i < a.plan.arguments.size() && int(i) < a.argc; i++) {
    const auto& argument = a.plan.arguments[i];
    if (argument.kind != Kind::TensorList && argument.kind != Kind::ScalarList) continue;
    const Cell& c = a.cells[i];
    if (c.tag != kTensorList && c.tag != kNumberList && c.tag != kList) continue;
    if (length < 0) length = c.aux;
    if (c.aux != length)
      fail("expected ", length, argument.kind == Kind::TensorList ? " tensors for " : " numbers for ", argument.name,
           " as in the first list but received ", c.aux);
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

namespace {

// The view stays inside its memory. Offset in elements.
void viewInside(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride, double offset, double itemsize) {
  if (size.size() != stride.size()) fail("expected as many strides as sizes");
  double last = offset;
  if (!(offset >= 0)) fail("expected an offset from 0");
  for (size_t k = 0; k < size.size(); k++) {
    if (size[k] < 0 || stride[k] < 0) fail("expected sizes and strides from 0");
    if (size[k] == 0) return;
    last += double(size[k] - 1) * double(stride[k]);
  }
  if ((last + 1) * itemsize > double(self.storage().nbytes())) fail("expected a view inside the tensor's memory");
}

} // namespace

void insideStorage(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self || !self->has_storage()) return;
  double offset = double(self->storage_offset()) + double(a.integer("offset_increment", 0));
  viewInside(*self, a.integers("size"), a.integers("stride"), offset, double(self->itemsize()));
}

// The same for a view of another dtype, at a place that counts in bytes.
void insidePool(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  const Cell* dtype = a.cell("dtype");
  if (!self || !self->has_storage() || !dtype || dtype->tag != kDtype) return;
  int64_t bytes = a.integer("offset_bytes", 0), itemsize = int64_t(c10::elementSize(c10::ScalarType(dtype->index)));
  if (bytes % itemsize != 0) fail("expected a multiple of ", itemsize, " for offset_bytes but received ", bytes);
  viewInside(*self, a.integers("size"), a.integers("stride"), double(bytes / itemsize), double(itemsize));
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
  const at::Tensor* weight = a.tensor("weight");
  if (weight && (weight->dim() < 2 || weight->numel() == 0)) fail("expected at least two dimensions and an element for weight");
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

// What goes along a dimension of nested tensors asks for one beside it that they may not have.
void nestedDimension(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self || !self->is_nested()) return;
  if (self->dim() < 2) fail("expected nested tensors with at least one dimension for self");
  if (self->dim() == 2 && a.plan.name.find("select") != std::string::npos && a.integer("dim", 0) != 0)
    fail("expected 0 for dim of nested tensors with one dimension but received ", a.integer("dim", 0));
}

// The slices along a dimension, which nested tensors may not have.
void strided(const Arguments& a) {
  for (const auto& argument : a.plan.arguments) {
    const at::Tensor* t = a.tensor(argument.name.c_str());
    if (t && t->is_nested()) fail("expected a tensor that is not nested for ", argument.name);
  }
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
    if (argument.kind != Kind::TensorList || argument.out || argument.name == "state_steps" || c.tag != kTensorList) continue;
    for (int32_t k = 0; k < c.aux; k++) {
      const at::Tensor &t = a.env.listed(c, k), &first = a.env.listed(*self, k);
      if (!t.defined() || !first.defined()) continue;
      if (t.sizes() != first.sizes() || t.layout() != first.layout())
        fail("expected the shape of self[", k, "] for ", argument.name, "[", k, "]");
      if (!sameOrder(first, t)) a.relay = true;
    }
  }
}

// Read or written as if their elements lay in order.
void contiguous(const Arguments& a) {
  for (const char* name : a.names) {
    const at::Tensor* t = a.tensor(name);
    if (t && t->layout() == c10::kStrided && !t->is_nested() && !t->is_contiguous()) a.relay = true;
  }
}

// Rows of weights of as many inputs as the matrix has columns, each with its scales.
void packedWeights(const Arguments& a) {
  const at::Tensor *self = a.tensor("self"), *weight = a.tensor("mat2"), *scales = a.tensor("qScaleAndZeros");
  if (!self || !weight || self->dim() != 2) return;
  if (weight->dim() != 2) fail("expected a matrix for mat2, not ", weight->sizes());
  if (!scales) return contiguous(a);
  const int64_t inputs = self->size(1), group = a.integer("qGroupSize", 1);
  if (weight->size(1) != inputs / 2) fail("expected two inputs of ", inputs, " in each column of mat2, not ", weight->sizes());
  if (group > 0 && scales->dim() == 3 && scales->size(0) * group < inputs)
    fail("expected scales for each ", group, " of ", inputs, " inputs, not ", scales->sizes(), " for qScaleAndZeros");
}

// The elements along a dimension are sorted where they lie, which an expanded dimension has only one of.
void expanded(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self || self->layout() != c10::kStrided || self->is_nested()) return;
  const int64_t dims = self->dim(), dim = a.integer("dim", 0), place = dim < 0 ? dim + dims : dim;
  if (place >= 0 && place < dims && self->size(place) > 1 && self->stride(place) == 0) a.relay = true;
}

// Read one after the other as numbers of the first one's type.
void sameDtypes(const Arguments& a) {
  const at::Tensor* first = nullptr;
  for (const char* name : a.names) {
    const at::Tensor* t = a.tensor(name);
    if (t && !first) first = t;
    if (t && t->scalar_type() != first->scalar_type())
      fail("expected ", dtypeName(first->scalar_type()), " for ", name, " but received ", dtypeName(t->scalar_type()));
  }
}

// Where each segment begins along `axis`, and the end of the last.
void segments(const Arguments& a) {
  const at::Tensor *data = a.tensor("data"), *offsets = a.tensor("offsets"), *lengths = a.tensor("lengths");
  if (!data) return;
  const int64_t given = a.integer("axis", 0), axis = given < 0 ? given + data->dim() : given;
  if (axis < 0 || axis >= data->dim())
    fail("expected an axis of data, which has ", data->dim(), " dimensions, but received ", given);
  contiguous(a);
  for (const at::Tensor* t : {offsets, lengths}) {
    if (!t) continue;
    const char* name = t == offsets ? "offsets" : "lengths";
    if (t->dim() != axis + 1 || t->sizes().slice(0, size_t(axis)) != data->sizes().slice(0, size_t(axis)))
      fail("expected the first ", axis, " sizes of data and one more for ", name, " but received ", t->sizes());
    elementsBetween(*t, 0, data->size(axis), name);
  }
  at::NoGradGuard guard;
  if (lengths && lengths->device().is_cpu() && lengths->numel() > 0 && lengths->sum(-1).max().item<int64_t>() > data->size(axis))
    fail("expected lengths that add up to at most ", data->size(axis));
  if (offsets && offsets->size(-1) < 1) fail("expected at least one element for offsets");
  if (!offsets || !offsets->device().is_cpu() || offsets->size(-1) < 2) return;
  if (offsets->diff().lt(0).any().item<bool>()) fail("expected offsets that do not fall");
}

// What an observer has seen so far: of the whole tensor, or of each channel.
void observed(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (!self) return;
  const bool channelwise = a.flag("per_row_fake_quant");
  const int64_t axis = a.integer("ch_axis", 0);
  if (channelwise && (axis < 0 || axis >= self->dim()))
    fail("expected a dimension of self from 0 to ", self->dim() - 1, " for ch_axis but received ", axis);
  contiguous(a);
  for (const char* name : {"observer_on", "fake_quant_on"})
    if (const at::Tensor* t = a.tensor(name))
      if (t->numel() < 1) fail("expected an element for ", name);
  // What was seen of no channel yet gets its size in the first call.
  const at::Tensor* seen = a.tensor("running_min");
  if (channelwise && seen && seen->numel() == 0) return;
  const int64_t channels = channelwise ? self->size(axis) : 1;
  for (const char* name : {"running_min", "running_max", "scale", "zero_point"}) {
    const at::Tensor* t = a.tensor(name);
    if (t && (t->numel() < channels || !t->is_contiguous())) fail("expected ", channels, " elements in order for ", name);
  }
}

// The negative of the smallest number is itself.
void exponent(const Arguments& a) {
  for (int64_t n : a.integers("n"))
    if (n == INT64_MIN) fail("expected an exponent above ", n, " for n");
}

// Each step of combinations makes tensors for one more element, however few there are.
void fewElements(const Arguments& a) {
  for (int64_t r : a.integers("r"))
    if (r > 1000) fail("expected at most 1000 for r but received ", r);
}

void oneLayout(const Arguments& a) {
  const at::Tensor* first = nullptr;
  for (const char* name : {"self", "src", "index", "source", "out"}) {
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

// The rows that were swapped while a matrix was factorised, counted from 1; negative ones stand for blocks of two.
void pivotsInside(const Arguments& a) {
  const at::Tensor* matrix = a.tensor(a.names[0]);
  const at::Tensor* pivots = a.tensor(a.names[1]);
  if (!matrix || !pivots || matrix->dim() < 2) return;
  elementsBetween(*pivots, a.names.size() > 2 ? -matrix->size(-1) : 1, matrix->size(-1), a.names[1]);
}

// Waits for ever for the number of events to exceed a count that is none.
void countsAreNumbers(const Arguments& a) {
  const at::Tensor* count = a.tensor("count");
  if (!count || count->is_meta() || count->layout() != c10::kStrided || !at::isFloatingType(count->scalar_type())) return;
  at::NoGradGuard guard;
  if (count->isnan().any().item<bool>()) fail("expected counts that are numbers for count but received NaN");
}

// The largest number has none above it, which is looked for without end.
void randomFrom(const Arguments& a) {
  if (a.integer("from", 0) == INT64_MAX) fail("expected a smaller number for from but received ", INT64_MAX);
}

// Windows [L / step, size] of one dimension, written back into it.
void unfolded(const Arguments& a) {
  const at::Tensor* gradient = a.tensor("grad_in");
  auto expected = a.integers("input_sizes");
  int64_t dims = int64_t(expected.size()), dim = a.integer("dim", 0), size = a.integer("size", 0), step = a.integer("step", 0);
  if (!gradient) return;
  for (int64_t n : expected)
    if (n < 0) fail("expected sizes from 0 for input_sizes but received ", n);
  if (dims == 0) fail("expected at least one dimension for input_sizes");
  if (dim < -dims || dim >= dims) fail("expected a dimension from ", -dims, " to ", dims - 1, " for dim but received ", dim);
  int64_t& length = expected[size_t(dim < 0 ? dim + dims : dim)];
  if (size < 0 || size > length) fail("expected a size from 0 to ", length, " but received ", size);
  if (step < 1) fail("expected a positive number for step but received ", step);
  length = (length - size) / step + 1;
  expected.push_back(size);
  checkSizes(*gradient, expected, "grad_in");
}

// Coefficients [m, n] times n terms, the first dimension of the input.
void linearCombination(const Arguments& a) {
  const at::Tensor* input = a.tensor("input");
  const at::Tensor* coefficients = a.tensor("coefficients");
  const at::Tensor* out = a.tensor("out");
  if (!input || !coefficients) return;
  if (input->dim() < 1 || coefficients->dim() != 2 || coefficients->size(1) != input->size(0))
    fail("expected a coefficient for each of the input's first dimension");
  auto expected = input->sizes().vec();
  expected[0] = coefficients->size(0);
  if (out) checkSizes(*out, expected, "out");
  if (coefficients->scalar_type() != input->scalar_type() || (out && out->scalar_type() != input->scalar_type()))
    fail("expected tensors of one dtype");
}

// Going backward from distances between no rows ends the process.
void noRows(const Arguments& a) {
  const at::Tensor* self = a.tensor("self");
  if (self && self->requires_grad() && at::GradMode::is_enabled() && self->dim() == 2 && self->size(0) == 0 &&
      at::isFloatingType(self->scalar_type()) && !(a.number("p") < 0))
    a.relay = true;
}

// Distances between each of P vectors and each of R.
void distances(const Arguments& a) {
  const at::Tensor *gradient = a.tensor("grad_output"), *x1 = a.tensor("x1"), *x2 = a.tensor("x2"), *distance = a.tensor("cdist");
  if (!gradient || !x1 || !x2 || !distance) return;
  if (x1->dim() < 2 || x2->dim() < 2 || x1->size(-1) != x2->size(-1))
    fail("expected matrices of vectors of one length for x1 and x2");
  auto batch = [](const at::Tensor& t) { return t.sizes().slice(0, size_t(t.dim() - 2)); };
  auto expected = at::infer_size(batch(*x1), batch(*x2));
  expected.push_back(x1->size(-2)), expected.push_back(x2->size(-2));
  checkSizes(*gradient, expected, "grad_output");
  checkSizes(*distance, expected, "cdist");
}

} // namespace torchwright
