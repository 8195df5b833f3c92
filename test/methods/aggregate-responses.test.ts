import * as torch from '../../lib';
import { losses, methods } from '../../lib';
import { expectClose } from '../losses/random';

const f64 = { dtype: 'float64' } as const;

/** The mean of values over the samples of each bag, one bag after the other. */
function meansOneByOne(values: torch.Tensor, bags: torch.Tensor, count: number): torch.Tensor {
  return torch.stack(Array.from({ length: count }, (_, bag) => values.indexSelect(0, torch.nonzero(bags.eq(bag)).flatten()).mean(0)));
}

interface Problem {
  readonly features: torch.Tensor;
  readonly bags: torch.Tensor;
  readonly responses: torch.Tensor;
}

/** Samples in bags of 1 to 4, and random mean responses. */
function problem(count: number, dimension: number, seed: number): Problem {
  torch.manualSeed(seed);
  const sizes = Array.from({ length: count }, (_, bag) => 1 + ((3 * bag + seed) % 4));
  const inOrder = torch.tensor(sizes.flatMap((size, bag) => Array<number>(size).fill(bag)));
  const bags = inOrder.indexSelect(0, torch.randperm(inOrder.size(0)));
  return { features: torch.randn(inOrder.size(0), dimension, f64), bags, responses: torch.randn(count, f64) };
}

describe.each([
  [1, 1],
  [6, 2],
  [7, 3],
  [12, 12],
  [13, 20],
] as const)('%d samples in bags of %d', (n, bagSize) => {
  test('all bags have one size but for the last; the sample comes where the permutation has it', () => {
    torch.manualSeed(n);
    const permutation = torch.randperm(n);
    const bags = methods.randomBags(permutation, { bagSize });
    expect([bags.dtype, bags.shape]).toEqual(['int64', [n]]);
    const full = Math.floor(n / bagSize);
    const rest = n % bagSize;
    expect(bags.bincount().toArray()).toEqual([...Array<number>(full).fill(bagSize), ...(rest > 0 ? [rest] : [])]);
    const order = permutation.toArray() as number[];
    const found = bags.toArray() as number[];
    for (const [place, sample] of order.entries()) expect(found[sample]).toBe(Math.floor(place / bagSize));
  });
});

test('bags of no samples are none', () => {
  expect(methods.randomBags(torch.zeros(0, { dtype: 'int64' })).shape).toEqual([0]);
});

