/** Gaussian naive Bayes against scikit-learn, and what must hold for it: parts are as the whole, moved features as they were. */

import * as torch from '../../../lib';
import { methods } from '../../../lib';
import { expectClose } from '../../losses/random';
import { drawn, f64, problems } from './problems';

type Model = methods.NaiveBayesModel;

function expectSame(received: Model, wanted: Model, tolerance = 1e-12): void {
  for (const field of ['means', 'variances', 'counts', 'priors'] as const) expectClose(received[field], wanted[field], tolerance);
}

describe.each(problems)('%s', (_, { features, labels, tests, scaled, naiveBayes }) => {
  const { smoothing, joint, posterior, ...wanted } = naiveBayes;
  const fitted = () => methods.naiveBayesFit(features, labels, { varianceSmoothing: smoothing });

  test('fits what scikit-learn fits, at once and in parts', () => {
    expectSame(fitted(), wanted);
    const first = methods.naiveBayesFit(features.narrow(0, 0, 5), labels.narrow(0, 0, 5), {
      numClasses: wanted.counts.size(0),
      varianceSmoothing: smoothing,
    });
    const rest = features.size(0) - 5;
    expectSame(
      methods.naiveBayesUpdate(first.means, first.variances, first.counts, features.narrow(0, 5, rest), labels.narrow(0, 5, rest), {
        varianceSmoothing: smoothing,
      }),
      wanted,
    );
  });

  test('gives scikit-learn’s densities and posterior', () => {
    const { means, variances, priors } = fitted();
    const logits = methods.naiveBayesLogits(tests, means, variances, priors, { sharedVariance: false });
    expectClose(logits, joint, 1e-9);
    expectClose(logits.softmax(1), posterior, 1e-9);
  });

  test('the scale is scikit-learn’s', () => {
    expectClose(methods.minMaxScale(features, tests), scaled, 1e-12);
  });

  test('with a shared variance they are the densities of normal distributions, and those of a linear layer up to what all classes share', () => {
    const { means, variances, priors } = fitted();
    const rows = (tensor: torch.Tensor) => tensor.toArray() as number[][];
    const [shares, [pooled]] = [priors.toArray() as number[], rows(priors.unsqueeze(0).matmul(variances))];
    // Sample by sample, class by class, feature by feature.
    const written = rows(tests).map((x) =>
      rows(means).map((mu, k) =>
        x.reduce(
          (sum, value, j) => {
            const v = pooled?.[j] as number;
            return sum - ((value - (mu[j] as number)) ** 2 / v + Math.log(2 * Math.PI * v)) / 2;
          },
          Math.log(shares[k] as number),
        ),
      ),
    );
    const logits = methods.naiveBayesLogits(tests, means, variances, priors);
    expectClose(logits, torch.tensor(written, f64), 1e-10);
    const { weight, bias } = methods.naiveBayesLinear(means, variances, priors);
    const linear = tests.matmul(weight.t()).add(bias);
    expectClose(linear.sub(linear.mean([1], true)), logits.sub(logits.mean([1], true)), 1e-9);
  });
});

