import * as torch from '../../lib';
import { losses } from '../../lib';
import { batches, expectClose } from './random';

type Member = 'z' | 'taylor' | 'spherical' | 'mse';

/** The losses as their definitions say, of all scores. */
const DEFINITIONS: Readonly<Record<Member, (logits: torch.Tensor, labels: torch.Tensor) => torch.Tensor>> = {
  z(logits, labels) {
    const target = logits.gather(1, labels.unsqueeze(1)).squeeze(1);
    const z = target.sub(logits.mean(1)).div(logits.var([1], { correction: 0 }).sqrt().add(1e-12));
    return z.mul(-1.5).add(0.6).exp().log1p().div(1.5);
  },
  taylor(logits, labels) {
    const terms = logits.square().div(2).add(logits).add(1);
    return terms
      .div(terms.sum(1, { keepdim: true }))
      .log()
      .neg()
      .gather(1, labels.unsqueeze(1))
      .squeeze(1);
  },
  spherical(logits, labels) {
    const terms = logits.square().add(1e-6);
    return terms
      .div(terms.sum(1, { keepdim: true }))
      .log()
      .neg()
      .gather(1, labels.unsqueeze(1))
      .squeeze(1);
  },
  mse(logits, labels) {
    return logits
      .sub(torch.nn.functional.oneHot(labels, { numClasses: logits.size(1) }))
      .square()
      .sum(1);
  },
};

const DENSE: typeof DEFINITIONS = {
  z: (logits, labels) => losses.zLoss(logits, labels, { a: 1.5, b: 0.4, reduction: 'none' }),
  taylor: (logits, labels) => losses.taylorSoftmaxLoss(logits, labels, { reduction: 'none' }),
  spherical: (logits, labels) => losses.sphericalSoftmaxLoss(logits, labels, { reduction: 'none' }),
  mse: (logits, labels) => losses.sphericalMseLoss(logits, labels, { reduction: 'none' }),
};

const FROM_SUMS: typeof DEFINITIONS = Object.fromEntries(
  (['z', 'taylor', 'spherical', 'mse'] as const).map((loss) => [
    loss,
    (logits: torch.Tensor, labels: torch.Tensor) =>
      losses.sphericalFamilyLoss(logits.gather(1, labels.unsqueeze(1)).squeeze(1), logits.sum(1), logits.square().sum(1), {
        loss,
        numClasses: logits.size(1),
        a: 1.5,
        b: 0.4,
        reduction: 'none',
      }),
  ]),
) as unknown as typeof DEFINITIONS;

// Of one class there is no spread, and of two the standard score is 1 or -1: below.
const several = batches().filter(([name]) => !/of [12] classes/.test(name));

