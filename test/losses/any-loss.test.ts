import * as torch from '../../lib';
import { losses, methods, metrics } from '../../lib';
import { expectClose } from './random';

function sample(count: number, seed: number): { probabilities: torch.Tensor; labels: torch.Tensor } {
  torch.manualSeed(seed);
  const probabilities = torch.rand(count, { dtype: 'float64' }).mul(0.2).add(0.4).requiresGrad_();
  return { probabilities, labels: torch.rand(count).lt(0.4).long() };
}

const all = {
  accuracy: losses.anyLossAccuracy,
  fBeta: losses.anyLossFBeta,
  gMean: losses.anyLossGMean,
  balancedAccuracy: losses.anyLossBalancedAccuracy,
};

describe.each([1, 2, 5, 30])('%d samples', (count) => {
  test('the counts are those of near-labels, and sum to the samples', () => {
    const { probabilities, labels } = sample(count, count);
    const near = methods.anyLossAmplifier(probabilities, { amplification: 40, threshold: 0.45 });
    expectClose(near, torch.ones(count, { dtype: 'float64' }).div(probabilities.sub(0.45).mul(-40).exp().add(1)));
    const { tp, fn, fp, tn } = methods.softConfusionMatrix(probabilities, labels, { amplification: 40, threshold: 0.45 });
    expectClose(tp, near.mul(labels).sum());
    expectClose(fp, near.mul(labels.neg().add(1)).sum());
    expect(tp.add(fn).add(fp).add(tn).item()).toBeCloseTo(count, 10);
  });

  test('the losses are one minus the scores of those counts', () => {
    const { probabilities, labels } = sample(count, count);
    const [tp, fn, fp, tn] = Object.values(methods.softConfusionMatrix(probabilities, labels)).map((value) => Number(value.item())) as [
      number,
      number,
      number,
      number,
    ];
    const [positives, negatives] = [tp + fn, fp + tn];
    expect(losses.anyLossAccuracy(probabilities, labels).item()).toBeCloseTo(1 - (tp + tn) / count, 10);
    for (const beta of [0.5, 1, 2]) {
      const f = ((1 + beta ** 2) * tp) / ((1 + beta ** 2) * tp + beta ** 2 * fn + fp);
      expect(losses.anyLossFBeta(probabilities, labels, { beta }).item()).toBeCloseTo(1 - f, 10);
    }
    const rates = [...(positives > 0.5 ? [tp / positives] : []), ...(negatives > 0.5 ? [tn / negatives] : [])];
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const root = rates.reduce((product, rate) => product * rate, 1) ** (1 / rates.length);
    expect(losses.anyLossBalancedAccuracy(probabilities, labels).item()).toBeCloseTo(1 - mean, 10);
    expect(losses.anyLossGMean(probabilities, labels).item()).toBeCloseTo(1 - root, 10);
  });

  test.each(Object.entries(all))('%s: gradients agree with differences, and the order of the samples does not matter', (_, loss) => {
    const { probabilities, labels } = sample(count, count);
    expect(torch.autograd.gradcheck((p) => loss(p, labels), [probabilities])).toBe(true);
    const order = torch.randperm(count);
    expectClose(loss(probabilities.indexSelect(0, order), labels.indexSelect(0, order)), loss(probabilities, labels));
  });
});

test.each(Object.entries(all))('%s: the steeper, the nearer to the score of hard answers', (name, loss) => {
  const { probabilities, labels } = sample(200, 7);
  const scores = metrics.binaryClassificationScores(probabilities, labels);
  const steep = loss(probabilities, labels, { amplification: 1e6 }).item() as number;
  expect(1 - steep).toBeCloseTo(scores[name as keyof typeof all], 3);
});

test('a score of one’s own', () => {
  const { probabilities, labels } = sample(20, 1);
  const { tp, fp } = methods.softConfusionMatrix(probabilities, labels, { amplification: 10 });
  const loss = losses.anyLoss(probabilities, labels, (matrix) => matrix.tp.div(matrix.tp.add(matrix.fp)), { amplification: 10 });
  expectClose(loss, tp.div(tp.add(fp)).neg().add(1));
});

test('logits are squashed once', () => {
  const { probabilities, labels } = sample(20, 1);
  const logits = probabilities.div(probabilities.neg().add(1)).log();
  for (const loss of Object.values(all)) expectClose(loss(logits, labels, { fromLogits: true }), loss(probabilities, labels), 1e-8);
});

test('a class that is absent gives the other’s recall, and never NaN; certain answers keep finite slopes', () => {
  for (const value of [0, 1]) {
    for (const loss of Object.values(all)) {
      const probabilities = torch.tensor([0, 0.2, 0.5, 1], { dtype: 'float32', requiresGrad: true });
      const result = loss(probabilities, torch.full([4], value, { dtype: 'int64' }));
      result.backward();
      expect(Number.isFinite(result.item())).toBe(true);
      expect(probabilities.grad?.isfinite().all().item()).toBe(true);
    }
  }
  const none = torch.zeros(3, { dtype: 'int64' });
  const probabilities = torch.tensor([0.45, 0.5, 0.55], { dtype: 'float64', requiresGrad: true });
  const f = losses.anyLossFBeta(probabilities, none);
  f.backward();
  expect(f.item()).toBeCloseTo(1, 14);
  expect(Number(probabilities.grad?.abs().max().item())).toBeLessThan(1e-12);
  // Wrong with certainty, in single precision: the product of the recalls is nearly 0.
  const wrong = torch.tensor([0, 1], { dtype: 'float32', requiresGrad: true });
  losses.anyLossGMean(wrong, torch.tensor([1, 0])).backward();
  expect(wrong.grad?.isfinite().all().item()).toBe(true);
});

describe('bad input is refused in a sentence', () => {
  const p = torch.tensor([0.2, 0.7]);
  const y = torch.tensor([0, 1]);
  test.each<[string, () => unknown, string]>([
    [
      'a label that is no 0 or 1',
      () => losses.anyLossAccuracy(p, torch.tensor([0, 2])),
      'Expected integer labels in [0, 2) but received 2 at index 1',
    ],
    [
      'no samples',
      () => losses.anyLossGMean(torch.zeros(0), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for probabilities but received tensor float32[0] cpu',
    ],
    [
      'another number of labels',
      () => losses.anyLossFBeta(p, torch.tensor([1])),
      'Expected shape [N] with N = 2 for labels but received tensor int64[1] cpu',
    ],
    [
      'an amplification of 0',
      () => losses.anyLossAccuracy(p, y, { amplification: 0 }),
      'Expected a number above 0 for amplification but received number 0',
    ],
    ['a beta of 0', () => losses.anyLossFBeta(p, y, { beta: 0 }), 'Expected a number above 0 for beta but received number 0'],
    [
      'a score that is no function',
      () => losses.anyLoss(p, y, 1 as never),
      'Expected a function of a confusion matrix for score but received number 1',
    ],
    [
      'a score that gives a number',
      () => losses.anyLoss(p, y, () => 1 as never),
      'Expected a tensor for the result of score but received number 1',
    ],
    [
      'a beta of 0 in the metric',
      () => metrics.binaryClassificationScores(p, y, { beta: 0 }),
      'Expected a number above 0 for beta but received number 0',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
