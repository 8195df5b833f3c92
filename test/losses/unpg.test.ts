/** UNPG against its sums, term by term. */

import * as torch from '../../lib';
import { losses, samplers } from '../../lib';
import { cosine, labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const CLASSES = 9;
const HEADS = ['arcface', 'cosface', 'normface'] as const;

const classWeights = (embeddings: torch.Tensor, classes = CLASSES): torch.Tensor =>
  torch.randn(classes, embeddings.size(1), float64).requiresGrad_();

/** The head's own loss. */
const OWN = {
  arcface: (x: torch.Tensor, w: torch.Tensor, y: torch.Tensor, scale: number, margin: number) =>
    losses.arcFaceLoss(x, w, y, { scale, margin, reduction: 'none' }),
  cosface: (x: torch.Tensor, w: torch.Tensor, y: torch.Tensor, scale: number, margin: number) =>
    losses.cosFaceLoss(x, w, y, { scale, margin, reduction: 'none' }),
  normface: (x: torch.Tensor, w: torch.Tensor, y: torch.Tensor, scale: number) =>
    losses.normalizedSoftmaxLoss(x, w, y, { scale, reduction: 'none' }),
};

const MARGINS = {
  arcface: (cos: number) => Math.cos(Math.acos(cos) + 0.3),
  cosface: (cos: number) => cos - 0.3,
  normface: (cos: number) => cos,
};

/** What the rule leaves of some numbers. */
function withinWhiskers(values: readonly number[], whisker: number | null): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  if (whisker === null || sorted.length === 0) return sorted;
  const [low, high] = [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((3 * sorted.length) / 4)]] as [number, number];
  const reach = whisker * (high - low) + 1e-12;
  return sorted.filter((value) => value >= low - reach && value <= high + reach);
}

function pairs(x: readonly number[][], y: readonly number[]): { positive: number[]; negative: number[] } {
  const kinds = { positive: [] as number[], negative: [] as number[] };
  for (let i = 0; i < y.length; i++)
    for (let j = i + 1; j < y.length; j++) kinds[y[i] === y[j] ? 'positive' : 'negative'].push(cosine(x[i] as number[], x[j] as number[]));
  return kinds;
}