describe.each([1, 5, 9])('%d bags', (count) => {
  test('mean responses are means; their gradients flow', () => {
    const { features, bags } = problem(count, 1, count);
    const values = features.squeeze(1).requiresGrad_();
    const means = methods.aggregateResponses(values, bags);
    expectClose(means, meansOneByOne(values, bags, count));
    expectClose(methods.aggregateResponses(values, bags, { numBags: count }), means);
    expect(torch.autograd.gradcheck((x) => methods.aggregateResponses(x, bags), [values])).toBe(true);
    expectClose(methods.aggregateResponses(values.gt(0), bags).double(), meansOneByOne(values.gt(0).double(), bags, count), 1e-6);
  });

  test.each([0, 0.4, 1])('least squares, rho %d: no gradient of the loss is left, with a ridge neither', (rho) => {
    const { features, bags, responses } = problem(count, 4, count);
    for (const ridge of [0, 0.3]) {
      const theta = methods.aggregateLeastSquares(features, bags, responses, { rho, ridge }).requiresGrad_();
      // With bags of several sizes the levels are as they are defined, not bag level and spread.
      const loss = losses
        .interpolatedAggregateLoss(features.mv(theta), bags, responses, { rho })
        .add(theta.square().sum(), { alpha: ridge });
      loss.backward();
      expectClose(theta.grad as torch.Tensor, torch.zeros(4, f64), 1e-9);
      // No shift makes it smaller.
      for (let k = 0; k < 5; k++) {
        const other = theta.detach().add(torch.randn(4, f64).mul(0.1));
        const more = losses
          .interpolatedAggregateLoss(features.mv(other), bags, responses, { rho })
          .add(other.square().sum(), { alpha: ridge });
        expect(Number(more.item())).toBeGreaterThanOrEqual(Number(loss.item()) - 1e-12);
      }
    }
  });

  test('least squares with fewer bags than features: the shortest that meets all means', () => {
    const { features, bags, responses } = problem(count, 12, count);
    const theta = methods.aggregateLeastSquares(features, bags, responses);
    const means = meansOneByOne(features, bags, count);
    expectClose(means.mv(theta), responses, 1e-8);
    expectClose(theta, torch.linalg.pinv(means).mv(responses), 1e-8);
    // The limit of a ridge that vanishes.
    expectClose(methods.aggregateLeastSquares(features, bags, responses, { ridge: 1e-9 }), theta, 1e-5);
    const single = methods.aggregateLeastSquares(features.float(), bags, responses.float());
    expect(single.dtype).toBe('float32');
    expectClose(single.double(), theta, 1e-4);
  });

  test('private responses: clipped means, and noise by the size of each bag', () => {
    const { features, bags } = problem(count, 1, count);
    const values = features.squeeze(1).mul(2);
    const noise = methods.laplaceNoise(torch.rand(count, f64));
    const [epsilon, bound] = [0.7, 1.2];
    const sizes = bags.bincount(null, count).double();
    const wanted = meansOneByOne(values.clamp(-bound, bound), bags, count).add(noise.mul(2 * bound).div(sizes.mul(epsilon)));
    expectClose(methods.privatizeBagResponses(values, bags, noise, { epsilon, bound }), wanted);
    expectClose(
      methods.privatizeBagResponses(values, bags, noise, { epsilon: Number.POSITIVE_INFINITY, bound: 100 }),
      meansOneByOne(values, bags, count),
    );
    // What one label may move: at most as much as the noise is wide, times epsilon.
    const changed = values.clone();
    changed.select(0, 0).fill_(1e6);
    const moved = methods
      .privatizeBagResponses(changed, bags, noise, { epsilon, bound })
      .sub(methods.privatizeBagResponses(values, bags, noise, { epsilon, bound }))
      .abs();
    expect(moved.mul(sizes).max().item()).toBeLessThanOrEqual(2 * bound + 1e-12);
    expect(Number(moved.gt(0).sum().item())).toBeLessThanOrEqual(1);
  });
});

test('bags of one sample: rho has no effect, and the solution is that of ordinary least squares', () => {
  torch.manualSeed(0);
  const [features, responses] = [torch.randn(20, 4, f64), torch.randn(20, f64)];
  const ordinary = torch.linalg.lstsq(features, responses.unsqueeze(1)).solution.squeeze(1);
  for (const rho of [0, 0.3, 1]) expectClose(methods.aggregateLeastSquares(features, torch.arange(20), responses, { rho }), ordinary, 1e-9);
});

test('least squares of what is not finite is not finite', () => {
  const features = torch.tensor([[1], [Number.NaN]], f64);
  const theta = methods.aggregateLeastSquares(features, torch.tensor([0, 1]), torch.zeros(2, f64));
  expect(theta.isnan().all().item()).toBe(true);
  expectClose(methods.aggregateLeastSquares(torch.zeros(2, 3, f64), torch.tensor([0, 1]), torch.ones(2, f64)), torch.zeros(3, f64));
});