describe.each(several)('%s', (_, make) => {
  test.each(['z', 'taylor', 'spherical', 'mse'] as const)('%s: value and gradient of the definition, dense and from sums', (loss) => {
    const { logits, labels } = make();
    const wanted = DEFINITIONS[loss](logits, labels);
    const [gradient] = torch.autograd.grad(wanted.sum(), [logits]);
    for (const terms of [DENSE[loss](logits, labels), FROM_SUMS[loss](logits, labels)]) {
      expectClose(terms, wanted);
      expectClose(torch.autograd.grad(terms.sum(), [logits])[0] as torch.Tensor, gradient as torch.Tensor, 1e-8);
    }
  });

  test('a shift and a positive factor do not change the Z-loss, and its gradient is at right angles to both', () => {
    const { logits, labels } = make();
    const loss = losses.zLoss(logits, labels, { eps: 0 });
    expectClose(losses.zLoss(logits.mul(37).sub(5000), labels, { eps: 0 }), loss, 1e-9);
    expectClose(losses.zLoss(logits.mul(1e-9), labels, { eps: 0 }), loss, 1e-9);
    const [gradient] = torch.autograd.grad(loss, [logits]) as [torch.Tensor];
    expectClose(gradient.sum(1), torch.zeros([logits.size(0)], { dtype: 'float64' }), 1e-12);
    expectClose(gradient.mul(logits).sum(1), torch.zeros([logits.size(0)], { dtype: 'float64' }), 1e-12);
  });

  test('the order of the other classes does not matter, nor the sign of scores to the spherical softmax', () => {
    const { logits, labels } = make();
    const order = torch.randperm(logits.size(1));
    const places = order.argsort().indexSelect(0, labels);
    for (const loss of Object.values(DENSE)) expectClose(loss(logits.indexSelect(1, order), places), loss(logits, labels));
    expectClose(losses.sphericalSoftmaxLoss(logits.neg(), labels), losses.sphericalSoftmaxLoss(logits, labels));
  });

  test('reductions', () => {
    const { logits, labels } = make();
    for (const loss of [losses.zLoss, losses.taylorSoftmaxLoss, losses.sphericalSoftmaxLoss, losses.sphericalMseLoss]) {
      const terms = loss(logits, labels, { reduction: 'none' });
      expect(terms.shape).toEqual([logits.size(0)]);
      expectClose(loss(logits, labels), terms.mean());
      expectClose(loss(logits, labels, { reduction: 'sum' }), terms.sum());
    }
  });

  test('gradients agree with differences, also second ones', () => {
    const { logits, labels } = make();
    if (logits.numel() > 100) return; // as many evaluations as numbers, twice
    for (const loss of Object.values(DENSE)) {
      expect(torch.autograd.gradcheck((x) => loss(x, labels), [logits])).toBe(true);
      expect(torch.autograd.gradgradcheck((x) => loss(x, labels), [logits])).toBe(true);
    }
    const sums = [logits.select(1, 0), logits.sum(1), logits.square().sum(1)].map((x) => x.detach().requiresGrad_());
    for (const loss of ['z', 'taylor', 'spherical', 'mse'] as const) {
      const of = (o: torch.Tensor, s: torch.Tensor, q: torch.Tensor) =>
        losses.sphericalFamilyLoss(o, s, q, { loss, numClasses: logits.size(1), eps: 0.01 });
      expect(torch.autograd.gradcheck(of, sums)).toBe(true);
      expect(torch.autograd.gradgradcheck(of, sums)).toBe(true);
    }
  });
});

test('a target that is as high as it can be has the standard score sqrt(D - 1)', () => {
  for (const classes of [3, 10, 101]) {
    const logits = torch.eye(classes, { dtype: 'float64' });
    const loss = losses.zLoss(logits, torch.arange(classes), { eps: 0 });
    expect(loss.item()).toBeCloseTo(Math.log1p(Math.exp(-Math.sqrt(classes - 1))), 12);
  }
});

