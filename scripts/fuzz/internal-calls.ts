/** Right calls of operators that have no stored results: gradients, and what libtorch calls itself. */

import * as torch from '../../lib';

const x = (...shape: number[]) => torch.rand(shape);
const d = (...shape: number[]) => torch.rand(shape, { dtype: 'float64' });
const int = (values: unknown) => torch.tensor(values as number[], { dtype: 'int64' });
const int32 = (values: unknown) => torch.tensor(values as number[], { dtype: 'int32' });
const all = [true, true, true];

/** The first result of another operator. */
function of(name: string, overload: string, ...args: unknown[]): torch.Tensor[] {
  const aten = torch.ops.aten as unknown as Record<string, Record<string, (...args: unknown[]) => torch.Tensor | torch.Tensor[]>>;
  const result = aten[name]?.[overload]?.(...args) as torch.Tensor | torch.Tensor[];
  return Array.isArray(result) ? result : [result];
}
const indices = (name: string, ...args: unknown[]) => of(name, 'default', ...args)[1];
const csr = () => torch.sparseCsrTensor(int([0, 1, 3]), int([1, 0, 2]), x(3), [2, 3]);
const coo = () => torch.sparseCooTensor(int([[0, 1], [2, 0]]), x(2), [2, 3]); // biome-ignore format: a matrix
const quantized = (...shape: number[]) => of('quantize_per_tensor', 'default', x(...shape), 0.1, 3, 'quint8')[0] as torch.Tensor;
const rnn = (gates: number) => [x(4 * gates, 3), x(4 * gates, 4), x(4 * gates), x(4 * gates)];

