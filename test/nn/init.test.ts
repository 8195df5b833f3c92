import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { type StoredTensor, valuesOf } from './reference';

const { init } = nn;
const { initialisers } = valuesOf<{ initialisers: { name: string; options: object; value: StoredTensor }[] }>('random');

test.each(initialisers.map((stored) => [`${stored.name}(${JSON.stringify(stored.options)})`, stored] as const))(
  '%s draws what PyTorch draws under the same seed',
  (_, stored) => {
    torch.manualSeed(4);
    const tensor = torch.empty([6, 4, 3, 3]);
    const fill = init[stored.name as 'uniform_'];
    expect(fill(tensor, stored.options)).toBe(tensor);
    expectClose(tensor, stored.value.data as number[], 1e-6);
  },
);

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
  [() => init.truncNormal_(torch.empty(3), { a: 10, b: 11 }), 'Expected an interval [a, b] that holds a part of the distribution'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
