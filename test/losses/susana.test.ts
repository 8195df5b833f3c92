import * as torch from '../../lib';
import { losses, methods, metrics } from '../../lib';
import { icnnByHand, smooth } from './icnn-by-hand';
import { labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const REDUCTIONS = ['none', 'mean', 'sum'] as const;
const random = (...shape: number[]): torch.Tensor => torch.randn(shape, float64).requiresGrad_();

beforeEach(() => torch.manualSeed(0));

describe('proto-triplet', () => {
  test.each(REDUCTIONS)('the own prototype against the nearest other one, %s', (reduction) => {
    for (const [queries, classes, features] of [
      [1, 2, 1],
      [9, 5, 3],
    ] as const) {
      const [query, prototypes] = [random(queries, features), random(classes, features)];
      const labels = torch.randint(classes, [queries]);
      const terms = rowsOf(query).map((row, i) => {
        const d = rowsOf(prototypes).map((prototype) => smooth(row, prototype));
        const y = labelsOf(labels)[i] as number;
        return Math.max(0, (d[y] as number) - Math.min(...d.filter((_, c) => c !== y)) + 0.3);
      });
      const wanted = { none: terms, mean: sum(terms) / queries, sum: sum(terms) }[reduction];
      expectClose(losses.protoTripletLoss(query, labels, prototypes, { margin: 0.3, reduction }), torch.tensor(wanted, float64));
    }
  });

  test('is 0 where all is right by the margin, which is 0.5 unless told, and grows with it by as much', () => {
    const prototypes = torch.eye(3, float64).mul(10);
    const labels = torch.tensor([2, 0, 1]);
    const query = prototypes.indexSelect(0, labels).requiresGrad_();
    const loss = losses.protoTripletLoss(query, labels, prototypes);
    expect(loss.item()).toBe(0);
    expect(torch.autograd.grad(loss, [query])[0]?.eq(0).all().item()).toBe(true);
    const wrong = losses.protoTripletLoss(query, labels.add(1).remainder(3), prototypes);
    // The wrong prototype is sqrt(200) away, and the query is on another one, a thousandth from it.
    expect(Number(wrong.item())).toBeCloseTo(Math.sqrt(200 + 1e-6) - 1e-3 + 0.5, 9);
    const [far, near] = [random(6, 2), random(3, 2)];
    const y = torch.tensor([0, 1, 2, 0, 1, 2]);
    const at = (margin: number) => losses.protoTripletLoss(far, y, near, { margin, reduction: 'none' });
    expectClose(at(1007), at(1000).add(7));
  });

  test('moving and turning everything changes nothing', () => {
    const [query, prototypes, labels] = [random(7, 4), random(3, 4), torch.randint(3, [7])];
    const rotation = torch.linalg.qr(torch.randn(4, 4, float64)).Q;
    const moved = (rows: torch.Tensor) => rows.mm(rotation).add(3);
    expectClose(losses.protoTripletLoss(moved(query), labels, moved(prototypes)), losses.protoTripletLoss(query, labels, prototypes), 1e-9);
  });

  test('many queries are compared in another way, with the same values, gradients and second gradients', () => {
    for (const [queries, classes, features] of [
      [60, 20, 16], // by differences
      [300, 40, 64], // by products
    ] as const) {
      const [query, prototypes] = [random(queries, features), random(classes, features)];
      const labels = torch.randint(classes, [queries]);
      const d = query.unsqueeze(1).sub(prototypes).square().sum(2).add(1e-6).sqrt();
      const own = torch.nn.functional.oneHot(labels, { numClasses: classes }).bool();
      const nearest = d.maskedFill(own, 1e9).amin([1]);
      const wanted = d.maskedSelect(own).sub(nearest).add(20);
      const received = losses.protoTripletLoss(query, labels, prototypes, { margin: 20, reduction: 'none' });
      expectClose(received, wanted, 1e-8);
      const weights = torch.randn(queries, float64);
      const [firsts, seconds] = [wanted, received].map((loss) => {
        const first = torch.autograd.grad(loss.mul(weights).sum(), [query, prototypes], { createGraph: true }) as torch.Tensor[];
        const second = torch.autograd.grad(torch.cat(first).square().sum(), [query, prototypes]) as torch.Tensor[];
        return [...first, ...second];
      }) as [torch.Tensor[], torch.Tensor[]];
      for (const [k, gradient] of firsts.entries()) expectClose(seconds[k] as torch.Tensor, gradient, 1e-7);
    }
  });

  test('gradients agree with differences, also second ones and at a prototype', () => {
    const [query, prototypes, labels] = [random(4, 3), random(3, 3), torch.tensor([0, 1, 2, 1])];
    const loss = (q: torch.Tensor, p: torch.Tensor) => losses.protoTripletLoss(q, labels, p, { margin: 5 });
    expect(torch.autograd.gradcheck(loss, [query, prototypes])).toBe(true);
    expect(torch.autograd.gradgradcheck(loss, [query, prototypes])).toBe(true);
    const on = prototypes.detach().indexSelect(0, labels).requiresGrad_();
    expect(torch.autograd.gradcheck(loss, [on, prototypes], { eps: 1e-7 })).toBe(true);
  });
});

describe.each(labelledBatches())('ICNN of %s', (_, make) => {
  const settings = [{}, { k: 1 }, { k: 2, neighborhood: 6 }, { k: 3, neighborhood: 1 }, { k: 3, dropNearest: false }, { k: 100 }];

  test('as counted one by one', () => {
    const { embeddings, labels } = make();
    for (const options of settings) {
      const { score, lambda, gamma } = icnnByHand(rowsOf(embeddings), labelsOf(labels), null, null, options);
      const got = metrics.icnnScore(embeddings, labels, null, null, options);
      expectClose(got.lambda, torch.tensor(lambda, float64), 1e-9);
      expectClose(got.gamma, torch.tensor(gamma, float64), 1e-9);
      expectClose(got.score, torch.tensor(score, float64), 1e-9);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1 + 1e-12);
      expectClose(losses.icnnLoss(embeddings, labels, null, null, options), torch.tensor(-Math.log(score), float64), 1e-8);
    }
  });

  test('among other points, also with the nearest of them left out', () => {
    const { embeddings, labels } = make();
    const target = torch.randn(9, embeddings.size(1), float64).requiresGrad_();
    const targetLabels = torch.randint(4, [9]);
    for (const options of [...settings, { k: 2, dropNearest: true }, { dropNearest: true, neighborhood: 50 }]) {
      const wanted = icnnByHand(rowsOf(embeddings), labelsOf(labels), rowsOf(target), labelsOf(targetLabels), options);
      const loss = losses.icnnLoss(embeddings, labels, target, targetLabels, options);
      expectClose(loss, torch.tensor(-Math.log(wanted.score), float64), 1e-8);
    }
  });

  test('the order of points, names of classes, moves and turns do not matter', () => {
    const { embeddings, labels } = make();
    const loss = losses.icnnLoss(embeddings, labels);
    const order = torch.randperm(labels.size(0));
    expectClose(losses.icnnLoss(embeddings.indexSelect(0, order), labels.indexSelect(0, order)), loss);
    expectClose(losses.icnnLoss(embeddings, labels.mul(-3).add(7).to('int32')), loss);
    const rotation = torch.linalg.qr(torch.randn(embeddings.size(1), embeddings.size(1), float64)).Q;
    expectClose(losses.icnnLoss(embeddings.mm(rotation).sub(2), labels), loss, 1e-8);
  });

  test('gradients agree with differences', () => {
    const { embeddings, labels } = make();
    if (labels.size(0) > 11) return expect(labels.size(0)).toBe(40); // differences of many numbers take long
    // Gamma and the choice of neighbours are constants to the gradient, and do not change over so small differences.
    for (const options of [{ k: 2 }, { k: 2, neighborhood: 5 }])
      expect(torch.autograd.gradcheck((x) => losses.icnnLoss(x, labels, null, null, options), [embeddings])).toBe(true);
    if (labels.size(0) === 6)
      expect(torch.autograd.gradgradcheck((x) => losses.icnnLoss(x, labels, null, null, { k: 2 }), [embeddings])).toBe(true);
    const target = torch.randn(5, embeddings.size(1), float64).requiresGrad_();
    const of = (x: torch.Tensor, t: torch.Tensor) => losses.icnnLoss(x, labels, t, torch.tensor([0, 1, 0, 1, 2]), { k: 2 });
    expect(torch.autograd.gradcheck(of, [embeddings, target])).toBe(true);
  });
});