describe('Laplace noise', () => {
  test('is the inverse of the distribution', () => {
    const x = torch.linspace(-30, 30, 601, f64);
    const half = x.abs().neg().exp().div(2);
    const below = torch.where(x.lt(0), half, half.neg().add(1));
    // Above 1/2 a uniform number holds the digits of 1 - u only down to 1e-16.
    const noise = methods.laplaceNoise(below);
    expectClose(noise.narrow(0, 0, 301), x.narrow(0, 0, 301), 1e-12);
    expectClose(noise.narrow(0, 301, 200), x.narrow(0, 301, 200), 1e-6);
  });

  test('has mean 0, variance 2 and no preferred side, and is never infinite', () => {
    torch.manualSeed(0);
    const noise = methods.laplaceNoise(torch.rand(400_000, f64));
    expect(Math.abs(Number(noise.mean().item()))).toBeLessThan(0.01);
    expect(Math.abs(Number(noise.square().mean().item()) - 2)).toBeLessThan(0.04);
    expect(Math.abs(Number(noise.gt(0).double().mean().item()) - 0.5)).toBeLessThan(0.003);
    for (const dtype of ['float32', 'float64', 'bfloat16'] as const) {
      const ends = methods.laplaceNoise(torch.tensor([0, 0.5, 1], { dtype }));
      expect(ends.dtype).toBe(dtype);
      const [first, middle, last] = ends.double().toArray() as number[];
      expect([Number.isFinite(first), middle, last]).toEqual([true, 0, -(first as number)]);
      expect(first).toBeLessThan(-5);
    }
    // Further out than the smallest number of a generator.
    expectClose(methods.laplaceNoise(torch.tensor([1e-30])).double(), torch.tensor([Math.log(2e-30)], f64), 1e-6);
  });
});

