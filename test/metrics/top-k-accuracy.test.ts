import * as torch from '../../lib';
import { metrics } from '../../lib';

test('agrees with the streaming metric where no scores are equal', () => {
  torch.manualSeed(0);
  const [logits, labels] = [torch.randn(50, 9), torch.randint(9, [50])];
  for (const k of [1, 3, 9]) {
    const streaming = new metrics.Accuracy({ topK: k });
    streaming.update(logits, labels);
    expect(metrics.topKAccuracy(logits, labels, { k }).item()).toBeCloseTo(streaming.compute(), 12);
  }
});

test('of equal scores the lower class comes first', () => {
  const logits = torch.zeros(4, 4);
  for (const k of [1, 2, 3, 4]) expect(metrics.topKAccuracy(logits, torch.tensor([0, 1, 2, 3]), { k }).item()).toBe(k / 4);
});

test('a row with NaN is never right, and k beyond the classes is always right', () => {
  const logits = torch.tensor([
    [Number.NaN, 1],
    [0, 1],
  ]);
  expect(metrics.topKAccuracy(logits, torch.tensor([1, 1]), { k: 5 }).item()).toBe(0.5);
  expect(metrics.topKAccuracy(torch.zeros(3, 2), torch.tensor([1, 0, 1]), { k: 5 }).item()).toBe(1);
});

test('bad input is refused in a sentence', () => {
  expect(() => metrics.topKAccuracy(torch.zeros(1, 2), torch.tensor([2]))).toThrow(
    'Expected integer labels in [0, 2) but received 2 at index 0',
  );
  expect(() => metrics.topKAccuracy(torch.zeros(1, 2), torch.tensor([1]), { k: 0 })).toThrow(
    'Expected a whole number from 1 for k but received number 0',
  );
  expect(() => metrics.topKAccuracy(torch.zeros(0, 2), torch.zeros(0, { dtype: 'int64' }))).toThrow(
    'Expected at least one sample and one class for logits',
  );
});
