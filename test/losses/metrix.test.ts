/** Losses of pairs that are positive to some degree, and of mixtures, against their sums one candidate after the other. */

import * as torch from '../../lib';
import { losses, nn, samplers } from '../../lib';
import { labelledBatches, labelsOf } from './metric-batches';
import { expectClose } from './random';

const KINDS = ['contrastive', 'binomialDeviance', 'liftedStructure', 'multiSimilarity', 'proxyAnchor'] as const;
type Kind = (typeof KINDS)[number];

const NUMBERS = { alpha: 3, beta: 5, margin: 0.2 };

/** The loss of one anchor from its candidates: similarity and target of each. */
function anchorLoss(kind: Kind, candidates: readonly (readonly [s: number, y: number])[], { alpha, beta, margin } = NUMBERS): number {
  const of = (term: (s: number, y: number) => number) => candidates.reduce((total, [s, y]) => total + term(s, y), 0);
  const drawn = (f: (s: number) => number) => of((s, y) => (y === 0 ? 0 : y * f(s)));
  const pushed = (f: (s: number) => number) => of((s, y) => (y === 1 ? 0 : (1 - y) * f(s)));
  switch (kind) {
    case 'contrastive':
      return drawn((s) => -s) + pushed((s) => Math.max(0, s - margin));
    case 'binomialDeviance':
      return drawn((s) => Math.log1p(Math.exp(-alpha * (s - margin)))) + pushed((s) => Math.log1p(Math.exp(beta * (s - margin))));
    case 'liftedStructure': {
      const [a, b] = [drawn((s) => Math.exp(-alpha * s)), pushed((s) => Math.exp(beta * (s + margin)))];
      return a === 0 || b === 0 ? 0 : Math.max(0, Math.log(a) + Math.log(b));
    }
    case 'multiSimilarity':
      return (
        Math.log1p(drawn((s) => Math.exp(-alpha * (s - margin)))) / alpha + Math.log1p(pushed((s) => Math.exp(beta * (s - margin)))) / beta
      );
    case 'proxyAnchor':
      return Math.log1p(drawn((s) => Math.exp(-alpha * (s - margin)))) + Math.log1p(pushed((s) => Math.exp(beta * (s + margin))));
  }
}

const float64 = (values: readonly number[]) => torch.tensor([...values], { dtype: 'float64' });

interface Given {
  similarity: torch.Tensor;
  targets: torch.Tensor;
  mask: torch.Tensor;
}

/** Similarities with soft and hard targets; a row without positives, one without negatives, one without candidates. */
function given(rows: number, columns: number): Given {
  torch.manualSeed(rows);
  const targets = torch.rand(rows, columns, { dtype: 'float64' }).mul(1.6).sub(0.3).clamp(0, 1);
  targets.select(0, 0).fill_(0);
  targets.select(0, 1).fill_(1);
  const mask = torch.rand(rows, columns).lt(0.8);
  mask.select(0, 2).fill_(false);
  return { similarity: torch.rand(rows, columns, { dtype: 'float64' }).mul(2).sub(1).requiresGrad_(), targets, mask };
}

function candidatesOf({ similarity, targets, mask }: Given, masked: boolean): [number, number][][] {
  const [s, y] = [similarity.detach(), targets].map((t) => t.toArray() as number[][]) as [number[][], number[][]];
  const kept = mask.toArray() as boolean[][];
  return s.map((row, a) => row.flatMap((value, v) => (masked && !kept[a]?.[v] ? [] : [[value, y[a]?.[v] as number] as [number, number]])));
}

