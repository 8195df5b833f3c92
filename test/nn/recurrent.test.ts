import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { as, flatOutputs, restore, restoreState, type StoredState, type StoredTensor, valuesOf, weightedSum } from './reference';

const { rnn } = nn.utils;

interface Packed {
  readonly layer: 'RNN' | 'GRU' | 'LSTM';
  readonly options: object;
  readonly state: StoredState;
  readonly x: StoredTensor;
  readonly hx: readonly StoredTensor[];
  readonly outputs: readonly StoredTensor[];
  readonly grads: readonly StoredTensor[];
  readonly weightGrads: StoredState;
}

const stored = valuesOf<{
  packed: readonly Packed[];
  dropout: StoredTensor;
  repr: string;
  sequences: Record<Exclude<string, 'parts'>, StoredTensor> & { parts: readonly StoredTensor[] };
}>('recurrent');
const close = (tensor: torch.Tensor | null, wanted: StoredTensor | undefined, tolerance?: number): void => {
  expect(tensor?.shape).toEqual(wanted?.shape);
  expectClose(tensor as torch.Tensor, wanted?.data as number[], tolerance);
};
const double = { dtype: 'float64' } as const;

describe.each([
  { dtype: 'float64', tolerance: 1e-12 },
  { dtype: 'float32', tolerance: 1e-4 },
] as const)('packed sequences in $dtype', ({ dtype, tolerance }) => {
  test.each(stored.packed.map((one) => [`${one.layer} ${JSON.stringify(one.options)}`, one] as const))('%s is as in PyTorch', (_, one) => {
    type Layer = nn.Module & { forward(...inputs: unknown[]): [InstanceType<typeof rnn.PackedSequence>, unknown] };
    const layer = new nn[one.layer](3, 2, { batchFirst: true, ...one.options }).to(dtype) as unknown as Layer;
    layer.loadStateDict(restoreState(one.state));
    const [x, ...states] = [one.x, ...one.hx].map((tensor) => as(dtype, restore(tensor)).requiresGrad_()) as [
      torch.Tensor,
      ...torch.Tensor[],
    ];
    const hx = states.length === 0 ? null : one.layer === 'LSTM' ? states : states[0];
    const [output, last] = layer.forward(rnn.packPaddedSequence(x, [2, 4, 1], { batchFirst: true, enforceSorted: false }), hx);
    const [padded, lengths] = rnn.padPackedSequence(output, { batchFirst: true, paddingValue: -7 });
    expect(lengths.toArray()).toEqual([2, 4, 1]);
    const outputs = [padded, ...flatOutputs(last)];
    for (const [k, tensor] of outputs.entries()) close(tensor, one.outputs[k], tolerance);
    weightedSum(outputs).backward();
    for (const [k, leaf] of [x, ...states].entries()) close(leaf.grad, one.grads[k], tolerance);
    for (const [name, parameter] of layer.namedParameters()) close(parameter.grad, one.weightGrads[name], tolerance);
  });
});

test('dropout between the layers draws as in PyTorch under the same seed', () => {
  torch.manualSeed(3);
  const layer = new nn.LSTM(3, 4, { numLayers: 2, dropout: 0.5 });
  close(layer.forward(torch.ones([4, 3, 3]))[0], stored.dropout, 1e-6);
  const evaluated = layer.eval().forward(torch.ones([4, 3, 3]))[0];
  expect(torch.equal(layer.forward(torch.ones([4, 3, 3]))[0], evaluated)).toBe(true);
});

test('all options print as in PyTorch', () => {
  const options = { numLayers: 3, bias: false, batchFirst: true, dropout: 0.25, bidirectional: true, projSize: 2 };
  expect(new nn.LSTM(3, 4, options).toString()).toBe(stored.repr);
});

describe('sequences', () => {
  const { sequences } = stored;
  const parts = sequences.parts.map(restore);

  test('are packed, padded and unpacked as in PyTorch', () => {
    const packed = rnn.packSequence(parts, { enforceSorted: false });
    close(packed.data, sequences.data);
    close(packed.batchSizes, sequences.batchSizes);
    close(packed.sortedIndices, sequences.sortedIndices);
    close(packed.unsortedIndices, sequences.unsortedIndices);
    close(rnn.packSequence([parts[1], parts[0], parts[2]] as torch.Tensor[]).data, sequences.ordered);
    const [padded, lengths] = rnn.padPackedSequence(packed, { paddingValue: 9, totalLength: 5 });
    close(padded, sequences.padded);
    close(lengths, sequences.lengths);
    close(rnn.padSequence(parts, { batchFirst: true, paddingValue: -1, paddingSide: 'left' }), sequences.left);
    expect(rnn.unpackSequence(packed).map((part) => part.toArray())).toEqual(parts.map((part) => part.toArray()));
    expect(packed.length).toBe(3);
    expect(packed.to({ dtype: 'float32' }).data.dtype).toBe('float32');
  });

  test.each([
    [() => rnn.packSequence(parts), 'Expected descending order, or { enforceSorted: false }, for lengths'],
    [() => rnn.packSequence([]), 'Expected an array of tensors for packSequence but received an array of 0'],
    [() => rnn.padSequence(torch.zeros(2) as never), 'Expected an array of tensors for padSequence'],
    [() => rnn.padSequence(parts, { paddingSide: 'front' as 'left' }), "Expected 'left' or 'right' for paddingSide"],
    [() => rnn.packPaddedSequence(torch.zeros(2, 2, 1), [1]), /length|batch/i],
    [() => rnn.packPaddedSequence(torch.zeros(2, 2, 1), 3 as never), 'Expected a tensor or an array of whole numbers for lengths'],
    [() => rnn.padPackedSequence(torch.zeros(2) as never), 'Expected a packed sequence for padPackedSequence'],
    [
      () => rnn.padPackedSequence(rnn.packSequence(parts, { enforceSorted: false }), { totalLength: 3 }),
      'Expected a length from 4 for totalLength but received number 3',
    ],
    [() => rnn.unpadSequence(torch.zeros(2, 2), [1]), 'Expected 2 lengths for unpadSequence but received an array of 1'],
  ])('bad ones are refused: %#', (call, message) => {
    expect(call).toThrow(message);
  });
});

