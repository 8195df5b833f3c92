import * as torch from '../../lib';
import { losses, nn } from '../../lib';
import { rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const REDUCTIONS = ['none', 'mean', 'sum'] as const;
const random = (...shape: number[]): torch.Tensor => torch.randn(shape, float64).mul(2).requiresGrad_();

beforeEach(() => torch.manualSeed(0));

const softmax = (row: readonly number[], T: number): number[] => {
  const exponentials = row.map((value) => Math.exp(value / T));
  return exponentials.map((value) => value / sum(exponentials));
};
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** One row of each loss in plain numbers, from probabilities. */
const ROWS: Record<string, (s: readonly number[], t: readonly number[], T: number) => number> = {
  distillationKlLoss(s, t, T) {
    const [q, p] = [softmax(s, T), softmax(t, T)];
    return T ** 2 * sum(p.map((value, c) => value * Math.log(value / (q[c] as number))));
  },
  binaryKlLoss(s, t, T) {
    return T ** 2 * sum(s.map((value, c) => bernoulli(sigmoid((t[c] as number) / T), sigmoid(value / T))));
  },
  binaryKlNormLoss(s, t, T) {
    return T ** 2 * sum(s.map((value, c) => bernoulli(0.5, sigmoid((value - (t[c] as number)) / T))));
  },
};

function bernoulli(p: number, q: number): number {
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}

const LOSSES = {
  distillationKlLoss: losses.distillationKlLoss,
  binaryKlLoss: losses.binaryKlLoss,
  binaryKlNormLoss: losses.binaryKlNormLoss,
} as const;

describe.each(Object.entries(LOSSES))('%s', (name, loss) => {
  test.each(REDUCTIONS)('the divergence of probabilities, %s', (reduction) => {
    for (const [samples, classes, temperature] of [
      [1, 1, 1],
      [5, 3, 0.7],
      [8, 12, 3],
    ] as const) {
      const [s, t] = [random(samples, classes), random(samples, classes)];
      const terms = rowsOf(s).map((row, i) => (ROWS[name] as (typeof ROWS)[string])(row, rowsOf(t)[i] as number[], temperature));
      const wanted = { none: terms, mean: sum(terms) / samples, sum: sum(terms) }[reduction];
      expectClose(loss(s, t, { temperature, reduction }), torch.tensor(wanted, float64), 1e-9);
    }
  });

  test('is 0 for equal logits, with gradient 0, and above it for others', () => {
    const t = random(4, 6);
    const s = t.detach().clone().requiresGrad_();
    const value = loss(s, t);
    expect(value.item()).toBe(0);
    expect(Number(torch.autograd.grad(value, [s])[0]?.abs().max().item())).toBeLessThan(1e-15);
    expect(loss(random(4, 6), t, { reduction: 'none' }).gt(0).all().item()).toBe(true);
  });

  test('near the teacher it is the square of the difference, also in single precision', () => {
    const t = torch.randn(3, 5);
    for (const size of [1e-2, 1e-3]) {
      const s = t.add(torch.randn(3, 5).mul(size));
      const exact = Number(loss(s.double(), t.double(), { temperature: 1 }).item());
      expect(exact).toBeLessThan(size ** 2 * 20);
      expect(Math.abs(Number(loss(s, t, { temperature: 1 }).item()) - exact)).toBeLessThan(1e-6);
    }
  });

  test('the teacher gets no gradient; classes and rows may be in any order', () => {
    const [s, t] = [random(6, 4), random(6, 4)];
    const value = loss(s, t);
    expect(torch.autograd.grad(value, [t], { allowUnused: true, retainGraph: true })[0]).toBeNull();
    const [rows, columns] = [torch.randperm(6), torch.randperm(4)];
    const moved = (x: torch.Tensor) => x.indexSelect(0, rows).indexSelect(1, columns);
    expectClose(loss(moved(s), moved(t)), value);
  });

  test('rows may have any number of dimensions', () => {
    const [s, t] = [random(2, 3, 4), random(2, 3, 4)];
    expectClose(loss(s, t, { reduction: 'none' }), loss(s.flatten(0, 1), t.flatten(0, 1), { reduction: 'none' }).reshape([2, 3]));
    expectClose(loss(s, t), loss(s.flatten(0, 1), t.flatten(0, 1)));
  });

  test('gradients agree with differences, also second ones', () => {
    const [s, t] = [random(3, 4), random(3, 4)];
    for (const temperature of [0.5, 3]) {
      const of = (x: torch.Tensor) => loss(x, t, { temperature });
      expect(torch.autograd.gradcheck(of, [s])).toBe(true);
      expect(torch.autograd.gradgradcheck(of, [s])).toBe(true);
    }
  });

  test('logits of 800 give finite values and gradients, half precision is computed in float32', () => {
    const s = torch.tensor([[800, -800, 0, 800]], { dtype: 'float32' }).requiresGrad_();
    const t = torch.tensor([[-800, 800, 0, 800]], { dtype: 'float32' });
    const value = loss(s, t, { temperature: 1 });
    value.backward();
    expect(Number.isFinite(Number(value.item()))).toBe(true);
    expect(s.grad?.isfinite().all().item()).toBe(true);
    expect(Number(s.grad?.abs().sum().item())).toBeGreaterThan(0.9);
    const half = torch.randn(3, 4).to('bfloat16').requiresGrad_();
    const wide = loss(half, torch.zeros(3, 4).to('bfloat16'));
    expectClose(wide, loss(half.detach().float(), torch.zeros(3, 4)), 1e-6);
    expect(torch.autograd.grad(wide, [half])[0]?.dtype).toBe('bfloat16');
  });

  test('NaN shows', () => {
    expect(loss(torch.tensor([[Number.NaN, 1]]), torch.zeros(1, 2)).item()).toBeNaN();
  });
});

test('the gradient of softened probabilities is T (q - p), and no shift of logits changes the loss', () => {
  const [s, t] = [random(4, 5), random(4, 5)];
  const value = losses.distillationKlLoss(s, t, { temperature: 3, reduction: 'sum' });
  expectClose(torch.autograd.grad(value, [s])[0] as torch.Tensor, s.div(3).softmax(1).sub(t.div(3).softmax(1)).mul(3));
  expectClose(losses.distillationKlLoss(s.add(7), t.sub(2), { temperature: 3, reduction: 'sum' }), value);
  // Large temperatures: half the squared difference of centred logits, over the number of classes.
  const centred = (x: torch.Tensor) => x.sub(x.mean([1], true));
  const square = centred(s).sub(centred(t)).square().mean(1).div(2);
  expectClose(losses.distillationKlLoss(s, t, { temperature: 1e4, reduction: 'none' }), square, 1e-3);
});

test('BinaryKL of one class is the softmax of two', () => {
  const [s, t] = [random(4, 1), random(4, 1)];
  const two = (x: torch.Tensor) => torch.cat([x, torch.zerosLike(x)], 1);
  expectClose(losses.binaryKlLoss(s, t, { temperature: 1.5 }), losses.distillationKlLoss(two(s), two(t), { temperature: 1.5 }));
  expectClose(
    torch.autograd.grad(losses.binaryKlLoss(s, t, { temperature: 2, reduction: 'sum' }), [s])[0] as torch.Tensor,
    s.div(2).sigmoid().sub(t.div(2).sigmoid()).mul(2),
  );
});

test('BinaryKL-Norm is BinaryKL of the difference from a teacher that does not know; its gradient is bounded', () => {
  const [s, t] = [random(4, 5), random(4, 5)];
  expectClose(losses.binaryKlNormLoss(s, t), losses.binaryKlLoss(s.sub(t), torch.zeros(4, 5, float64)));
  expectClose(losses.binaryKlNormLoss(s, t), losses.binaryKlNormLoss(t, s));
  const [gradient] = torch.autograd.grad(losses.binaryKlNormLoss(s, t, { temperature: 3, reduction: 'sum' }), [s]);
  expectClose(gradient as torch.Tensor, s.sub(t).div(6).tanh().mul(1.5));
  const far = torch.tensor([[1e6, -1e6]], float64).requiresGrad_();
  const value = losses.binaryKlNormLoss(far, torch.zeros(1, 2, float64));
  expect(Number(value.item()) / 2e6).toBeCloseTo(1, 5);
  expect(torch.autograd.grad(value, [far])[0]?.toArray()).toEqual([[1, -1]]);
});

test('with labels: the weighted sum of both, row by row', () => {
  const [s, t, labels] = [random(5, 4), random(5, 4), torch.tensor([3, 0, 1, 2, 0])];
  const soft = losses.distillationKlLoss(s, t, { temperature: 2, reduction: 'none' });
  const hard = s.softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1).log().neg();
  for (const alpha of [0, 0.3, 1]) {
    const rows = soft.mul(alpha).add(hard.mul(1 - alpha));
    for (const [reduction, wanted] of [
      ['none', rows],
      ['mean', rows.mean()],
      ['sum', rows.sum()],
    ] as const)
      expectClose(losses.knowledgeDistillationLoss(s, t, labels, { temperature: 2, alpha, reduction }), wanted);
  }
  expectClose(losses.knowledgeDistillationLoss(s, t, labels), losses.distillationKlLoss(s, t).add(hard.mean()).div(2));
  const of = (x: torch.Tensor) => losses.knowledgeDistillationLoss(x, t, labels);
  expect(torch.autograd.gradcheck(of, [s])).toBe(true);
  expect(torch.autograd.gradgradcheck(of, [s])).toBe(true);
});