describe.each(KINDS)('%s', (kind) => {
  test.each([
    [3, 1],
    [4, 6],
    [9, 30],
  ])('%d anchors and %d candidates, as the sums stand', (rows, columns) => {
    const all = given(rows, columns);
    const { similarity, targets, mask } = all;
    for (const masked of [false, true]) {
      const loss = (reduction: 'none' | 'sum') =>
        losses.softPairLoss(similarity, targets, masked ? mask : null, { kind, ...NUMBERS, reduction });
      const terms = candidatesOf(all, masked).map((candidates) => anchorLoss(kind, candidates));
      expectClose(loss('none'), float64(terms));
      expectClose(loss('sum'), float64(terms).sum());
      if (kind === 'proxyAnchor') continue;
      expectClose(losses.softPairLoss(similarity, targets, masked ? mask : null, { kind, ...NUMBERS }), float64(terms).mean());
    }
  });

  test('gradients agree with differences, in targets there is none', () => {
    const { similarity, targets, mask } = given(4, 5);
    const loss = (s: torch.Tensor) => losses.softPairLoss(s, targets, mask, { kind, ...NUMBERS });
    expect(torch.autograd.gradcheck(loss, [similarity])).toBe(true);
    if (kind !== 'contrastive') expect(torch.autograd.gradgradcheck(loss, [similarity])).toBe(true);
    const learning = targets.clone().requiresGrad_();
    const [own] = torch.autograd
      .grad(losses.softPairLoss(similarity, learning, null, { kind }), [similarity, learning], {
        allowUnused: true,
      })
      .slice(1);
    expect(own ?? null).toBeNull();
  });

  test('what the mask takes out may be anything', () => {
    const { similarity, targets, mask } = given(4, 5);
    const spoilt = similarity.detach().maskedFill(mask.logicalNot(), Number.NaN).requiresGrad_();
    const value = losses.softPairLoss(spoilt, targets, mask, { kind });
    expectClose(value, losses.softPairLoss(similarity, targets, mask, { kind }));
    expect(torch.autograd.grad(value, [spoilt])[0]?.isfinite().all().item()).toBe(true);
  });

  test('steep terms and large similarities stay finite, in value and gradient', () => {
    const { similarity, targets } = given(4, 5);
    for (const scale of [1, 1e3, 1e6]) {
      const s = similarity.detach().float().mul(scale).requiresGrad_();
      const loss = losses.softPairLoss(s, targets, null, { kind, alpha: 100, beta: 1000 });
      expect(Number.isFinite(loss.item())).toBe(true);
      expect(torch.autograd.grad(loss, [s])[0]?.isfinite().all().item()).toBe(true);
    }
  });

  test('a list of mixed rows has the sums of a matrix in which each belongs to its anchor', () => {
    torch.manualSeed(1);
    const anchors = torch.randn(4, 3, { dtype: 'float64' }).requiresGrad_();
    const mixed = torch.randn(7, 3, { dtype: 'float64' }).requiresGrad_();
    // The last anchor has none, in no order.
    const anchorIndex = torch.tensor([2, 0, 1, 0, 0, 1, 2]);
    const lambda = torch.tensor([0, 1, 0.3, 0.6, 0, 1, 1], { dtype: 'float64' });
    for (const normalize of [true, false]) {
      const rows = normalize ? nn.functional.normalize : (x: torch.Tensor) => x;
      const mask = torch.arange(4).unsqueeze(1).eq(anchorIndex);
      for (const reduction of ['none', 'mean', 'sum'] as const) {
        const options = { kind, ...NUMBERS, reduction };
        const wanted = losses.softPairLoss(rows(anchors).mm(rows(mixed).t()), lambda.expand([4, 7]), mask, options);
        const value = losses.mixedPairLoss(anchors, mixed, anchorIndex, lambda, { ...options, normalize });
        expectClose(value, wanted);
        const [a, b] = [value, wanted].map((loss) => torch.autograd.grad(loss.sum(), [anchors, mixed])) as [torch.Tensor[], torch.Tensor[]];
        for (const [k, gradient] of a.entries()) expectClose(gradient, b[k] as torch.Tensor);
      }
    }
    const loss = (a: torch.Tensor, v: torch.Tensor) => losses.mixedPairLoss(a, v, anchorIndex, lambda, { kind, ...NUMBERS });
    expect(torch.autograd.gradcheck(loss, [anchors, mixed])).toBe(true);
  });

  test('mixing embeddings: the loss of all pairs, and that of mixtures that are formed', () => {
    for (const [, make] of labelledBatches()) {
      const { embeddings, labels } = make();
      for (const mode of ['positiveNegative', 'anchorNegative'] as const)
        for (const normalize of [true, false]) {
          const tuples = samplers.metrixTuples(labels, { mode });
          const lambda = torch.rand(tuples.anchor.size(0), { dtype: 'float64' });
          const x = normalize ? nn.functional.normalize(embeddings) : embeddings;
          const v = samplers.mixup(x.indexSelect(0, tuples.first), x.indexSelect(0, tuples.second), lambda);
          const options = { kind, ...NUMBERS, normalize };
          const mixed = losses.mixedPairLoss(embeddings, v, tuples.anchor, lambda, options);
          const same = labels.unsqueeze(1).eq(labels);
          const others = torch.eye(labels.size(0)).eq(0);
          const clean = losses.softPairLoss(x.mm(x.t()), same.double(), others, { kind, ...NUMBERS });
          const all = losses.metrixLoss(embeddings, labels, lambda, { ...options, mode, weight: 0.7 });
          expectClose(all.mixed, mixed, 1e-9);
          expectClose(all.clean, clean, 1e-9);
          expectClose(all.loss, clean.add(mixed, { alpha: 0.7 }), 1e-9);
          const [a, b] = [all.loss, clean.add(mixed, { alpha: 0.7 })].map(
            (loss) => torch.autograd.grad(loss, [embeddings])[0] as torch.Tensor,
          ) as [torch.Tensor, torch.Tensor];
          expectClose(a, b, 1e-8);
        }
    }
  });

  test('without pairs all is 0, with gradient 0', () => {
    for (const count of [0, 1, 4]) {
      const embeddings = torch.randn(count, 3).requiresGrad_();
      const lambda = torch.tensor(0.4);
      // One class: there is nothing to mix with.
      const labels = torch.zeros(count, { dtype: 'int64' });
      const { mixed } = losses.metrixLoss(embeddings, labels, lambda, { kind });
      expect(mixed.item()).toBe(0);
      expect(torch.autograd.grad(mixed, [embeddings])[0]?.eq(0).all().item()).toBe(true);
      const none = losses.mixedPairLoss(embeddings, torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' }), lambda, { kind });
      expect(none.item()).toBe(0);
      expect(torch.autograd.grad(none, [embeddings], { allowUnused: true })[0]?.eq(0).all().item()).toBe(true);
    }
  });

  test('NaN shows', () => {
    const x = float64([Number.NaN, 0, 1, 0, 0, 1, 1, 1]).reshape(4, 2);
    const { clean, mixed } = losses.metrixLoss(x, torch.tensor([0, 0, 1, 1]), torch.tensor(0.5), { kind });
    expect([clean.item(), mixed.item()]).toEqual([Number.NaN, Number.NaN]);
  });

  test('half precision is computed in float32', () => {
    const x = torch.randn(6, 4).to('bfloat16').requiresGrad_();
    const labels = torch.tensor([0, 0, 1, 1, 2, 2]);
    const { loss } = losses.metrixLoss(x, labels, torch.tensor(0.3), { kind });
    expect(loss.dtype).toBe('float32');
    expectClose(loss, losses.metrixLoss(x.detach().float(), labels, torch.tensor(0.3), { kind }).loss, 1e-6);
    expect(torch.autograd.grad(loss, [x])[0]?.dtype).toBe('bfloat16');
  });
});

describe('hard targets', () => {
  test.each(labelledBatches())('%s: multi-similarity of all pairs, and proxy-anchor', (_, make) => {
    const { embeddings, labels } = make();
    const x = nn.functional.normalize(embeddings);
    const same = labels.unsqueeze(1).eq(labels);
    const others = torch.eye(labels.size(0)).eq(0);
    expectClose(losses.softPairLoss(x.mm(x.t()), same.double(), others), losses.multiSimilarityLoss(embeddings, labels, { epsilon: null }));
    const proxies = torch.randn(9, embeddings.size(1), { dtype: 'float64' });
    const own = torch.arange(9).unsqueeze(1).eq(labels).double();
    expectClose(
      losses.softPairLoss(nn.functional.normalize(proxies).mm(x.t()), own, null, { kind: 'proxyAnchor' }),
      losses.proxyAnchorLoss(embeddings, proxies, labels),
    );
  });
});

test('contrastive and binomial deviance go straight from one target to another, the others do not', () => {
  const { similarity, targets } = given(4, 5);
  const loss = (y: torch.Tensor, kind: Kind) => Number(losses.softPairLoss(similarity, y, null, { kind, reduction: 'sum' }).item());
  for (const kind of KINDS) {
    const [a, b] = [loss(torch.zerosLike(targets), kind), loss(torch.onesLike(targets), kind)];
    const half = loss(torch.full([4, 5], 0.5, { dtype: 'float64' }), kind);
    const straight = kind === 'contrastive' || kind === 'binomialDeviance';
    if (straight) expect(half).toBeCloseTo((a + b) / 2, 10);
    else expect(Math.abs(half - (a + b) / 2)).toBeGreaterThan(1e-3);
  }
});

test('a lambda of 1 mixes nothing in: the positive itself, and of 0 the negative', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(6, 3, { dtype: 'float64' });
  const labels = torch.tensor([0, 0, 1, 1, 2, 2]);
  const { mixed } = losses.metrixLoss(embeddings, labels, torch.tensor(1), { kind: 'contrastive' });
  const x = nn.functional.normalize(embeddings);
  // Each positive pair once for each of its anchor's four negatives.
  const s = x.mm(x.t());
  const drawn = [0, 2, 4].reduce(
    (total, i) =>
      total -
      2 *
        4 *
        Number(
          s
            .select(0, i)
            .select(0, i + 1)
            .item(),
        ),
    0,
  );
  expectClose(mixed, torch.tensor(drawn / 6, { dtype: 'float64' }));
});