// What the test asks of them is the same for all; an LSTM only has two states.
describe.each([nn.RNN, nn.GRU, nn.LSTM] as unknown as (typeof nn.GRU)[])('%p', (Layer) => {
  test('has right gradients', () => {
    torch.manualSeed(0);
    const layer = new Layer(2, 2, { bidirectional: true }).double();
    const x = torch.randn([3, 2, 2], double).requiresGrad_();
    expect(torch.autograd.gradcheck((x) => layer.forward(x)[0], x)).toBe(true);
  });

  test('does not see padding: packed sequences give what each gives alone', () => {
    const layer = new Layer(3, 2, { bidirectional: true }).double();
    const parts = [torch.randn(2, 3, double), torch.randn(4, 3, double)];
    const [output] = layer.forward(rnn.packSequence(parts, { enforceSorted: false }));
    for (const [k, alone] of rnn.unpackSequence(output).entries())
      expectClose(alone, layer.forward(parts[k] as torch.Tensor)[0].toArray() as number[][], 1e-12);
  });

  test('permuting the batch permutes the output', () => {
    const layer = new Layer(3, 2, { batchFirst: true }).double();
    const x = torch.randn([4, 5, 3], double);
    const order = torch.tensor([2, 0, 3, 1]);
    expectClose(layer.forward(x.indexSelect(0, order))[0], layer.forward(x)[0].indexSelect(0, order).toArray() as number[][][], 1e-12);
  });

  test('refuses what does not fit', () => {
    const layer = new Layer(3, 2);
    const state = Layer.name === 'LSTM' ? [torch.zeros(1, 9), torch.zeros(1, 9)] : torch.zeros(1, 9);
    const forward = layer.forward.bind(layer) as unknown as (...inputs: unknown[]) => unknown;
    expect(() => forward(torch.zeros(3))).toThrow(`Expected a tensor of two or three dimensions, [T, N, features] or [T, features],`);
    expect(() => forward(torch.zeros(2, 2, 4))).toThrow(`Expected 3 features for the last dimension of the input of ${Layer.name}`);
    expect(() => forward([1])).toThrow(`Expected a tensor or a packed sequence for ${Layer.name} but received an array of 1`);
    expect(() => forward(torch.zeros(2, 2, 3), state)).toThrow(`Expected a tensor [1, 2, 2] for the state of ${Layer.name}`);
    expect(() => new Layer(3, 0)).toThrow('Expected a positive whole number for hiddenSize');
    expect(() => new Layer(3, 2, { dropout: 2 })).toThrow('Expected a probability in [0, 1] for dropout but received number 2');
  });
});

describe('cells', () => {
  test('run a layer step by step', () => {
    const [layer, cell] = [new nn.LSTM(3, 2), new nn.LSTMCell(3, 2)];
    cell.loadStateDict(Object.fromEntries(Object.entries(layer.stateDict()).map(([key, value]) => [key.replace('_l0', ''), value])));
    const x = torch.randn([4, 2, 3]);
    let state: nn.LSTMState | null = null;
    for (const step of x.unbind(0)) state = cell.forward(step, state);
    const [, last] = layer.forward(x);
    expectClose(state?.[1] as torch.Tensor, last[1].toArray() as number[][][], 1e-6);
  });

  test.each([
    [() => new nn.RNNCell(3, 2).forward(torch.zeros(2)), 'Expected a tensor [N, 3] or [3] for RNNCell'],
    [
      () => new nn.LSTMCell(3, 2).forward(torch.zeros(3), [torch.zeros(2)] as never),
      'Expected an array of 2 tensors for the state of LSTMCell',
    ],
    [() => new nn.GRUCell(3, 2).forward(torch.zeros(4, 3), torch.zeros(2)), 'Expected a tensor [4, 2] for the state of GRUCell'],
    [() => new nn.RNNCell(3, 2, { nonlinearity: 'gelu' as 'relu' }), "Expected 'tanh' or 'relu' for nonlinearity"],
  ])('refuse what does not fit: %#', (call, message) => {
    expect(call).toThrow(message);
  });
});

test('projections must be smaller than the hidden state, and dropout needs a second layer', () => {
  expect(() => new nn.LSTM(3, 2, { projSize: 2 })).toThrow('Expected a whole number from 0 to 1 for projSize but received number 2');
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  new nn.GRU(3, 2, { dropout: 0.5 });
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('Expected more than one layer for dropout 0.5 of GRU'));
  warn.mockRestore();
});
