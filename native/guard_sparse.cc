// Sparse tensors made of indices: libtorch takes them as they are, and the next operator reads where they point.
#include "guard_checks.h"

#include <ATen/ATen.h>

namespace torchwright {

void coordinates(const Arguments& a) {
  const at::Tensor *indices = a.tensor("indices"), *values = a.tensor("values");
  if (!indices || !values || indices->is_meta() || values->is_meta()) return;
  at::NoGradGuard guard;
  const Cell* size = a.cell("size");
  const Cell* coalesced = a.cell("is_coalesced");
  std::optional<bool> known;
  if (coalesced && coalesced->tag == kBool) known = bool(coalesced->index);
  if (size && size->tag != kNone && size->tag != kAbsent) {
    at::_validate_sparse_coo_tensor_args(*indices, *values, a.integers("size"), known);
  } else if (known.value_or(false)) {
    if (indices->dim() != 2 || indices->size(1) == 0) return;
    std::vector<int64_t> inferred;
    at::Tensor most = std::get<0>(indices->max(1));
    for (int64_t k = 0; k < most.numel(); k++) inferred.push_back(most[k].item<int64_t>() + 1);
    for (int64_t k = 1; k < values->dim(); k++) inferred.push_back(values->size(k));
    at::_validate_sparse_coo_tensor_args(*indices, *values, inferred, known);
  }
}

void compressedIndices(const Arguments& a) {
  auto named = [&](std::initializer_list<const char*> names) -> const at::Tensor* {
    for (const char* name : names)
      if (const at::Tensor* t = a.tensor(name)) return t;
    return nullptr;
  };
  const at::Tensor* compressed = named({"compressed_indices", "crow_indices", "ccol_indices"});
  const at::Tensor* plain = named({"plain_indices", "col_indices", "row_indices"});
  const at::Tensor* values = a.tensor("values");
  if (!compressed || !plain || !values || compressed->is_meta() || plain->is_meta() || values->is_meta()) return;
  c10::Layout layout = c10::kStrided;
  const std::string& name = a.plan.name;
  const Cell* cell = a.cell("layout");
  if (cell && cell->tag == kLayout) layout = c10::Layout(cell->index);
  else if (name.find("_csr_") != std::string::npos) layout = c10::kSparseCsr;
  else if (name.find("_csc_") != std::string::npos) layout = c10::kSparseCsc;
  else if (name.find("_bsr_") != std::string::npos) layout = c10::kSparseBsr;
  else if (name.find("_bsc_") != std::string::npos) layout = c10::kSparseBsc;
  at::NoGradGuard guard;
  a.relay = !compressed->is_contiguous() || !plain->is_contiguous();
  const at::Tensor ends = compressed->contiguous(), places = plain->contiguous();
  const Cell* size = a.cell("size");
  if (size && size->tag != kNone && size->tag != kAbsent) {
    at::_validate_sparse_compressed_tensor_args(ends, places, *values, a.integers("size"), layout);
    return;
  }
  // Without sizes they follow from the indices, which must be in order all the same.
  if (compressed->dim() < 1 || plain->dim() != compressed->dim() || compressed->size(-1) < 1)
    fail("expected compressed and plain indices of the same number of dimensions, from one");
  if (plain->numel() > 0) elementsBetween(*plain, 0, std::numeric_limits<int64_t>::max(), "the plain indices");
  const int64_t most = plain->numel() > 0 ? plain->max().item<int64_t>() + 1 : 0;
  const bool rows = layout == c10::kSparseCsr || layout == c10::kSparseBsr;
  at::_validate_compressed_sparse_indices(rows, ends, places, ends.size(-1) - 1, most, places.size(-1));
}

// Diagonals that lie beside the matrix are counted as if they were as long as it has rows.
void diagonalsInside(const Arguments& a) {
  const at::Tensor* offsets = a.tensor("offsets");
  auto shape = a.integers("shape");
  if (offsets && shape.size() == 2 && at::isIntegralType(offsets->scalar_type(), false))
    elementsBetween(*offsets, 1 - shape[0], shape[1] - 1, "offsets");
}

} // namespace torchwright
