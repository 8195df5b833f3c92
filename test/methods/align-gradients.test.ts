import * as torch from '../../lib';
import { methods } from '../../lib';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;
const dot = (a: torch.Tensor, b: torch.Tensor): number => Number(a.mul(b).sum().item());

beforeEach(() => torch.manualSeed(0));

test('what goes against the main gradient is taken out of the other, and nothing else', () => {
  let conflicts = 0;
  for (let k = 0; k < 40; k++) {
    const [main, aux] = [torch.randn(6, float64), torch.randn(6, float64)];
    const { combined, aligned, conflict } = methods.alignGradients(main, aux);
    expectClose(combined, main.add(aligned));
    if (dot(main, aux) >= 0) {
      expectClose(aligned, aux, 0);
      expect(Number(conflict.item())).toBe(0);
      continue;
    }
    conflicts++;
    expect(Number(conflict.item())).toBe(1);
    expect(dot(aligned, main)).toBeCloseTo(0, 12);
    // The difference is along the main gradient, and what is across it is as it was.
    const along = aux.sub(aligned);
    expectClose(along, main.mul(dot(aux, main) / dot(main, main)));
    expect(dot(combined, main)).toBeCloseTo(dot(main, main), 10);
  }
  expect(conflicts).toBeGreaterThan(5);
});

test('lists are one long vector, null is zeros, and the main gradient reaches what only it has', () => {
  const [shared, head] = [torch.randn(2, 3, float64), torch.randn(4, float64)];
  const [against, other] = [shared.neg().add(torch.randn(2, 3, float64).mul(0.1)), torch.randn(5, float64)];
  const { combined, aligned, conflict } = methods.alignGradients([shared, head, null, null], [against, null, other, undefined]);
  const flat = methods.alignGradients(
    torch.cat([shared.flatten(), head, torch.zeros(5, float64)]),
    torch.cat([against.flatten(), torch.zeros(4, float64), other]),
  );
  const together = (parts: (torch.Tensor | null)[]) => torch.cat(parts.slice(0, 3).map((part) => (part as torch.Tensor).flatten()));
  expectClose(together(aligned), flat.aligned);
  expectClose(together(combined), flat.combined);
  expect(Number(conflict.item())).toBe(1);
  expect((aligned[1] as torch.Tensor).abs().min().item()).toBeGreaterThan(0);
  expect([aligned[3], combined[3]]).toEqual([null, null]);
});

test('without a main gradient, or against none, there is no conflict', () => {
  const aux = torch.randn(3);
  const { aligned, conflict } = methods.alignGradients(torch.zeros(3), aux);
  expectClose(aligned, aux, 0);
  expect(Number(conflict.item())).toBe(0);
  expectClose(methods.alignGradients([null], [aux]).combined[0] as torch.Tensor, aux, 0);
  expectClose(methods.alignGradients([aux], [null]).combined[0] as torch.Tensor, aux, 0);
});

test('the gradients stay as they are, also when results are changed', () => {
  const [main, aux] = [torch.tensor([1, 0]), torch.tensor([-1, 1])];
  const { combined } = methods.alignGradients([main, null], [null, aux]);
  for (const gradient of combined) (gradient as torch.Tensor).zero_();
  expect([main.toArray(), aux.toArray()]).toEqual([
    [1, 0],
    [-1, 1],
  ]);
});

test('of two losses on shared weights: the step along it lessens the first as if it were alone', () => {
  const weight = torch.zeros(3, 2, float64).requiresGrad_();
  const x = torch.rand(20, 3, float64);
  const [first, second] = [x.mm(weight).sub(1).square().mean(), x.mm(weight).add(1).square().mean()];
  const [g1] = torch.autograd.grad(first, [weight]);
  const [g2] = torch.autograd.grad(second, [weight]);
  const { combined, conflict } = methods.alignGradients(g1 as torch.Tensor, g2 as torch.Tensor);
  expect(Number(conflict.item())).toBe(1);
  expect(dot(combined, g1 as torch.Tensor)).toBeCloseTo(dot(g1 as torch.Tensor, g1 as torch.Tensor), 10);
});

const x = torch.zeros(2);
test.each<[string, () => unknown, string]>([
  [
    'gradients of different shapes',
    () => methods.alignGradients(x, torch.zeros(3)),
    'Expected shape [2], that of mainGrad, for auxGrad but received tensor float32[3] cpu',
  ],
  [
    'lists of different lengths',
    () => methods.alignGradients([x], [x, x]),
    'Expected a list of 1 gradients for auxGrad but received an array of 2',
  ],
  [
    'no gradients',
    () => methods.alignGradients([], []),
    'Expected a list of one or more gradients for mainGrad but received an array of 0',
  ],
  ['nothing but null', () => methods.alignGradients([null], [null]), 'Expected at least one gradient for mainGrad but received null'],
  ['a number', () => methods.alignGradients(1 as never, x), 'Expected a tensor for mainGrad but received number 1'],
  [
    'a parameter of two shapes',
    () => methods.alignGradients([x], [torch.zeros(1)]),
    'Expected shape [2], that of mainGrad[0], for auxGrad[0] but received tensor float32[1] cpu',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
