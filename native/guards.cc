// Most operators check what they are given. Some internal ones do not, because libtorch's own callers have checked:
// called with arbitrary arguments they read or write outside their tensors and end the process, from Python too. The
// fuzz program (npm run fuzz) found them. Where the condition is simple it is checked here; where right arguments only lie
// in memory as a kernel does not expect it, it gets them in its order (memory_order.h); the rest refuse to run unless
// torch.ops.allowUnchecked(true) was called, which promises that the arguments are right.
#include "guards.h"

#include "guard_checks.h"
#include "memory_order.h"

#include <algorithm>
#include <atomic>

namespace torchwright {

struct Guard {
  const char* reason; // why it refuses; null when `check` decides
  Check check;
  bool always = true; // false: allowUnchecked switches the check off too
  std::vector<const char*> names{};
  Relay* relay = nullptr; // how to call when `check` says that the memory is not as the kernel expects it
};

namespace {

std::atomic<bool> allowUnchecked{false};

Guard refuse(const char* reason) { return {reason, nullptr}; }
Guard when(Check check, std::vector<const char*> names = {}, Relay* relay = nullptr) {
  return {nullptr, check, true, std::move(names), relay};
}
// Outputs are looked at for every operator that has any.
void nothingMore(const Arguments&) {}
// What costs as much as the operator itself.
Guard whenUntrusted(Check check, std::vector<const char*> names = {}, Relay* relay = nullptr) {
  return {nullptr, check, false, std::move(names), relay};
}
// The kernel reads these as if their elements lay in order.
Guard inOrder(std::vector<const char*> names) { return when(contiguous, std::move(names), contiguousOnes); }

struct Entry {
  Guard guard;
  std::vector<const char*> operators; // aten::_stack, or one overload: aten::view.dtype
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      // lists of tensors
      {when(listsNotEmpty), {"aten::_stack", "aten::cat", "aten::concat", "aten::concatenate"}},
      {when(listsOfOneLayout), {"aten::_foreach_copy", "aten::_foreach_copy_"}},
      {when(fewElements), {"aten::combinations"}},
      // views and layouts
      {when(insideStorage), {"aten::_reshape_alias", "aten::_reshape_alias_copy", "inductor::_reinterpret_tensor"}},
      {when(insidePool), {"inductor::_alloc_from_pool"}},
      {when(contiguous, {"out"}, ownOutput), {"aten::triu.out", "aten::tril.out"}},
      {inOrder({"tensor"}), {"c10d::check_for_nan"}},
      {when(packedWeights, {"scales"}, contiguousOnes), {"aten::_weight_int8pack_mm", "aten::_weight_int4pack_mm_for_cpu"}},
      {inOrder({"weight", "bias"}), {"aten::mkldnn_linear"}},
      {inOrder({"compressed_idx", "plain_idx"}), {"aten::_validate_compressed_sparse_indices"}},
      {when(expanded, {"self"}, contiguousOnes),
       {"aten::median.dim", "aten::median.dim_values", "aten::nanmedian.dim", "aten::nanmedian.dim_values"}},
      {when(segments, {"lengths", "offsets"}, contiguousOnes), {"aten::segment_reduce"}},
      {when(noRows, {}, noDistances), {"aten::pdist"}},
      {when(oneLayout), {"aten::copy", "aten::index_copy", "aten::index_copy_"}},
      {when(nestedDimension),
       {"aten::chunk", "aten::select.int", "aten::select_copy.int", "aten::select_copy.int_out",
        "aten::_nested_select_backward"}},
      {when(strided), {"aten::trapezoid", "aten::trapz"}},
      {when(notQuantized),
       {"aten::view.dtype", "aten::view_copy.dtype", "aten::view_copy.dtype_out", "aten::_neg_view", "aten::_neg_view_copy"}},
      {when(diagonalsInside), {"aten::_spdiags"}},
      {whenUntrusted(coordinates),
       {"aten::sparse_coo_tensor", "aten::_sparse_coo_tensor_unsafe", "aten::_sparse_coo_tensor_with_dims_and_tensors"}},
      {whenUntrusted(compressedIndices,
                     {"compressed_indices", "crow_indices", "ccol_indices", "plain_indices", "col_indices", "row_indices"},
                     contiguousOnes),
       {"aten::sparse_compressed_tensor", "aten::sparse_csr_tensor", "aten::sparse_csc_tensor", "aten::sparse_bsr_tensor",
        "aten::sparse_bsc_tensor", "aten::_sparse_compressed_tensor_unsafe", "aten::_sparse_csr_tensor_unsafe",
        "aten::_sparse_csc_tensor_unsafe", "aten::_sparse_bsr_tensor_unsafe", "aten::_sparse_bsc_tensor_unsafe"}},
      // linear algebra, transforms, distances
      {when(fftDimensions), {"aten::_fft_r2c", "aten::_fft_c2r", "aten::_fft_c2c"}},
      {when(exponent), {"aten::matrix_power", "aten::linalg_matrix_power"}},
      {when(finite), {"aten::linalg_eigvals", "aten::_linalg_eigvals"}},
      {when(pivotsInside, {"LU", "pivots"}), {"aten::linalg_lu_solve"}},
      {when(pivotsInside, {"LU_data", "LU_pivots"}), {"aten::lu_solve"}},
      {when(pivotsInside, {"LD", "pivots", "blocks of two"}), {"aten::linalg_ldl_solve"}},
      {when(linearCombination), {"aten::_compute_linear_combination"}},
      {when(distances), {"aten::_cdist_backward"}},
      {when(countsAreNumbers), {"aten::binomial"}},
      {when(randomFrom), {"aten::random", "aten::random_"}},
      // gradients and results that are walked by the size of another tensor
      {when(sameSizes, {"grad_output", "output", "mask"}),
       {"aten::_log_softmax_backward_data", "aten::_softmax_backward_data", "aten::_masked_softmax_backward"}},
      {when(sameSizesAndDtypes, {"self", "out"}), {"aten::_logcumsumexp.out"}},
      {when(sameSizes, {"self", "noise", "out"}),
       {"aten::rrelu_with_noise", "aten::rrelu_with_noise_", "aten::rrelu_with_noise_functional"}},
      {when(unfolded), {"aten::unfold_backward"}},
      // recurrent networks and embeddings
      {when(packedSequence), {"aten::_pad_packed_sequence"}},
      {when(recurrent), {"aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu"}},
      {when(embeddingBag, {"indices", "offsets", "per_sample_weights"}, contiguousOnes),
       {"aten::embedding_bag", "aten::_embedding_bag", "aten::_embedding_bag_forward_only"}},
      {when(embeddingGradient), {"aten::embedding_backward", "aten::embedding_dense_backward"}},
      // normalisation, pooling, convolutions, losses
      {when(channelValues, {"weight", "bias", "mean", "var"}, contiguousOnes),
       {"aten::native_batch_norm", "aten::_native_batch_norm_legit", "aten::_native_batch_norm_legit_functional",
        "aten::_native_batch_norm_legit_no_training", "aten::_batch_norm_with_update", "aten::_batch_norm_with_update_functional",
        "aten::_batch_norm_no_update", "aten::batch_norm_update_stats", "aten::_batch_norm_impl_index",
        "aten::quantized_batch_norm", "quantized::batch_norm", "quantized::batch_norm_relu", "quantized::batch_norm1d",
        "quantized::batch_norm1d_relu", "quantized::batch_norm2d", "quantized::batch_norm2d_relu", "quantized::batch_norm3d",
        "quantized::batch_norm3d_relu"}},
      {when(channelStatistics), {"aten::batch_norm_backward", "aten::native_batch_norm_backward"}},
      {when(groupStatistics), {"aten::native_group_norm", "aten::native_group_norm_backward"}},
      {when(rowStatistics), {"aten::native_layer_norm_backward"}},
      {when(adaptivePool),
       {"aten::adaptive_max_pool2d", "aten::adaptive_max_pool3d", "aten::_adaptive_avg_pool2d", "aten::_adaptive_avg_pool3d",
        "aten::adaptive_avg_pool2d", "aten::adaptive_avg_pool3d"}},
      {when(adaptivePoolGradient),
       {"aten::_adaptive_avg_pool2d_backward", "aten::_adaptive_avg_pool3d_backward", "aten::adaptive_avg_pool3d_backward",
        "aten::adaptive_max_pool2d_backward", "aten::adaptive_max_pool3d_backward"}},
      {when(poolGradient),
       {"aten::max_pool2d_with_indices_backward", "aten::max_pool3d_with_indices_backward",
        "aten::fractional_max_pool2d_backward", "aten::fractional_max_pool3d_backward", "aten::avg_pool2d_backward",
        "aten::avg_pool3d_backward"}},
      {when(randomShares), {"aten::fractional_max_pool2d", "aten::fractional_max_pool3d"}},
      {when(weightNorm, {"v", "g", "grad_w", "saved_v", "saved_g", "saved_norms"}, contiguousOnes),
       {"aten::_weight_norm", "aten::_weight_norm_interface", "aten::_weight_norm_interface_backward"}},
      {when(kernelOfWeight),
       {"aten::slow_conv3d", "aten::slow_conv3d_forward", "aten::thnn_conv2d", "aten::_slow_conv2d_forward",
        "aten::slow_conv_dilated2d", "aten::slow_conv_dilated3d", "aten::slow_conv_transpose2d", "aten::slow_conv_transpose3d",
        "aten::_conv_depthwise2d", "aten::conv_depthwise3d"}},
      {when(convolutionGradient), {"aten::convolution_backward"}},
      {when(gridPlaces, {}, finitePlaces),
       {"aten::grid_sampler", "aten::grid_sampler_2d", "aten::_grid_sampler_2d_cpu_fallback"}},
      {when(gridGradient, {}, finitePlaces),
       {"aten::grid_sampler_2d_backward", "aten::grid_sampler_3d_backward", "aten::_grid_sampler_2d_cpu_fallback_backward"}},
      {when(scalesFit),
       {"aten::_upsample_bilinear2d_aa", "aten::_upsample_bicubic2d_aa", "aten::_upsample_lanczos2d_aa",
        "aten::_upsample_bilinear2d_aa_backward", "aten::_upsample_bicubic2d_aa_backward",
        "aten::_upsample_lanczos2d_aa_backward"}},
      {when(marginGradient), {"aten::multi_margin_loss_backward", "aten::multilabel_margin_loss_backward"}},
      {when(attention), {"aten::_scaled_dot_product_flash_attention_for_cpu"}},
      {when(scoresMask), {"aten::_masked_softmax"}},
      {when(sameDtypes,
            {"query", "key", "value", "src", "qkv_weight", "qkv_bias", "proj_weight", "proj_bias", "norm_weight_1", "norm_bias_1",
             "norm_weight_2", "norm_bias_2", "ffn_weight_1", "ffn_bias_1", "ffn_weight_2", "ffn_bias_2"}),
       {"aten::_native_multi_head_attention", "aten::_transformer_encoder_layer_fwd"}},
      {when(targetsInside), {"aten::nll_loss_backward", "aten::nll_loss2d_backward"}},
      {when(alignments), {"aten::ctc_loss", "aten::_ctc_loss", "aten::_ctc_loss_backward"}},
      {when(observed, {"observer_on", "fake_quant_on"}, contiguousOnes),
       {"aten::_fused_moving_avg_obs_fq_helper", "aten::fused_moving_avg_obs_fake_quant"}},
      {when(quantizationSearch), {"aten::choose_qparams_optimized"}},
      // what stays closed
      {refuse("it does not look at the shapes"),
       {"aten::_batch_norm_impl_index_backward",
        "aten::_cholesky_solve_helper",
        "aten::_chunk_cat",
        "fsdp::chunk_cat_mixed_dtype",
        "aten::_nested_compute_contiguous_strides_offsets",
        "aten::_nested_view_from_buffer",
        "aten::_nested_view_from_buffer_copy",
        "aten::_nested_view_from_jagged",
        "aten::_nested_view_from_jagged_copy",
        "aten::_nested_from_padded",
        "aten::_nested_sum_backward",
        "aten::_nnpack_spatial_convolution",
        "aten::_pdist_backward",
        "aten::_pdist_forward",
        "aten::_segment_reduce_backward",
        "aten::_sobol_engine_draw",
        "aten::_sobol_engine_ff_",
        "aten::_sobol_engine_initialize_state_",
        "aten::_sobol_engine_scramble_",
        "aten::_thnn_differentiable_gru_cell_backward",
        "aten::_transform_bias_rescale_qkv",
        "aten::mkldnn_rnn_layer",
        "aten::mkldnn_rnn_layer_backward",
        "mkl::_mkl_reorder_linear_weight",
        "mkldnn::_reorder_mkldnn_rnn_layer_weight"}},
      {refuse("it does not look at the shapes of the gradients"), {"aten::_slow_conv2d_backward"}},
      {refuse("it does not look at the shapes, nor whether a gradient is there"),
       {"aten::_thnn_differentiable_lstm_cell_backward"}},
      {refuse("it writes to outputs whose shapes it does not look at"), {"aten::_cummax_helper", "aten::_cummin_helper"}},
      {refuse("it reads wherever the indices point"),
       {"aten::_unsafe_masked_index", "aten::_embedding_bag_per_sample_weights_backward"}},
      {refuse("it writes wherever the indices point"),
       {"aten::_convert_indices_from_coo_to_csr", "aten::_convert_indices_from_csr_to_coo",
        "aten::_unsafe_masked_index_put_accumulate", "aten::_embedding_bag_backward", "aten::_embedding_bag_dense_backward",
        "aten::_embedding_bag_sparse_backward"}},
      {refuse("it reads any tensor as float32"),
       {"aten::_saturate_weight_to_fp16", "quantized::linear_dynamic_fp16_unpacked_weight", "quantized::linear_prepack_fp16",
        "_quantized::linear_prepack_fp16", "_quantized::wrapped_fbgemm_pack_gemm_matrix_fp16"}},
      {refuse("it reads packed weights that it does not look at"),
       {"aten::quantized_lstm_cell", "aten::quantized_gru_cell", "aten::quantized_rnn_relu_cell", "aten::quantized_rnn_tanh_cell",
        "quantized::make_quantized_cell_params", "_quantized::wrapped_fbgemm_linear_fp16_weight",
        "aten::_dyn_quant_matmul_4bit"}},
      {refuse("it belongs to vmap, whose tensors it expects"), {"aten::_remove_batch_dim"}},
      {refuse("it belongs to forward-mode gradients under vmap"), {"aten::_new_zeros_with_same_feature_meta"}},
  };
  return all;
}

// Families, by the beginning of the name and by what is in it.
struct Family {
  Guard guard;
  std::vector<const char*> beginnings;
  const char* part = "";
  bool present = true; // whether the part must be in the name, or must not
};

const std::vector<Family>& families() {
  static const std::vector<Family> all{
      {when(listsOfOneLength), {"aten::_foreach_"}},
      {when(fusedLists, {}, oneOrder), {"aten::_fused_ada", "aten::_fused_sgd"}},
      {when(padBackward), {"aten::reflection_pad", "aten::replication_pad"}, "backward"},
      {when(moderatePadding), {"aten::reflection_pad", "aten::replication_pad"}, "backward", false},
      {when(polynomialDegree), {"aten::special_"}, "_polynomial_"},
      {when(rowsAndColumns), {"quantized::embedding_bag_"}},
      {refuse("it takes the shapes of the saved tensors for granted"),
       {"aten::_scaled_dot_product_", "aten::_flash_attention_", "aten::_efficient_attention_"},
       "backward"},
      {refuse("it packs for a matrix library without a look at shape and dtype"), {"aten::fbgemm_"}},
      {refuse("it belongs to compiled graphs, whose packed weights it expects"), {"onednn::"}},
  };
  return all;
}

const std::unordered_map<std::string, const Guard*>& table() {
  static const auto guards = [] {
    std::unordered_map<std::string, const Guard*> made;
    for (const auto& entry : entries())
      for (const char* name : entry.operators) made.emplace(name, &entry.guard);
    return made;
  }();
  return guards;
}

// setAllowUnchecked(on)
Napi::Value setAllowUnchecked(const Napi::CallbackInfo& info) {
  allowUnchecked = info[0].As<Napi::Boolean>();
  return info.Env().Undefined();
}

} // namespace

