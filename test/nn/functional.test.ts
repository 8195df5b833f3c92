import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import {
  as,
  type FunctionCase,
  flatOutputs,
  functions,
  restore,
  restoreState,
  type StoredTensor,
  valuesOf,
  weightedSum,
} from './reference';

const { functional } = nn;
type AnyFunction = (...args: unknown[]) => unknown;

function title({ function: name, inputs, options, tensors }: FunctionCase): string {
  const shapes = inputs.map((input) => ('value' in input ? JSON.stringify(input.value) : `[${input.shape}]`));
  const named = Object.keys(tensors).map((key) => `, ${key}`);
  return `${name}(${shapes.join(', ')}, ${JSON.stringify(options)}${named.join('')})`;
}

describe.each([
  { dtype: 'float64', tolerance: 1e-12 },
  { dtype: 'float32', tolerance: 1e-4 },
] as const)('in $dtype', ({ dtype, tolerance }) => {
  test.each(functions.map((stored) => [title(stored), stored] as const))('%s is as in PyTorch', (_, stored) => {
    const inputs = stored.inputs.map((input, k) => {
      if ('value' in input) return input.value;
      return as(dtype, restore(input)).requiresGrad_(stored.grads[k] !== null);
    });
    const call = functional[stored.function as 'relu'] as unknown as AnyFunction;
    const tensors = Object.entries(restoreState(stored.tensors)).map(([name, tensor]) => [name, as(dtype, tensor)]);
    const outputs = flatOutputs(call(...inputs, { ...stored.options, ...Object.fromEntries(tensors) }));
    expect(outputs.map(({ shape }) => shape)).toEqual(stored.outputs.map(({ shape }) => shape));
    for (const [k, output] of outputs.entries()) {
      expect(output.dtype).toBe(stored.outputs[k]?.dtype === 'float64' ? dtype : stored.outputs[k]?.dtype);
      expectClose(output, stored.outputs[k]?.data as number[], tolerance);
    }
    if (stored.grads.every((grad) => grad === null)) return;
    weightedSum(outputs).backward();
    for (const [k, grad] of stored.grads.entries()) {
      if (grad !== null) expectClose((inputs[k] as torch.Tensor).grad as torch.Tensor, grad.data as number[], tolerance);
    }
  });
});

const { dropout } = valuesOf<{ dropout: StoredTensor }>('random');

test('dropout draws as PyTorch does under the same seed', () => {
  torch.manualSeed(5);
  expect(functional.dropout(torch.ones(50), { p: 0.3 }).toArray()).toEqual(dropout.data);
});

test('gumbelSoftmax gives probabilities, one-hot ones when hard, whose gradients are the soft ones', () => {
  const logits = torch.randn(6, 4).requiresGrad_();
  const soft = functional.gumbelSoftmax(logits, { tau: 0.5 });
  expectClose(soft.sum(1), Array(6).fill(1), 1e-6);
  const hard = functional.gumbelSoftmax(logits, { hard: true });
  expect(hard.max(1).values.sub(1).abs().max().item()).toBeLessThan(1e-6);
  hard.select(1, 0).sum().backward();
  expect(Number(logits.grad?.abs().sum().item())).toBeGreaterThan(0);
});

test('in-place forms overwrite their input', () => {
  const x = torch.tensor([-1, 2, 8], { dtype: 'float32' });
  expect(functional.relu6(x, { inplace: true })).toBe(x);
  expect(x.toArray()).toEqual([0, 2, 6]);
  functional.dropout(x, { p: 1, inplace: true });
  expect(x.toArray()).toEqual([0, 0, 0]);
});

describe('bad arguments get one clear sentence', () => {
  const x = torch.zeros(2, 3);
  test.each([
    [
      () => functional.crossEntropy(x, x, { reduction: 'batch' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string",
    ],
    [() => functional.crossEntropy(x, x, { labelSmoothing: 2 }), 'Expected a share in [0, 1] for labelSmoothing but received number 2'],
    [() => functional.softmax(x, undefined as never), 'Expected a dimension for dim of softmax but received nothing'],
    [() => functional.dropout(x, { p: Number.NaN }), 'Expected a probability in [0, 1] for p but received number NaN'],
    [() => functional.mseLoss(x, x, { weight: torch.ones(3) }), "Expected weights of the input's shape [2, 3] for weight"],
    [() => functional.binaryCrossEntropyWithLogits(x, torch.zeros(3)), "Expected a target of the input's shape [2, 3]"],
    [() => functional.embedding(torch.tensor([0]), x, { paddingIdx: 2 }), 'Expected a position from -2 to 1 for paddingIdx'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});

test('a target of another shape is broadcast with a warning, as in PyTorch', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  expect(functional.mseLoss(torch.zeros(2, 3), torch.ones(3)).item()).toBe(1);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("Expected a target of the input's shape [2, 3] for mseLoss but received [3]"));
  warn.mockRestore();
});

test("libtorch's lower-level operators of the namespace are there too", () => {
  expect(functional.eluBackward).toBeInstanceOf(Function);
});