describe.each(labelledBatches())('%s', (_, make) => {
  test.each(HEADS)('a softmax over classes and negative pairs, %s', (head) => {
    const { embeddings, labels } = make();
    if (embeddings.size(1) === 1) return; // all cosines are -1 or 1, where ArcFace holds its angle away
    const weights = classWeights(embeddings);
    const [x, w, y] = [rowsOf(embeddings), rowsOf(weights), labelsOf(labels)];
    const { negative } = pairs(x, y);
    // Of a margin of 0.3 the angle never gets beyond pi here.
    const near = x.every((row, i) => Math.acos(cosine(row, w[y[i] as number] as number[])) < Math.PI - 0.3);
    if (head === 'arcface' && !near) return;
    for (const whisker of [null, 0, 0.5, 1.5]) {
      const left = sum(withinWhiskers(negative, whisker).map((n) => Math.exp(6 * n)));
      const terms = x.map((row, i) => {
        const cosines = w.map((weight) => cosine(row, weight));
        const own = Math.exp(6 * MARGINS[head](cosines[y[i] as number] as number));
        return Math.log(own + left + sum(cosines.map((cos, j) => (j === y[i] ? 0 : Math.exp(6 * cos))))) - Math.log(own);
      });
      const of = (reduction: 'mean' | 'sum' | 'none') =>
        losses.unpgLoss(embeddings, weights, labels, { head, scale: 6, margin: 0.3, whisker, reduction });
      const wanted = torch.tensor(terms, float64);
      expectClose(of('none'), wanted, 1e-9);
      expectClose(of('sum'), wanted.sum(), 1e-9);
      expectClose(of('mean'), wanted.mean(), 1e-9);
    }
  });

  test('it is above the loss of its head, by the negative pairs', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings);
    for (const head of HEADS) {
      const own = OWN[head](embeddings, weights, labels, 8, 0.2);
      const all = losses.unpgLoss(embeddings, weights, labels, { head, scale: 8, margin: 0.2, reduction: 'none', whisker: null });
      const some = losses.unpgLoss(embeddings, weights, labels, { head, scale: 8, margin: 0.2, reduction: 'none', whisker: 0.2 });
      expect(all.gt(own).all().item()).toBe(true);
      expect(some.gt(own).logicalAnd(some.le(all)).all().item()).toBe(true);
      // Of one class there are no negative pairs.
      const one = torch.full([labels.size(0)], 3, { dtype: 'int64' });
      expectClose(
        losses.unpgLoss(embeddings, weights, one, { head, scale: 8, margin: 0.2, reduction: 'none' }),
        OWN[head](embeddings, weights, one, 8, 0.2),
      );
    }
  });

  test('without class weights: each positive pair against all negative ones', () => {
    const { embeddings, labels } = make();
    const { positive, negative } = pairs(rowsOf(embeddings), labelsOf(labels));
    for (const whisker of [null, 0.5, 1.5]) {
      const left = sum(withinWhiskers(negative, whisker).map((n) => Math.exp(5 * n)));
      const terms = positive.map((p) => Math.log1p(left * Math.exp(-5 * (p - 0.2))));
      const loss = losses.metricUnpgLoss(embeddings, labels, { scale: 5, margin: 0.2, whisker });
      expect(Number(loss.item())).toBeCloseTo(sum(terms) / terms.length, 9);
    }
  });

  test('the unified loss is a sum over all positive with all negative pairs; one positive pair of it is the form without weights', () => {
    const { embeddings, labels } = make();
    const { positive, negative } = samplers.pairSimilarities(embeddings, labels);
    const [p, n] = [positive.toArray() as number[], negative.toArray() as number[]];
    const total = sum(p.flatMap((a) => n.map((b) => Math.exp(4 * (b - a + 0.1)))));
    const loss = losses.unifiedPairLoss(positive, negative, { scale: 4, margin: 0.1 });
    expect(Number(loss.item())).toBeCloseTo(Math.log1p(total), 9);
    const single = Array.from({ length: p.length }, (_one, k) =>
      losses.unifiedPairLoss(positive.narrow(0, k, 1), negative, { scale: 4, margin: 0.1 }),
    );
    expectClose(losses.metricUnpgLoss(embeddings, labels, { scale: 4, margin: 0.1, whisker: null }), torch.stack(single).mean(), 1e-9);
  });

  test('lengths do not matter, nor the order of samples, nor turning all, nor names of classes', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings);
    const width = embeddings.size(1);
    const lengths = (rows: number) => torch.rand(rows, 1, float64).add(0.1);
    const order = torch.randperm(labels.size(0));
    const rotation = torch.linalg.qr(torch.randn(width, width, float64)).Q;
    const moved = [
      [embeddings.mul(lengths(labels.size(0))), weights.mul(lengths(CLASSES)), labels],
      [embeddings.indexSelect(0, order), weights, labels.indexSelect(0, order)],
      [embeddings.mm(rotation), weights.mm(rotation), labels.to('int32')],
    ] as const;
    // Outliers by the breadth of a rounding error would be others.
    for (const whisker of width === 1 ? [null] : [null, 1.5]) {
      const value = losses.unpgLoss(embeddings, weights, labels, { scale: 9, whisker });
      const metric = losses.metricUnpgLoss(embeddings, labels, { scale: 9, whisker });
      for (const [x, w, y] of moved) {
        expectClose(losses.unpgLoss(x, w, y, { scale: 9, whisker }), value, 1e-7);
        expectClose(losses.metricUnpgLoss(x, y.mul(-3).add(1), { scale: 9, whisker }), metric, 1e-8);
      }
    }
  });
});