describe.each([
  [1, 1, 1],
  [7, 3, 2],
  [40, 5, 4],
  [300, 40, 7],
] as const)('%d samples of %d features in %d classes', (samples, width, classes) => {
  const { features, labels } = drawn(samples, width, classes);
  const whole = methods.naiveBayesFit(features, labels, { numClasses: classes });

  test('any partition, in any order, ends at the fit of all', () => {
    const order = torch.randperm(samples);
    const bounds = [0, ...[0.2, 0.3, 0.9].map((share) => Math.ceil(share * samples)), samples];
    const parts = bounds.slice(1).flatMap((end, k) => {
      const [start, length] = [bounds[k] as number, end - (bounds[k] as number)];
      const chosen = order.narrow(0, start, length);
      return length > 0 ? [[features.indexSelect(0, chosen), labels.indexSelect(0, chosen)] as const] : [];
    });
    const [first, ...others] = parts;
    let model = methods.naiveBayesFit(...(first as (typeof parts)[0]), { numClasses: classes });
    for (const part of others) model = methods.naiveBayesUpdate(model.means, model.variances, model.counts, ...part);
    expectSame(model, whole, 1e-11);
  });

  test('mean and variance are those of each class’s samples', () => {
    for (let k = 0; k < classes; k++) {
      const own = features.index(labels.eq(k));
      expectClose(whole.means.select(0, k), own.mean([0]));
      expectClose(whole.variances.select(0, k), own.var([0], { correction: 0 }).add(1e-9));
    }
  });

  test('posteriors stay when features are moved and scaled, and densities of groups of features add up', () => {
    const move = (x: torch.Tensor) => x.mul(torch.linspace(0.5, 3, width, f64)).add(torch.linspace(-50, 20, width, f64));
    const noSmoothing = { numClasses: classes, varianceSmoothing: 0 };
    const [before, after] = [features, move(features)].map((x) => methods.naiveBayesFit(x, labels, noSmoothing)) as [Model, Model];
    // A class of one sample has no variance.
    for (const sharedVariance of samples < 3 * classes ? [] : [true, false]) {
      const posterior = (x: torch.Tensor, { means, variances, priors }: Model) =>
        methods.naiveBayesLogits(x, means, variances, priors, { sharedVariance }).softmax(1);
      expectClose(posterior(move(features), after), posterior(features, before), 1e-8);
    }
    // The features are independent of each other: densities of two halves add up, but for the prior that both have.
    if (width === 1) return;
    const half = Math.ceil(width / 2);
    const density = (from: number, length: number) => {
      const [x, mu, v] = [features, whole.means, whole.variances].map((t) => t.narrow(1, from, length)) as [
        torch.Tensor,
        torch.Tensor,
        torch.Tensor,
      ];
      return methods.naiveBayesLogits(x, mu, v, whole.priors);
    };
    expectClose(
      density(0, half)
        .add(density(half, width - half))
        .sub(whole.priors.log()),
      density(0, width),
      1e-9,
    );
  });

  test.each([true, false])('gradients of the densities, shared variance %s', (sharedVariance) => {
    const model = drawn(classes, width, classes);
    const few = features.narrow(0, 0, Math.min(3, samples));
    const inputs = [few, model.features, model.features.square().add(0.5), torch.linspace(1, 2, classes, f64)];
    const leaves = inputs.map((input) => input.detach().clone().requiresGrad_());
    const logits = (...[x, mu, v, prior]: torch.Tensor[]) =>
      methods.naiveBayesLogits(x as torch.Tensor, mu as torch.Tensor, v as torch.Tensor, prior as torch.Tensor, { sharedVariance });
    if (width > 5) return;
    expect(torch.autograd.gradcheck(logits, leaves)).toBe(true);
    expect(torch.autograd.gradgradcheck(logits, leaves)).toBe(true);
    const linear = (...[mu, v, prior]: torch.Tensor[]) =>
      Object.values(methods.naiveBayesLinear(mu as torch.Tensor, v as torch.Tensor, prior as torch.Tensor));
    expect(torch.autograd.gradcheck(linear, leaves.slice(1))).toBe(true);
  });
});