test('features: the mean squared difference of each sample, also of directions', () => {
  for (const shape of [[4], [4, 3], [4, 3, 2, 2]]) {
    const [s, t] = [random(...shape), random(...shape)];
    const flat = (x: torch.Tensor) => x.reshape([4, -1]);
    const unit = (x: torch.Tensor) => flat(x).div(flat(x).square().sum(1, true).sqrt());
    for (const [normalize, rows] of [
      [false, flat],
      [true, unit],
    ] as const) {
      const terms = rows(s).sub(rows(t)).square().mean(1);
      for (const [reduction, wanted] of [
        ['none', terms],
        ['mean', terms.mean()],
        ['sum', terms.sum()],
      ] as const)
        expectClose(losses.featureDistillationLoss(s, t, { normalize, reduction }), wanted);
      if (normalize && shape.length === 1) continue; // a direction of one number has no gradient
      const of = (x: torch.Tensor) => losses.featureDistillationLoss(x, t, { normalize });
      expect(torch.autograd.gradcheck(of, [s])).toBe(true);
      expect(torch.autograd.gradgradcheck(of, [s])).toBe(true);
    }
    expect(torch.autograd.grad(losses.featureDistillationLoss(s, t), [t], { allowUnused: true })[0]).toBeNull();
  }
});

