import * as torch from '../../lib';
import { metrics } from '../../lib';

test('counts by hand, and a value at the threshold says no', () => {
  const scores = metrics.binaryClassificationScores(torch.tensor([0.9, 0.5, 0.4, 0.8, 0.1, 0.6]), torch.tensor([1, 1, 0, 0, 0, 1]), {
    beta: 2,
  });
  expect(scores).toMatchObject({ tp: 2, fn: 1, fp: 1, tn: 2, precision: 2 / 3, recall: 2 / 3, specificity: 2 / 3 });
  expect(scores.accuracy).toBeCloseTo(4 / 6, 14);
  expect(scores.fBeta).toBeCloseTo((5 * 2) / (5 * 2 + 4 + 1), 14);
  expect(scores.gMean).toBeCloseTo(2 / 3, 14);
  expect(scores.balancedAccuracy).toBeCloseTo(2 / 3, 14);
});

test('a share of nothing is 0, and an absent class does not count', () => {
  const none = metrics.binaryClassificationScores(torch.tensor([0.1, 0.9]), torch.tensor([0, 0]));
  expect(none).toMatchObject({ recall: 0, fBeta: 0, precision: 0, specificity: 0.5, gMean: 0.5, balancedAccuracy: 0.5 });
  const only = metrics.binaryClassificationScores(torch.tensor([0.1, 0.2]), torch.tensor([1, 0]));
  expect(only).toMatchObject({ precision: 0, recall: 0, fBeta: 0, gMean: 0, balancedAccuracy: 0.5 });
});

test('agrees with the streaming metrics', () => {
  torch.manualSeed(0);
  const [probabilities, labels] = [torch.rand(300), torch.rand(300).lt(0.3).long()];
  const { accuracy } = metrics.binaryClassificationScores(probabilities, labels);
  const streaming = new metrics.BinaryAccuracy();
  streaming.update(probabilities, labels);
  expect(accuracy).toBeCloseTo(streaming.compute(), 12);
});