describe('the risk', () => {
  test('of bags of one sample does not depend on rho: d / (n - d)', () => {
    for (const rho of [0, 1e-6, 0.3, 1]) {
      const { risk, bias, variance } = methods.aggregateRisk({ samples: 500, dimension: 80, bagSize: 1, rho, noise: 0.7, signal: 5 });
      expect(bias).toBeCloseTo(0, 10);
      expect(variance).toBeCloseTo((0.49 * 80) / 420, 10);
      expect(risk).toBe(bias + variance);
    }
  });

  test('at the instance level: s = d / (n - d), a = 1 - 1/k', () => {
    for (const [n, d, k] of [
      [1000, 100, 4],
      [600, 200, 3],
      [50, 49, 10],
    ] as const) {
      const [s, a, m] = [d / (n - d), 1 - 1 / k, n / k];
      const [g1, g2] = [m / (1 + s) ** 2, (n - m) / (1 + s) ** 2];
      const q = s ** 2 / d / (1 - (s ** 2 * (g1 + g2)) / d);
      const { bias, variance } = methods.aggregateRisk({ samples: n, dimension: d, bagSize: k, rho: 1, signal: 2, noise: 3 });
      expect(bias).toBeCloseTo(4 * (a ** 2 + q * (g1 * a ** 2 + g2 * (1 - a) ** 2)), 9);
      expect(variance).toBeCloseTo(9 * q * g1, 9);
    }
  });

  test('at the bag level: ordinary least squares on the bags, with a peak where there are as many as features', () => {
    const at = (bagSize: number) => methods.aggregateRisk({ bagSize, signal: 2 });
    expect(at(5)).toEqual({ risk: 1, bias: 0, variance: 1 });
    expect(at(10)).toEqual({ risk: Number.POSITIVE_INFINITY, bias: 0, variance: Number.POSITIVE_INFINITY });
    expect(at(20).bias).toBeCloseTo(4 * 0.5, 12);
    expect(at(20).variance).toBeCloseTo(50 / 50, 12);
  });

  test('as rho vanishes becomes that of the bag level where there are more bags than features', () => {
    const ends = (problem: methods.AggregateRiskOptions) =>
      [methods.aggregateRisk(problem), methods.aggregateRisk({ ...problem, rho: 1e-9 })] as const;
    const [limit, near] = ends({ bagSize: 4, signal: 2, noise: 0.5 });
    expect(near.bias).toBeCloseTo(limit.bias, 6);
    expect(near.variance).toBeCloseTo(limit.variance, 6);
    // With fewer bags many theta meet all means. Of these the bag level takes the shortest, and a rho near 0 the one whose predictions have the
    // least spread: nearly the same when there are very many samples.
    const [shortest, even] = ends({ bagSize: 20, signal: 2 });
    expect(even.bias).toBeGreaterThan(shortest.bias + 0.1);
    const [many, alike] = ends({ samples: 1_000_000, bagSize: 20_000, signal: 2 });
    expect(Math.abs(alike.bias - many.bias)).toBeLessThan(1e-3);
    expect(Math.abs(alike.variance - many.variance)).toBeLessThan(1e-3);
  });

  test('is linear in signal^2 and noise^2, and privacy adds 8 bound^2 / (k epsilon^2) to the noise', () => {
    const problem = { bagSize: 4, rho: 0.2 };
    const one = methods.aggregateRisk(problem);
    const three = methods.aggregateRisk({ ...problem, signal: 3, noise: 2 });
    expect(three.bias).toBeCloseTo(9 * one.bias, 10);
    expect(three.variance).toBeCloseTo(4 * one.variance, 10);
    const secret = methods.aggregateRisk({ ...problem, epsilon: 0.5, bound: 3 });
    expect(secret.bias).toBe(one.bias);
    expect(secret.variance).toBeCloseTo(one.variance * (1 + (8 * 9) / (4 * 0.25)), 10);
    expect(methods.aggregateRisk({ ...problem, epsilon: null })).toEqual(one);
  });

  test('is what simulations find', () => {
    const [samples, dimension, signal, noise] = [600, 60, 2, 1];
    for (const [bagSize, rho, epsilon] of [
      [2, 0.1, null],
      [5, 0.3, null],
      [12, 0, null],
      [20, 0.5, 1],
    ] as const) {
      torch.manualSeed(bagSize);
      const problem = { samples, dimension, signal, noise, bagSize, bound: 2 };
      const runs = 12;
      let sum = 0;
      for (let k = 0; k < runs; k++) {
        sum += torch.scope(() => {
          const theta = torch.nn.functional.normalize(torch.randn(dimension, f64), { dim: 0 }).mul(signal);
          const features = torch.randn(samples, dimension, f64);
          const responses = features.mv(theta).add(torch.randn(samples, f64), { alpha: noise });
          const bags = methods.randomBags(torch.randperm(samples), { bagSize });
          const laplace = methods.laplaceNoise(torch.rand(samples / bagSize, f64));
          const added = methods.privatizeBagResponses(torch.zeros(samples, f64), bags, laplace, {
            epsilon: epsilon ?? Number.POSITIVE_INFINITY,
            bound: 2,
          });
          const means = methods.aggregateResponses(responses, bags).add(added);
          const found = methods.aggregateLeastSquares(features, bags, means, { rho });
          return Number(found.sub(theta).square().sum().item());
        });
      }
      const { risk } = methods.aggregateRisk({ ...problem, rho, epsilon });
      expect(Math.abs(sum / runs / risk - 1)).toBeLessThan(0.2);
    }
  });
});

describe('the best rho', () => {
  const problems = [
    { bagSize: 2 },
    { bagSize: 4, signal: 2, noise: 1 },
    { bagSize: 10, signal: 5, noise: 0.1 },
    { bagSize: 20, noise: 2, samples: 300, dimension: 30 },
    { bagSize: 5, epsilon: 1, bound: 2 },
  ];
  test.each(problems.map((options) => [JSON.stringify(options), options] as const))('%s: no rho of a fine grid is better', (_, options) => {
    const { rho, risk } = methods.optimalInterpolation(options);
    expect(methods.aggregateRisk({ ...options, rho }).risk).toBe(risk);
    for (let j = 0; j <= 5000; j++)
      expect(methods.aggregateRisk({ ...options, rho: j / 5000 }).risk).toBeGreaterThanOrEqual(risk * (1 - 1e-12));
  });

  test('of bags of one sample is 0, also without more samples than features', () => {
    expect(methods.optimalInterpolation({ bagSize: 1 })).toEqual({ rho: 0, risk: 100 / 900 });
    expect(methods.optimalInterpolation({ bagSize: 1, samples: 50 })).toEqual({ rho: 0, risk: 0.5 + 50 / 50 });
  });

  test('without noise and with bags enough is 0: the bag level has no bias', () => {
    const { rho, risk } = methods.optimalInterpolation({ bagSize: 4, noise: 0 });
    expect([rho, risk]).toEqual([0, 0]);
  });
});

