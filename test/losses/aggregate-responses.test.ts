import * as torch from '../../lib';
import { losses } from '../../lib';
import { expectClose } from './random';

const f64 = { dtype: 'float64' } as const;
const { bagLevelLoss, instanceLevelLoss, interpolatedAggregateLoss, withinBagSpread } = losses;

interface Bagged {
  readonly predictions: torch.Tensor;
  readonly bags: torch.Tensor;
  readonly responses: torch.Tensor;
  /** [m, n]: 1 where the sample is in the bag. */
  readonly members: torch.Tensor;
}

/** Random bags of the sizes given, their samples in any order; responses in (0, 1). */
function bagged(sizes: readonly number[], scale = 1.5): Bagged {
  torch.manualSeed(sizes.length);
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const inOrder = torch.tensor(sizes.flatMap((size, bag) => Array<number>(size).fill(bag)));
  const bags = inOrder.indexSelect(0, torch.randperm(n));
  return {
    predictions: torch.randn(n, f64).mul(scale).requiresGrad_(),
    bags,
    responses: torch.rand(sizes.length, f64).mul(0.9).add(0.05).requiresGrad_(),
    members: torch.nn.functional.oneHot(bags, { numClasses: sizes.length }).double().t().contiguous(),
  };
}

/** Means by the definition. */
const meansOf = (values: torch.Tensor, members: torch.Tensor) => members.mv(values).div(members.sum(1));

const EQUAL = [[1], [4], [2, 2, 2], [1, 1, 1, 1], [5, 5, 5, 5, 5, 5]] as const;
const UNEQUAL = [
  [1, 3],
  [4, 1, 2, 7],
  [9, 1, 1, 1, 2],
] as const;

describe.each([...EQUAL, ...UNEQUAL].map((sizes) => [sizes.join(' + '), sizes] as const))('bags of %s', (_, sizes) => {
  test('values by their definitions, with all reductions', () => {
    const { predictions: f, bags, responses: y, members } = bagged(sizes);
    const own = members.t().mv(y);
    const p = meansOf(f.sigmoid(), members);
    const q = meansOf(f.neg().sigmoid(), members);
    const terms = {
      bag: {
        squared: meansOf(f, members).sub(y).square(),
        logistic: y.mul(p.log()).add(y.neg().add(1).mul(q.log())).neg(),
      },
      instance: { squared: f.sub(own).square(), logistic: f.exp().log1p().sub(own.mul(f)) },
    };
    for (const loss of ['squared', 'logistic'] as const) {
      for (const [level, lossOf] of [
        ['bag', bagLevelLoss],
        ['instance', instanceLevelLoss],
      ] as const) {
        const wanted = terms[level][loss];
        expectClose(lossOf(f, bags, y, { loss, reduction: 'none' }), wanted);
        expectClose(lossOf(f, bags, y, { loss, reduction: 'sum' }), wanted.sum());
        expectClose(lossOf(f, bags, y, { loss }), wanted.mean());
      }
      for (const rho of [0, 0.3, 1]) {
        const wanted = terms.bag[loss]
          .mean()
          .mul(1 - rho)
          .add(terms.instance[loss].mean().mul(rho));
        expectClose(interpolatedAggregateLoss(f, bags, y, { rho, loss }), wanted);
      }
    }
    const spread = f
      .sub(members.t().mv(meansOf(f, members)))
      .square()
      .mean();
    expectClose(withinBagSpread(f, bags), spread);
    expectClose(withinBagSpread(f, bags, { numBags: sizes.length }), spread);
  });

  test('gradients agree with differences, those of the responses too, and second ones', () => {
    const { predictions, bags, responses } = bagged(sizes);
    for (const loss of ['squared', 'logistic'] as const) {
      for (const level of [bagLevelLoss, instanceLevelLoss, interpolatedAggregateLoss]) {
        const call = (f: torch.Tensor, y: torch.Tensor) => level(f, bags, y, { loss });
        expect(torch.autograd.gradcheck(call, [predictions, responses])).toBe(true);
        expect(torch.autograd.gradgradcheck(call, [predictions, responses])).toBe(true);
      }
    }
    expect(torch.autograd.gradcheck((f) => withinBagSpread(f, bags), [predictions])).toBe(true);
  });

  test('neither the order of the samples nor the numbers of the bags matter', () => {
    const { predictions, bags, responses } = bagged(sizes);
    const order = torch.randperm(predictions.size(0));
    const renamed = torch.randperm(sizes.length);
    for (const loss of ['squared', 'logistic'] as const) {
      const value = interpolatedAggregateLoss(predictions, bags, responses, { loss });
      expectClose(interpolatedAggregateLoss(predictions.indexSelect(0, order), bags.indexSelect(0, order), responses, { loss }), value);
      const elsewhere = torch.zeros(sizes.length, f64).scatter(0, renamed, responses);
      expectClose(interpolatedAggregateLoss(predictions, renamed.indexSelect(0, bags), elsewhere, { loss }), value);
    }
  });

  test('logits out of reach take the same values by the other way', () => {
    const { predictions, bags, responses } = bagged(sizes);
    const options = { loss: 'logistic', reduction: 'none' } as const;
    const near = bagLevelLoss(predictions, bags, responses, options);
    // One more bag, far away, makes all be computed in units of the largest.
    const n = sizes.length;
    const far = bagLevelLoss(
      torch.cat([predictions, torch.tensor([-400], f64)]),
      torch.cat([bags, torch.tensor([n])]),
      torch.cat([responses, torch.tensor([1], f64)]),
      options,
    );
    expectClose(far.narrow(0, 0, n), near);
    expectClose(far.narrow(0, n, 1), torch.tensor([400], f64));
  });
});

