/** The losses of pairs and triplets, against their terms one by one. */

import * as torch from '../../lib';
import { losses } from '../../lib';
import { distance, type Labelled, labelledBatches, labelsOf, reduce, rowsOf, sum, triplets } from './metric-batches';
import { expectClose } from './random';

const REDUCTIONS = ['nonzero', 'mean', 'sum'] as const;

function expectValue(loss: torch.Tensor, wanted: number, digits = 9): void {
  expect(loss.shape).toEqual([]);
  expect(Number(loss.item())).toBeCloseTo(wanted, digits);
}

/** Every loss of a batch, with its options varied. */
const OF_BATCH: Record<string, (embeddings: torch.Tensor, labels: torch.Tensor) => torch.Tensor> = {
  contrastive: (x, y) => losses.contrastiveLoss(x, y),
  'contrastive, squared': (x, y) => losses.contrastiveLoss(x, y, { squared: true, posMargin: 0.1, normalize: false, negMargin: 2 }),
  'batch-hard': (x, y) => losses.batchHardTripletLoss(x, y, { margin: 0.5 }),
  'batch-hard, soft': (x, y) => losses.batchHardTripletLoss(x, y, { soft: true, normalize: true }),
  'batch-all': (x, y) => losses.batchAllTripletLoss(x, y, { margin: 0.5 }),
  'batch-all, squared': (x, y) => losses.batchAllTripletLoss(x, y, { squared: true, normalize: true, reduction: 'mean' }),
  'lifted structure': (x, y) => losses.liftedStructureLoss(x, y),
};

