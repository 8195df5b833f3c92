import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { type StoredTensor, valuesOf } from './reference';

const { init } = nn;
interface Initialiser {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: object;
  readonly value: StoredTensor;
}

const { initialisers, gains } = valuesOf<{ initialisers: readonly Initialiser[]; gains: Record<string, number> }>('random');

function title({ name, args, options, value }: Initialiser): string {
  return `${name}([${value.shape}], ${[...args, JSON.stringify(options)].join(', ')})`;
}

test.each(initialisers.map((stored) => [title(stored), stored] as const))(
  '%s draws what PyTorch draws under the same seed',
  (_, stored) => {
    torch.manualSeed(4);
    const tensor = torch.empty(stored.value.shape);
    const fill = init[stored.name as 'uniform_'] as (tensor: torch.Tensor, ...args: unknown[]) => torch.Tensor;
    expect(fill(tensor, ...stored.args, stored.options)).toBe(tensor);
    expectClose(tensor, stored.value.data as number[], 1e-6);
  },
);

test.each(Object.entries(gains))('the gain of %s', (name, gain) => {
  expect(init.calculateGain(name as 'relu')).toBe(gain);
});

test('orthogonal_ makes the fewer of rows and columns orthonormal, up to the gain', () => {
  const tall = init.orthogonal_(torch.empty(7, 2, 2, { dtype: 'float64' }), { gain: 2 }).reshape(7, 4);
  expectClose(tall.t().matmul(tall), torch.eye(4).mul(4).flatten().toArray() as number[], 1e-12);
});

test('truncNormal_ stays within bounds far from the mean', () => {
  const values = init.truncNormal_(torch.empty(1000), { a: 3, b: 5 });
  expect(Number(values.min().item())).toBeGreaterThanOrEqual(3);
  expect(Number(values.max().item())).toBeLessThanOrEqual(5);
  expect(Number(values.mean().item())).toBeCloseTo(3.28, 1); // phi(3) / (1 - Phi(3))
});

test('a layer without elements is left as it is', () => {
  expect(init.kaimingUniform_(torch.empty(0, 3)).shape).toEqual([0, 3]);
  expect(init.kaimingNormal_(torch.empty(3, 0)).shape).toEqual([3, 0]);
  expect(init.orthogonal_(torch.empty(3, 0)).shape).toEqual([3, 0]);
});

test('constants', () => {
  expect(init.constant_(torch.empty(2), 3).toArray()).toEqual([3, 3]);
  expect(init.ones_(torch.empty(2)).toArray()).toEqual([1, 1]);
  expect(init.zeros_(torch.empty(2)).toArray()).toEqual([0, 0]);
});

test('parameters are filled without recording it', () => {
  const parameter = new nn.Parameter(torch.zeros(2, 2));
  init.xavierUniform_(parameter);
  expect(parameter.isLeaf).toBe(true);
  expect(parameter.requiresGrad).toBe(true);
});

test('a generator of its own makes the numbers reproducible without touching the global one', () => {
  torch.manualSeed(1);
  const next = torch.rand(1).item();
  torch.manualSeed(1);
  const draw = (): unknown => init.kaimingNormal_(torch.empty(2, 2), { generator: new torch.Generator().manualSeed(9) }).toArray();
  expect(draw()).toEqual(draw());
  expect(torch.rand(1).item()).toBe(next);
});

test('the fans of a convolution count its kernel', () => {
  expect(init.calculateFanInAndFanOut(torch.empty([8, 3, 5, 2]))).toEqual({ fanIn: 30, fanOut: 80 });
});

test.each([
  [() => init.kaimingUniform_(torch.empty(3)), 'Expected a tensor with at least two dimensions for initialisation by fan'],
  [() => init.kaimingUniform_(torch.empty(3, 3), { mode: 'fan_in' as 'fanIn' }), "Expected 'fanIn' or 'fanOut' for mode"],
  [() => init.calculateGain('gelu' as 'relu'), 'Expected the name of a nonlinearity for nonlinearity but received string "gelu"'],
  [() => init.truncNormal_(torch.empty(3), { a: 2, b: 1 }), 'Expected bounds a < b for truncNormal_ but received an array of 2'],
  [() => init.truncNormal_(torch.empty(3), { std: 0 }), 'Expected a positive number for std but received number 0'],
  [() => init.eye_(torch.empty(3)), 'Expected a tensor of two dimensions for eye_ but received tensor float32[3] cpu'],
  [() => init.sparse_(torch.empty(3, 3), 2), 'Expected a share in [0, 1] for sparsity but received number 2'],
  [() => init.sparse_(torch.empty(3, 3, 3), 0.1), 'Expected a tensor of two dimensions for sparse_'],
  [() => init.orthogonal_(torch.empty(3)), 'Expected a tensor with at least two dimensions for orthogonal_'],
  [() => init.dirac_(torch.empty(3, 3)), 'Expected a tensor of three to five dimensions for dirac_'],
  [() => init.dirac_(torch.empty(3, 3, 3), { groups: 2 }), 'Expected a divisor of the 3 output channels for groups but received number 2'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