test('gradients, and their gradients, agree with differences', () => {
  torch.manualSeed(3);
  const embeddings = torch.randn(5, 3, float64).requiresGrad_();
  const weights = classWeights(embeddings, 3);
  const labels = torch.tensor([0, 2, 0, 1, 2]);
  for (const head of HEADS)
    for (const whisker of [null, 0.4]) {
      const loss = (x: torch.Tensor, w: torch.Tensor) => losses.unpgLoss(x, w, labels, { head, scale: 3, margin: 0.2, whisker });
      expect(torch.autograd.gradcheck(loss, [embeddings, weights])).toBe(true);
      expect(torch.autograd.gradgradcheck(loss, [embeddings, weights])).toBe(true);
    }
  const metric = (x: torch.Tensor) => losses.metricUnpgLoss(x, labels, { scale: 3, whisker: 0.4 });
  expect(torch.autograd.gradcheck(metric, [embeddings])).toBe(true);
  expect(torch.autograd.gradgradcheck(metric, [embeddings])).toBe(true);
  const [p, n] = [torch.rand(3, float64).requiresGrad_(), torch.rand(4, float64).requiresGrad_()];
  const unified = (a: torch.Tensor, b: torch.Tensor) => losses.unifiedPairLoss(a, b, { scale: 3, margin: 0.1 });
  expect(torch.autograd.gradcheck(unified, [p, n])).toBe(true);
  expect(torch.autograd.gradgradcheck(unified, [p, n])).toBe(true);
});

test('without usable pairs: 0, with gradients that are exactly 0', () => {
  const cases: [torch.Tensor, torch.Tensor][] = [
    [torch.randn(1, 4), torch.tensor([3])],
    [torch.randn(0, 4), torch.zeros(0, { dtype: 'int64' })],
    [torch.randn(5, 4), torch.arange(5)],
    [torch.randn(5, 4), torch.zeros(5, { dtype: 'int64' })],
  ];
  for (const [x, y] of cases) {
    x.requiresGrad_();
    const loss = losses.metricUnpgLoss(x, y);
    expect(loss.item()).toBe(0);
    expect(torch.autograd.grad(loss, [x])[0]?.eq(0).all().item()).toBe(true);
  }
  for (const [P, N] of [
    [0, 3],
    [3, 0],
    [0, 0],
  ] as const) {
    const [p, n] = [torch.randn(P).requiresGrad_(), torch.randn(N).requiresGrad_()];
    const loss = losses.unifiedPairLoss(p, n);
    expect(loss.item()).toBe(0);
    for (const gradient of torch.autograd.grad(loss, [p, n])) expect(gradient?.eq(0).all().item()).toBe(true);
  }
});

test('one sample has its head alone', () => {
  const [x, w, y] = [torch.randn(1, 4, float64), torch.randn(3, 4, float64), torch.tensor([2])];
  expectClose(losses.unpgLoss(x, w, y, { head: 'cosface' }), losses.cosFaceLoss(x, w, y, { margin: 0.5 }));
});

test('large scales overflow nothing; equal, opposite and zero rows have finite gradients', () => {
  torch.manualSeed(0);
  for (const dtype of ['float32', 'float64'] as const) {
    const rows = torch
      .eye(4)
      .mul(torch.tensor([[2], [-1], [0], [1]]))
      .to(dtype);
    const x = torch.cat([rows, rows, torch.randn(4, 4, { dtype })]).requiresGrad_();
    const w = torch.eye(4).to(dtype).requiresGrad_();
    const y = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3]);
    for (const head of HEADS)
      for (const loss of [
        losses.unpgLoss(x, w, y, { head, scale: 1000 }),
        losses.metricUnpgLoss(x, y, { scale: 1000 }).add(w.sum().mul(0)),
      ]) {
        expect(loss.isfinite().item()).toBe(true);
        for (const gradient of torch.autograd.grad(loss, [x, w])) expect(gradient?.isfinite().all().item()).toBe(true);
      }
    const apart = losses.unifiedPairLoss(torch.tensor([-1], { dtype }), torch.tensor([1], { dtype }), { scale: 1e4 });
    expect(apart.item()).toBeCloseTo(2e4, 1);
  }
});