describe.each(labelledBatches())('%s', (_, make) => {
  test.each(REDUCTIONS)('contrastive, %s', (reduction) => {
    const { embeddings, labels } = make();
    const y = labelsOf(labels);
    for (const [squared, normalize] of [
      [false, true],
      [true, false],
    ] as const) {
      const x = rowsOf(embeddings, normalize);
      const kinds: [number[], number[]] = [[], []];
      for (let i = 0; i < y.length; i++)
        for (let j = i + 1; j < y.length; j++) {
          const d = distance(x[i] as number[], x[j] as number[]);
          const hinge = Math.max(0, y[i] === y[j] ? d - 0.3 : 1.2 - d);
          kinds[y[i] === y[j] ? 0 : 1].push(squared ? hinge ** 2 : hinge);
        }
      const loss = losses.contrastiveLoss(embeddings, labels, { posMargin: 0.3, negMargin: 1.2, squared, normalize, reduction });
      expectValue(loss, sum(kinds.map((terms) => reduce(terms, reduction))));
    }
  });

  test.each(REDUCTIONS)('batch-all triplet, %s', (reduction) => {
    const { embeddings, labels } = make();
    const x = rowsOf(embeddings);
    for (const squared of [false, true]) {
      const d = (i: number, j: number) => distance(x[i] as number[], x[j] as number[]) ** (squared ? 2 : 1);
      const terms = triplets(labelsOf(labels)).map(([i, j, k]) => Math.max(0, d(i, j) - d(i, k) + 0.4));
      expectValue(losses.batchAllTripletLoss(embeddings, labels, { margin: 0.4, squared, reduction }), reduce(terms, reduction), 8);
    }
  });

  test('batch-hard triplet: the worst of the triplets of each sample', () => {
    const { embeddings, labels } = make();
    const [x, y] = [rowsOf(embeddings), labelsOf(labels)];
    const all = triplets(y);
    const worst = y.map((_, i) => {
      const of = all.filter(([anchor]) => anchor === i);
      const z = of.map(([, j, k]) => distance(x[i] as number[], x[j] as number[]) - distance(x[i] as number[], x[k] as number[]));
      return of.length === 0 ? null : Math.max(...z);
    });
    const hinges = worst.map((z) => (z === null ? 0 : Math.max(0, z + 0.3)));
    const loss = (options: losses.BatchHardTripletOptions) => losses.batchHardTripletLoss(embeddings, labels, { margin: 0.3, ...options });
    expectClose(loss({ reduction: 'none' }), torch.tensor(hinges, { dtype: 'float64' }));
    expectValue(loss({ reduction: 'sum' }), sum(hinges));
    expectValue(loss({}), sum(hinges) / worst.filter((z) => z !== null).length);
    const soft = worst.map((z) => (z === null ? 0 : Math.log1p(Math.exp(z))));
    expectClose(loss({ reduction: 'none', soft: true }), torch.tensor(soft, { dtype: 'float64' }), 1e-9);
    // No triplet of a sample is above its hardest one.
    const mean = losses.batchAllTripletLoss(embeddings, labels, { margin: 0.3, reduction: 'mean' });
    expect(Number(mean.item())).toBeLessThanOrEqual(Math.max(...hinges) + 1e-12);
  });

  test('lifted structure: each positive pair against all negatives of both', () => {
    const { embeddings, labels } = make();
    const [x, y] = [rowsOf(embeddings, true), labelsOf(labels)];
    const d = (i: number, j: number) => distance(x[i] as number[], x[j] as number[]);
    const negatives = (i: number) => sum(y.map((label, k) => (label === y[i] ? 0 : Math.exp(0.7 - d(i, k)))));
    const terms: number[] = [];
    for (let i = 0; i < y.length; i++)
      for (let j = i + 1; j < y.length; j++)
        if (y[i] === y[j]) terms.push(Math.max(0, Math.log(negatives(i) + negatives(j)) + d(i, j)) ** 2 / 2);
    const options = { margin: 0.7, normalize: true } as const;
    expectClose(
      losses.liftedStructureLoss(embeddings, labels, { ...options, reduction: 'none' }),
      torch.tensor(terms, { dtype: 'float64' }),
    );
    expectValue(losses.liftedStructureLoss(embeddings, labels, options), sum(terms) / terms.length);
    expectValue(losses.liftedStructureLoss(embeddings, labels, { ...options, reduction: 'sum' }), sum(terms), 8);
  });

  test('N-pair: the sum that the paper writes', () => {
    const { embeddings } = make();
    const positives = embeddings.detach().flip(0).add(0.1).requiresGrad_();
    const [a, p] = [rowsOf(embeddings), rowsOf(positives)];
    const dot = (i: number, j: number) => sum((a[i] as number[]).map((value, k) => value * ((p[j] as number[])[k] as number)));
    const square = (row: readonly number[]) => sum(row.map((value) => value ** 2));
    const terms = a.map((row, i) => {
      const others = a.map((_, j) => (j === i ? 0 : Math.exp(dot(i, j) - dot(i, i))));
      return Math.log1p(sum(others)) + 0.25 * 0.1 * (square(row) + square(p[i] as number[]));
    });
    const loss = losses.nPairLoss(embeddings, positives, null, { l2Reg: 0.1, reduction: 'none' });
    expectClose(loss, torch.tensor(terms, { dtype: 'float64' }));
    const distinct = torch.arange(a.length).mul(3);
    expectClose(losses.nPairLoss(embeddings, positives, distinct, { l2Reg: 0.1, reduction: 'none' }), loss);
  });

  test('the order of the samples, and names of classes, do not matter', () => {
    const { embeddings, labels } = make();
    const order = torch.randperm(labels.size(0));
    for (const loss of Object.values(OF_BATCH)) {
      const value = loss(embeddings, labels);
      expectClose(loss(embeddings.indexSelect(0, order), labels.indexSelect(0, order)), value);
      expectClose(loss(embeddings, labels.mul(-5).add(2)), value);
      expectClose(loss(embeddings, labels.to('int32')), value);
    }
  });

  test('turning all embeddings changes nothing, nor moving them where they are not normalised', () => {
    const { embeddings, labels } = make();
    const width = embeddings.size(1);
    const rotation = torch.linalg.qr(torch.randn(width, width, { dtype: 'float64' })).Q;
    for (const loss of Object.values(OF_BATCH)) expectClose(loss(embeddings.mm(rotation), labels), loss(embeddings, labels), 1e-8);
    for (const name of ['contrastive, squared', 'batch-hard', 'batch-all', 'lifted structure']) {
      const loss = OF_BATCH[name] as (typeof OF_BATCH)[string];
      expectClose(loss(embeddings.add(0.7), labels), loss(embeddings, labels), 1e-8);
    }
  });

  test('the length of normalised embeddings does not matter', () => {
    const { embeddings, labels } = make();
    const lengths = torch.rand(labels.size(0), 1, { dtype: 'float64' }).add(0.1);
    for (const name of ['contrastive', 'batch-hard, soft', 'batch-all, squared']) {
      const loss = OF_BATCH[name] as (typeof OF_BATCH)[string];
      expectClose(loss(embeddings.mul(lengths), labels), loss(embeddings, labels), 1e-8);
    }
  });

  test('gradients agree with differences', () => {
    const { embeddings, labels } = make();
    if (labels.size(0) > 11) return expect(labels.size(0)).toBe(40); // differences of many numbers take long
    for (const loss of Object.values(OF_BATCH)) expect(torch.autograd.gradcheck((x) => loss(x, labels), [embeddings])).toBe(true);
    const p = embeddings.detach().flip(0).add(0.3).requiresGrad_();
    const n = embeddings.detach().roll(1, 0).sub(0.2).requiresGrad_();
    for (const options of [{ margin: 2 }, { margin: 1, squared: true, swap: true }, { soft: true, swap: true }] as const)
      expect(torch.autograd.gradcheck((a, b, c) => losses.tripletLoss(a, b, c, options), [embeddings, p, n])).toBe(true);
    expect(torch.autograd.gradcheck((a, b) => losses.nPairLoss(a, b, labels, { l2Reg: 0.1 }), [embeddings, p])).toBe(true);
  });
});

