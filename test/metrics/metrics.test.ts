/** Metrics over batches of uneven sizes, against scikit-learn over everything at once. */

import * as torch from '../../lib';
import { metrics } from '../../lib';
import reference from './reference.json';

const scores = torch.tensor(reference.scores, { dtype: 'float64' });
const target = torch.tensor(reference.target, { dtype: 'int64' });
const answers = torch.tensor(reference.answers, { dtype: 'int64' });
const belief = torch.tensor(reference.belief, { dtype: 'float64' });
const x = torch.tensor(reference.x, { dtype: 'float64' });
const y = torch.tensor(reference.y, { dtype: 'float64' });

const SIZES = [1, 17, 30, 12];

/** Feeds a metric batch by batch, each in a scope of its own as a training step is, twice over with a reset in between. */
function over<Value>(
  metric: metrics.Metric<[torch.Tensor, torch.Tensor], Value>,
  prediction: torch.Tensor,
  truth: torch.Tensor,
  sizes = SIZES,
): Value {
  const pass = (): Value => {
    let start = 0;
    for (const size of sizes) {
      torch.scope(() => metric.update(prediction.narrow(0, start, size), truth.narrow(0, start, size)));
      start += size;
    }
    return metric.compute();
  };
  pass();
  metric.reset();
  return pass();
}

test.each([1, 2, 3] as const)('Accuracy of the best %i', (topK) => {
  expect(over(new metrics.Accuracy({ topK }), scores, target)).toBeCloseTo(reference.accuracy[topK], 12);
});

test('Accuracy of class numbers, of images, and without the ignored', () => {
  expect(over(new metrics.Accuracy(), scores.argmax(1), target)).toBeCloseTo(reference.accuracy[1], 12);
  const images = scores.reshape([15, 2, 2, 4]).movedim(-1, 1);
  expect(over(new metrics.Accuracy(), images, target.reshape([15, 2, 2]), [4, 11])).toBeCloseTo(reference.accuracy[1], 12);
  const partly = torch.tensor([0, -1, 1, -1], { dtype: 'int64' });
  const said = torch.tensor([0, 0, 0, 1], { dtype: 'int64' });
  expect(over(new metrics.Accuracy({ ignoreIndex: -1 }), said, partly, [2, 2])).toBe(0.5);
});

test.each([
  [null, 'None'],
  ['true', 'true'],
  ['predicted', 'pred'],
  ['all', 'all'],
] as const)('ConfusionMatrix normalised by %s', (normalize, key) => {
  const matrix = over(new metrics.ConfusionMatrix(4, { normalize }), scores, target);
  const difference = matrix
    .sub(torch.tensor(reference.confusion[key], { dtype: 'float64' }))
    .abs()
    .max();
  expect(difference.item()).toBeLessThan(1e-12);
  expect(matrix.dtype).toBe(normalize === null ? 'int64' : 'float64');
});

const ratios = [
  ['precision', metrics.Precision, {}],
  ['recall', metrics.Recall, {}],
  ['f1', metrics.FBetaScore, {}],
  ['f2', metrics.FBetaScore, { beta: 2 }],
] as const;

describe.each(ratios)('%s', (name, type, options) => {
  test.each(['macro', 'weighted', 'micro'] as const)('%s', (average) => {
    expect(over(new type(4, { average, ...options }), scores, target)).toBeCloseTo(reference[name][average], 12);
  });

  test('of each class', () => {
    const values = over(new type(4, { average: 'none', ...options }), scores, target) as number[];
    for (const [k, value] of values.entries()) expect(value).toBeCloseTo(reference[name].none[k] as number, 12);
  });

  test('classes that neither occur nor are said do not enter the macro mean', () => {
    const more = torch.cat([scores, torch.full([60, 2], -100, { dtype: 'float64' })], { dim: 1 });
    expect(over(new type(6, options), more, target)).toBeCloseTo(reference[name].macro, 12);
  });
});

test('an ignored target enters no count', () => {
  const said = torch.tensor([0, 1, 1, 0], { dtype: 'int64' });
  const truth = torch.tensor([0, 1, -100, 1], { dtype: 'int64' });
  const matrix = over(new metrics.ConfusionMatrix(2, { ignoreIndex: -100 }), said, truth, [3, 1]);
  expect(matrix.toArray()).toEqual([
    [1, 0],
    [1, 1],
  ]);
});

test('class numbers that are none are told, never counted elsewhere', () => {
  const metric = new metrics.ConfusionMatrix(3);
  metric.update(torch.tensor([0, 3, 1], { dtype: 'int64' }), torch.tensor([0, 0, -1], { dtype: 'int64' }));
  expect(() => metric.compute()).toThrow('Expected class numbers from 0 to 2 for ConfusionMatrix but received 2 predictions or targets');
});

test('BinaryAccuracy', () => {
  expect(over(new metrics.BinaryAccuracy(), belief, answers)).toBeCloseTo(reference.binaryAccuracy, 12);
  const logits = belief.sub(0.5);
  expect(over(new metrics.BinaryAccuracy({ threshold: 0 }), logits, answers)).toBeCloseTo(reference.binaryAccuracy, 12);
});

test('AUROC and AveragePrecision, with ties among the scores', () => {
  expect(over(new metrics.AUROC(), belief, answers)).toBeCloseTo(reference.auroc, 12);
  expect(over(new metrics.AveragePrecision(), belief, answers)).toBeCloseTo(reference.averagePrecision, 12);
});