const Guard* findGuard(const Plan& plan, const std::string& name) {
  auto it = table().find(name);
  if (it == table().end()) it = table().find(plan.name);
  if (it != table().end()) return it->second;
  for (const auto& family : families())
    for (const char* beginning : family.beginnings)
      if (name.rfind(beginning, 0) == 0 && (name.find(family.part) != std::string::npos) == family.present) return &family.guard;
  static const Guard outputs = when(nothingMore);
  const auto& arguments = plan.arguments;
  const bool writes = std::any_of(arguments.begin(), arguments.end(), [](const Argument& a) { return a.out; });
  return writes ? &outputs : nullptr;
}

bool checkGuard(Env& env, const Plan& plan, const Cell* cells, int argc) {
  const Guard& guard = *plan.guard;
  const Arguments arguments{env, plan, cells, argc, guard.names};
  outputsApart(arguments);
  if (guard.check) {
    if (guard.always || !allowUnchecked) guard.check(arguments);
  } else if (!allowUnchecked) {
    fail("this internal operator does not check its arguments, and wrong ones end the process: ", guard.reason,
         "; torch.ops.allowUnchecked(true) lets it run");
  }
  return arguments.relay;
}

void callRelaid(const Plan& plan, torch::jit::Stack& stack) { plan.guard->relay(plan, stack, plan.guard->names); }

void exportGuards(Napi::Env napi, Napi::Object exports, Env& env) {
  exports.Set("setAllowUnchecked", Napi::Function::New(napi, guarded<setAllowUnchecked>, "setAllowUnchecked", &env));
}

} // namespace torchwright
