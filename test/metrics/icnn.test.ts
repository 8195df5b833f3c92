import * as torch from '../../lib';
import { losses, metrics } from '../../lib';
import { smooth } from '../losses/icnn-by-hand';
import { labelledBatches, labelsOf, rowsOf, sum } from '../losses/metric-batches';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;
const mean = (values: readonly number[]): number => sum(values) / values.length;
const variance = (values: readonly number[]): number => sum(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1);

/** The earlier score in plain numbers. */
function qualityByHand(x: readonly number[][], y: readonly number[], { k = 5, p = 2, q = 2, r = 2, eps = 1e-6 }): Record<string, number> {
  const nearest = k >= x.length ? 3 : k;
  const rows = x.map((row, i) => {
    const near = x
      .map((other, j) => ({ j, d: smooth(row, other), same: y[j] === y[i] }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.d - b.d)
      .slice(0, nearest);
    const [least, most] = [near[0]?.d as number, near.at(-1)?.d as number];
    return near.map(({ d, same }) => ({ same, n: (d - least) / (most - least + eps) }));
  });
  const each = rows.map((row) => sum(row.map(({ same, n }) => (same ? 1 - n : n))));
  const lambda = mean(each.map((value) => (value / (Math.max(...each) + eps)) ** (1 / p)));
  const flat = rows.flat();
  const spread = variance(flat.map(({ same, n }) => (same ? n : 0))) + variance(flat.map(({ same, n }) => (same ? 0 : n)));
  const omega = (1 - spread) ** (1 / q);
  const gamma = mean(rows.map((row) => (row.filter(({ same }) => same).length / nearest) ** (1 / r)));
  return { score: (lambda + gamma) / 2, full: (lambda + omega + gamma) / 3, lambda, omega, gamma };
}

describe.each(labelledBatches().slice(1))('quality of %s', (_, make) => {
  test.each([{}, { k: 2, p: 1, q: 3, r: 1 }, { k: 3, eps: 0.1 }, { k: 1000 }])('as counted one by one, %p', (options) => {
    const { embeddings, labels } = make();
    const got = metrics.icnnQuality(embeddings, labels, options);
    for (const [name, value] of Object.entries(qualityByHand(rowsOf(embeddings), labelsOf(labels), options)))
      expectClose(got[name as keyof metrics.IcnnQuality], torch.tensor(value, float64), 1e-9);
  });
});

test('separated classes have a better score and quality than labels by chance', () => {
  torch.manualSeed(0);
  const labels = torch.arange(60).remainder(4);
  const x = torch
    .eye(4, float64)
    .mul(5)
    .indexSelect(0, labels)
    .add(torch.randn(60, 4, float64));
  const chance = labels.indexSelect(0, torch.randperm(60));
  const score = (y: torch.Tensor) => Number(metrics.icnnScore(x, y).score.item());
  const quality = (y: torch.Tensor) => Number(metrics.icnnQuality(x, y).score.item());
  expect(score(labels)).toBeGreaterThan(score(chance) + 0.2);
  expect(quality(labels)).toBeGreaterThan(quality(chance) + 0.1);
  expect(metrics.icnnQuality(x, labels).gamma.item()).toBeGreaterThan(0.95);
});

test('the score is what the loss is the negative logarithm of, without a gradient', () => {
  torch.manualSeed(1);
  const x = torch.randn(12, 3, float64).requiresGrad_();
  const labels = torch.arange(12).remainder(3);
  const { score } = metrics.icnnScore(x, labels, null, null, { k: 3 });
  expectClose(score.log().neg(), losses.icnnLoss(x, labels, null, null, { k: 3 }));
  expect(score.requiresGrad).toBe(false);
  expect(metrics.icnnQuality(x, labels).full.requiresGrad).toBe(false);
});

const [x, y] = [torch.randn(3, 2), torch.tensor([0, 1, 0])];
test.each<[string, () => unknown, string]>([
  [
    'three points for five neighbours',
    () => metrics.icnnQuality(x, y),
    'Expected at least 4 points for embeddings but received tensor float32[3, 2] cpu',
  ],
  [
    'no point',
    () => metrics.icnnScore(x.narrow(0, 0, 0), y.narrow(0, 0, 0)),
    'Expected at least one element for embeddings but received tensor float32[0, 2] cpu',
  ],
  ['a root of 0', () => metrics.icnnQuality(x, y, { k: 2, p: 0 }), 'Expected a number above 0 for p but received number 0'],
  ['no neighbour', () => metrics.icnnQuality(x, y, { k: 0 }), 'Expected a whole number from 1 for k but received number 0'],
  [
    'labels that are no whole numbers',
    () => metrics.icnnScore(x, torch.rand(3)),
    'Expected a tensor of whole numbers for labels but received tensor float32[3] cpu',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
