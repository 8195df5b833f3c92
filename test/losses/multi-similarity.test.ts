/** The multi-similarity loss and general pair weighting, against their sums one pair after the other. */

import * as torch from '../../lib';
import { losses, methods, samplers } from '../../lib';
import { type Labelled, labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const KINDS = ['contrastive', 'triplet', 'liftedStructure', 'binomialDeviance', 'multiSimilarity'] as const;

const float64 = (values: readonly number[]) => torch.tensor([...values], { dtype: 'float64' });

function products(rows: readonly number[][]): number[][] {
  return rows.map((a) => rows.map((b) => sum(a.map((value, k) => value * (b[k] as number)))));
}

/** Positives and negatives of each anchor that the paper's two inequalities keep, or all. */
function minedOf(s: number[][], y: number[], epsilon: number | null): { positive: number[]; negative: number[] }[] {
  const all = y.map((_, j) => j);
  return y.map((label, i) => {
    const row = s[i] as number[];
    const positive = all.filter((j) => j !== i && y[j] === label);
    const negative = all.filter((j) => y[j] !== label);
    if (epsilon === null) return { positive, negative };
    if (positive.length === 0 || negative.length === 0) return { positive: [], negative: [] };
    const least = Math.min(...positive.map((j) => row[j] as number));
    const most = Math.max(...negative.map((j) => row[j] as number));
    return {
      positive: positive.filter((j) => (row[j] as number) < most + epsilon),
      negative: negative.filter((j) => (row[j] as number) > least - epsilon),
    };
  });
}

interface Numbers {
  alpha: number;
  beta: number;
  base: number;
  epsilon: number | null;
}

function termsOf(s: number[][], y: number[], { alpha, beta, base, epsilon }: Numbers): number[] {
  return minedOf(s, y, epsilon).map(({ positive, negative }, i) => {
    const part = (places: number[], steepness: number) =>
      Math.log(1 + sum(places.map((j) => Math.exp(steepness * ((s[i]?.[j] as number) - base))))) / Math.abs(steepness);
    return part(positive, -alpha) + part(negative, beta);
  });
}

describe.each(labelledBatches())('%s', (_, make) => {
  test.each([
    { alpha: 2, beta: 50, base: 0.5, epsilon: 0.1 },
    { alpha: 2, beta: 50, base: 0.5, epsilon: null },
    { alpha: 5, beta: 3, base: -0.2, epsilon: 0 },
    { alpha: 0.5, beta: 20, base: 1, epsilon: -0.2 },
    { alpha: 2, beta: 4, base: 0, epsilon: 100 },
  ])('multi-similarity: the sums that the paper writes, %p', (numbers) => {
    const { embeddings, labels } = make();
    for (const normalize of [true, false]) {
      const terms = termsOf(products(rowsOf(embeddings, normalize)), labelsOf(labels), numbers);
      const loss = (reduction: 'none' | 'sum' | 'mean') =>
        losses.multiSimilarityLoss(embeddings, labels, { ...numbers, normalize, reduction });
      expectClose(loss('none'), float64(terms), 1e-9);
      expectClose(loss('sum'), torch.tensor(sum(terms), { dtype: 'float64' }), 1e-9);
      expectClose(loss('mean'), torch.tensor(sum(terms) / terms.length, { dtype: 'float64' }), 1e-9);
    }
  });

  test('the mined pairs are those of the two inequalities, and the more the larger epsilon', () => {
    const { embeddings, labels } = make();
    const similarity = torch.nn.functional.normalize(embeddings.detach());
    const s = similarity.mm(similarity.t());
    const y = labelsOf(labels);
    let before = -1;
    for (const epsilon of [-0.5, 0, 0.1, 0.4, 3]) {
      const { positive, negative } = samplers.multiSimilarityPairs(s, labels, { epsilon });
      const wanted = minedOf(s.toArray() as number[][], y, epsilon);
      const places = (mask: torch.Tensor) => (mask.toArray() as boolean[][]).map((row) => row.flatMap((kept, j) => (kept ? [j] : [])));
      expect(places(positive)).toEqual(wanted.map((pairs) => pairs.positive));
      expect(places(negative)).toEqual(wanted.map((pairs) => pairs.negative));
      const count = Number(positive.sum().add(negative.sum()).item());
      expect(count).toBeGreaterThanOrEqual(before);
      before = count;
    }
  });

  test.each(KINDS)('weights of %s are the derivatives of its loss, and weighting with them has its gradient', (kind) => {
    const { embeddings, labels } = make();
    const options = { kind, alpha: 3, beta: 7, base: 0.2, margin: 0.3 } as const;
    const x = torch.nn.functional.normalize(embeddings);
    const s = x.mm(x.t());
    const total = torch.stack(anchorLosses(s, labelsOf(labels), options)).sum();
    const [derivative, wanted] = torch.autograd.grad(total, [s, embeddings]) as [torch.Tensor, torch.Tensor];
    const weights = methods.pairWeights(s, labels, options);
    expect(weights.requiresGrad).toBe(false);
    expectClose(weights, derivative.abs());
    const weighted = losses.generalPairWeightingLoss(embeddings, labels, weights, { reduction: 'sum' });
    expectClose(torch.autograd.grad(weighted, [embeddings])[0] as torch.Tensor, wanted, 1e-9);
  });

  test('general pair weighting: weighted similarities of negatives less those of positives', () => {
    const { embeddings, labels } = make();
    const y = labelsOf(labels);
    const weights = torch.rand(y.length, y.length, { dtype: 'float64' }).requiresGrad_();
    const w = weights.detach().toArray() as number[][];
    for (const normalize of [true, false]) {
      const s = products(rowsOf(embeddings, normalize));
      const terms = y.map((label, i) =>
        sum(y.map((other, j) => (j === i ? 0 : (other === label ? -1 : 1) * (w[i]?.[j] as number) * (s[i]?.[j] as number)))),
      );
      const loss = (reduction: 'none' | 'sum' | 'mean') =>
        losses.generalPairWeightingLoss(embeddings, labels, weights, { normalize, reduction });
      expectClose(loss('none'), float64(terms), 1e-9);
      expectClose(loss('mean'), torch.tensor(sum(terms) / y.length, { dtype: 'float64' }), 1e-9);
      const [, toWeights] = torch.autograd.grad(loss('sum'), [embeddings, weights], { allowUnused: true });
      expect(toWeights ?? null).toBeNull();
    }
  });

  test('weights of mined pairs have the gradient of the mined loss', () => {
    const { embeddings, labels } = make();
    const x = torch.nn.functional.normalize(embeddings.detach());
    const weights = methods.pairWeights(x.mm(x.t()), labels, { epsilon: 0.1 });
    const [a, b] = [losses.generalPairWeightingLoss(embeddings, labels, weights), losses.multiSimilarityLoss(embeddings, labels)].map(
      (loss) => torch.autograd.grad(loss, [embeddings])[0] as torch.Tensor,
    ) as [torch.Tensor, torch.Tensor];
    expectClose(a, b, 1e-11);
  });

  test('the order of the samples, names of classes, turning and the length of rows do not matter', () => {
    const { embeddings, labels } = make();
    const [count, width] = embeddings.shape as [number, number];
    const order = torch.randperm(count);
    const rotation = torch.linalg.qr(torch.randn(width, width, { dtype: 'float64' })).Q;
    const lengths = torch.rand(count, 1, { dtype: 'float64' }).add(0.1);
    for (const epsilon of [null, 0.1]) {
      const loss = (x: torch.Tensor, y: torch.Tensor) => losses.multiSimilarityLoss(x, y, { epsilon });
      const value = loss(embeddings, labels);
      expectClose(loss(embeddings.indexSelect(0, order), labels.indexSelect(0, order)), value);
      expectClose(loss(embeddings, labels.mul(-5).add(2).to('int32')), value);
      expectClose(loss(embeddings.mm(rotation), labels), value, 1e-8);
      expectClose(loss(embeddings.mul(lengths), labels), value, 1e-8);
    }
  });

  test('gradients agree with differences', () => {
    const { embeddings, labels } = make();
    if (labels.size(0) > 11) return expect(labels.size(0)).toBe(40); // differences of many numbers take long
    for (const options of [{ beta: 5 }, { epsilon: null, beta: 8 }, { normalize: false, beta: 2 }])
      expect(torch.autograd.gradcheck((x) => losses.multiSimilarityLoss(x, labels, options), [embeddings])).toBe(true);
    const weights = torch.rand(labels.size(0), labels.size(0), { dtype: 'float64' });
    expect(torch.autograd.gradcheck((x) => losses.generalPairWeightingLoss(x, labels, weights), [embeddings])).toBe(true);
  });
});

interface AnchorOptions {
  kind: (typeof KINDS)[number];
  alpha: number;
  beta: number;
  base: number;
  margin: number;
}

/** The losses of each anchor of `methods.pairWeights`, as their formulas stand, pair by pair. */
function anchorLosses(s: torch.Tensor, y: number[], options: AnchorOptions): torch.Tensor[] {
  return y.map((label, i) => {
    const pick = (keep: (other: number, j: number) => boolean) => {
      const places = y.flatMap((other, j) => (j !== i && keep(other, j) ? [j] : []));
      return s.select(0, i).indexSelect(0, torch.tensor(places, { dtype: 'int64' }));
    };
    return anchorLoss(
      pick((other) => other === label),
      pick((other) => other !== label),
      options,
    );
  });
}

function anchorLoss(positive: torch.Tensor, negative: torch.Tensor, { kind, alpha, beta, base, margin }: AnchorOptions): torch.Tensor {
  const [drawn, pushed] = [positive.neg().add(base).mul(alpha), negative.sub(base).mul(beta)];
  switch (kind) {
    case 'contrastive':
      return negative.sub(base).relu().sum().sub(positive.sum());
    case 'triplet':
      return negative.unsqueeze(1).sub(positive).add(margin).relu().sum();
    case 'liftedStructure': {
      const bracket = positive.neg().add(base).exp().sum().log().add(negative.exp().sum().log());
      return positive.numel() > 0 && negative.numel() > 0 ? bracket.relu() : positive.sum().mul(0);
    }
    case 'binomialDeviance': {
      const mean = (z: torch.Tensor) => z.exp().log1p().sum().div(Math.max(1, z.numel()));
      return mean(drawn).add(mean(pushed));
    }
    case 'multiSimilarity':
      return drawn.exp().sum().log1p().div(alpha).add(pushed.exp().sum().log1p().div(beta));
  }
}

test('gradients of gradients agree with differences', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(5, 3, { dtype: 'float64' }).requiresGrad_();
  const labels = torch.tensor([0, 0, 1, 1, 2]);
  for (const options of [{ beta: 5 }, { epsilon: null, normalize: false, beta: 2 }])
    expect(torch.autograd.gradgradcheck((x) => losses.multiSimilarityLoss(x, labels, options), [embeddings])).toBe(true);
});

