/** The losses that compare embeddings with a direction or a proxy for each class, and prototypes. */

import * as torch from '../../lib';
import { losses, methods, nn } from '../../lib';
import { cosine, distance, labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

/** `-log softmax` at a place, in plain numbers. */
function crossEntropy(logits: readonly number[], label: number): number {
  const top = Math.max(...logits);
  return top + Math.log(sum(logits.map((logit) => Math.exp(logit - top)))) - (logits[label] as number);
}

function classWeights(embeddings: torch.Tensor, classes: number): torch.Tensor {
  return torch.randn(classes, embeddings.size(1), { dtype: 'float64' }).requiresGrad_();
}

type WeightedLoss = (embeddings: torch.Tensor, weights: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

const WEIGHTED: Record<string, WeightedLoss> = {
  'normalized softmax': (x, w, y) => losses.normalizedSoftmaxLoss(x, w, y, { scale: 5 }),
  CosFace: (x, w, y) => losses.cosFaceLoss(x, w, y, { scale: 8 }),
  ArcFace: (x, w, y) => losses.arcFaceLoss(x, w, y, { scale: 8 }),
  'ArcFace, a wide margin': (x, w, y) => losses.arcFaceLoss(x, w, y, { scale: 6, margin: 2 }),
  'proxy-anchor': (x, w, y) => losses.proxyAnchorLoss(x, w, y, { alpha: 6 }),
};

describe.each(labelledBatches())('%s', (_, make) => {
  const classes = 9;

  test('cross-entropy of cosines, with the margin at the right class', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings, classes);
    const [x, w, y] = [rowsOf(embeddings), rowsOf(weights), labelsOf(labels)];
    const terms = (target: (cos: number) => number) =>
      torch.tensor(
        x.map((row, i) => {
          const logits = w.map((weight, c) => 12 * (c === y[i] ? target(cosine(row, weight)) : cosine(row, weight)));
          return crossEntropy(logits, y[i] as number);
        }),
        { dtype: 'float64' },
      );
    const options = { scale: 12, reduction: 'none' } as const;
    const plain = losses.normalizedSoftmaxLoss(embeddings, weights, labels, options);
    expectClose(
      plain,
      terms((cos) => cos),
    );
    expectClose(
      losses.cosFaceLoss(embeddings, weights, labels, { ...options, margin: 0.2 }),
      terms((cos) => cos - 0.2),
    );
    const arc = (margin: number) => (cos: number) =>
      Math.acos(cos) + margin < Math.PI ? Math.cos(Math.acos(cos) + margin) : cos - margin * Math.sin(margin);
    // In one dimension all cosines are -1 or 1, where the angle is held away from 0 and pi.
    for (const margin of embeddings.size(1) > 1 ? [0.3, 2.5] : [])
      expectClose(losses.arcFaceLoss(embeddings, weights, labels, { ...options, margin }), terms(arc(margin)), 1e-5);
    // Without margins they are the same.
    expectClose(losses.cosFaceLoss(embeddings, weights, labels, { ...options, margin: 0 }), plain);
    if (embeddings.size(1) > 1) expectClose(losses.arcFaceLoss(embeddings, weights, labels, { ...options, margin: 0 }), plain, 1e-8);
    // A margin asks for more.
    const [lower, higher] = [0.1, 0.4].map((margin) => losses.arcFaceLoss(embeddings, weights, labels, { ...options, margin }));
    if (embeddings.size(1) > 1)
      expect(
        (higher as torch.Tensor)
          .gt(lower as torch.Tensor)
          .all()
          .item(),
      ).toBe(true);
  });

  test('proxy-anchor: each proxy with its samples, and with all others', () => {
    const { embeddings, labels } = make();
    const proxies = classWeights(embeddings, classes);
    const [x, w, y] = [rowsOf(embeddings), rowsOf(proxies), labelsOf(labels)];
    const of = (c: number, own: boolean, z: (cos: number) => number) =>
      Math.log1p(sum(x.map((row, i) => ((y[i] === c) === own ? Math.exp(z(cosine(row, w[c] as number[]))) : 0))));
    const positives = w.map((_, c) => of(c, true, (cos) => -10 * (cos - 0.2)));
    const negatives = w.map((_, c) => of(c, false, (cos) => 10 * (cos + 0.2)));
    const wanted = sum(positives) / new Set(y).size + sum(negatives) / classes;
    const loss = losses.proxyAnchorLoss(embeddings, proxies, labels, { margin: 0.2, alpha: 10 });
    expect(Number(loss.item())).toBeCloseTo(wanted, 8);
  });

  test('the lengths of embeddings and weights do not matter, nor the order of samples, nor turning all', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings, classes);
    const width = embeddings.size(1);
    const lengths = (rows: number) => torch.rand(rows, 1, { dtype: 'float64' }).add(0.1);
    const order = torch.randperm(labels.size(0));
    const rotation = torch.linalg.qr(torch.randn(width, width, { dtype: 'float64' })).Q;
    for (const loss of Object.values(WEIGHTED)) {
      const value = loss(embeddings, weights, labels);
      expectClose(loss(embeddings.mul(lengths(labels.size(0))), weights.mul(lengths(classes)), labels), value, 1e-8);
      expectClose(loss(embeddings.indexSelect(0, order), weights, labels.indexSelect(0, order)), value, 1e-8);
      expectClose(loss(embeddings.mm(rotation), weights.mm(rotation), labels), value, 1e-8);
    }
  });

  test('prototypes are means, and the loss is cross-entropy of distances from them', () => {
    const { embeddings, labels: drawn } = make();
    // Every class has a sample.
    const labels = torch.cat([torch.arange(3), drawn.narrow(0, 3, drawn.size(0) - 3).remainder(3)]);
    const [x, y] = [rowsOf(embeddings), labelsOf(labels)];
    const means = [0, 1, 2].map((c) => {
      const of = x.filter((_, i) => y[i] === c);
      return (of[0] as number[]).map((_, k) => sum(of.map((row) => row[k] as number)) / of.length);
    });
    const prototypes = methods.classPrototypes(embeddings, labels);
    expectClose(prototypes, torch.tensor(means, { dtype: 'float64' }));
    const query = torch.randn(4, embeddings.size(1), { dtype: 'float64' }).requiresGrad_();
    const queryLabels = torch.tensor([2, 0, 1, 0]);
    const q = rowsOf(query);
    const logitsOf = {
      squaredEuclidean: (row: number[], mean: number[]) => -2 * distance(row, mean) ** 2,
      euclidean: (row: number[], mean: number[]) => -2 * distance(row, mean),
      cosine: (row: number[], mean: number[]) => 2 * cosine(row, mean),
    };
    for (const metric of ['squaredEuclidean', 'euclidean', 'cosine'] as const) {
      const logits = q.map((row) => means.map((mean) => logitsOf[metric](row, mean)));
      expectClose(methods.prototypicalLogits(query, prototypes, { metric, scale: 2 }), torch.tensor(logits, { dtype: 'float64' }));
      const terms = logits.map((row, i) => crossEntropy(row, labelsOf(queryLabels)[i] as number));
      const loss = losses.prototypicalLoss(embeddings, labels, query, queryLabels, { metric, scale: 2, reduction: 'none' });
      expectClose(loss, torch.tensor(terms, { dtype: 'float64' }), 1e-9);
      if (labels.size(0) > 6) continue; // differences of many numbers take long
      if (metric === 'cosine' && embeddings.size(1) === 1) continue;
      const total = (s: torch.Tensor, t: torch.Tensor) => losses.prototypicalLoss(s, labels, t, queryLabels, { metric });
      expect(torch.autograd.gradcheck(total, [embeddings, query])).toBe(true);
      expect(torch.autograd.gradgradcheck(total, [embeddings, query])).toBe(true);
    }
  });
});