test('gradients of gradients agree with differences', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(4, 3, { dtype: 'float64' }).requiresGrad_();
  const labels = torch.tensor([0, 0, 1, 1]);
  const smooth = (x: torch.Tensor) => losses.batchHardTripletLoss(x, labels, { soft: true });
  expect(torch.autograd.gradgradcheck(smooth, [embeddings])).toBe(true);
  for (const name of ['contrastive', 'contrastive, squared', 'batch-all', 'batch-all, squared', 'lifted structure']) {
    const loss = OF_BATCH[name] as (typeof OF_BATCH)[string];
    expect(torch.autograd.gradgradcheck((x) => loss(x, labels), [embeddings])).toBe(true);
  }
});

describe('without usable pairs', () => {
  const cases: [string, () => Labelled][] = [
    ['one sample', () => ({ embeddings: torch.randn(1, 4), labels: torch.tensor([3]) })],
    ['no sample', () => ({ embeddings: torch.randn(0, 4), labels: torch.zeros(0, { dtype: 'int64' }) })],
    ['samples of classes of their own', () => ({ embeddings: torch.randn(5, 4).mul(9), labels: torch.arange(5) })],
    ['equal samples of one class', () => ({ embeddings: torch.ones(5, 4), labels: torch.zeros(5, { dtype: 'int64' }) })],
  ];
  test.each(cases)('%s: 0, with gradients that are exactly 0', (_, make) => {
    const given = make();
    const embeddings = given.embeddings.double().requiresGrad_();
    for (const [name, loss] of Object.entries(OF_BATCH)) {
      // Normalised, samples of classes of their own may be too near each other, which is a term.
      if (name === 'contrastive' && given.labels.numel() === 5) continue;
      const value = loss(embeddings, given.labels);
      expect({ name, value: value.item() }).toEqual({ name, value: 0 });
      const [gradient] = torch.autograd.grad(value, [embeddings]);
      expect({ name, zero: gradient?.eq(0).all().item() }).toEqual({ name, zero: true });
    }
  });

  test('one class: only the positive pairs of the contrastive loss are left', () => {
    torch.manualSeed(1);
    const embeddings = torch.randn(5, 4, { dtype: 'float64' }).requiresGrad_();
    const labels = torch.ones(5, { dtype: 'int64' });
    for (const [name, loss] of Object.entries(OF_BATCH)) {
      const value = loss(embeddings, labels);
      if (name.startsWith('contrastive')) expect(value.item()).toBeGreaterThan(0);
      else {
        expect({ name, value: value.item() }).toEqual({ name, value: 0 });
        expect(torch.autograd.grad(value, [embeddings])[0]?.eq(0).all().item()).toBe(true);
      }
    }
  });
});