test('of two classes the Z-loss sees only which is higher', () => {
  const logits = torch.tensor(
    [
      [0.3, 0.1],
      [-5, 20],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  const loss = losses.zLoss(logits, torch.tensor([0, 0]), { eps: 0, reduction: 'none' });
  expectClose(loss, torch.tensor([1, -1], { dtype: 'float64' }).neg().exp().log1p());
  expectClose(torch.autograd.grad(loss.sum(), [logits])[0] as torch.Tensor, torch.zeros([2, 2], { dtype: 'float64' }), 1e-12);
});

describe.each(['float32', 'float64'] as const)('%s: where all scores are equal the Z-loss has no gradient', (dtype) => {
  test.each([0, 0.1, 1 / 3, 1e5 + 0.3, -7e20])('%d', (value) => {
    for (const classes of [1, 3, 7, 1000]) {
      const logits = torch.full([2, classes], value, { dtype }).requiresGrad_();
      const loss = losses.zLoss(logits, torch.tensor([0, classes - 1]), { b: 0.5, reduction: 'none' });
      expectClose(loss.double(), torch.full([2], Math.log1p(Math.exp(0.5)), { dtype: 'float64' }), 1e-6);
      expect(torch.autograd.grad(loss.sum(), [logits])[0]?.eq(0).all().item()).toBe(true);
    }
  });
});

test('from sums the variance may come out below 0: no gradient, and no NaN', () => {
  const [target, sums, squares] = [1, 3, 2.9].map((x) => torch.tensor([x], { dtype: 'float64', requiresGrad: true })) as [
    torch.Tensor,
    torch.Tensor,
    torch.Tensor,
  ];
  const loss = losses.sphericalFamilyLoss(target, sums, squares, { numClasses: 3 });
  expect(loss.item()).toBeCloseTo(Math.LN2, 14);
  for (const gradient of torch.autograd.grad(loss, [target, sums, squares])) expect(gradient?.eq(0).all().item()).toBe(true);
});

test('no steepness overflows, and NaN goes through', () => {
  const logits = torch.eye(400, { dtype: 'float32' }).requiresGrad_();
  const labels = torch.arange(400).roll(1);
  for (const a of [1e-3, 1, 1e4]) {
    for (const b of [-1e3, 0, 1e3]) {
      const loss = losses.zLoss(logits, labels, { a, b });
      expect(Number.isFinite(loss.item())).toBe(true);
      expect(torch.autograd.grad(loss, [logits])[0]?.isfinite().all().item()).toBe(true);
    }
  }
  const broken = torch.tensor([[Number.NaN, 1, 2]], { dtype: 'float64' });
  for (const loss of Object.values(DENSE)) expect(loss(broken, torch.tensor([1])).item()).toBeNaN();
  const nan = torch.tensor([Number.NaN], { dtype: 'float64' });
  expect(losses.sphericalFamilyLoss(nan, nan, nan, { numClasses: 3 }).item()).toBeNaN();
});

test('under a large common offset float32 keeps what it can hold', () => {
  torch.manualSeed(0);
  const logits = torch.randint(64, [20, 50]).float().div(8); // exact in float32 also far from 0
  const labels = torch.randint(50, [20]);
  expectClose(losses.zLoss(logits.add(1e5), labels), losses.zLoss(logits, labels), 1e-6);
});

test('bfloat16 gives the loss of its numbers', () => {
  torch.manualSeed(0);
  const logits = torch.randn(16, 30).to('bfloat16');
  const labels = torch.randint(30, [16]);
  for (const loss of Object.values(DENSE)) expectClose(loss(logits, labels).double(), loss(logits.double(), labels), 0.05);
});

describe('bad input is refused in a sentence', () => {
  const [logits, labels] = [torch.zeros(3, 4), torch.tensor([0, 1, 2])];
  const row = torch.zeros(3);
  const family = (options: object) => losses.sphericalFamilyLoss(row, row, row, { numClasses: 4, ...options } as never);
  test.each<[string, () => unknown, string]>([
    ['a = 0', () => losses.zLoss(logits, labels, { a: 0 }), 'Expected a number above 0 for a but received number 0'],
    ['b = NaN', () => losses.zLoss(logits, labels, { b: Number.NaN }), 'Expected a finite number for b but received number NaN'],
    ['eps below 0', () => losses.zLoss(logits, labels, { eps: -1 }), 'Expected a number from 0 for eps but received number -1'],
    ['eps of 0', () => losses.sphericalSoftmaxLoss(logits, labels, { eps: 0 }), 'Expected a number above 0 for eps but received number 0'],
    [
      'a label too high',
      () => losses.taylorSoftmaxLoss(logits, torch.tensor([0, 4, 2])),
      'Expected integer labels in [0, 4) but received 4 at index 1',
    ],
    [
      'another number of labels',
      () => losses.sphericalMseLoss(logits, torch.tensor([0])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'an unknown loss',
      () => family({ loss: 'softmax' }),
      "Expected one of 'z', 'taylor', 'spherical', 'mse' for loss but received string \"softmax\"",
    ],
    ['no number of classes', () => family({ numClasses: undefined }), 'Expected a whole number from 1 for numClasses but received nothing'],
    ['eps of 0 for spherical', () => family({ loss: 'spherical', eps: 0 }), 'Expected a number above 0 for eps but received number 0'],
    [
      'sums of another length',
      () => losses.sphericalFamilyLoss(row, torch.zeros(2), row, { numClasses: 4 }),
      'Expected shape [B] with B = 3 for sums but received tensor float32[2] cpu',
    ],
    [
      'no samples',
      () => losses.sphericalFamilyLoss(torch.zeros(0), torch.zeros(0), torch.zeros(0), { numClasses: 4 }),
      'Expected at least one sample for targetLogits but received tensor float32[0] cpu',
    ],
    ['another reduction', () => family({ reduction: 'max' }), "Expected 'mean', 'sum' or 'none' for reduction but received string \"max\""],
    [
      'no options',
      () => losses.sphericalFamilyLoss(row, row, row, undefined as never),
      'Expected a whole number from 1 for numClasses but received nothing',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
