/** How embeddings lie on the sphere: utilization, alignment, uniformity, against pairs one after the other. */

import * as torch from '../../lib';
import { metrics } from '../../lib';
import { distance, labelledBatches, labelsOf, rowsOf } from '../losses/metric-batches';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(labelledBatches())('%s', (_, make) => {
  test.each([true, false])('as the sums stand, rows of length 1: %p', (normalize) => {
    const { embeddings, labels } = make();
    const [x, y] = [rowsOf(embeddings, normalize), labelsOf(labels)];
    const pairs = x.flatMap((a, i) => x.flatMap((b, j) => (i === j ? [] : [{ d: distance(a, b), same: y[i] === y[j] }])));
    const own = pairs.filter(({ same }) => same);
    for (const alpha of [1, 2, 3.5])
      expect(metrics.alignment(embeddings, labels, { alpha, normalize }).item()).toBeCloseTo(mean(own.map(({ d }) => d ** alpha)), 8);
    for (const t of [0.5, 2])
      expect(metrics.uniformity(embeddings, { t, normalize }).item()).toBeCloseTo(
        Math.log(mean(pairs.map(({ d }) => Math.exp(-t * d * d)))),
        8,
      );
    const query = embeddings.detach().flip(0).mul(0.7).add(0.2);
    for (const squared of [true, false]) {
      const nearest = rowsOf(query, normalize).map((q) => Math.min(...x.map((row) => distance(q, row))));
      const wanted = mean(nearest.map((d) => (squared ? d * d : d)));
      expect(metrics.utilization(query, embeddings, { squared, normalize }).item()).toBeCloseTo(wanted, 8);
    }
  });
});

test('more references cannot be farther away; a set covers itself', () => {
  torch.manualSeed(0);
  const [query, some, more] = [torch.randn(9, 4), torch.randn(5, 4), torch.randn(7, 4)] as [torch.Tensor, torch.Tensor, torch.Tensor];
  const few = Number(metrics.utilization(query, some).item());
  expect(Number(metrics.utilization(query, torch.cat([some, more])).item())).toBeLessThanOrEqual(few);
  expect(Number(metrics.utilization(query, query).item())).toBeCloseTo(0, 5);
});

test('samples that are all the same: aligned, not uniform; spread ones are more uniform', () => {
  const same = torch.ones(5, 3, { dtype: 'float64' });
  expect(Number(metrics.alignment(same, torch.zeros(5, { dtype: 'int64' })).item())).toBeCloseTo(0, 12);
  expect(Number(metrics.uniformity(same).item())).toBeCloseTo(0, 12);
  // Two opposite points: one pair at distance 2.
  expect(Number(metrics.uniformity(torch.tensor([1, -1], { dtype: 'float64' }).unsqueeze(1)).item())).toBeCloseTo(-8, 12);
});

test('NaN shows; no gradient flows; half precision is computed in float32', () => {
  const x = torch.tensor([Number.NaN, 1, 2, 3, 4, 5]).reshape(3, 2);
  const labels = torch.tensor([0, 0, 1]);
  expect(metrics.alignment(x, labels).item()).toBeNaN();
  expect(metrics.uniformity(x).item()).toBeNaN();
  expect(metrics.utilization(x, x).item()).toBeNaN();
  const half = torch.randn(4, 3).to('bfloat16').requiresGrad_();
  const values = [metrics.alignment(half, torch.tensor([0, 0, 1, 1])), metrics.uniformity(half), metrics.utilization(half, half)];
  for (const value of values) expect([value.dtype, value.requiresGrad]).toEqual(['float32', false]);
});

test('many samples are taken in blocks', () => {
  torch.manualSeed(0);
  const x = torch.nn.functional.normalize(torch.randn(5000, 4, { dtype: 'float64' }));
  const labels = torch.randint(7, [5000]);
  const d = torch.cdist(x, x).square();
  const same = labels.unsqueeze(1).eq(labels);
  const wanted = d.mul(same).sum().div(same.sum().sub(5000));
  expect(Number(metrics.alignment(x, labels).item())).toBeCloseTo(Number(wanted.item()), 8);
  const parts = d.mul(-2).exp();
  expect(Number(metrics.uniformity(x).item())).toBeCloseTo(Math.log((Number(parts.sum().item()) - 5000) / (5000 * 4999)), 8);
});

describe('bad input is refused in a sentence', () => {
  const x = torch.zeros(3, 2);
  test.each<[string, () => unknown, string]>([
    [
      'no query',
      () => metrics.utilization(torch.zeros(0, 2), x),
      'Expected at least one element for query but received tensor float32[0, 2] cpu',
    ],
    [
      'references of another width',
      () => metrics.utilization(x, torch.zeros(3, 3)),
      'Expected shape [N, D] with N = 3, D = 2 for reference but received tensor float32[3, 3] cpu',
    ],
    [
      'no two samples of one label',
      () => metrics.alignment(x, torch.arange(3)),
      'Expected two samples of one label for labels but received tensor int64[3] cpu',
    ],
    [
      'an alpha of 0',
      () => metrics.alignment(x, torch.zeros(3, { dtype: 'int64' }), { alpha: 0 }),
      'Expected a number above 0 for alpha but received number 0',
    ],
    [
      'one sample',
      () => metrics.uniformity(torch.zeros(1, 2)),
      'Expected two samples or more for embeddings but received tensor float32[1, 2] cpu',
    ],
    ['a negative t', () => metrics.uniformity(x, { t: -1 }), 'Expected a number above 0 for t but received number -1'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