describe('ICNN', () => {
  test('one class: score 1, loss 0, gradient 0', () => {
    const x = random(6, 3);
    const loss = losses.icnnLoss(x, torch.zeros(6, { dtype: 'int64' }));
    expect(Math.abs(Number(loss.item()))).toBe(0);
    expect(torch.autograd.grad(loss, [x])[0]?.eq(0).all().item()).toBe(true);
  });

  test('well separated classes: the nearer their samples, the nearer the loss is to 0', () => {
    const labels = torch.arange(20).floorDivide(5);
    const spread = torch.randn(20, 4, float64);
    const at = (size: number) =>
      Number(
        losses
          .icnnLoss(torch.eye(4, float64).mul(10).indexSelect(0, labels).add(spread.mul(size)), labels, null, null, {
            k: 3,
            neighborhood: 8,
          })
          .item(),
      );
    expect(at(0.001)).toBeLessThan(at(0.1));
    expect(at(0.1)).toBeLessThan(at(1));
    expect(at(0.001)).toBeLessThan(0.001);
  });

  test('equal points of two classes have a finite gradient; the point itself is left out, not its double', () => {
    const x = torch.cat([torch.ones(3, 2, float64), torch.zeros(3, 2, float64)]).requiresGrad_();
    const labels = torch.tensor([0, 0, 1, 1, 1, 0]);
    const loss = losses.icnnLoss(x, labels, null, null, { k: 2 });
    loss.backward();
    expect(Number.isFinite(Number(loss.item()))).toBe(true);
    expect(x.grad?.isfinite().all().item()).toBe(true);
    // Each point has two neighbours on it: of those of 0, 0, 1 are of the same class 1, 1, 0, and likewise of the others.
    expect(metrics.icnnScore(x, labels, null, null, { k: 2 }).gamma.item()).toBeCloseTo(4 / 12, 12);
  });

  test('NaN shows, huge and tiny distances stay finite, half precision is computed in float32', () => {
    const labels = torch.tensor([0, 0, 1, 1, 0, 1]);
    const x = torch.randn(6, 3);
    for (const size of [1e-15, 1e15]) {
      const scaled = x.mul(size).requiresGrad_();
      const loss = losses.icnnLoss(scaled, labels, null, null, { k: 2 });
      loss.backward();
      expect(Number.isFinite(Number(loss.item()))).toBe(true);
      expect(scaled.grad?.isfinite().all().item()).toBe(true);
    }
    const half = x.to('bfloat16').requiresGrad_();
    const loss = losses.icnnLoss(half, labels, null, null, { k: 2 });
    expectClose(loss, losses.icnnLoss(half.detach().float(), labels, null, null, { k: 2 }), 1e-6);
    expect(torch.autograd.grad(loss, [half])[0]?.dtype).toBe('bfloat16');
    const broken = torch.cat([torch.full([1, 3], Number.NaN), x.narrow(0, 1, 5)]);
    expect(losses.icnnLoss(broken, labels, null, null, { k: 2 }).item()).toBeNaN();
    expect(losses.protoTripletLoss(broken, labels, x).item()).toBeNaN();
  });
});