test.each(EQUAL.map((sizes) => [sizes.join(' + '), sizes] as const))(
  'bags of %s, of one size: the instance level is the bag level and the spread within',
  (_, sizes) => {
    const { predictions, bags, responses } = bagged(sizes);
    const sum = bagLevelLoss(predictions, bags, responses).add(withinBagSpread(predictions, bags));
    expectClose(instanceLevelLoss(predictions, bags, responses), sum);
    const rho = 0.37;
    const penalised = bagLevelLoss(predictions, bags, responses).add(withinBagSpread(predictions, bags), { alpha: rho });
    expectClose(interpolatedAggregateLoss(predictions, bags, responses, { rho }), penalised);
  },
);

test('bags of several sizes: the identity does not hold', () => {
  const { predictions, bags, responses } = bagged([4, 1, 2, 7]);
  const sum = bagLevelLoss(predictions, bags, responses).add(withinBagSpread(predictions, bags));
  expect(Math.abs(Number(instanceLevelLoss(predictions, bags, responses).sub(sum).item()))).toBeGreaterThan(0.01);
});

test('bags of one sample: both levels are the usual losses', () => {
  const { predictions, bags, responses } = bagged([1, 1, 1, 1, 1, 1]);
  const own = responses.indexSelect(0, bags);
  const { mseLoss, binaryCrossEntropyWithLogits } = torch.nn.functional;
  for (const level of [bagLevelLoss, instanceLevelLoss]) {
    expectClose(level(predictions, bags, responses), mseLoss(predictions, own));
    expectClose(level(predictions, bags, responses, { loss: 'logistic' }), binaryCrossEntropyWithLogits(predictions, own));
  }
});

test('the logistic bag level is below the instance level: the logarithm is concave', () => {
  const { predictions, bags, responses } = bagged([4, 1, 2, 7], 4);
  const options = { loss: 'logistic', reduction: 'none' } as const;
  const instance = instanceLevelLoss(predictions, bags, responses, options);
  const members = torch.nn.functional.oneHot(bags, { numClasses: 4 }).double().t();
  expect(bagLevelLoss(predictions, bags, responses, options).le(meansOf(instance, members).add(1e-12)).all().item()).toBe(true);
});

describe.each(['float32', 'float64'] as const)('huge logits in %s', (dtype) => {
  test.each([80, 200, 1e4])('%d: value and gradient are finite and right', (size) => {
    const f = torch.tensor([-size, -size, size, size, -size, size], { dtype }).requiresGrad_();
    const bags = torch.tensor([0, 0, 1, 1, 2, 2]);
    // Wrong, wrong, and half right.
    const y = torch.tensor([1, 0, 0.5], { dtype });
    const loss = bagLevelLoss(f, bags, y, { loss: 'logistic', reduction: 'none' });
    expectClose(loss.double(), torch.tensor([size, size, Math.log(2)], f64), 1e-6);
    loss.sum().backward();
    expectClose(f.grad?.double() as torch.Tensor, torch.tensor([-0.5, -0.5, 0.5, 0.5, 0, 0], f64), 1e-6);
    const instance = instanceLevelLoss(f, bags, y, { loss: 'logistic' });
    expect(instance.isfinite().item()).toBe(true);
  });

  test('a response that is met exactly costs nothing, and NaN shows', () => {
    const f = torch.tensor([1e3, 1e3, -1e3], { dtype });
    const bags = torch.tensor([0, 0, 1]);
    const y = torch.tensor([1, 0], { dtype });
    expect(bagLevelLoss(f, bags, y, { loss: 'logistic' }).item()).toBe(0);
    const unknown = torch.tensor([Number.NaN, 0], { dtype });
    for (const level of [bagLevelLoss, instanceLevelLoss, interpolatedAggregateLoss])
      for (const loss of ['squared', 'logistic'] as const) expect(level(f, bags, unknown, { loss }).isnan().item()).toBe(true);
    const none = f.mul(Number.NaN);
    for (const level of [bagLevelLoss, instanceLevelLoss, interpolatedAggregateLoss])
      for (const loss of ['squared', 'logistic'] as const) expect(level(none, bags, y, { loss }).isnan().item()).toBe(true);
  });
});

test('at an end the other level has no say, even where it is not finite', () => {
  const f = torch.tensor([1e200, -1e200], f64).requiresGrad_();
  const [bags, y] = [torch.tensor([0, 0]), torch.tensor([1], f64)];
  const loss = interpolatedAggregateLoss(f, bags, y, { rho: 0 });
  loss.backward();
  expect(loss.item()).toBe(1);
  expectClose(f.grad as torch.Tensor, torch.tensor([-1, -1], f64));
});