describe('without usable pairs', () => {
  const cases: [string, () => Labelled][] = [
    ['one sample', () => ({ embeddings: torch.randn(1, 4), labels: torch.tensor([3]) })],
    ['no sample', () => ({ embeddings: torch.randn(0, 4), labels: torch.zeros(0, { dtype: 'int64' }) })],
    ['samples of classes of their own', () => ({ embeddings: torch.randn(5, 4), labels: torch.arange(5) })],
    ['samples of one class', () => ({ embeddings: torch.randn(5, 4), labels: torch.zeros(5, { dtype: 'int64' }) })],
  ];
  test.each(cases)('%s: 0, with gradients that are exactly 0', (_, make) => {
    const { embeddings: given, labels } = make();
    const embeddings = given.double().requiresGrad_();
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const value = losses.multiSimilarityLoss(embeddings, labels, { reduction });
      expect(value.shape).toEqual(reduction === 'none' ? [labels.size(0)] : []);
      expect(value.eq(0).all().item()).toBe(true);
      expect(torch.autograd.grad(value.sum(), [embeddings])[0]?.eq(0).all().item()).toBe(true);
    }
    const weighted = losses.generalPairWeightingLoss(embeddings, labels, torch.zeros(labels.size(0), labels.size(0)));
    expect(weighted.item()).toBeCloseTo(0, 15);
    expect(torch.autograd.grad(weighted, [embeddings])[0]?.eq(0).all().item()).toBe(true);
  });

  test('without mining, an anchor without positives still has its negative term', () => {
    const embeddings = torch.eye(3, { dtype: 'float64' });
    const terms = losses.multiSimilarityLoss(embeddings, torch.arange(3), { epsilon: null, beta: 2, base: 0, reduction: 'none' });
    expectClose(terms, torch.full([3], Math.log(3) / 2, { dtype: 'float64' }));
  });

  test('anchors without pairs count in the mean', () => {
    torch.manualSeed(0);
    const x = torch.randn(6, 3, { dtype: 'float64' });
    const labels = torch.tensor([0, 0, 1, 1, 2, 3]);
    const terms = losses.multiSimilarityLoss(x, labels, { reduction: 'none' });
    expect(terms.narrow(0, 4, 2).eq(0).all().item()).toBe(true);
    expectClose(losses.multiSimilarityLoss(x, labels), terms.sum().div(6));
  });
});