test('a class without samples is never chosen, whatever the smoothing, and comes to be with its first samples', () => {
  const { features, labels } = drawn(12, 2, 2);
  for (const varianceSmoothing of [0, 1e-3]) {
    const model = methods.naiveBayesFit(features, labels, { numClasses: 3, varianceSmoothing });
    expectClose(model.means.select(0, 2), torch.zeros(2, f64));
    expectClose(model.variances.select(0, 2), torch.full([2], varianceSmoothing, f64));
    for (const sharedVariance of [true, false]) {
      const logits = methods.naiveBayesLogits(features, model.means, model.variances, model.priors, { sharedVariance });
      expect(logits.select(1, 2).eq(Number.NEGATIVE_INFINITY).all().item()).toBe(true);
      const two = methods.naiveBayesFit(features, labels, { varianceSmoothing });
      expectClose(logits.narrow(1, 0, 2), methods.naiveBayesLogits(features, two.means, two.variances, two.priors, { sharedVariance }));
    }
    expect(methods.naiveBayesLinear(model.means, model.variances, model.priors).bias.select(0, 2).item()).toBe(Number.NEGATIVE_INFINITY);
    const more = drawn(5, 2, 1).features;
    const third = torch.full([5], 2, { dtype: 'int64' });
    expectSame(
      methods.naiveBayesUpdate(model.means, model.variances, model.counts, more, third, { varianceSmoothing }),
      methods.naiveBayesFit(torch.cat([features, more]), torch.cat([labels, third]), { varianceSmoothing }),
    );
  }
});

test('float32 keeps small variances around large means, and a constant feature has hardly any, over many samples', () => {
  const samples = 200_000;
  torch.manualSeed(0);
  const labels = torch.arange(samples).remainder(2);
  const exact = torch.cat([torch.randn(samples, 1, f64).mul(0.01).add(100), torch.full([samples, 1], 0.1, f64)], 1).float();
  const single = methods.naiveBayesFit(exact, labels, { varianceSmoothing: 0 });
  const double = methods.naiveBayesFit(exact.double(), labels, { varianceSmoothing: 0 });
  expect(single.means.dtype).toBe('float32');
  expectClose(single.means.double(), double.means, 1e-6);
  expectClose(single.variances.double().select(1, 0), double.variances.select(1, 0), 1e-5);
  expect(Number(single.variances.select(1, 1).max().item())).toBeLessThan(1e-11);
  const { means, variances, priors } = single;
  const far = torch.tensor([[100.02, 0.1]]);
  const logits = (dtype: torch.DType) =>
    methods.naiveBayesLogits(far.to(dtype), means.to(dtype), variances.add(1e-6).to(dtype), priors.to(dtype)).double();
  expectClose(logits('float32'), logits('float64'), 1e-4);
});

test('bfloat16 features are counted in float32', () => {
  const labels = torch.zeros(1000, { dtype: 'int64' });
  const features = torch.linspace(0, 1, 1000).unsqueeze(1).bfloat16();
  const { counts, means } = methods.naiveBayesFit(features, labels);
  expect([counts.dtype, counts.item()]).toEqual(['float32', 1000]);
  expectClose(means, features.float().mean([0], true), 1e-6);
});

test('nothing is left of a fit but the model', () => {
  const { features, labels } = drawn(50, 3, 2);
  const before = torch.memory().tensors;
  const model = methods.naiveBayesFit(features, labels);
  expect(torch.memory().tensors - before).toBe(Object.keys(model).length);
  expect(model.means.requiresGrad).toBe(false);
});

test('the scale: a constant column is shifted, what lies outside leaves [0, 1], and gradients are right', () => {
  const reference = torch.tensor(
    [
      [1, 5],
      [3, 5],
    ],
    f64,
  );
  expect(methods.minMaxScale(reference, torch.tensor([[4, 7]], f64)).toArray()).toEqual([[1.5, 2]]);
  const leaves = [drawn(5, 3, 1), drawn(4, 3, 1)].map(({ features }) => features.requiresGrad_()) as [torch.Tensor, torch.Tensor];
  expect(torch.autograd.gradcheck((...[r, x]: torch.Tensor[]) => methods.minMaxScale(r as torch.Tensor, x as torch.Tensor), leaves)).toBe(
    true,
  );
  const [own] = leaves;
  const scaled = methods.minMaxScale(own, own);
  expectClose(scaled.amin([0]), torch.zeros(3, f64));
  expectClose(scaled.amax([0]), torch.ones(3, f64));
});