describe('dual head', () => {
  const [logits, aux, teacher, labels] = [random(5, 4), random(5, 4), random(5, 4), torch.tensor([0, 3, 2, 1, 1])];

  test('is cross-entropy of the one and distillation of the other', () => {
    for (const [variant, distilled] of [
      ['binaryKlNorm', losses.binaryKlNormLoss],
      ['binaryKl', losses.binaryKlLoss],
    ] as const) {
      const result = losses.dualHeadDistillationLoss(logits, aux, teacher, labels, { alpha: 0.4, gamma: 3, temperature: 1.5, variant });
      const [a, b] = [nn.functional.crossEntropy(logits, labels), distilled(aux, teacher, { temperature: 1.5 })];
      expectClose(result.classification, a);
      expectClose(result.distillation, b);
      expectClose(result.loss, a.mul(3).add(b.mul(0.4)));
    }
    const plain = losses.dualHeadDistillationLoss(logits, aux, teacher, labels);
    expectClose(plain.loss, plain.classification.add(losses.binaryKlNormLoss(aux, teacher)));
    const of = (x: torch.Tensor, y: torch.Tensor) => losses.dualHeadDistillationLoss(x, y, teacher, labels).loss;
    expect(torch.autograd.gradcheck(of, [logits, aux])).toBe(true);
    expect(torch.autograd.gradgradcheck(of, [logits, aux])).toBe(true);
  });

  test('the layer: linear, dropout, batch norm, ReLU, linear', () => {
    const head = new nn.AuxiliaryHead(6, 3, { hidden: 5, dropout: 0.2 });
    expect(head.layers.map((layer) => layer.constructor.name)).toEqual(['Linear', 'Dropout', 'BatchNorm1d', 'ReLU', 'Linear']);
    expect(head.forward(torch.randn(4, 6)).shape).toEqual([4, 3]);
    expect(Object.keys(head.stateDict())).toEqual(
      expect.arrayContaining(['0.weight', '0.bias', '2.weight', '2.running_mean', '4.weight', '4.bias']),
    );
    const standard = new nn.AuxiliaryHead(6, 3, { dtype: 'float64' });
    expect(standard.layers[0].weight.shape).toEqual([200, 6]);
    expect(standard.layers[1].p).toBe(0.1);
    expect(standard.layers[4].weight.dtype).toBe('float64');
    head.eval();
    const x = torch.randn(4, 6);
    expectClose(head.forward(x), head.forward(x), 0);
  });
});