test.each(Object.entries(WEIGHTED))('gradients of %s, and their gradients, agree with differences', (_, loss) => {
  torch.manualSeed(4);
  const embeddings = torch.randn(4, 3, { dtype: 'float64' }).requiresGrad_();
  const weights = classWeights(embeddings, 3);
  const labels = torch.tensor([0, 2, 0, 1]);
  const of = (x: torch.Tensor, w: torch.Tensor) => loss(x, w, labels);
  expect(torch.autograd.gradcheck(of, [embeddings, weights])).toBe(true);
  expect(torch.autograd.gradgradcheck(of, [embeddings, weights])).toBe(true);
});

test('the target of ArcFace falls with the angle all the way, also beyond pi - margin', () => {
  const angles = torch.linspace(0.001, Math.PI - 0.001, 2001, { dtype: 'float64' });
  const weights = torch.tensor(
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
    { dtype: 'float64' },
  );
  const embeddings = torch.stack([angles.cos(), angles.sin(), torch.zerosLike(angles)], 1).requiresGrad_();
  const labels = torch.zeros(2001, { dtype: 'int64' });
  for (const margin of [0.1, 0.5, 1.5, 2.3]) {
    // The other class is at a right angle throughout, so that the loss is a falling function of the target's logit.
    const loss = losses.arcFaceLoss(embeddings, weights, labels, { scale: 1, margin, reduction: 'none' });
    expect(loss.diff().gt(0).all().item()).toBe(true);
  }
});