describe('the best bag size', () => {
  test('is the candidate with the least risk, the first of equal ones', () => {
    const problem = { signal: 3, noise: 0.5, epsilon: 1, bound: 3 };
    const { bagSize, rho, risk, risks } = methods.optimalBagSize({ ...problem, candidates: [1, 2, 5] });
    const each = [1, 2, 5].map((k) => methods.optimalInterpolation({ ...problem, bagSize: k }));
    expect(risks.toArray()).toEqual(each.map((one) => one.risk));
    expect({ rho, risk }).toEqual(each[[1, 2, 5].indexOf(bagSize)]);
    expect(risk).toBe(Math.min(...each.map((one) => one.risk)));
    expect(methods.optimalBagSize({ signal: 0, noise: 0, candidates: [5, 2, 1] }).bagSize).toBe(5);
  });

  test('with a given rho compares at that one', () => {
    const { rho, risks } = methods.optimalBagSize({ rho: 0.2, candidates: [2, 4] });
    expect(rho).toBe(0.2);
    expect(risks.toArray()).toEqual([2, 4].map((bagSize) => methods.aggregateRisk({ bagSize, rho: 0.2 }).risk));
  });

  test('grows with privacy; without it bags of one sample are best', () => {
    const at = (epsilon: number | null) =>
      methods.optimalBagSize({ signal: 3, noise: 0.5, bound: 3, epsilon, candidates: [1, 2, 4, 5, 10, 20] }).bagSize;
    expect([4, 1, 0.5, 0.25].map(at)).toEqual([1, 2, 5, 20]);
    expect(at(null)).toBe(1);
  });
});

