/** Operators that trust their arguments: each kind of guard lets right calls pass and makes an error of wrong ones. */

import * as torch from '../../lib';

type Raw = Record<string, Record<string, (...args: unknown[]) => never>>;
const aten = torch.ops.aten as unknown as Raw;
const raw = (name: string, overload: string, ...args: unknown[]): unknown => aten[name]?.[overload]?.(...args);
const shapes = (result: unknown) => (Array.isArray(result) ? result : [result]).map((tensor: torch.Tensor) => tensor.shape);

const x = (...shape: number[]) => torch.zeros(shape);
const integers = (values: unknown) => torch.tensor(values as number[], { dtype: 'int64' });

/** Layers of a recurrent network: weights for input and state, biases, and a projection where its size is given. */
function weights(gates: number, sizes: { input: number; hidden: number; layers?: number; directions?: number; projection?: number }) {
  const { input, hidden, layers = 1, directions = 1, projection } = sizes;
  const out = projection ?? hidden;
  return Array.from({ length: layers * directions }, (_, k) => [
    x(gates * hidden, k < directions ? input : out * directions),
    x(gates * hidden, out),
    x(gates * hidden),
    x(gates * hidden),
    ...(projection === undefined ? [] : [x(projection, hidden)]),
  ]).flat();
}

/** Gradients for input, weight and bias. */
const all = [true, true, true];

/** An observer that has seen `seen`, of the whole tensor or of each of two channels. */
function observed({ seen, channelwise, axis }: { seen: torch.Tensor; channelwise: boolean; axis: number }) {
  const [on, zero] = [integers([1]), torch.zeros(seen.shape, { dtype: 'int32' })];
  const state = [seen.clone(), seen.clone(), seen.clone(), zero] as const;
  return raw('fused_moving_avg_obs_fake_quant', 'default', x(2, 3), on, on, ...state, 0.1, 0, 255, axis, channelwise);
}

const lstm = (states: torch.Tensor[], params: torch.Tensor[], layers = 1, both = false) =>
  raw('lstm', 'input', x(5, 2, 3), states, params, true, layers, 0, false, both, false);