test('ties at the threshold are not kept: both inequalities are strict', () => {
  // Of the first anchor positives 0.5 and 0.75, negatives 0.25, 0.5 and 1; all of them exact in binary.
  const row = [1, 0.5, 0.75, 0.25, 0.5, 1];
  const s = torch.zeros(6, 6, { dtype: 'float64' });
  s.select(0, 0).copy_(float64(row));
  const labels = torch.tensor([0, 0, 0, 1, 1, 2]);
  const first = (mask: torch.Tensor) => (mask.toArray() as boolean[][])[0]?.flatMap((kept, j) => (kept ? [j] : []));
  const tied = samplers.multiSimilarityPairs(s, labels, { epsilon: 0 });
  expect([first(tied.positive), first(tied.negative)]).toEqual([[1, 2], [5]]);
  const slack = samplers.multiSimilarityPairs(s, labels, { epsilon: 0.25 });
  expect([first(slack.positive), first(slack.negative)]).toEqual([
    [1, 2],
    [4, 5],
  ]);
  const strict = samplers.multiSimilarityPairs(s, labels, { epsilon: -0.25 });
  expect([first(strict.positive), first(strict.negative)]).toEqual([[1], [5]]);
});

test('exact duplicates stay positives', () => {
  const x = torch.tensor(
    [
      [1, 0],
      [1, 0],
      [0.9, 0.1],
    ],
    { dtype: 'float64' },
  );
  const s = x.mm(x.t());
  const { positive } = samplers.multiSimilarityPairs(s, torch.tensor([0, 0, 1]), { epsilon: 0.2 });
  expect((positive.toArray() as boolean[][])[0]).toEqual([false, true, false]);
});