describe('an episode', () => {
  const support = random(6, 4);
  const query = random(9, 4);
  const [supportLabels, queryLabels] = [torch.arange(6).remainder(3), torch.arange(9).remainder(3)];

  test('is the sum of its terms, each as its own function gives it', () => {
    const options = { crossEntropyWeight: 0.3, protoTripletWeight: 2, icnnWeight: 0.7, margin: 0.4, k: 2 };
    const result = losses.susanaEpisodeLoss(support, supportLabels, query, queryLabels, options);
    const prototypes = methods.classPrototypes(support, supportLabels);
    const entropy = losses.prototypicalLoss(support, supportLabels, query, queryLabels);
    const triplet = losses.protoTripletLoss(query, queryLabels, prototypes, { margin: 0.4 });
    const all = torch.cat([support, query]);
    const icnn = losses.icnnLoss(all, torch.cat([supportLabels, queryLabels]), null, null, { k: 2, neighborhood: 5 });
    expectClose(result.crossEntropy, entropy);
    expectClose(result.protoTriplet, triplet);
    expectClose(result.icnn, icnn);
    expectClose(result.loss, entropy.mul(0.3).add(triplet.mul(2)).add(icnn.mul(0.7)));
    const plain = losses.susanaEpisodeLoss(support, supportLabels, query, queryLabels, { protoTripletWeight: 0, icnnWeight: 0 });
    expectClose(plain.loss, entropy);
    const wide = losses.susanaEpisodeLoss(support, supportLabels, query, queryLabels, { numClasses: 3 });
    expectClose(wide.loss, losses.susanaEpisodeLoss(support, supportLabels, query, queryLabels).loss, 0);
  });

  test('gradients agree with differences', () => {
    const loss = (s: torch.Tensor, q: torch.Tensor) => losses.susanaEpisodeLoss(s, supportLabels, q, queryLabels, { k: 2 }).loss;
    expect(torch.autograd.gradcheck(loss, [support, query])).toBe(true);
  });

  test('far from all prototypes cross-entropy is as exact as that of squared distances', () => {
    const far = query.detach().mul(1e4);
    const { crossEntropy } = losses.susanaEpisodeLoss(support, supportLabels, far, queryLabels);
    expectClose(crossEntropy, losses.prototypicalLoss(support, supportLabels, far, queryLabels), 1e-7);
  });
});