describe('right calls pass', () => {
  const triangle = torch.tensor([2, 1, 0, 3], { dtype: 'float64' }).reshape(2, 2);
  test.each<[string, () => unknown, number[][]]>([
    ['lstm', () => lstm([x(1, 2, 4), x(1, 2, 4)], weights(4, { input: 3, hidden: 4 })), [[5, 2, 4], [1, 2, 4], [1, 2, 4]]], // biome-ignore format: rows
    [
      'lstm of two layers and directions',
      () => lstm([x(4, 2, 4), x(4, 2, 4)], weights(4, { input: 3, hidden: 4, layers: 2, directions: 2 }), 2, true),
      [[5, 2, 8], [4, 2, 4], [4, 2, 4]], // biome-ignore format: rows
    ],
    [
      'lstm with a projection',
      () => lstm([x(1, 2, 2), x(1, 2, 4)], weights(4, { input: 3, hidden: 4, projection: 2 })),
      [[5, 2, 2], [1, 2, 2], [1, 2, 4]], // biome-ignore format: rows
    ],
    [
      'gru, batch first',
      () => raw('gru', 'input', x(2, 5, 3), x(1, 2, 4), weights(3, { input: 3, hidden: 4 }), true, 1, 0, false, false, true),
      [[2, 5, 4], [1, 2, 4]], // biome-ignore format: rows
    ],
    [
      'rnn of packed sequences',
      () => raw('rnn_tanh', 'data', x(5, 3), integers([3, 2]), x(1, 3, 4), weights(1, { input: 3, hidden: 4 }), true, 1, 0, false, false),
      [[5, 4], [1, 3, 4]], // biome-ignore format: rows
    ],
    ['ctc_loss of padded rows', () => torch.ctcLoss(x(6, 2, 5), integers([[1, 2, -7], [3, 4, 1]]), [6, 5], [2, 3]), [[]]], // biome-ignore format: rows
    ['ctc_loss of one sequence', () => torch.ctcLoss(x(6, 5), integers([1, 2]), [6], [2]), [[]]],
    ['_cdist_backward', () => raw('_cdist_backward', 'default', x(2, 3, 4), x(2, 3, 5), x(4, 5), 2, x(2, 3, 4)), [[2, 3, 5]]],
    [
      'convolution_backward',
      () => raw('convolution_backward', 'default', x(1, 4, 6, 6), x(1, 3, 8, 8), x(4, 3, 3, 3), [4], [1], [0], [1], false, [0], 1, all),
      [[1, 3, 8, 8], [4, 3, 3, 3], [4]], // biome-ignore format: rows
    ],
    [
      'convolution_backward, transposed',
      () => raw('convolution_backward', 'default', x(1, 4, 17, 17), x(1, 3, 8, 8), x(3, 4, 3, 3), [4], [2], [0], [1], true, [0], 1, all),
      [[1, 3, 8, 8], [3, 4, 3, 3], [4]], // biome-ignore format: rows
    ],
    [
      'grid_sampler_2d_backward',
      () => raw('grid_sampler_2d_backward', 'default', x(1, 2, 3, 3), x(1, 2, 5, 5), x(1, 3, 3, 2), 0, 0, false, [true, true]),
      [[1, 2, 5, 5], [1, 3, 3, 2]], // biome-ignore format: rows
    ],
    ['native_group_norm', () => raw('native_group_norm', 'default', x(2, 4, 3), null, null, 2, 4, 3, 2, 1e-5), [[2, 4, 3], [2, 2], [2, 2]]], // biome-ignore format: rows
    ['_adaptive_avg_pool2d_backward', () => raw('_adaptive_avg_pool2d_backward', 'default', x(2, 4, 3, 3), x(2, 4, 8, 8)), [[2, 4, 8, 8]]],
    ['unfold_backward', () => raw('unfold_backward', 'default', x(3, 4, 2), [3, 9], 1, 2, 2), [[3, 9]]],
    ['_upsample_bilinear2d_aa', () => raw('_upsample_bilinear2d_aa', 'default', x(1, 1, 8, 8), [21, 4], false, 2.7, null), [[1, 1, 21, 4]]],
    [
      'fractional_max_pool2d',
      () => raw('fractional_max_pool2d', 'default', x(2, 4, 8, 8), [2, 2], [4, 4], x(2, 4, 2)),
      [[2, 4, 4, 4], [2, 4, 4, 4]], // biome-ignore format: rows
    ],
    ['linalg_lu_solve', () => raw('linalg_lu_solve', 'default', triangle, torch.tensor([1, 2], { dtype: 'int32' }), triangle), [[2, 2]]],
    ['binomial', () => torch.binomial(torch.full([3], 10, { dtype: 'float32' }), x(3)), [[3]]],
    ['sparse coordinates', () => torch.sparseCooTensor(integers([[0, 1], [1, 0]]), torch.ones(2), [2, 2]), [[2, 2]]], // biome-ignore format: rows
    ['compressed rows', () => torch.sparseCsrTensor(integers([0, 1, 2]), integers([0, 1]), torch.ones(2)), [[2, 2]]],
    ['compressed rows without elements', () => torch.sparseCsrTensor(integers([0, 0, 0]), integers([]), x(0), [2, 2]), [[2, 2]]],
    [
      'compressed columns',
      () => torch.sparseCompressedTensor(integers([0, 1, 2]), integers([0, 1]), torch.ones(2), [2, 2], { layout: 'sparseCsc' }),
      [[2, 2]],
    ],
    [
      'compressed blocks',
      () => raw('sparse_bsr_tensor', 'crow_col_value_size', integers([0, 1]), integers([0]), x(1, 2, 2), [2, 2]),
      [[2, 2]],
    ],
  ])('%s', (_, call, expected) => {
    expect(shapes(torch.scope(call as () => torch.Tensor))).toEqual(expected);
  });

  test('with the same values as before', () => {
    expect(torch.binomial(torch.full([3], 7, { dtype: 'float32' }), torch.ones(3)).toArray()).toEqual([7, 7, 7]);
    // d|x1 - x2| / dx1 for the pairs (0, 2) and (0, -3): -1 + 1.
    const gradient = raw('_cdist_backward', 'default', torch.ones(1, 2), x(1, 1), torch.tensor([[2], [-3]], { dtype: 'float32' }), 1, torch.tensor([[2, 3]], { dtype: 'float32' })); // biome-ignore format: one call
    expect((gradient as torch.Tensor).toArray()).toEqual([[0]]);
  });
});