test('steep terms and long rows stay finite, in value and gradient', () => {
  torch.manualSeed(0);
  const labels = torch.arange(8).floorDivide(2);
  for (const scale of [1e-15, 1e-3, 1e3, 1e9]) {
    for (const epsilon of [0.1, null]) {
      const x = torch.randn(8, 4).mul(scale).requiresGrad_();
      for (const normalize of [true, false]) {
        const loss = losses.multiSimilarityLoss(x, labels, { beta: 1000, alpha: 100, epsilon, normalize });
        expect(Number.isFinite(loss.item())).toBe(true);
        expect(torch.autograd.grad(loss, [x])[0]?.isfinite().all().item()).toBe(true);
      }
    }
  }
});

test('the limits: steep terms are the hardest pairs beyond the base', () => {
  torch.manualSeed(3);
  const x = torch.nn.functional.normalize(torch.randn(9, 4, { dtype: 'float64' }));
  const labels = torch.arange(9).floorDivide(3);
  const steep = losses.multiSimilarityLoss(x, labels, { alpha: 1e7, beta: 1e7, base: 0.3, epsilon: null, reduction: 'none' });
  const s = products(rowsOf(x));
  const y = labelsOf(labels);
  const hardest = minedOf(s, y, null).map(({ positive, negative }, i) => {
    const row = s[i] as number[];
    const drawn = Math.max(0, 0.3 - Math.min(...positive.map((j) => row[j] as number)));
    return drawn + Math.max(0, Math.max(...negative.map((j) => row[j] as number)) - 0.3);
  });
  expectClose(steep, float64(hardest), 1e-5);
});