test('half precision adds many samples without loss of digits', () => {
  const n = 4096;
  const f = torch.ones(n, { dtype: 'bfloat16' }).requiresGrad_();
  const bags = torch.zeros(n, { dtype: 'int64' });
  const y = torch.tensor([3], { dtype: 'bfloat16' });
  const loss = bagLevelLoss(f, bags, y);
  expect([loss.dtype, loss.item()]).toEqual(['bfloat16', 4]);
  loss.backward();
  expect(f.grad?.dtype).toBe('bfloat16');
  for (const level of [instanceLevelLoss, interpolatedAggregateLoss])
    expect(level(f, bags, torch.ones(1, { dtype: 'bfloat16' }), { loss: 'logistic' }).item()).toBeCloseTo(Math.log1p(Math.exp(-1)), 2);
});

test('bags may be numbered in any whole numbers, and responses be whole', () => {
  const f = torch.tensor([1, 3, 5], f64);
  const wanted = torch.tensor(6.5, f64); // ((2 - 0)^2 + (5 - 2)^2) / 2
  for (const dtype of ['uint8', 'int32', 'int64'] as const)
    expectClose(bagLevelLoss(f, torch.tensor([0, 0, 1], { dtype }), torch.tensor([0, 2])), wanted);
});

describe('bad input is refused in a sentence', () => {
  const f = torch.zeros(4);
  const bags = torch.tensor([0, 0, 1, 1]);
  const y = torch.zeros(2);
  const all = [bagLevelLoss, instanceLevelLoss, interpolatedAggregateLoss] as const;
  test.each<[string, (level: (typeof all)[number]) => unknown, string]>([
    [
      'a bag too high',
      (level) => level(f, torch.tensor([0, 0, 1, 2]), y),
      'Expected integer bagIndices in [0, 2) but received 2 at index 3',
    ],
    [
      'a bag below 0',
      (level) => level(f, torch.tensor([0, -1, 1, 1]), y),
      'Expected integer bagIndices in [0, 2) but received -1 at index 1',
    ],
    ['a bag without samples', (level) => level(f, bags, torch.zeros(3)), 'Expected bag sizes above 0 but received 0 at index 2'],
    [
      'bags that are no whole numbers',
      (level) => level(f, torch.zeros(4), y),
      'Expected a tensor of whole numbers for bagIndices but received tensor float32[4] cpu',
    ],
    [
      'lengths that differ',
      (level) => level(torch.zeros(3), bags, y),
      'Expected shape [n] with n = 3 for bagIndices but received tensor int64[4] cpu',
    ],
    [
      'predictions with two axes',
      (level) => level(torch.zeros(4, 1), bags, y),
      'Expected shape [n] for predictions but received tensor float32[4, 1] cpu',
    ],
    [
      'no samples',
      (level) => level(torch.zeros(0), torch.zeros(0, { dtype: 'int64' }), torch.zeros(0)),
      'Expected at least one element for predictions but received tensor float32[0] cpu',
    ],
    [
      'another loss',
      (level) => level(f, bags, y, { loss: 'absolute' as 'squared' }),
      "Expected one of 'squared', 'logistic' for loss but received string \"absolute\"",
    ],
    [
      'a response that is no share',
      (level) => level(f, bags, torch.tensor([0.5, 1.5]), { loss: 'logistic' }),
      'Expected bagResponses in [0, 1] but received 1.5 at index 1',
    ],
    ['a tensor as options', (level) => level(f, bags, y, y as object), 'Expected an options object for'],
  ])('%s', (_, call, message) => {
    for (const level of all) expect(() => call(level)).toThrow(message);
  });

  test('what only some of them take', () => {
    expect(() => bagLevelLoss(f, bags, y, { reduction: 'all' as 'sum' })).toThrow(
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"all\"",
    );
    expect(() => instanceLevelLoss(f, bags, y, { reduction: 'all' as 'sum', loss: 'logistic' })).toThrow(
      "Expected 'mean', 'sum' or 'none' for reduction",
    );
    for (const rho of [-0.1, 1.5, Number.NaN])
      expect(() => interpolatedAggregateLoss(f, bags, y, { rho })).toThrow(
        `Expected a number in [0, 1] for rho but received number ${rho}`,
      );
    expect(() => withinBagSpread(f, bags, { numBags: 3 })).toThrow('Expected bag sizes above 0 but received 0 at index 2');
    expect(() => withinBagSpread(f, bags, { numBags: 0 })).toThrow('Expected a whole number from 1 for numBags but received number 0');
    expect(() => withinBagSpread(f, torch.tensor([0, 0, 1, 9]))).toThrow('Expected integer bagIndices in [0, 4) but received 9 at index 3');
    expect(() => withinBagSpread(f, torch.tensor([0, 0, 2, 2]))).toThrow('Expected bag sizes above 0 but received 0 at index 1');
    expect(() => withinBagSpread(f, torch.zeros(3, { dtype: 'int64' }))).toThrow('Expected shape [n] with n = 4 for bagIndices');
  });
});