describe('bad input is refused in a sentence', () => {
  const values = torch.zeros(4);
  const bags = torch.tensor([0, 0, 1, 1]);
  const noise = torch.zeros(2);
  const features = torch.zeros(4, 3);
  test.each<[string, () => unknown, string]>([
    [
      'a number that is missing',
      () => methods.randomBags(torch.tensor([0, 1, 1])),
      'Expected each whole number in [0, 3) once for permutation but received tensor int64[3] cpu',
    ],
    [
      'a number too high',
      () => methods.randomBags(torch.tensor([0, 1, 3])),
      'Expected integer permutation in [0, 3) but received 3 at index 2',
    ],
    [
      'bags of 0',
      () => methods.randomBags(torch.tensor([0]), { bagSize: 0 }),
      'Expected a whole number from 1 for bagSize but received number 0',
    ],
    [
      'a bag without samples',
      () => methods.aggregateResponses(values, bags, { numBags: 3 }),
      'Expected bag sizes above 0 but received 0 at index 2',
    ],
    [
      'bags with a gap',
      () => methods.aggregateResponses(values, torch.tensor([0, 0, 2, 2])),
      'Expected bag sizes above 0 but received 0 at index 1',
    ],
    [
      'more bags than samples',
      () => methods.aggregateResponses(values, torch.tensor([0, 1, 2, 4])),
      'Expected integer bagIndices in [0, 4) but received 4 at index 3',
    ],
    [
      'a bag that is none',
      () => methods.aggregateResponses(values, bags, { numBags: 1 }),
      'Expected integer bagIndices in [0, 1) but received 1 at index 2',
    ],
    [
      'no responses',
      () => methods.aggregateResponses(torch.zeros(0), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for responses but received tensor float32[0] cpu',
    ],
    [
      'features without a second axis',
      () => methods.aggregateLeastSquares(values, bags, noise),
      'Expected shape [n, d] for features but received tensor float32[4] cpu',
    ],
    [
      'a rho above 1',
      () => methods.aggregateLeastSquares(features, bags, noise, { rho: 2 }),
      'Expected a number in [0, 1] for rho but received number 2',
    ],
    [
      'a negative ridge',
      () => methods.aggregateLeastSquares(features, bags, noise, { ridge: -1 }),
      'Expected a number from 0 for ridge but received number -1',
    ],
    [
      'responses of too few bags',
      () => methods.aggregateLeastSquares(features, bags, torch.zeros(1)),
      'Expected integer bagIndices in [0, 1) but received 1 at index 2',
    ],
    [
      'a uniform number below 0',
      () => methods.laplaceNoise(torch.tensor([0.5, -0.1], f64)),
      'Expected uniforms in [0, 1] but received -0.1 at index 1',
    ],
    [
      'whole uniform numbers',
      () => methods.laplaceNoise(torch.tensor([0, 1])),
      'Expected a tensor of floating-point numbers for uniforms but received tensor int64[2] cpu',
    ],
    [
      'an epsilon of 0',
      () => methods.privatizeBagResponses(values, bags, noise, { epsilon: 0 }),
      'Expected a number above 0 for epsilon but received number 0',
    ],
    [
      'a bound of 0',
      () => methods.privatizeBagResponses(values, bags, noise, { bound: 0 }),
      'Expected a number above 0 for bound but received number 0',
    ],
    [
      'noise of too many bags',
      () => methods.privatizeBagResponses(values, bags, torch.zeros(3)),
      'Expected bag sizes above 0 but received 0 at index 2',
    ],
    [
      'a rho above 0 without more samples than features',
      () => methods.aggregateRisk({ samples: 100, rho: 0.1 }),
      'Expected more samples than the 100 features for samples but received number 100',
    ],
    ['no samples', () => methods.aggregateRisk({ samples: 0 }), 'Expected a whole number from 1 for samples but received number 0'],
    [
      'half a dimension',
      () => methods.aggregateRisk({ dimension: 0.5 }),
      'Expected a whole number from 1 for dimension but received number 0.5',
    ],
    [
      'bags larger than all',
      () => methods.aggregateRisk({ samples: 10, bagSize: 11 }),
      'Expected a number up to the 10 samples for bagSize but received number 11',
    ],
    ['a negative signal', () => methods.aggregateRisk({ signal: -1 }), 'Expected a number from 0 for signal but received number -1'],
    ['a negative noise', () => methods.aggregateRisk({ noise: -1 }), 'Expected a number from 0 for noise but received number -1'],
    ['a rho of NaN', () => methods.aggregateRisk({ rho: Number.NaN }), 'Expected a number in [0, 1] for rho but received number NaN'],
    [
      'a negative epsilon',
      () => methods.optimalInterpolation({ epsilon: -1 }),
      'Expected a number above 0 for epsilon but received number -1',
    ],
    [
      'an interpolation without more samples than features',
      () => methods.optimalInterpolation({ samples: 50 }),
      'Expected more samples than the 100 features for samples but received number 50',
    ],
    [
      'no candidates',
      () => methods.optimalBagSize({ candidates: [] }),
      'Expected one or more bag sizes for candidates but received an array of 0',
    ],
    [
      'a candidate of 0',
      () => methods.optimalBagSize({ candidates: [1, 0] }),
      'Expected a whole number from 1 for candidates but received number 0',
    ],
    ['a rho below 0', () => methods.optimalBagSize({ rho: -1 }), 'Expected a number in [0, 1] for rho but received number -1'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