describe('right calls that lie in memory as the kernel does not expect it have the values of those that do', () => {
  const numbers = (...shape: number[]) =>
    torch
      .arange(shape.reduce((a, b) => a * b, 1))
      .mul(1.7)
      .sin()
      .reshape(shape);
  /** The same elements with gaps between them. */
  const apart = (tensor: torch.Tensor) =>
    tensor
      .unsqueeze(-1)
      .repeat([...tensor.shape.map(() => 1), 2])
      .select(-1, 0);
  const expanded = (tensor: torch.Tensor, size: number) => tensor.unsqueeze(1).expand([-1, size]);
  const first = (result: unknown): torch.Tensor => (Array.isArray(result) ? result[0] : result) as torch.Tensor;
  const bag = (name: string, weight: torch.Tensor, put: Put) =>
    raw(name, 'default', weight, put(integers([0, 1, 4, 2])), put(integers([0, 2])), false, 0, false, put(numbers(4)));
  type Put = (tensor: torch.Tensor) => torch.Tensor;
  test.each<[string, (put: Put) => unknown]>([
    ['embedding_bag', (put) => bag('embedding_bag', numbers(5, 3), put)],
    ['embedding_bag with gradients', (put) => bag('embedding_bag', numbers(5, 3).requiresGrad_(), put)],
    ['_embedding_bag_forward_only', (put) => bag('_embedding_bag_forward_only', numbers(5, 3), put)],
    ['segment_reduce of lengths', (put) => torch.segmentReduce(numbers(5, 2), 'sum', { lengths: put(integers([2, 3])) })],
    ['segment_reduce of offsets', (put) => torch.segmentReduce(numbers(5, 2), 'sum', { offsets: put(integers([0, 2, 5])) })],
    [
      'segment_reduce along the last axis',
      (put) =>
        torch.segmentReduce(numbers(2, 5), 'max', {
          lengths: put(
            integers([
              [2, 3],
              [1, 4],
            ]),
          ),
          axis: -1,
        }),
    ],
    ['_weight_norm_interface', (put) => raw('_weight_norm_interface', 'default', put(numbers(3, 4)), put(numbers(3, 1)), 0)],
    [
      'mkldnn_linear',
      (put) =>
        (
          raw('mkldnn_linear', 'default', raw('to_mkldnn', 'default', numbers(2, 3)), put(numbers(4, 3)), put(numbers(4))) as torch.Tensor
        ).toDense(),
    ],
    [
      'sparse rows',
      (put) => torch.sparseCsrTensor(put(integers([0, 1, 3])), put(integers([2, 0, 1])), numbers(3), [2, 3]).matmul(numbers(3, 2)),
    ],
    [
      'native_batch_norm',
      (put) => raw('native_batch_norm', 'default', numbers(4, 2, 3), put(numbers(2)), put(numbers(2)), null, null, true, 0.1, 1e-5),
    ],
    [
      'native_batch_norm of quantized numbers',
      (put) =>
        torch.dequantize(
          raw(
            'quantized_batch_norm',
            'default',
            torch.quantizePerTensor(numbers(1, 2, 3, 3), 0.1, 3, 'quint8'),
            put(numbers(2)),
            put(numbers(2)),
            put(numbers(2)),
            put(numbers(2).abs()),
            1e-5,
            0.1,
            3,
          ) as torch.Tensor,
        ),
    ],
  ])('%s', (_, call) => {
    expect(torch.allclose(first(call(apart)), first(call((tensor) => tensor)), { rtol: 1e-5, atol: 1e-6 })).toBe(true);
  });

  test('median of an expanded tensor', () => {
    const values = torch.tensor([3, -1, Number.NaN]);
    expect(torch.median(expanded(values, 200), 1).values.toArray()).toEqual([3, -1, Number.NaN]);
    expect(torch.nanmedian(expanded(values, 200), 1).values.toArray()).toEqual([3, -1, Number.NaN]);
    expect(torch.median(expanded(integers([7, 1]), 500), -1).values.toArray()).toEqual([7, 1]);
  });

  test('a triangle in an output that has its own order', () => {
    const out = x(4, 3).t();
    expect(torch.triu(numbers(3, 4), { out })).toBe(out);
    expect(out.toArray()).toEqual(numbers(3, 4).triu().toArray());
    const tooSmall = x(2, 6).narrow(1, 0, 2);
    torch.tril(numbers(3, 4), { out: tooSmall });
    expect(tooSmall.toArray()).toEqual(numbers(3, 4).tril().toArray());
  });

  test('the same off the thread', async () => {
    const out = x(4, 3).t();
    await torch.async(torch.triu, numbers(3, 4), { out });
    expect(out.toArray()).toEqual(numbers(3, 4).triu().toArray());
  });

  test('no distances between no rows have a gradient', () => {
    const rows = x(0, 3).requiresGrad_();
    const distances = torch.pdist(rows);
    expect(distances.shape).toEqual([0]);
    distances.sum().backward();
    expect(rows.grad?.shape).toEqual([0, 3]);
  });

  test.each(['border', 'reflection'] as const)('places that are none lie at the edge (%s)', (paddingMode) => {
    const sample = (values: number[]) => {
      const image = numbers(1, 2, 3, 4).requiresGrad_();
      const grid = torch.tensor(values).reshape([1, 1, -1, 2]).requiresGrad_();
      const out = torch.nn.functional.gridSample(image, grid, { paddingMode });
      out
        .mul(numbers(...out.shape))
        .sum()
        .backward();
      return { out: out.detach(), image: image.grad as torch.Tensor, grid: grid.grad as torch.Tensor };
    };
    const none = [Number.NaN, 0.2, 0.3, -0.4, 0.1, Number.NaN];
    const edge = none.map((v) => (Number.isNaN(v) ? -1 : v));
    const [a, b] = [sample(none), sample(edge)];
    expect(torch.allclose(a.out, b.out)).toBe(true);
    expect(torch.allclose(a.image, b.image)).toBe(true);
    // What does not move a place that is none has no gradient.
    expect(torch.allclose(a.grid, b.grid.mul(torch.tensor(none).eq(torch.tensor(edge)).reshape([1, 1, -1, 2])))).toBe(true);
    const far = sample([Number.POSITIVE_INFINITY, 0.2, 0, Number.NEGATIVE_INFINITY]);
    const expected = sample(paddingMode === 'border' ? [9, 0.2, 0, -9] : [-1, 0.2, 0, -1]);
    expect(torch.allclose(far.out, expected.out)).toBe(true);
    expect(torch.allclose(far.image, expected.image)).toBe(true);
    const direct = raw('grid_sampler_2d_backward', 'default', numbers(1, 2, 1, 3), numbers(1, 2, 3, 4), torch.tensor(none).reshape([1, 1, 3, 2]), 0, paddingMode === 'border' ? 1 : 2, false, [true, true]); // biome-ignore format: one call
    expect(torch.allclose(first(direct), a.image)).toBe(true);
  });

  test('a check for NaN sees an expanded tensor', () => {
    const check = (torch.ops.c10d as unknown as Raw).check_for_nan?.default as (tensor: torch.Tensor) => unknown;
    expect(() => check(x(1).expand([3]))).not.toThrow();
    expect(() => check(torch.tensor([Number.NaN]).expand([3]))).toThrow(/NaN/);
  });

  test('what PyTorch allows beyond the usual', () => {
    expect(first(raw('embedding_bag', 'default', x(5, 3), integers([0, 1]), integers([]))).shape).toEqual([0, 3]);
    const normalised = raw('native_batch_norm', 'default', numbers(4, 2, 3), x(1, 2).add(1), x(1, 2), null, null, true, 0.1, 1e-5);
    expect(first(normalised).shape).toEqual([4, 2, 3]);
    expect(first(observed({ seen: x(0), channelwise: true, axis: 0 })).shape).toEqual([2, 3]);
    expect(first(observed({ seen: torch.ones(1), channelwise: false, axis: -1 })).shape).toEqual([2, 3]);
    const shared = raw(
      '_scaled_dot_product_flash_attention_for_cpu',
      'default',
      numbers(1, 4, 5, 8),
      numbers(1, 2, 5, 8),
      numbers(1, 2, 5, 8),
    );
    expect(first(shared).shape).toEqual([1, 4, 5, 8]);
  });
});