const [x, y] = [torch.randn(2, 3), torch.tensor([0, 2])];
test.each<[string, () => unknown, string]>([
  [
    'a teacher of other classes',
    () => losses.distillationKlLoss(x, torch.zeros(2, 4)),
    'Expected shape [2, 3], that of studentLogits, for teacherLogits but received tensor float32[2, 4] cpu',
  ],
  [
    'no rows',
    () => losses.binaryKlLoss(torch.zeros(0, 3), torch.zeros(0, 3)),
    'Expected at least one element for studentLogits but received tensor float32[0, 3] cpu',
  ],
  [
    'a single number',
    () => losses.binaryKlNormLoss(torch.tensor(0.5), torch.tensor(0.5)),
    'Expected logits of classes for studentLogits but received tensor float32[] cpu',
  ],
  [
    'a temperature of 0',
    () => losses.distillationKlLoss(x, x, { temperature: 0 }),
    'Expected a number above 0 for temperature but received number 0',
  ],
  [
    'another reduction',
    () => losses.binaryKlLoss(x, x, { reduction: 'batchmean' as 'mean' }),
    "Expected 'mean', 'sum' or 'none' for reduction but received string \"batchmean\"",
  ],
  [
    'a label too high',
    () => losses.knowledgeDistillationLoss(x, x, y.add(1)),
    'Expected integer labels in [0, 3) but received 3 at index 1',
  ],
  [
    'an alpha above 1',
    () => losses.knowledgeDistillationLoss(x, x, y, { alpha: 2 }),
    'Expected a number in [0, 1] for alpha but received number 2',
  ],
  [
    'features of another size',
    () => losses.featureDistillationLoss(x, x.t()),
    'Expected shape [2, 3], that of student, for teacher but received tensor float32[3, 2] cpu',
  ],
  [
    'features of no batch',
    () => losses.featureDistillationLoss(torch.tensor(0.5), torch.tensor(0.5)),
    'Expected a batch for student but received tensor float32[] cpu',
  ],
  [
    'heads of different classes',
    () => losses.dualHeadDistillationLoss(x, torch.zeros(2, 4), torch.zeros(2, 4), y),
    'Expected shape [2, 3], that of logits, for auxLogits but received tensor float32[2, 4] cpu',
  ],
  [
    'another variant',
    () => losses.dualHeadDistillationLoss(x, x, x, y, { variant: 'kl' as 'binaryKl' }),
    "Expected one of 'binaryKlNorm', 'binaryKl' for variant but received string \"kl\"",
  ],
  [
    'a negative weight',
    () => losses.dualHeadDistillationLoss(x, x, x, y, { alpha: -1 }),
    'Expected a number from 0 for alpha but received number -1',
  ],
  ['a head without classes', () => new nn.AuxiliaryHead(3, 0), 'Expected a positive whole number for outFeatures but received number 0'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