test('opposite samples whose mixture is nothing: finite, in value and gradient', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const embeddings = torch.tensor([1, 0, 1, 0, -1, 0], { dtype }).reshape(3, 2).requiresGrad_();
    const { loss } = losses.metrixLoss(embeddings, torch.tensor([0, 0, 1]), torch.tensor(0.5));
    expect(Number.isFinite(loss.item())).toBe(true);
    expect(torch.autograd.grad(loss, [embeddings])[0]?.isfinite().all().item()).toBe(true);
  }
});

describe('tuples', () => {
  test.each(labelledBatches())('%s: as three loops give them', (_, make) => {
    const labels = make().labels;
    const y = labelsOf(labels);
    const all = y.map((_, i) => i);
    const wanted = {
      positiveNegative: all.flatMap((a) =>
        all
          .filter((p) => p !== a && y[p] === y[a])
          .flatMap((p) => all.filter((n) => y[n] !== y[a]).map((n): [number, number, number] => [a, p, n])),
      ),
      anchorNegative: all.flatMap((a) => all.filter((n) => y[n] !== y[a]).map((n): [number, number, number] => [a, a, n])),
    };
    for (const mode of ['positiveNegative', 'anchorNegative'] as const) {
      const { anchor, first, second } = samplers.metrixTuples(labels, { mode });
      expect(torch.stack([anchor, first, second], 1).toArray()).toEqual(torch.tensor(wanted[mode], { dtype: 'int64' }).toArray());
    }
  });

  test('without positives, without negatives, without samples there are none', () => {
    for (const labels of [torch.arange(3), torch.zeros(3, { dtype: 'int64' }), torch.zeros(0, { dtype: 'int64' })])
      expect(samplers.metrixTuples(labels).anchor.shape).toEqual([0]);
  });

  test('a large batch: all tuples in order, in the memory of the tuples', () => {
    const labels = torch.arange(256).floorDivide(4);
    const { anchor, first, second } = samplers.metrixTuples(labels);
    expect(anchor.shape).toEqual([256 * 3 * 252]);
    const key = anchor.mul(256).add(first).mul(256).add(second);
    expect(key.diff().gt(0).all().item()).toBe(true);
    const label = (places: torch.Tensor) => labels.indexSelect(0, places);
    expect(label(anchor).eq(label(first)).all().item()).toBe(true);
    expect(label(anchor).ne(label(second)).all().item()).toBe(true);
    expect(anchor.ne(first).all().item()).toBe(true);
  });
});