test('half-precision rows are compared in float32; NaN shows; the arguments stay as they are', () => {
  torch.manualSeed(0);
  const [x, w] = [torch.randn(6, 8).to('bfloat16'), torch.randn(4, 8).to('bfloat16')];
  const y = torch.tensor([0, 3, 1, 2, 2, 0]);
  expectClose(losses.unpgLoss(x, w, y, { scale: 5 }), losses.unpgLoss(x.float(), w.float(), y, { scale: 5 }), 1e-5);
  expectClose(losses.metricUnpgLoss(x, y, { scale: 5 }), losses.metricUnpgLoss(x.float(), y, { scale: 5 }), 1e-5);
  const spoilt = x.float().indexFill(0, torch.tensor([1]), Number.NaN);
  expect(losses.unpgLoss(spoilt, w.float(), y).item()).toBeNaN();
  expect(losses.metricUnpgLoss(spoilt, y).item()).toBeNaN();
  const [given, weights] = [x.float(), w.float()];
  const before = [given.clone(), weights.clone()];
  losses.unpgLoss(given, weights, y);
  losses.metricUnpgLoss(given, y);
  expect(given.equal(before[0] as torch.Tensor)).toBe(true);
  expect(weights.equal(before[1] as torch.Tensor)).toBe(true);
});

describe('bad input is refused in a sentence', () => {
  const [x, w, y] = [torch.randn(2, 3), torch.randn(4, 3), torch.tensor([0, 3])];
  test.each<[string, () => unknown, string]>([
    ['a label too high', () => losses.unpgLoss(x, w, torch.tensor([0, 4])), 'Expected integer labels in [0, 4) but received 4 at index 1'],
    [
      'weights of another width',
      () => losses.unpgLoss(x, torch.randn(4, 2), y),
      'Expected shape [C, D] with C = 4, D = 3 for weights but received tensor float32[4, 2] cpu',
    ],
    [
      'no sample',
      () => losses.unpgLoss(torch.zeros(0, 3), w, torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for embeddings but received tensor float32[0, 3] cpu',
    ],
    [
      'an unknown head',
      () => losses.unpgLoss(x, w, y, { head: 'sphereface' as 'arcface' }),
      "Expected one of 'arcface', 'cosface', 'normface' for head but received string \"sphereface\"",
    ],
    ['an angle above pi', () => losses.unpgLoss(x, w, y, { margin: 4 }), 'Expected a number in [0, pi] for margin but received number 4'],
    [
      'a negative margin',
      () => losses.unpgLoss(x, w, y, { head: 'cosface', margin: -1 }),
      'Expected a number from 0 for margin but received number -1',
    ],
    ['a scale of 0', () => losses.metricUnpgLoss(x, y, { scale: 0 }), 'Expected a number above 0 for scale but received number 0'],
    ['a negative whisker', () => losses.unpgLoss(x, w, y, { whisker: -1 }), 'Expected a number from 0 for whisker but received number -1'],
    [
      'labels of another length',
      () => losses.metricUnpgLoss(x, torch.tensor([0])),
      'Expected shape [B] with B = 2 for labels but received tensor int64[1] cpu',
    ],
    [
      'pairs of two dimensions',
      () => losses.unifiedPairLoss(x, torch.zeros(2)),
      'Expected shape [P] for positive but received tensor float32[2, 3] cpu',
    ],
    [
      'a negative margin of pairs',
      () => losses.unifiedPairLoss(torch.zeros(1), torch.zeros(1), { margin: -1 }),
      'Expected a number from 0 for margin but received number -1',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