test('equal samples of two classes have no direction: the loss is what it is, the gradient finite', () => {
  const labels = torch.tensor([0, 0, 1, 1]);
  for (const dtype of ['float32', 'float64'] as const) {
    for (const loss of Object.values(OF_BATCH)) {
      const embeddings = torch.ones(4, 3, { dtype }).requiresGrad_();
      const value = loss(embeddings, labels);
      expect(value.item()).toBeGreaterThan(0);
      value.backward();
      expect(embeddings.grad?.eq(0).all().item()).toBe(true);
    }
  }
});

test('NaN shows, also in embeddings that have no term', () => {
  const embeddings = torch.tensor(
    [
      [Number.NaN, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    { dtype: 'float64' },
  );
  for (const loss of Object.values(OF_BATCH)) expect(loss(embeddings, torch.tensor([0, 0, 1, 1])).item()).toBeNaN();
});

test('huge and tiny embeddings keep finite gradients', () => {
  const labels = torch.tensor([0, 0, 1, 1]);
  torch.manualSeed(0);
  const base = torch.randn(4, 3);
  for (const scale of [1e-15, 1e-6, 1e6, 1e15]) {
    for (const [name, loss] of Object.entries(OF_BATCH)) {
      const embeddings = base.mul(scale).requiresGrad_();
      loss(embeddings, labels).backward();
      expect({ name, scale, finite: embeddings.grad?.isfinite().all().item() }).toEqual({ name, scale, finite: true });
    }
  }
});

test('half-precision embeddings are compared in float32, with gradients of their own dtype', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(8, 16).to('bfloat16').requiresGrad_();
  const labels = torch.arange(8).floorDivide(2);
  for (const loss of Object.values(OF_BATCH)) {
    const value = loss(embeddings, labels);
    expect(value.dtype).toBe('float32');
    expectClose(value, loss(embeddings.detach().float(), labels), 1e-6);
    expect(torch.autograd.grad(value, [embeddings])[0]?.dtype).toBe('bfloat16');
  }
});

test('a large batch takes the memory of its pairs: all triplets of 1,024 samples', () => {
  torch.manualSeed(0);
  const [embeddings, labels] = [torch.randn(1024, 8).requiresGrad_(), torch.arange(1024).floorDivide(8)];
  const before = torch.memory().bytes;
  const loss = losses.batchAllTripletLoss(embeddings, labels, { margin: 0.3, reduction: 'mean' });
  loss.backward();
  expect(torch.memory().bytes - before).toBeLessThan(200 * 2 ** 20);
  // Against one sample after the other.
  const d = torch.cdist(embeddings.detach().double(), embeddings.detach().double());
  const total = torch.scope(() => {
    const same = labels.unsqueeze(1).eq(labels);
    const sums = Array.from({ length: 1024 }, (_, i) =>
      torch.scope(() => {
        const negative = d.select(0, i).maskedSelect(same.select(0, i).logicalNot());
        const others = same.select(0, i).clone();
        others.select(0, i).fill_(false);
        const positive = d.select(0, i).maskedSelect(others);
        return positive.unsqueeze(1).sub(negative).add(0.3).clampMin(0).sum();
      }),
    );
    return torch.stack(sums).sum();
  });
  expect(Number(loss.item())).toBeCloseTo(Number(total.item()) / (1024 * 7 * 1016), 5);
});

describe('triplet loss', () => {
  const [a, p, n] = [0, 1, 2].map((seed) => {
    torch.manualSeed(seed);
    return torch.randn(5, 3, { dtype: 'float64' });
  }) as [torch.Tensor, torch.Tensor, torch.Tensor];

  test("agrees with PyTorch's, which adds 1e-6 to the differences", () => {
    const { tripletMarginLoss } = torch.nn.functional;
    for (const swap of [false, true]) {
      const wanted = tripletMarginLoss(a, p, n, { margin: 0.5, swap, eps: 0, reduction: 'none' });
      expectClose(losses.tripletLoss(a, p, n, { margin: 0.5, swap, reduction: 'none' }), wanted);
    }
  });

  test('of three equal rows it is the margin, with gradient 0', () => {
    const x = torch.ones(2, 3).requiresGrad_();
    const loss = losses.tripletLoss(x, x, x, { margin: 0.25, swap: true });
    expect(loss.item()).toBe(0.25);
    loss.backward();
    expect(x.grad?.eq(0).all().item()).toBe(true);
  });

  test('soft is the softplus of the difference, margin included', () => {
    const hinge = losses.tripletLoss(a, p, n, { margin: 100, reduction: 'none' });
    expectClose(losses.tripletLoss(a, p, n, { margin: 100, soft: true, reduction: 'none' }), hinge);
  });
});

describe('bad input is refused in a sentence', () => {
  const x = torch.zeros(3, 2);
  const y = torch.tensor([0, 0, 1]);
  test.each<[string, () => unknown, string]>([
    [
      'labels of another length',
      () => losses.contrastiveLoss(x, torch.tensor([0])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'labels that are no whole numbers',
      () => losses.batchAllTripletLoss(x, torch.zeros(3)),
      'Expected a tensor of whole numbers for labels but received tensor float32[3] cpu',
    ],
    [
      'embeddings of one dimension',
      () => losses.liftedStructureLoss(torch.zeros(3), y),
      'Expected shape [B, D] for embeddings but received tensor float32[3] cpu',
    ],
    [
      'a negative posMargin',
      () => losses.contrastiveLoss(x, y, { posMargin: -1 }),
      'Expected a number from 0 for posMargin but received number -1',
    ],
    [
      'a negative negMargin',
      () => losses.contrastiveLoss(x, y, { negMargin: -1 }),
      'Expected a number from 0 for negMargin but received number -1',
    ],
    ['a negative margin', () => losses.tripletLoss(x, x, x, { margin: -1 }), 'Expected a number from 0 for margin but received number -1'],
    [
      'a negative margin',
      () => losses.batchHardTripletLoss(x, y, { margin: -1 }),
      'Expected a number from 0 for margin but received number -1',
    ],
    [
      'a reduction that pairs do not have',
      () => losses.contrastiveLoss(x, y, { reduction: 'none' as 'sum' }),
      "Expected one of 'nonzero', 'mean', 'sum' for reduction but received string \"none\"",
    ],
    [
      'a reduction that samples do not have',
      () => losses.batchHardTripletLoss(x, y, { reduction: 'nonzero' as 'sum' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"nonzero\"",
    ],
    [
      'rows that differ in number',
      () => losses.tripletLoss(x, x, torch.zeros(2, 2)),
      'Expected shape [B, D] with B = 3, D = 2 for negative but received tensor float32[2, 2] cpu',
    ],
    [
      'no triplet',
      () => losses.tripletLoss(torch.zeros(0, 2), torch.zeros(0, 2), torch.zeros(0, 2)),
      'Expected at least one element for anchor but received tensor float32[0, 2] cpu',
    ],
    ['a negative l2Reg', () => losses.nPairLoss(x, x, null, { l2Reg: -1 }), 'Expected a number from 0 for l2Reg but received number -1'],
    [
      'labels of another length',
      () => losses.nPairLoss(x, x, torch.tensor([0])),
      'Expected shape [3] for labels but received tensor int64[1] cpu',
    ],
    [
      'a tensor for options',
      () => losses.contrastiveLoss(x, y, x as never),
      'Expected an options object for contrastiveLoss but received tensor float32[3, 2] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