describe('mixup', () => {
  test('one share for all or one for each sample, of samples of any shape', () => {
    torch.manualSeed(0);
    for (const shape of [[3], [3, 4], [3, 2, 5, 5]]) {
      const [x, y] = [torch.randn(shape, { dtype: 'float64' }), torch.randn(shape, { dtype: 'float64' })];
      const each = torch.tensor([0, 0.25, 1]);
      const shares = each.double().reshape([3, ...shape.slice(1).map(() => 1)]);
      expectClose(samplers.mixup(x, y, each), x.mul(shares).add(y.mul(shares.neg().add(1))));
      expectClose(samplers.mixup(x, y, torch.tensor(0.25)), x.mul(0.25).add(y.mul(0.75)));
      const [a, b] = [x.requiresGrad_(), y.requiresGrad_()];
      expect(torch.autograd.gradcheck((p, q) => samplers.mixup(p, q, each), [a, b])).toBe(true);
    }
  });
});

describe('bad input is refused in a sentence', () => {
  const s = torch.zeros(3, 2);
  const y = torch.zeros(3, 2);
  const labels = torch.tensor([0, 0, 1]);
  const half = torch.tensor(0.5);
  test.each<[string, () => unknown, string]>([
    [
      'an unknown kind',
      () => losses.softPairLoss(s, y, null, { kind: 'x' as 'contrastive' }),
      '\'proxyAnchor\' for kind but received string "x"',
    ],
    ['targets above 1', () => losses.softPairLoss(s, y.add(2)), 'Expected targets in [0, 1] but received 2 at index 0'],
    [
      'targets of another shape',
      () => losses.softPairLoss(s, torch.zeros(3, 3)),
      'Expected shape [A, M] with A = 3, M = 2 for targets but received tensor float32[3, 3] cpu',
    ],
    [
      'a mask of numbers',
      () => losses.softPairLoss(s, y, torch.ones(3, 2)),
      'Expected a tensor of bool for mask but received tensor float32[3, 2] cpu',
    ],
    ['an alpha of 0', () => losses.softPairLoss(s, y, null, { alpha: 0 }), 'Expected a number above 0 for alpha but received number 0'],
    [
      'a margin that is not finite',
      () => losses.softPairLoss(s, y, null, { margin: Number.NaN }),
      'Expected a finite number for margin but received number NaN',
    ],
    [
      'a place outside the anchors',
      () => losses.mixedPairLoss(s, s, torch.tensor([0, 1, 3]), half),
      'Expected integer anchorIndex in [0, 3) but received 3 at index 2',
    ],
    [
      'as many shares as there are not rows',
      () => losses.mixedPairLoss(s, s, labels, torch.zeros(2)),
      'Expected shape [] or [3] for lambda but received tensor float32[2] cpu',
    ],
    ['a share above 1', () => losses.metrixLoss(s, labels, torch.tensor(1.5)), 'Expected lambda in [0, 1] but received 1.5 at index 0'],
    [
      'a negative weight',
      () => losses.metrixLoss(s, labels, half, { weight: -1 }),
      'Expected a number from 0 for weight but received number -1',
    ],
    [
      'an unknown mode',
      () => samplers.metrixTuples(labels, { mode: 'x' as 'anchorNegative' }),
      "Expected one of 'positiveNegative', 'anchorNegative' for mode but received string \"x\"",
    ],
    [
      'samples of another shape',
      () => samplers.mixup(s, torch.zeros(3), half),
      'Expected shape [3, 2] for y but received tensor float32[3] cpu',
    ],
    [
      'samples of whole numbers',
      () => samplers.mixup(labels, labels, half),
      'Expected a floating-point dtype for x but received tensor int64[3] cpu',
    ],
    ['a share of less than 0', () => samplers.mixup(s, s, torch.tensor(-0.5)), 'Expected lambda in [0, 1] but received -0.5 at index 0'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