test('NaN shows, with mining too', () => {
  const x = torch.tensor([Number.NaN, 0, 1, 0, 0, 1, 1, 1], { dtype: 'float64' }).reshape(4, 2);
  const labels = torch.tensor([0, 0, 1, 1]);
  for (const epsilon of [0.1, null]) expect(losses.multiSimilarityLoss(x, labels, { epsilon }).item()).toBeNaN();
  expect(losses.generalPairWeightingLoss(x, labels, torch.ones(4, 4)).item()).toBeNaN();
  for (const kind of ['liftedStructure', 'binomialDeviance', 'multiSimilarity'] as const)
    expect(methods.pairWeights(x.mm(x.t()), labels, { kind }).isnan().any().item()).toBe(true);
  // Kept are pairs and nothing else.
  const { positive, negative } = samplers.multiSimilarityPairs(x.mm(x.t()), labels);
  const same = labels.unsqueeze(1).eq(labels);
  expect(positive.logicalAnd(same.logicalNot()).any().item()).toBe(false);
  expect(negative.logicalAnd(same).any().item()).toBe(false);
  expect(positive.diagonal().any().item()).toBe(false);
});

test('half-precision embeddings are compared in float32, with gradients of their own dtype', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(8, 16).to('bfloat16').requiresGrad_();
  const labels = torch.arange(8).floorDivide(2);
  const weights = torch.rand(8, 8).to('bfloat16');
  for (const loss of [
    (x: torch.Tensor) => losses.multiSimilarityLoss(x, labels),
    (x: torch.Tensor) => losses.generalPairWeightingLoss(x, labels, weights),
  ]) {
    const value = loss(embeddings);
    expect(value.dtype).toBe('float32');
    expectClose(value, loss(embeddings.detach().float()), 1e-6);
    expect(torch.autograd.grad(value, [embeddings])[0]?.dtype).toBe('bfloat16');
  }
  const s = embeddings.detach().mm(embeddings.detach().t());
  expect(methods.pairWeights(s, labels).dtype).toBe('float32');
});

test('a large batch takes the memory of its pairs', () => {
  torch.manualSeed(0);
  const [embeddings, labels] = [torch.randn(1024, 8).requiresGrad_(), torch.arange(1024).floorDivide(8)];
  const before = torch.memory().bytes;
  losses.multiSimilarityLoss(embeddings, labels).backward();
  methods.pairWeights(embeddings.mm(embeddings.t()), labels, { kind: 'triplet' });
  expect(torch.memory().bytes - before).toBeLessThan(150 * 2 ** 20);
});