test('an embedding on its class, or opposite to it, has a finite loss and gradient', () => {
  const weights = torch.eye(3).requiresGrad_();
  for (const dtype of ['float32', 'float64'] as const) {
    const embeddings = torch
      .eye(3, { dtype })
      .mul(torch.tensor([[2], [-1], [0]]))
      .requiresGrad_();
    for (const loss of Object.values(WEIGHTED)) {
      const value = loss(embeddings, weights.to(dtype), torch.arange(3));
      expect(value.isfinite().item()).toBe(true);
      expect(torch.autograd.grad(value, [embeddings])[0]?.isfinite().all().item()).toBe(true);
    }
  }
});

test('a row of zeros has the cosine 0 with everything', () => {
  const loss = losses.cosFaceLoss(torch.zeros(1, 3), torch.randn(4, 3), torch.tensor([2]), { scale: 2, margin: 0 });
  expect(Number(loss.item())).toBeCloseTo(Math.log(4), 6);
});

test('a scale of 1,000 overflows nothing', () => {
  torch.manualSeed(0);
  const [embeddings, weights] = [torch.randn(6, 4).requiresGrad_(), torch.randn(5, 4).requiresGrad_()];
  const labels = torch.tensor([0, 1, 2, 3, 4, 0]);
  for (const loss of [
    losses.normalizedSoftmaxLoss(embeddings, weights, labels, { scale: 1000 }),
    losses.arcFaceLoss(embeddings, weights, labels, { scale: 1000 }),
    losses.proxyAnchorLoss(embeddings, weights, labels, { alpha: 1000 }),
  ]) {
    expect(loss.isfinite().item()).toBe(true);
    for (const gradient of torch.autograd.grad(loss, [embeddings, weights])) expect(gradient?.isfinite().all().item()).toBe(true);
  }
});

test('proxy-anchor of a single class has nothing to push', () => {
  torch.manualSeed(0);
  const [embeddings, proxies] = [torch.randn(3, 2, { dtype: 'float64' }).requiresGrad_(), torch.randn(1, 2, { dtype: 'float64' })];
  const loss = losses.proxyAnchorLoss(embeddings, proxies, torch.zeros(3, { dtype: 'int64' }));
  const own = sum(rowsOf(embeddings).map((row) => Math.exp(-32 * (cosine(row, rowsOf(proxies)[0] as number[]) - 0.1))));
  expect(Number(loss.item())).toBeCloseTo(Math.log1p(own), 8);
  expect(torch.autograd.gradcheck((x) => losses.proxyAnchorLoss(x, proxies, torch.zeros(3, { dtype: 'int64' })), [embeddings])).toBe(true);
});

test('the arguments stay as they are', () => {
  const [embeddings, weights] = [torch.randn(4, 3), torch.randn(5, 3)];
  const before = [embeddings.clone(), weights.clone()];
  for (const loss of Object.values(WEIGHTED)) loss(embeddings, weights, torch.tensor([0, 4, 2, 2]));
  expectClose(embeddings, before[0] as torch.Tensor, 0);
  expectClose(weights, before[1] as torch.Tensor, 0);
});

