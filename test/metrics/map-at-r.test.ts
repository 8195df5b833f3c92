import * as torch from '../../lib';
import { metrics } from '../../lib';
import { cosine, distance } from '../losses/metric-batches';

/** Sorted neighbours, one query after the other; among equals those of the query's label come first. */
function reference(x: number[][], labels: number[], gallery: number[][] | null, galleryLabels: number[] | null, euclidean: boolean) {
  const each = x.map((row, i) => {
    const others = (gallery ?? x).flatMap((other, j) => {
      if (gallery === null && i === j) return [];
      return [{ own: (galleryLabels ?? labels)[j] === labels[i], similarity: euclidean ? -distance(row, other) : cosine(row, other) }];
    });
    others.sort((a, b) => b.similarity - a.similarity || Number(b.own) - Number(a.own));
    const R = others.filter(({ own }) => own).length;
    const nearest = others.slice(0, R);
    const precisions = nearest.map(({ own }, k) => (own ? nearest.slice(0, k + 1).filter((o) => o.own).length / (k + 1) : 0));
    const mean = (values: number[]) => (R === 0 ? 0 : values.reduce((a, b) => a + b, 0) / R);
    return { map: mean(precisions), precision: mean(nearest.map(({ own }) => Number(own))) };
  });
  const over = (key: 'map' | 'precision') => each.reduce((sum, of) => sum + of[key], 0) / each.length;
  return { map: over('map'), precision: over('precision') };
}

const numbers = (t: torch.Tensor) => (t.toArray() as (number | bigint)[]).map(Number);
const rows = (t: torch.Tensor) => t.toArray() as number[][];

describe.each(['cosine', 'euclidean'] as const)('%s', (metric) => {
  test.each([
    [2, 1],
    [9, 3],
    [40, 6],
    // Small classes among many rows, whose places are gathered.
    [90, 40],
  ])('%d samples of %d classes, as by sorting', (count, classes) => {
    torch.manualSeed(count);
    const [x, labels] = [torch.randn(count, 4, { dtype: 'float64' }), torch.randint(classes, [count])];
    const gallery = torch.randn(count + 3, 4, { dtype: 'float64' });
    const galleryLabels = torch.randint(classes + 1, [count + 3]);
    const euclidean = metric === 'euclidean';
    const among = reference(rows(x), numbers(labels), null, null, euclidean);
    expect(metrics.mapAtR(x, labels, null, null, { metric }).item()).toBeCloseTo(among.map, 12);
    expect(metrics.rPrecision(x, labels, null, null, { metric }).item()).toBeCloseTo(among.precision, 12);
    const from = reference(rows(x), numbers(labels), rows(gallery), numbers(galleryLabels), euclidean);
    expect(metrics.mapAtR(x, labels, gallery, galleryLabels, { metric }).item()).toBeCloseTo(from.map, 12);
    expect(metrics.rPrecision(x, labels, gallery, galleryLabels, { metric }).item()).toBeCloseTo(from.precision, 12);
  });

  test('ties favour the right ones', () => {
    const query = torch.tensor([[1, 0]], { dtype: 'float32' });
    const gallery = torch.tensor([0, 1, 0, 1, 0, 1, 0, 1], { dtype: 'float32' }).reshape(4, 2);
    const galleryLabels = torch.tensor([1, 0, 1, 0]).long();
    for (const score of [metrics.mapAtR, metrics.rPrecision])
      expect(score(query, torch.tensor([0]).long(), gallery, galleryLabels, { metric }).item()).toBe(1);
  });
});

test('the example of the paper: two orders of equal recall and precision', () => {
  // One query and ten rows, of which the nearest has its label and R = 10 are asked for; then all of them.
  const angles = torch.arange(1, 21).mul(0.01);
  const gallery = torch.stack([angles.cos(), angles.sin()], 1);
  const query = torch.tensor([[1, 0]], { dtype: 'float32' });
  const own = (labels: number[]) => torch.tensor(labels).long();
  const [none, all] = [
    [1, ...Array(9).fill(0), ...Array(9).fill(1), 0],
    [...Array(10).fill(1), ...Array(10).fill(0)],
  ];
  const score = (labels: number[]) => metrics.mapAtR(query, own([1]), gallery, own(labels)).item();
  expect(score(none)).toBeCloseTo(0.1, 12);
  expect(score(all)).toBe(1);
});

test('a query without a row of its label counts as 0, and a row with NaN never finds nor is found', () => {
  const x = torch.tensor([1, 0, 1, 0.1, 0.5, 0.5, Number.NaN, 0]).reshape(4, 2);
  const labels = torch.tensor([0, 0, 1, 0]).long();
  // Each of the first two finds the other first after the row with NaN, which stands before all: R = 2, and P(2) is 1/2.
  expect(metrics.mapAtR(x.narrow(0, 0, 3), labels.narrow(0, 0, 3)).item()).toBeCloseTo(2 / 3, 12);
  const found = metrics.mapAtR(x, labels).item() as number;
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThanOrEqual((2 * 0.5) / 4);
});

test('many queries go in blocks, with the same result and bounded memory', () => {
  torch.manualSeed(0);
  const count = 6000;
  const labels = torch.randint(300, [count]);
  const x = torch.randn(300, 16).indexSelect(0, labels).add(torch.randn(count, 16));
  const before = torch.memory();
  const whole = metrics.mapAtR(x, labels).item() as number;
  expect(torch.memory().bytes - before.bytes).toBeLessThan(2 ** 20);
  // The order of the samples says nothing.
  const order = torch.randperm(count);
  expect(metrics.mapAtR(x.indexSelect(0, order), labels.indexSelect(0, order)).item()).toBeCloseTo(whole, 6);
});

test('bad input is refused in a sentence', () => {
  const [x, y] = [torch.randn(3, 2), torch.tensor([0, 0, 1]).long()];
  expect(() => metrics.mapAtR(x, y.narrow(0, 0, 2))).toThrow('Expected shape [Q] with Q = 3 for labels but received tensor int64[2] cpu');
  expect(() => metrics.rPrecision(x, y, x)).toThrow('Expected both or none for gallery and galleryLabels but received');
  expect(() => metrics.mapAtR(x, y, null, null, { metric: 'dot' as 'cosine' })).toThrow("Expected one of 'cosine', 'euclidean' for metric");
  expect(() => metrics.mapAtR(torch.zeros(0, 2), torch.zeros(0).long())).toThrow('Expected at least one element for embeddings');
});