describe('wrong calls are errors', () => {
  const good = weights(4, { input: 3, hidden: 4 });
  const states = () => [x(1, 2, 4), x(1, 2, 4)];
  test.each<[string, () => unknown, RegExp]>([
    ['lstm: states that differ in number', () => lstm([x(2, 2, 4), x(1, 2, 4)], good), /expected shape \[1, 2, 4\] for a state of hx/],
    ['lstm: one state', () => lstm([x(1, 2, 4)], good), /expected two tensors for hx but received 1/],
    ['lstm: too few weights', () => lstm(states(), good.slice(1)), /expected 4 tensors for params but received 3/],
    [
      'lstm: weights of another size',
      () => lstm(states(), [x(16, 7), ...good.slice(1)]),
      /expected shape \[16, 3\] for a tensor of params/,
    ],
    ['lstm: more layers than weights', () => lstm(states(), good, 3), /expected shape \[3, 2, 4\] for a state of hx/],
    [
      'gru: an image as input',
      () => raw('gru', 'input', x(2, 5, 3, 1), x(1, 2, 4), weights(3, { input: 3, hidden: 4 }), true, 1, 0, false, false, true),
      /expected 3 dimensions for input/,
    ],
    [
      'ctc_loss: a label beyond the classes',
      () => torch.ctcLoss(x(6, 1, 5), integers([[1, 5]]), [6], [2]),
      /expected labels from 0 to 4 for targets but received 5/,
    ],
    [
      'ctc_loss: a length beyond the steps',
      () => torch.ctcLoss(x(6, 1, 5), integers([[1, 2]]), [7], [2]),
      /expected lengths from 0 to 6 for input_lengths/,
    ],
    [
      '_ctc_loss_backward: log-probabilities of four dimensions',
      () => raw('_ctc_loss_backward', 'default', x(0), x(2, 5, 2, 0), integers([]), [], [], x(0), x(1), 0),
      /expected three dimensions for log_probs but received 4/,
    ],
    [
      '_ctc_loss_backward: a gradient of another shape',
      () => raw('_ctc_loss_backward', 'default', x(8, 4), x(6, 1, 5), integers([[1, 2]]), [6], [2], x(1), x(1, 6, 5), 0),
      /expected shape \[1\] for grad/,
    ],
    [
      '_cdist_backward: distances of other vectors',
      () => raw('_cdist_backward', 'out', x(16, 8, 5), x(16, 8, 5), x(2, 16, 8, 5), 0.5, x(2, 2, 0), { out: x(1) }),
      /expected shape \[2, 16, 8, 8\] for grad_output but received \[16, 8, 5\]/,
    ],
    [
      'convolution_backward: a gradient that is too small',
      () => raw('convolution_backward', 'default', x(1, 4, 5, 6), x(1, 3, 8, 8), x(4, 3, 3, 3), [4], [1], [0], [1], false, [0], 1, all),
      /expected shape \[1, 4, 6, 6\] for grad_output/,
    ],
    [
      'native_group_norm: other sizes than the input',
      () => raw('native_group_norm', 'default', x(2, 4, 3), null, null, 2, 4, 999, 2, 1e-5),
      /expected N, C and HxW with a product of 24/,
    ],
    [
      '_adaptive_avg_pool2d_backward of nothing',
      () => raw('_adaptive_avg_pool2d_backward', 'default', x(0, 4, 3, 3), x(0, 4, 8, 8)),
      /expected tensors with elements/,
    ],
    [
      'adaptive_max_pool3d: nothing, walked through along another dimension',
      () => raw('adaptive_max_pool3d', 'default', x(1, 2, 3, 4), [2 ** 31 - 1, 0, 8]),
      /expected smaller sizes beside 0 for output_size but received \[2147483647, 0, 8\]/,
    ],
    [
      '_spdiags: a diagonal beside the matrix',
      () => raw('_spdiags', 'default', x(2, 3), torch.tensor([-4, -2]), [3, 3]),
      /expected elements from -2 to 2 for offsets/,
    ],
    [
      'random_: from the largest number',
      () => torch.ops.aten.random_?.from?.(torch.zeros(1, { dtype: 'bfloat16' }), 2n ** 63n - 1n, null),
      /expected a smaller number for from but received 9223372036854775807/,
    ],
    [
      'select within nested vectors',
      () => raw('select', 'int', raw('_nested_tensor_from_tensor_list', 'default', [x(3), x(2)]), -1, -1),
      /expected 0 for dim of nested tensors with one dimension but received -1/,
    ],
    [
      'trapz of nested vectors',
      () => raw('trapz', 'dx', raw('_nested_tensor_from_tensor_list', 'default', [x(3), x(2)])),
      /expected a tensor that is not nested for y/,
    ],
    [
      'index_copy_ at places in another layout',
      () => raw('index_copy_', 'default', x(2), 0, torch.ops.aten.to_mkldnn?.default?.(x(2)), x(2)),
      /expected tensors of one layout/,
    ],
    [
      '_weight_int8pack_mm: weights that are no matrix',
      () => raw('_weight_int8pack_mm', 'default', x(1, 32), torch.zeros([32, 32, 0], { dtype: 'int8' }), x(32)),
      /expected a matrix for mat2, not \[32, 32, 0\]/,
    ],
    [
      '_weight_int4pack_mm_for_cpu: no scales',
      () => raw('_weight_int4pack_mm_for_cpu', 'default', x(1, 32), torch.zeros([32, 16], { dtype: 'uint8' }), 32, x(0, 32, 2)),
      /expected scales for each 32 of 32 inputs, not \[0, 32, 2\]/,
    ],
    [
      '_nested_select_backward within nested vectors',
      () => raw('_nested_select_backward', 'default', x(1), raw('_nested_tensor_from_tensor_list', 'default', [x(3), x(2)]), -1, 1),
      /expected 0 for dim of nested tensors with one dimension but received -1/,
    ],
    [
      'chunk of nested scalars',
      () => raw('chunk', 'default', raw('_nested_tensor_from_tensor_list', 'default', [x(), x()]), 1, 0),
      /expected nested tensors with at least one dimension for self/,
    ],
    [
      'max_pool2d_with_indices_backward: a position outside',
      () =>
        raw(
          'max_pool2d_with_indices_backward',
          'default',
          x(1, 1, 1, 1),
          x(1, 1, 2, 2),
          [2, 2],
          [2, 2],
          [0, 0],
          [1, 1],
          false,
          integers([[[[1_000_000]]]]),
        ),
      /expected elements from 0 to 3 for indices but received 1000000/,
    ],
    [
      'nll_loss2d_backward: a class outside',
      () => raw('nll_loss2d_backward', 'default', x(), x(1, 3, 1, 1), integers([[[3]]]), null, 1, -100, x()),
      /expected elements from 0 to 2, or -100, for target/,
    ],
    [
      'unfold_backward: other windows',
      () => raw('unfold_backward', 'default', x(3, 5, 2), [3, 9], 1, 2, 2),
      /expected shape \[3, 4, 2\] for grad_in/,
    ],
    [
      '_log_softmax_backward_data',
      () => raw('_log_softmax_backward_data', 'default', x(2, 7, 4), x(7, 4), -2, 'float32'),
      /expected the shape of grad_output for output/,
    ],
    [
      '_logcumsumexp with another dtype',
      () => raw('_logcumsumexp', 'out', x(3), 0, { out: integers([0, 0, 0]) }),
      /expected float32 for out but received int64/,
    ],
    [
      '_compute_linear_combination',
      () => raw('_compute_linear_combination', 'default', x(1, 8), x(2, 8)),
      /expected a coefficient for each/,
    ],
    [
      '_upsample_bilinear2d_aa: a scale that does not lead there',
      () => raw('_upsample_bilinear2d_aa', 'default', x(1, 1, 2, 3), [3, 3], false, 0.45, 0.54),
      /expected a scale that leads from 2 to 3 for scales_h/,
    ],
    [
      'fractional_max_pool2d: samples above one',
      () => raw('fractional_max_pool2d', 'default', x(1, 1, 8, 8), [2, 2], [4, 4], torch.full([1, 1, 2], 1e30)),
      /expected elements in \[0, 1\) for random_samples/,
    ],
    [
      'linalg_lu_solve: a row that is not there',
      () => raw('linalg_lu_solve', 'default', x(2, 2), torch.tensor([1, 900], { dtype: 'int32' }), x(2, 2)),
      /expected elements from 1 to 2 for pivots but received 900/,
    ],
    ['binomial: no count', () => torch.binomial(torch.tensor([1, Number.NaN]), x(2)), /expected counts that are numbers for count/],
    [
      'sparse coordinates outside',
      () => torch.sparseCooTensor(integers([[5000]]), torch.ones(1), [2]),
      /size is inconsistent with indices/,
    ],
    [
      'unsafe sparse coordinates outside',
      () => raw('_sparse_coo_tensor_unsafe', 'default', integers([[5000]]), torch.ones(1), [2]),
      /size is inconsistent/,
    ],
    [
      'compressed rows that end nowhere',
      () => torch.sparseCsrTensor(integers([0, 1, 5000]), integers([0, 1]), torch.ones(2), [2, 2]),
      /crow_indices/,
    ],
    [
      'compressed rows without a size',
      () => torch.sparseCsrTensor(integers([0, 1, 5000]), integers([0, 1]), torch.ones(2)),
      /crow_indices/,
    ],
    [
      '_foreach_addcdiv_: no numbers for two tensors',
      () => raw('_foreach_addcdiv_', 'ScalarList', [x(1), x(1)], [x(1), x(1)], [x(1), x(1)], []),
      /expected 2 numbers for scalars/,
    ],
    [
      'rrelu_with_noise: a result of another shape',
      () => raw('rrelu_with_noise', 'out', x(2, 16), x(2, 16), { training: true, out: x(2, 15) }),
      /expected the shape of self for out/,
    ],
    [
      'a result in an expanded tensor',
      () => torch.add(x(3), x(3), { out: x(1).expand([3]) }),
      /expected a place in memory for each element of out/,
    ],
    [
      'replication_pad1d_backward: another batch',
      () => raw('replication_pad1d_backward', 'default', x(1, 2, 2), x(2, 2, 1), [-1, 2]),
      /expected shape \[2, 2, 2\] for grad_output/,
    ],
    [
      'slow_conv3d: a kernel that the weight is not',
      () => raw('slow_conv3d', 'default', x(1, 4, 2, 3, 4), x(1, 4, 2, 3, 4), [8, 1, 4]),
      /expected \[8, 1, 4\] for the last dimensions of weight/,
    ],
    ['_weight_norm: one norm for three rows', () => raw('_weight_norm', 'default', x(3), x(), 0), /expected shape \[3\] for g/],
    [
      'segment_reduce: an axis that is not there',
      () => torch.segmentReduce(x(5), 'sum', { lengths: integers([5]), axis: 1 }),
      /expected an axis of data, which has 1 dimensions, but received 1/,
    ],
    [
      'segment_reduce: lengths for another batch',
      () => raw('segment_reduce', 'default', x(2, 5), 'sum', { lengths: integers([5]), axis: 1, unsafe: true }),
      /expected the first 1 sizes of data and one more for lengths but received \[1\]/,
    ],
    [
      'segment_reduce: lengths beyond the data',
      () => torch.segmentReduce(x(5), 'sum', { lengths: integers([3, 3]), unsafe: true }),
      /expected lengths that add up to at most 5/,
    ],
    [
      'segment_reduce: an offset beyond the data',
      () => torch.segmentReduce(x(5), 'sum', { offsets: integers([0, 6]) }),
      /expected elements from 0 to 5 for offsets but received 6/,
    ],
    [
      'segment_reduce: offsets that fall',
      () => torch.segmentReduce(x(5), 'sum', { offsets: integers([0, 4, 2]) }),
      /expected offsets that do not fall/,
    ],
    [
      'segment_reduce: no offset',
      () => torch.segmentReduce(x(5), 'sum', { offsets: integers([]) }),
      /expected at least one element for offsets/,
    ],
    [
      'embedding_bag: a gradient without bags',
      () => raw('embedding_bag', 'default', x(5, 3).requiresGrad_(), integers([0, 1]), integers([])),
      /expected at least one element for offsets, because gradients are recorded/,
    ],
    [
      'native_batch_norm: a weight for other channels',
      () => raw('native_batch_norm', 'default', x(4, 2, 3), x(3), null, null, null, true, 0.1, 1e-5),
      /expected shape \[2\] for weight but received \[3\]/,
    ],
    [
      'native_batch_norm: a vector',
      () => raw('native_batch_norm', 'default', x(4), null, null, null, null, true, 0.1, 1e-5),
      /expected at least two dimensions for input but received 1/,
    ],
    [
      'max_pool2d_with_indices_backward: a gradient of another batch',
      () =>
        raw(
          'max_pool2d_with_indices_backward',
          'default',
          x(2, 1, 1, 1),
          x(1, 1, 2, 2),
          [2, 2],
          [2, 2],
          [0, 0],
          [1, 1],
          false,
          integers([[[[0]]]]),
        ),
      /expected the leading dimensions of self for grad_output/,
    ],
    [
      'fractional_max_pool2d_backward: a gradient of another size',
      () =>
        raw('fractional_max_pool2d_backward', 'default', x(1, 1, 2, 3), x(1, 1, 6, 6), [2, 2], [3, 3], torch.zeros([1, 1, 2, 3]).long()),
      /expected the last dimensions \[3, 3\] for grad_output/,
    ],
    [
      'multi_margin_loss_backward: one gradient for three samples',
      () => raw('multi_margin_loss_backward', 'default', x(1), x(3, 4), integers([0, 1, 3]), 1, 1, null, 0),
      /expected 3 elements for grad_output but received 1/,
    ],
    [
      'multilabel_margin_loss_backward: a class outside',
      () => raw('multilabel_margin_loss_backward', 'default', x(), x(1, 2), integers([[7, -1]]), 1, x(1, 2)),
      /expected elements from -1 to 1 for target but received 7/,
    ],
    [
      'flash attention: heads that cannot be shared',
      () => raw('_scaled_dot_product_flash_attention_for_cpu', 'default', x(1, 4, 5, 8), x(1, 3, 5, 8), x(1, 3, 5, 8)),
      /expected a number of heads that divides 4 for key but received 3/,
    ],
    [
      'flash attention: fewer values than keys',
      () => raw('_scaled_dot_product_flash_attention_for_cpu', 'default', x(1, 4, 5, 8), x(1, 4, 5, 8), x(1, 4, 3, 8)),
      /expected shape \[1, 4, 5, 8\] for value/,
    ],
    [
      'flash attention: a mask of another length',
      () =>
        raw('_scaled_dot_product_flash_attention_for_cpu', 'default', x(1, 4, 5, 8), x(1, 4, 5, 8), x(1, 4, 5, 8), 0, false, {
          attn_mask: x(5, 4),
        }),
      /expected a mask that fits \[1, 4, 5, 5\] for attn_mask but received \[5, 4\]/,
    ],
    [
      '_masked_softmax: a mask of another batch',
      () => raw('_masked_softmax', 'default', x(2, 2, 3, 3), torch.zeros([1, 3]).bool(), 3, 1),
      /expected shape \[2, 3\] for mask but received \[1, 3\]/,
    ],
    [
      '_transformer_encoder_layer_fwd: weights of another dtype',
      () =>
        raw('_native_multi_head_attention', 'default', x(1, 2, 4), x(1, 2, 4), x(1, 2, 4), 4, 2, x(12, 4), x(12).double(), x(4, 4), x(4)),
      /expected float32 for qkv_bias but received float64/,
    ],
    [
      'fused_moving_avg_obs_fake_quant: minima for fewer channels',
      () => observed({ seen: torch.ones(1), channelwise: true, axis: 0 }),
      /expected 2 elements in order for running_min/,
    ],
    [
      'fused_moving_avg_obs_fake_quant: an axis that is not there',
      () => observed({ seen: torch.ones(2), channelwise: true, axis: 3 }),
      /expected a dimension of self from 0 to 1 for ch_axis but received 3/,
    ],
    [
      '_fused_adamw_: an average of another shape',
      () =>
        raw('_fused_adamw_', 'default', [x(3)], [x(3)], [x(2)], [x(3)], [], [x()], {
          lr: 0.1,
          beta1: 0.9,
          beta2: 0.99,
          weight_decay: 0,
          eps: 1e-8,
          amsgrad: false,
          maximize: false,
        }),
      /expected the shape of self\[0\] for exp_avgs\[0\]/,
    ],
    [
      'embedding_bag_byte_rowwise_offsets: a vector of weights',
      () =>
        (torch.ops.quantized as unknown as Raw).embedding_bag_byte_rowwise_offsets?.default?.(
          x(9).to('uint8'),
          integers([0]),
          integers([0]),
        ),
      /expected at least two dimensions and an element for weight/,
    ],
    [
      'a view beyond its memory',
      () => (torch.ops.inductor as unknown as Raw)._reinterpret_tensor?.default?.(x(4), [8], [1], 0),
      /inside the tensor's memory/,
    ],
  ])('%s', (_, call, message) => {
    expect(() => torch.scope(call as () => torch.Tensor)).toThrow(message);
  });
});

test('allowUnchecked lets unsafe constructors believe their arguments', () => {
  torch.ops.allowUnchecked(true);
  try {
    expect((raw('_sparse_coo_tensor_unsafe', 'default', integers([[5000]]), torch.ones(1), [2]) as torch.Tensor).shape).toEqual([2]);
  } finally {
    torch.ops.allowUnchecked(false);
  }
});