test('AUROC depends on the order of the scores only, and turns around with them', () => {
  const auroc = over(new metrics.AUROC(), belief, answers);
  expect(over(new metrics.AUROC(), belief.mul(3).exp(), answers)).toBeCloseTo(auroc, 12);
  expect(over(new metrics.AUROC(), belief.neg(), answers)).toBeCloseTo(1 - auroc, 12);
  expect(over(new metrics.AUROC(), belief.mul(0), answers)).toBeCloseTo(0.5, 12);
  expect(over(new metrics.AUROC(), belief, answers.mul(0))).toBeNaN();
});

test('MeanSquaredError, MeanAbsoluteError and R2Score', () => {
  expect(over(new metrics.MeanSquaredError(), x, y)).toBeCloseTo(reference.mse, 10);
  expect(over(new metrics.MeanAbsoluteError(), x, y)).toBeCloseTo(reference.mae, 10);
  expect(over(new metrics.R2Score(), x, y)).toBeCloseTo(reference.r2, 10);
  expect(over(new metrics.R2Score(), y, y)).toBe(1);
  expect(over(new metrics.R2Score(), x, y.mul(0))).toBeNaN();
});

test('Perplexity, without the ignored', () => {
  expect(over(new metrics.Perplexity(), scores, target)).toBeCloseTo(reference.perplexity, 10);
  const padded = torch.cat([target, torch.full([5], -100, { dtype: 'int64' })]);
  const longer = torch.cat([scores, torch.randn(5, 4, { dtype: 'float64' })]);
  expect(over(new metrics.Perplexity(), longer, padded, [20, 45])).toBeCloseTo(reference.perplexity, 10);
  expect(over(new metrics.Perplexity(), torch.zeros(60, 4), target)).toBeCloseTo(4, 10);
});

test('Mean weighs what it is given', () => {
  const mean = new metrics.Mean();
  mean.update(torch.tensor(2), 3);
  mean.update(6);
  mean.update(torch.tensor([1, 3]), 4);
  expect(mean.compute()).toBe((2 * 3 + 6 + 2 * 4) / 8);
});

test('Mean goes on from its state bit for bit, whatever it was given', () => {
  const given = Array.from({ length: 20 }, (_, k) => (k % 3 === 0 ? Math.sin(k) : torch.tensor(Math.cos(k), { dtype: 'float64' })));
  const whole = new metrics.Mean();
  for (const value of given) whole.update(value, 0.1);
  for (let cut = 1; cut <= given.length; cut++) {
    const first = new metrics.Mean();
    for (const value of given.slice(0, cut)) first.update(value, 0.1);
    const second = new metrics.Mean();
    second.update(99); // forgotten
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    for (const value of given.slice(cut)) second.update(value, 0.1);
    expect(second.compute()).toBe(whole.compute());
  }
});

test('metrics record nothing, and keep little: the graph of what they are given is let go', () => {
  const weight = torch.ones(4, { dtype: 'float64' }).requiresGrad_();
  const metric = new metrics.MeanSquaredError();
  const before = torch.memory().tensors;
  for (let i = 0; i < 50; i++) torch.scope(() => metric.update(weight.mul(2), torch.zeros(4, { dtype: 'float64' })));
  expect(metric.compute()).toBe(4);
  expect(torch.memory().tensors - before).toBeLessThanOrEqual(1);
});

describe('misuse gets one clear sentence', () => {
  const labels = torch.zeros(3, { dtype: 'int64' });
  test.each([
    [() => new metrics.Accuracy().compute(), 'Expected an update before compute of Accuracy but received none'],
    [() => new metrics.Accuracy({ topK: 0 }), 'Expected a positive whole number for topK but received number 0'],
    [() => new metrics.Accuracy({ topK: 5 }).update(torch.zeros(3, 2), labels), 'Expected at least topK = 5 classes for Accuracy'],
    [() => new metrics.Accuracy().update(torch.zeros(2, 2), labels), 'Expected scores [N, C, ...] for targets [3] for Accuracy'],
    [() => new metrics.Accuracy().update(torch.zeros(3, 2), torch.zeros(3)), 'Expected a tensor of class numbers as target for Accuracy'],
    [() => new metrics.ConfusionMatrix(1), 'Expected a whole number from 2 for numClasses but received number 1'],
    [() => new metrics.Recall(2, { average: 'mean' as 'macro' }), "Expected 'macro', 'weighted', 'micro' or 'none' for average"],
    [() => new metrics.FBetaScore(2, { beta: 0 }), 'Expected a positive number for beta but received number 0'],
    [() => new metrics.AUROC().update(torch.zeros(3), torch.zeros(2)), "Expected a target of the scores' shape [3] for AUROC"],
    [() => new metrics.R2Score().update(torch.zeros(3), torch.zeros(2)), "Expected a target of the predictions' shape [3] for R2Score"],
    [() => new metrics.Mean().update(1, -1), 'Expected a number from 0 for weight but received number -1'],
  ])('%#', (misuse, message) => {
    expect(misuse).toThrow(message);
  });

  test('NaN among scores', () => {
    const metric = new metrics.AUROC();
    metric.update(torch.tensor([0.5, Number.NaN]), torch.tensor([0, 1]));
    expect(() => metric.compute()).toThrow('Expected scores that are numbers for AUROC but received NaN among them');
  });
});