describe('weights', () => {
  const s = torch.tensor([1, 0.9, 0.2, 0.9, 1, 0.6, 0.2, 0.6, 1], { dtype: 'float64' }).reshape(3, 3);
  const labels = torch.tensor([0, 0, 1]);

  test('of anchors that lack a kind: none for lifted structure and triplets, those of the other kind else', () => {
    const last = (kind: (typeof KINDS)[number]) => methods.pairWeights(s, labels, { kind, base: 0.4 }).select(0, 2).toArray();
    expect(last('liftedStructure')).toEqual([0, 0, 0]);
    expect(last('triplet')).toEqual([0, 0, 0]);
    expect(last('contrastive')).toEqual([0, 1, 0]);
    expect((last('multiSimilarity') as number[])[1]).toBeGreaterThan(0.9);
    expect((last('binomialDeviance') as number[])[1]).toBeGreaterThan(20);
  });

  test('the diagonal is 0, for no sample there is nothing', () => {
    for (const kind of KINDS) {
      expect(methods.pairWeights(s, labels, { kind }).diagonal().eq(0).all().item()).toBe(true);
      expect(methods.pairWeights(torch.zeros(0, 0), torch.zeros(0, { dtype: 'int64' }), { kind }).shape).toEqual([0, 0]);
    }
  });

  test('mined pairs only, where wanted', () => {
    const all = methods.pairWeights(s, labels);
    const mined = methods.pairWeights(s, labels, { epsilon: 0.1 });
    const count = (weights: torch.Tensor) => Number(weights.ne(0).sum().item());
    expect(count(all)).toBe(6);
    // The similarities of the first anchor are 0.7 apart; of the second 0.3; the third has no positive.
    expect(count(mined)).toBe(0);
    expect(count(methods.pairWeights(s, labels, { epsilon: 0.5 }))).toBe(2);
  });
});

describe('bad input is refused in a sentence', () => {
  const x = torch.zeros(3, 2);
  const y = torch.tensor([0, 0, 1]);
  const s = torch.zeros(3, 3);
  test.each<[string, () => unknown, string]>([
    [
      'labels of another length',
      () => losses.multiSimilarityLoss(x, torch.tensor([0])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'labels that are no whole numbers',
      () => losses.multiSimilarityLoss(x, torch.zeros(3)),
      'Expected a tensor of whole numbers for labels but received tensor float32[3] cpu',
    ],
    ['an alpha of 0', () => losses.multiSimilarityLoss(x, y, { alpha: 0 }), 'Expected a number above 0 for alpha but received number 0'],
    ['a negative beta', () => losses.multiSimilarityLoss(x, y, { beta: -1 }), 'Expected a number above 0 for beta but received number -1'],
    [
      'a base that is not finite',
      () => losses.multiSimilarityLoss(x, y, { base: Number.NaN }),
      'Expected a finite number for base but received number NaN',
    ],
    [
      'an epsilon that is not finite',
      () => losses.multiSimilarityLoss(x, y, { epsilon: Number.POSITIVE_INFINITY }),
      'Expected a finite number for epsilon but received number Infinity',
    ],
    [
      'an unknown reduction',
      () => losses.multiSimilarityLoss(x, y, { reduction: 'nonzero' as 'sum' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"nonzero\"",
    ],
    [
      'weights of another shape',
      () => losses.generalPairWeightingLoss(x, y, torch.zeros(3, 2)),
      'Expected shape [3, 3] for weights but received tensor float32[3, 2] cpu',
    ],
    [
      'weights that are none',
      () => losses.generalPairWeightingLoss(x, y, {} as never),
      'Expected a tensor for weights but received an object',
    ],
    [
      'similarities that are not square',
      () => samplers.multiSimilarityPairs(torch.zeros(3, 2), y),
      'Expected shape [B, B] with B = 3 for similarity but received tensor float32[3, 2] cpu',
    ],
    [
      'an epsilon that is not finite',
      () => samplers.multiSimilarityPairs(s, y, { epsilon: Number.NaN }),
      'Expected a finite number for epsilon but received number NaN',
    ],
    [
      'an unknown kind',
      () => methods.pairWeights(s, y, { kind: 'toString' as 'triplet' }),
      "Expected one of 'contrastive', 'triplet', 'liftedStructure', 'binomialDeviance', 'multiSimilarity' for kind but received string \"toString\"",
    ],
    [
      'a negative margin',
      () => methods.pairWeights(s, y, { kind: 'triplet', margin: -1 }),
      'Expected a number from 0 for margin but received number -1',
    ],
    [
      'labels of another length',
      () => methods.pairWeights(s, torch.tensor([0, 1])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[2] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