describe('bad input is refused in a sentence', () => {
  const { features, labels } = drawn(4, 2, 2);
  const { means, variances, counts, priors } = methods.naiveBayesFit(features, labels);
  const with1 = (value: number) => features.clone().maskedFill(features.eq(features.max()), value);
  test.each<[string, () => unknown, string]>([
    [
      'a label too large',
      () => methods.naiveBayesFit(features, labels, { numClasses: 1 }),
      'Expected integer labels in [0, 1) but received 1 at index 1',
    ],
    ['a negative label', () => methods.naiveBayesFit(features, labels.sub(1)), 'but received -1 at index 0'],
    [
      'no samples',
      () => methods.naiveBayesFit(features.narrow(0, 0, 0), labels.narrow(0, 0, 0)),
      'Expected at least one element for features but received tensor float64[0, 2] cpu',
    ],
    [
      'too few labels',
      () => methods.naiveBayesFit(features, labels.narrow(0, 0, 3)),
      'Expected shape [N] with N = 4 for labels but received tensor int64[3] cpu',
    ],
    [
      'NaN',
      () => methods.naiveBayesFit(with1(Number.NaN), labels),
      'Expected finite numbers for features but received tensor float64[4, 2] cpu',
    ],
    ['infinity', () => methods.naiveBayesFit(with1(Number.POSITIVE_INFINITY), labels), 'Expected finite numbers for features'],
    ['whole numbers', () => methods.naiveBayesFit(features.long(), labels), 'Expected floating-point numbers for features'],
    [
      'a negative smoothing',
      () => methods.naiveBayesFit(features, labels, { varianceSmoothing: -1 }),
      'Expected a number from 0 for varianceSmoothing but received number -1',
    ],
    [
      'no class',
      () => methods.naiveBayesFit(features, labels, { numClasses: 0 }),
      'Expected a whole number from 1 for numClasses but received number 0',
    ],
    [
      'a batch of another width',
      () => methods.naiveBayesUpdate(means, variances, counts, features.narrow(1, 0, 1), labels),
      'Expected shape [N, 2] with N = 4 for features but received tensor float64[4, 1] cpu',
    ],
    [
      'NaN in a batch',
      () => methods.naiveBayesUpdate(means, variances, counts, with1(Number.NaN), labels),
      'Expected finite numbers for features',
    ],
    [
      'negative counts',
      () => methods.naiveBayesUpdate(means, variances, counts.neg(), features, labels),
      'Expected counts in [0, Infinity] but received -2 at index 0',
    ],
    [
      'priors of another length',
      () => methods.naiveBayesLogits(features, means, variances, priors.narrow(0, 0, 1)),
      'Expected shape [K] with K = 2 for priors but received tensor float64[1] cpu',
    ],
    [
      'features of another width',
      () => methods.naiveBayesLogits(features.narrow(1, 0, 1), means, variances, priors),
      'Expected shape [B, 2] with B = 4 for features but received tensor float64[4, 1] cpu',
    ],
    [
      'no boolean',
      () => methods.naiveBayesLogits(features, means, variances, priors, { sharedVariance: 1 as unknown as boolean }),
      'Expected a boolean for sharedVariance but received number 1',
    ],
    [
      'a variance of another shape',
      () => methods.naiveBayesLinear(means, variances.narrow(1, 0, 1), priors),
      'Expected shape [K, d] with K = 2, d = 2 for variances',
    ],
    [
      'a scale of another width',
      () => methods.minMaxScale(features, features.narrow(1, 0, 1)),
      'Expected shape [N, d] with N = 4, d = 2 for features but received tensor float64[4, 1] cpu',
    ],
    ['an empty reference', () => methods.minMaxScale(features.narrow(0, 0, 0), features), 'Expected at least one element for reference'],
    ['bytes to scale', () => methods.minMaxScale(features, features.to('uint8')), 'Expected floating-point numbers for features'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