const [x, y] = [torch.randn(4, 2), torch.tensor([0, 1, 0, 1])];
test.each<[string, () => unknown, string]>([
  [
    'one prototype',
    () => losses.protoTripletLoss(x, torch.zeros(4, { dtype: 'int64' }), x.narrow(0, 0, 1)),
    'Expected at least two classes for prototypes but received tensor float32[1, 2] cpu',
  ],
  [
    'a query of no prototype',
    () => losses.protoTripletLoss(x, y.add(3), x),
    'Expected integer queryLabels in [0, 4) but received 4 at index 1',
  ],
  [
    'no query',
    () => losses.protoTripletLoss(x.narrow(0, 0, 0), y.narrow(0, 0, 0), x),
    'Expected at least one element for query but received tensor float32[0, 2] cpu',
  ],
  [
    'a negative margin',
    () => losses.protoTripletLoss(x, y, x, { margin: -1 }),
    'Expected a number from 0 for margin but received number -1',
  ],
  [
    'two points to search among',
    () => losses.icnnLoss(x.narrow(0, 0, 2), y.narrow(0, 0, 2)),
    'Expected at least 3 points for embeddings but received tensor float32[2, 2] cpu',
  ],
  [
    'a target of two points',
    () => losses.icnnLoss(x, y, x.narrow(0, 0, 2), y.narrow(0, 0, 2)),
    'Expected at least 3 points for target but received tensor float32[2, 2] cpu',
  ],
  [
    'a target without labels',
    () => losses.icnnLoss(x, y, x),
    'Expected both or none for target and targetLabels but received tensor float32[4, 2] cpu',
  ],
  [
    'labels of fewer points',
    () => losses.icnnLoss(x, y.narrow(0, 0, 3)),
    'Expected shape [N] with N = 4 for labels but received tensor int64[3] cpu',
  ],
  ['no neighbour', () => losses.icnnLoss(x, y, null, null, { k: 0 }), 'Expected a whole number from 1 for k but received number 0'],
  [
    'a share of a neighbourhood',
    () => losses.icnnLoss(x, y, null, null, { neighborhood: 1.5 }),
    'Expected a whole number from 1 for neighborhood but received number 1.5',
  ],
  ['an eps of 0', () => losses.icnnLoss(x, y, null, null, { eps: 0 }), 'Expected a number above 0 for eps but received number 0'],
  [
    'a word for dropNearest',
    () => losses.icnnLoss(x, y, null, null, { dropNearest: 'yes' as never }),
    'Expected a boolean or null for dropNearest but received string "yes"',
  ],
  [
    'an episode of one class',
    () => losses.susanaEpisodeLoss(x, torch.zeros(4, { dtype: 'int64' }), x, torch.zeros(4, { dtype: 'int64' })),
    'Expected labels of at least two classes for supportLabels but received tensor int64[4] cpu',
  ],
  [
    'a negative weight',
    () => losses.susanaEpisodeLoss(x, y, x, y, { icnnWeight: -1 }),
    'Expected a number from 0 for icnnWeight but received number -1',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