export const internalCalls: Readonly<Record<string, () => unknown[]>> = {
  'aten::_adaptive_avg_pool2d': () => [x(1, 2, 5, 5), [2, 3]],
  'aten::_adaptive_avg_pool2d_backward': () => [x(1, 2, 2, 3), x(1, 2, 5, 5)],
  'aten::_adaptive_avg_pool3d_backward': () => [x(1, 2, 2, 2, 2), x(1, 2, 4, 5, 5)],
  'aten::adaptive_max_pool2d_backward': () => [x(1, 2, 2, 3), x(1, 2, 5, 5), indices('adaptive_max_pool2d', x(1, 2, 5, 5), [2, 3])],
  'aten::adaptive_max_pool3d_backward': () => [x(1, 2, 2, 2, 2), x(1, 2, 4, 4, 4), indices('adaptive_max_pool3d', x(1, 2, 4, 4, 4), [2, 2, 2])], // biome-ignore format: one call
  'aten::avg_pool3d_backward': () => [x(1, 2, 2, 2, 2), x(1, 2, 4, 4, 4), [2, 2, 2], [2, 2, 2], [0, 0, 0], false, true, null],
  'aten::max_pool3d_with_indices_backward': () => [x(1, 2, 2, 2, 2), x(1, 2, 4, 4, 4), [2, 2, 2], [2, 2, 2], [0, 0, 0], [1, 1, 1], false, indices('max_pool3d_with_indices', x(1, 2, 4, 4, 4), [2, 2, 2])], // biome-ignore format: one call
  'aten::fractional_max_pool3d': () => [x(1, 2, 6, 6, 6), [2, 2, 2], [3, 3, 3], x(1, 2, 3)],
  'aten::fractional_max_pool2d_backward': () => [x(1, 2, 3, 3), x(1, 2, 6, 6), [2, 2], [3, 3], indices('fractional_max_pool2d', x(1, 2, 6, 6), [2, 2], [3, 3], x(1, 2, 2))], // biome-ignore format: one call
  'aten::fractional_max_pool3d_backward': () => [x(1, 2, 3, 3, 3), x(1, 2, 6, 6, 6), [2, 2, 2], [3, 3, 3], indices('fractional_max_pool3d', x(1, 2, 6, 6, 6), [2, 2, 2], [3, 3, 3], x(1, 2, 3))], // biome-ignore format: one call
  'aten::reflection_pad1d_backward': () => [x(2, 7), x(2, 4), [2, 1]],
  'aten::reflection_pad2d_backward': () => [x(2, 6, 7), x(2, 4, 4), [2, 1, 1, 1]],
  'aten::reflection_pad3d_backward': () => [x(2, 6, 6, 7), x(2, 4, 4, 4), [2, 1, 1, 1, 1, 1]],
  'aten::replication_pad1d_backward': () => [x(2, 7), x(2, 4), [2, 1]],
  'aten::replication_pad2d_backward': () => [x(2, 6, 7), x(2, 4, 4), [2, 1, 1, 1]],
  'aten::replication_pad3d_backward': () => [x(2, 6, 6, 7), x(2, 4, 4, 4), [2, 1, 1, 1, 1, 1]],
  'aten::upsample_nearest1d_backward': () => [x(1, 2, 8), [8], [1, 2, 4]],
  'aten::upsample_nearest2d_backward': () => [x(1, 2, 8, 8), [8, 8], [1, 2, 4, 4]],
  'aten::upsample_nearest3d_backward': () => [x(1, 2, 8, 8, 8), [8, 8, 8], [1, 2, 4, 4, 4]],
  'aten::upsample_linear1d_backward': () => [x(1, 2, 8), [8], [1, 2, 4], false],
  'aten::upsample_bicubic2d_backward': () => [x(1, 2, 8, 8), [8, 8], [1, 2, 4, 4], false],
  'aten::upsample_trilinear3d_backward': () => [x(1, 2, 8, 8, 8), [8, 8, 8], [1, 2, 4, 4, 4], false],
  'aten::_upsample_nearest_exact1d_backward': () => [x(1, 2, 8), [8], [1, 2, 4]],
  'aten::_upsample_nearest_exact3d_backward': () => [x(1, 2, 8, 8, 8), [8, 8, 8], [1, 2, 4, 4, 4]],
  'aten::_upsample_bilinear2d_aa_backward': () => [x(1, 2, 8, 8), [8, 8], [1, 2, 4, 4], false, 2, 2],
  'aten::_upsample_bicubic2d_aa': () => [x(1, 2, 8, 8), [4, 4], false, 0.5, 0.5],
  'aten::_upsample_bicubic2d_aa_backward': () => [x(1, 2, 8, 8), [8, 8], [1, 2, 4, 4], false],
  'aten::_upsample_lanczos2d_aa': () => [x(1, 2, 8, 8), [4, 4], false],
  'aten::grid_sampler_2d_backward': () => [x(1, 2, 3, 3), x(1, 2, 5, 5), x(1, 3, 3, 2), 0, 0, false, [true, true]],
  'aten::grid_sampler_3d_backward': () => [x(1, 2, 3, 3, 3), x(1, 2, 5, 5, 5), x(1, 3, 3, 3, 3), 0, 0, false, [true, true]],
  'aten::_grid_sampler_2d_cpu_fallback': () => [x(1, 2, 5, 5), x(1, 3, 3, 2), 0, 0, false],
  'aten::_grid_sampler_2d_cpu_fallback_backward': () => [x(1, 2, 3, 3), x(1, 2, 5, 5), x(1, 3, 3, 2), 0, 0, false],
  'aten::nll_loss_backward': () => [x(), x(3, 4), int([0, 1, 3]), x(4), 1, -100, x()],
  'aten::nll_loss2d_backward': () => [x(), x(1, 3, 1, 2), int([[[0, 2]]]), x(3), 1, -100, x()],
  'aten::multi_margin_loss_backward': () => [x(), x(3, 4), int([0, 1, 3]), 1, 1, null, 1],
  'aten::multilabel_margin_loss_forward': () => [x(2, 4), int([[0, 1, -1, 2], [3, -1, 0, 0]]), 1], // biome-ignore format: a matrix
  'aten::multilabel_margin_loss_backward': () => [x(), x(2, 4), int([[0, 1, -1, 2], [3, -1, 0, 0]]), 1, x(2, 4)], // biome-ignore format: a matrix
  'aten::_ctc_loss': () => [x(6, 2, 5), int([[1, 2, 3], [3, 4, 1]]), [6, 5], [2, 3]], // biome-ignore format: a matrix
  'aten::_ctc_loss_backward': () => [x(2), d(6, 2, 5).float(), int([[1, 2, 3], [3, 4, 1]]), [6, 5], [2, 3], x(2), x(2, 6, 7), 0], // biome-ignore format: a matrix
  'aten::glu_backward': () => [x(2, 3), x(2, 6), 1],
  'aten::log_sigmoid_backward': () => [x(2, 3), x(2, 3), x(2, 3)],
  'aten::_prelu_kernel_backward': () => [x(2, 3), x(2, 3), x(2, 3)],
  'aten::rrelu_with_noise': () => [x(2, 3), x(2, 3), 0.1, 0.3, true],
  'aten::rrelu_with_noise_backward': () => [x(2, 3), x(2, 3), x(2, 3), 0.1, 0.3, true, false],
  'aten::_log_softmax_backward_data': () => [x(2, 3, 4), x(2, 3, 4), 1, 'float32'],
  'aten::_softmax_backward_data': () => [x(2, 3, 4), x(2, 3, 4), 1, 'float32'],
  'aten::_masked_softmax': () => [x(2, 2, 3, 3), x(2, 3).gt(0.5), 3, 1],
  'aten::_masked_softmax_backward': () => [x(2, 3), x(2, 3), x(2, 3).gt(0.5), 1],
  'aten::_cdist_forward': () => [x(2, 3, 4), x(2, 5, 4), 2, null],
  'aten::_cdist_backward': () => [x(2, 3, 5), x(2, 3, 4), x(2, 5, 4), 1.5, x(2, 3, 5)],
  'aten::_euclidean_dist': () => [x(3, 4), x(5, 4)],
  'aten::_compute_linear_combination': () => [x(3, 2, 2), x(4, 3)],
  'aten::_logcumsumexp': () => [x(3, 4), 1],
  'aten::unfold_backward': () => [x(3, 4, 2), [3, 9], 1, 2, 2],
  'aten::slice_backward': () => [x(3, 2), [3, 5], 1, 0, 4, 2],
  'aten::select_backward': () => [x(3), [3, 5], 1, 2],
  'aten::diagonal_backward': () => [x(3), [3, 5], 0, 0, 1],
  'aten::index_select_backward': () => [x(2, 3), [4, 3], 0, int([1, 3])],
  'aten::value_selecting_reduction_backward': () => [x(3), 1, int([0, 1, 2]), [3, 4], false],
  'aten::cummaxmin_backward': () => [x(3, 4), x(3, 4), int([[0, 0, 2, 2], [0, 1, 1, 1], [0, 1, 2, 3]]), 1], // biome-ignore format: a matrix
  'aten::masked_select_backward': () => [x(2), x(2, 2), torch.tensor([[true, false], [false, true]])], // biome-ignore format: a matrix
  'aten::trace_backward': () => [x(), [3, 4]],
  'aten::embedding_dense_backward': () => [x(2, 3), int([0, 4]), 5, -1, false],
  'aten::embedding_sparse_backward': () => [x(2, 3), int([0, 4]), 5, -1, false],
  'aten::_embedding_bag': () => [x(5, 3), int([0, 1, 4, 2]), int([0, 2]), false, 0],
  'aten::_embedding_bag_forward_only': () => [x(5, 3), int([0, 1, 4, 2]), int([0, 2]), false, 1],
  'aten::native_batch_norm_backward': () => [x(4, 2, 3), x(4, 2, 3), x(2), x(2), x(2), x(2), x(2), true, 1e-5, all],
  'aten::_batch_norm_with_update': () => [x(4, 2, 3), x(2), x(2), x(2), x(2), 0.1, 1e-5],
  'aten::_batch_norm_impl_index': () => [x(4, 2, 3), x(2), x(2), x(2), x(2), true, 0.1, 1e-5, false],
  'aten::_native_batch_norm_legit': () => [x(4, 2, 3), x(2), x(2), x(2), x(2), true, 0.1, 1e-5],
  'aten::_native_batch_norm_legit.no_stats': () => [x(4, 2, 3), x(2), x(2), true, 0.1, 1e-5],
  'aten::_native_batch_norm_legit_no_training': () => [x(4, 2, 3), x(2), x(2), x(2), x(2), 0.1, 1e-5],
  'aten::batch_norm_update_stats': () => [x(4, 2, 3), x(2), x(2), 0.1],
  'aten::native_group_norm': () => [x(2, 4, 3), x(4), x(4), 2, 4, 3, 2, 1e-5],
  'aten::native_group_norm_backward': () => [x(2, 4, 3), x(2, 4, 3), x(2, 2), x(2, 2), x(4), 2, 4, 3, 2, all],
  'aten::_fused_rms_norm': () => [x(2, 4), [4], x(4), 1e-5],
  'aten::_weight_norm': () => [x(3, 4), x(3, 1), 0],
  'aten::_weight_norm_interface': () => [x(3, 4), x(3, 1), 0],
  'aten::_weight_norm_interface_backward': () => [x(3, 4), x(3, 4), x(3, 1), x(3, 1), 0],
  'aten::_weight_norm_differentiable_backward': () => [x(3, 4), x(3, 4), x(3, 1), x(3, 1), 0],
  'aten::slow_conv3d': () => [x(1, 2, 4, 4, 4), x(3, 2, 2, 2, 2), [2, 2, 2], x(3)],
  'aten::thnn_conv2d': () => [x(1, 2, 4, 4), x(3, 2, 2, 2), [2, 2], x(3)],
  'aten::_slow_conv2d_forward': () => [x(1, 2, 4, 4), x(3, 2, 2, 2), [2, 2], x(3), [1, 1], [0, 0]],
  'aten::slow_conv_dilated2d': () => [x(1, 2, 6, 6), x(3, 2, 2, 2), [2, 2], x(3), [1, 1], [0, 0], [2, 2]],
  'aten::slow_conv_dilated3d': () => [x(1, 2, 6, 6, 6), x(3, 2, 2, 2, 2), [2, 2, 2], x(3), [1, 1, 1], [0, 0, 0], [2, 2, 2]],
  'aten::slow_conv_transpose2d': () => [x(1, 2, 4, 4), x(2, 3, 2, 2), [2, 2], x(3)],
  'aten::slow_conv_transpose3d': () => [x(1, 2, 4, 4, 4), x(2, 3, 2, 2, 2), [2, 2, 2], x(3)],
  'aten::mkldnn_convolution': () => [x(1, 2, 4, 4), x(3, 2, 2, 2), x(3), [0, 0], [1, 1], [1, 1], 1],
  'aten::mkldnn_linear': () => [of('to_mkldnn', 'default', x(2, 3))[0], x(4, 3), x(4)],
  'aten::mkldnn_max_pool2d': () => [of('to_mkldnn', 'default', x(1, 2, 4, 4))[0], [2, 2]],
  'aten::mkldnn_reorder_conv2d_weight': () => [of('to_mkldnn', 'default', x(3, 2, 2, 2))[0]],
  'aten::conv_tbc_backward': () => [x(4, 2, 3), x(5, 2, 4), x(2, 4, 3), x(3), 0],
  'aten::lstm.input': () => [x(5, 2, 3), [x(1, 2, 4), x(1, 2, 4)], rnn(4), true, 1, 0, true, false, false],
  'aten::lstm.data': () => [x(5, 3), int([3, 2]), [x(1, 3, 4), x(1, 3, 4)], rnn(4), true, 1, 0, true, false],
  'aten::gru.data': () => [x(5, 3), int([3, 2]), x(1, 3, 4), rnn(3), true, 1, 0, true, false],
  'aten::rnn_relu.data': () => [x(5, 3), int([3, 2]), x(1, 3, 4), rnn(1), true, 1, 0, true, false],
  'aten::_pack_padded_sequence': () => [x(3, 2, 4), int([3, 2]), false],
  'aten::_pack_padded_sequence_backward': () => [x(5, 4), [3, 2, 4], int([2, 2, 1]), false],
  'aten::_pad_packed_sequence': () => [x(5, 4), int([2, 2, 1]), false, 0, 3],
  'aten::_scaled_dot_product_flash_attention_for_cpu': () => [x(2, 3, 4, 8), x(2, 3, 5, 8), x(2, 3, 5, 8)],
  'aten::_scaled_dot_product_attention_math': () => [x(2, 3, 4, 8), x(2, 3, 5, 8), x(2, 3, 5, 8), x(4, 5)],
  'aten::_native_multi_head_attention': () => [x(2, 3, 4), x(2, 3, 4), x(2, 3, 4), 4, 2, x(12, 4), x(12), x(4, 4), x(4)],
  'aten::_transformer_encoder_layer_fwd': () => [x(2, 3, 4), 4, 2, x(12, 4), x(12), x(4, 4), x(4), false, false, 1e-5, x(4), x(4), x(4), x(4), x(8, 4), x(8), x(4, 8), x(4)], // biome-ignore format: one call
  'aten::segment_reduce': () => [x(5, 2), 'sum', { offsets: int([0, 2, 5]) }],
  'aten::_histogramdd_bin_edges': () => [x(5, 2), [3, 3]],
  'aten::_histogramdd_from_bin_cts': () => [x(5, 2), [3, 3]],
  'aten::_histogramdd_from_bin_tensors': () => [x(5, 2), [x(4).sort().values, x(4).sort().values]],
  'aten::histogram.bins_tensor': () => [x(9), x(4).sort().values],
  'aten::_index_put_impl_': () => [x(4, 3), [int([0, 3])], x(2, 3), true, false],
  'aten::_unsafe_index.Tensor': () => [x(4, 3), [int([0, 3])]],
  'aten::_unsafe_index_put': () => [x(4, 3), [int([0, 3])], x(2, 3)],
  'aten::put_': () => [x(4, 3), int([0, 11]), x(2)],
  'aten::searchsorted.Tensor': () => [x(4).sort().values, x(3), { sorter: int([0, 1, 2, 3]) }],
  'aten::linalg_ldl_solve': () => [x(3, 3), int32([1, 2, 3]), x(3, 1)],
  'aten::linalg_lu_solve': () => [x(3, 3), int32([1, 2, 3]), x(3, 1)],
  'aten::lu_unpack': () => [x(3, 3), int32([1, 2, 3])],
  'aten::ormqr': () => [x(3, 3), x(3), x(3, 2)],
  'aten::geqrf': () => [x(3, 2)],
  'aten::linalg_lstsq': () => [x(3, 2), x(3, 1)],
  'aten::_trilinear': () => [x(2, 3, 4), x(2, 3, 4), x(2, 3, 4), [], [], [], [1, 2]],
  'aten::_int_mm': () => [int([[1, 2], [3, 4]]).to('int8'), int([[1, 2], [3, 4]]).to('int8')], // biome-ignore format: matrices
  'aten::_grouped_mm': () => [x(4, 8).to('bfloat16'), x(2, 8, 8).to('bfloat16'), int32([2, 4])],
  'aten::_convert_weight_to_int4pack_for_cpu': () => [int32(Array.from({ length: 32 }, () => Array(32).fill(1))), 1],
  'aten::_weight_int8pack_mm': () => [x(2, 32).to('bfloat16'), torch.ones(32, 32).to('int8'), x(32).to('bfloat16')],
  'aten::_weight_int4pack_mm_for_cpu': () => [x(2, 32).to('bfloat16'), torch.ones(32, 16).to('uint8'), 32, x(1, 32, 2).to('bfloat16')],
  'aten::_dyn_quant_pack_4bit_weight': () => [torch.ones(8, 16).to('uint8'), x(8, 1), null, 32, 32, 8],
  'aten::_fused_adagrad_': () => [[x(3)], [x(3)], [x(3)], [x()], { lr: 0.1, lr_decay: 0, weight_decay: 0, eps: 1e-8, maximize: false }],
  'aten::_amp_foreach_non_finite_check_and_unscale_': () => [[x(3), x(2)], x(), x()],
  'aten::_amp_update_scale_': () => [x(1), int32([0]), x(1), 2, 0.5, 2000],
  'aten::_fake_quantize_learnable_per_channel_affine_backward': () => [x(2, 3), x(2, 3), x(2), torch.zeros(2), 0, 0, 255],
  'aten::_fake_quantize_learnable_per_tensor_affine_backward': () => [x(2, 3), x(2, 3), x(1), torch.zeros(1), 0, 255],
  'aten::fake_quantize_per_channel_affine_cachemask': () => [x(2, 3), x(2), torch.zeros(2).to('int32'), 0, 0, 255],
  'aten::_fused_moving_avg_obs_fq_helper': () => [x(2, 3), int([1]), int([1]), x(1), x(1), x(1), int32([0]), 0.1, 0, 255, 0],
  'aten::fused_moving_avg_obs_fake_quant': () => [x(2, 3), int([1]), int([1]), x(1), x(1), x(1), int32([0]), 0.1, 0, 255, 0],
  'aten::_make_per_channel_quantized_tensor': () => [torch.ones(2, 3).to('uint8'), d(2), torch.zeros(2).long(), 0],
  'aten::_make_per_tensor_quantized_tensor': () => [torch.ones(2, 3).to('uint8'), 0.1, 3],
  'aten::quantize_per_channel': () => [x(2, 3), d(2), torch.zeros(2).long(), 0, 'quint8'],
  'aten::quantized_batch_norm': () => [quantized(1, 2, 3, 3), x(2), x(2), x(2), x(2), 1e-5, 0.1, 3],
  'aten::quantized_max_pool2d': () => [quantized(1, 2, 4, 4), [2, 2]],
  'quantized::add': () => [quantized(2, 3), quantized(2, 3), 0.1, 3],
  'quantized::mul': () => [quantized(2, 3), quantized(2, 3), 0.1, 3],
  'quantized::cat': () => [[quantized(2, 3), quantized(2, 3)], 0, null, null],
  'quantized::batch_norm2d': () => [quantized(1, 2, 3, 3), x(2), x(2), x(2), x(2), 1e-5, 0.1, 3],
  'quantized::layer_norm': () => [quantized(2, 4), [4], x(4), x(4), 1e-5, 0.1, 3],
  'quantized::group_norm': () => [quantized(1, 4, 3), 2, x(4), x(4), 1e-5, 0.1, 3],
  'quantized::instance_norm': () => [quantized(1, 4, 3, 3), x(4), x(4), 1e-5, 0.1, 3],
  'quantized::matmul': () => [quantized(2, 3), quantized(3, 2), 0.1, 3],
  'quantized::softmax': () => [quantized(2, 3), 1, 0.1, 3],
  'quantized::embedding_bag_byte_prepack': () => [x(4, 8)],
  'quantized::embedding_bag_byte_rowwise_offsets': () => [of_('embedding_bag_byte_prepack', x(4, 8)), int([0, 3]), int([0]), false, 0, false, null, null, false], // biome-ignore format: one call
  'quantized::embedding_bag_4bit_rowwise_offsets': () => [of_('embedding_bag_4bit_prepack', x(4, 8)), int([0, 3]), int([0]), false, 0, false, null, null, false], // biome-ignore format: one call
  'quantized::embedding_bag_byte_unpack': () => [of_('embedding_bag_byte_prepack', x(4, 8))],
  'quantized::embedding_bag_4bit_unpack': () => [of_('embedding_bag_4bit_prepack', x(4, 8))],
  'aten::_sparse_mm': () => [csr(), x(3, 2)],
  'aten::_sparse_addmm': () => [x(2, 2), coo(), x(3, 2)],
  'aten::_sparse_sparse_matmul': () => [coo(), coo().t()],
  'aten::_sparse_softmax.int': () => [coo(), 1],
  'aten::_sparse_sum': () => [coo()],
  'aten::_sparse_sum.dim': () => [coo(), [0]],
  'aten::_sparse_sum_backward': () => [of('_sparse_sum', 'dim', coo(), [0])[0], coo(), [0]],
  'aten::_sparse_csr_sum.dim_dtype': () => [csr(), [0], true],
  'aten::_sparse_mm_reduce_impl': () => [csr(), x(3, 2), 'sum'],
  'aten::sparse_sampled_addmm': () => [csr(), x(2, 4), x(4, 3)],
  'aten::sparse_mask': () => [x(2, 3), coo().coalesce()],
  'aten::_sparse_mask_projection': () => [coo(), coo().coalesce()],
  'aten::_to_dense': () => [csr()],
  'aten::_to_sparse_csr': () => [x(2, 3)],
  'aten::_to_sparse_bsr': () => [x(4, 6), [2, 3]],
  'aten::addmm': () => [x(2, 2), csr(), x(3, 2)],
  'aten::mv': () => [csr(), x(3)],
  'aten::hspmm': () => [coo(), x(3, 2)],
  'aten::sspaddmm': () => [torch.sparseCooTensor(int([[0, 1], [1, 0]]), x(2), [2, 2]), coo(), x(3, 2)], // biome-ignore format: a matrix
  'aten::_spdiags': () => [x(2, 3), int([0, 1]), [3, 3]],
  'aten::_validate_sparse_coo_tensor_args': () => [int([[0, 1], [2, 0]]), x(2), [2, 3]], // biome-ignore format: a matrix
  'aten::_validate_compressed_sparse_indices': () => [true, int([0, 1, 3]), int([1, 0, 2]), 2, 3, 3],
  'aten::_jagged_to_padded_dense_forward': () => [x(5, 2), [int([0, 2, 5])], [3]],
  'aten::_padded_dense_to_jagged_forward': () => [x(2, 3, 2), [int([0, 2, 5])], 5],
  'aten::_nested_tensor_from_mask': () => [x(2, 3, 4), torch.ones(2, 3).bool()],
  'aten::_nested_view_from_buffer': () => [x(12), int([[2, 3], [2, 3]]), int([[3, 1], [3, 1]]), int([0, 6])], // biome-ignore format: matrices
  'aten::set_.source_Tensor_storage_offset': () => [x(2), x(6), 1, [2, 2], [2, 1]],
  'aten::as_strided_': () => [x(6), [2, 2], [2, 1], 1],
  'aten::_standard_gamma': () => [x(3)],
  'aten::_standard_gamma_grad': () => [x(3), x(3)],
  'aten::_dirichlet_grad': () => [x(3), x(3), x(3)],
  'aten::_sample_dirichlet': () => [x(2, 3)],
};

function of_(name: string, ...args: unknown[]): unknown {
  const quantized = torch.ops.quantized as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>;
  return quantized[name]?.default?.(...args);
}