describe('heads', () => {
  const embeddings = torch.randn(6, 4);
  const labels = torch.tensor([0, 1, 2, 2, 1, 0]);

  test('are the functions with weights of their own', () => {
    const softmax = new nn.NormalizedSoftmaxHead(4, 3, { scale: 7, reduction: 'none' });
    expectClose(
      softmax.forward(embeddings, labels),
      losses.normalizedSoftmaxLoss(embeddings, softmax.weights, labels, { scale: 7, reduction: 'none' }),
    );
    const cosFace = new nn.CosFaceHead(4, 3, { margin: 0.1 });
    expectClose(cosFace.forward(embeddings, labels), losses.cosFaceLoss(embeddings, cosFace.weights, labels, { margin: 0.1 }));
    const arcFace = new nn.ArcFaceHead(4, 3, { scale: 30 });
    expectClose(arcFace.forward(embeddings, labels), losses.arcFaceLoss(embeddings, arcFace.weights, labels, { scale: 30 }));
    const anchor = new nn.ProxyAnchorHead(4, 3, { alpha: 16 });
    expectClose(anchor.forward(embeddings, labels), losses.proxyAnchorLoss(embeddings, anchor.proxies, labels, { alpha: 16 }));
    const cosines = nn.functional.normalize(embeddings).mm(nn.functional.normalize(arcFace.weights).t());
    expectClose(arcFace.logits(embeddings), cosines.mul(30), 1e-5);
  });

  test('begin as the authors let them', () => {
    torch.manualSeed(0);
    const head = new nn.CosFaceHead(100, 300);
    const bound = Math.sqrt(6 / 400);
    expect(Number(head.weights.abs().max().item())).toBeLessThanOrEqual(bound);
    expect(Number(head.weights.std().item())).toBeCloseTo(bound / Math.sqrt(3), 3);
    const proxies = new nn.ProxyAnchorHead(100, 300).proxies;
    expect(Number(proxies.std().item())).toBeCloseTo(Math.sqrt(2 / 300), 3);
  });

  test('have their weights among the parameters and in the state dict, and say what they are', () => {
    const head = new nn.ArcFaceHead(4, 3);
    expect([...head.namedParameters()].map(([name]) => name)).toEqual(['weights']);
    expect(Object.keys(new nn.ProxyAnchorHead(4, 3).stateDict())).toEqual(['proxies']);
    expect(String(head)).toBe('ArcFaceHead(in_features=4, num_classes=3, scale=64, margin=0.5)');
    expect(new nn.CosFaceHead(4, 3, { dtype: 'float64' }).weights.dtype).toBe('float64');
  });

  test.each<[string, () => unknown, string]>([
    ['no features', () => new nn.CosFaceHead(0, 3), 'for inFeatures but received number 0'],
    ['a scale of 0', () => new nn.ArcFaceHead(4, 3, { scale: 0 }), 'Expected a number above 0 for scale but received number 0'],
    ['a margin above pi', () => new nn.ArcFaceHead(4, 3, { margin: 4 }), 'Expected a number in [0, pi] for margin but received number 4'],
    ['a negative margin', () => new nn.CosFaceHead(4, 3, { margin: -1 }), 'Expected a number from 0 for margin but received number -1'],
    ['an alpha of 0', () => new nn.ProxyAnchorHead(4, 3, { alpha: 0 }), 'Expected a number above 0 for alpha but received number 0'],
    [
      'another reduction',
      () => new nn.CosFaceHead(4, 3, { reduction: 'x' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"x\"",
    ],
    [
      'embeddings of another width',
      () => new nn.CosFaceHead(4, 3).logits(torch.zeros(2, 5)),
      'Expected shape [B, 4] with B = 2 for embeddings but received tensor float32[2, 5] cpu',
    ],
  ])('%s is refused in a sentence', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('bad input is refused in a sentence', () => {
  const [x, w, y] = [torch.randn(2, 3), torch.randn(4, 3), torch.tensor([0, 3])];
  test.each<[string, () => unknown, string]>([
    [
      'a label too high',
      () => losses.cosFaceLoss(x, w, torch.tensor([0, 4])),
      'Expected integer labels in [0, 4) but received 4 at index 1',
    ],
    [
      'a negative label',
      () => losses.proxyAnchorLoss(x, w, torch.tensor([-1, 0])),
      'Expected integer labels in [0, 4) but received -1 at index 0',
    ],
    [
      'weights of another width',
      () => losses.arcFaceLoss(x, torch.randn(4, 2), y),
      'Expected shape [C, D] with C = 4, D = 3 for weights but received tensor float32[4, 2] cpu',
    ],
    [
      'proxies of another width',
      () => losses.proxyAnchorLoss(x, torch.randn(4, 2), y),
      'Expected shape [C, D] with C = 4, D = 3 for proxies but received tensor float32[4, 2] cpu',
    ],
    [
      'no sample',
      () => losses.normalizedSoftmaxLoss(torch.zeros(0, 3), w, torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for embeddings but received tensor float32[0, 3] cpu',
    ],
    [
      'a scale of 0',
      () => losses.normalizedSoftmaxLoss(x, w, y, { scale: 0 }),
      'Expected a number above 0 for scale but received number 0',
    ],
    [
      'a margin above pi',
      () => losses.arcFaceLoss(x, w, y, { margin: 3.2 }),
      'Expected a number in [0, pi] for margin but received number 3.2',
    ],
    [
      'a class without samples',
      () => methods.classPrototypes(x, torch.tensor([0, 2])),
      'Expected samples of each of the 3 classes, of class 1 too, for labels but received tensor int64[2] cpu',
    ],
    [
      'a label beyond numClasses',
      () => methods.classPrototypes(x, y, { numClasses: 3 }),
      'Expected integer labels in [0, 3) but received 3 at index 1',
    ],
    [
      'a query of another width',
      () => methods.prototypicalLogits(torch.randn(1, 2), w),
      'Expected shape [C, D] with C = 4, D = 2 for prototypes but received tensor float32[4, 3] cpu',
    ],
    [
      'an unknown metric',
      () => methods.prototypicalLogits(x, w, { metric: 'l1' as 'cosine' }),
      "Expected one of 'euclidean', 'squaredEuclidean', 'cosine' for metric but received string \"l1\"",
    ],
    [
      'a query label without prototype',
      () => losses.prototypicalLoss(x, torch.tensor([0, 1]), x, torch.tensor([0, 2])),
      'Expected integer queryLabels in [0, 2) but received 2 at index 1',
    ],
    [
      'no support',
      () => losses.prototypicalLoss(torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' }), x, y),
      'Expected at least one element for support but received tensor float32[0, 3] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
