/** The symmetry loss of halves, AdaFace, and SymFace made of both. */

import * as torch from '../../lib';
import { losses, nn } from '../../lib';
import { cosine, distance, labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const METRICS = ['squaredEuclidean', 'euclidean', 'cosine'] as const;

function halves(count: number, features = 4): { left: torch.Tensor; right: torch.Tensor; rho: torch.Tensor } {
  const [left, right] = [0, 1].map(() => torch.randn(count, features, float64).requiresGrad_()) as [torch.Tensor, torch.Tensor];
  return { left, right, rho: torch.linspace(0, 1, count, float64) };
}

describe('the symmetry loss', () => {
  test.each(METRICS)('is the distance of the halves, %s', (metric) => {
    torch.manualSeed(0);
    const { left, right, rho } = halves(11);
    for (const normalize of [true, false]) {
      const [a, b] = [rowsOf(left, normalize), rowsOf(right, normalize)];
      const terms = a.map((row, i) => {
        const other = b[i] as number[];
        if (metric === 'cosine') return 1 - cosine(row, other);
        return distance(row, other) ** (metric === 'euclidean' ? 1 : 2);
      });
      const of = (given: torch.Tensor | null, options = {}) => losses.symmetryLoss(left, right, given, { metric, normalize, ...options });
      expectClose(of(null, { reduction: 'none' }), torch.tensor(terms, float64));
      expectClose(of(null, { reduction: 'sum' }), torch.tensor(sum(terms), float64));
      expectClose(of(null), torch.tensor(sum(terms) / 11, float64));
      // From 0.65 on: 0.7, 0.8, 0.9 and 1.
      for (const [weighting, weights] of [
        ['rho', [0.7, 0.8, 0.9, 1]],
        ['hard', [1, 1, 1, 1]],
      ] as const) {
        const weighted = terms.map((term, i) => (i < 7 ? 0 : term * (weights[i - 7] as number)));
        const options = { weighting, threshold: 0.65 };
        expectClose(of(rho, { ...options, reduction: 'none' }), torch.tensor(weighted, float64));
        expectClose(of(rho, { ...options, reduction: 'sum' }), torch.tensor(sum(weighted), float64));
        expectClose(of(rho, options), torch.tensor(sum(weighted) / 4, float64));
      }
      expect(torch.autograd.gradcheck((x, y) => losses.symmetryLoss(x, y, rho, { metric, normalize }), [left, right])).toBe(true);
      expect(torch.autograd.gradgradcheck((x, y) => losses.symmetryLoss(x, y, rho, { metric, normalize }), [left, right])).toBe(true);
    }
  });

  test('of unit rows squared distances are twice 1 - cos, and lengths do not matter', () => {
    const { left, right } = halves(6);
    const squared = losses.symmetryLoss(left, right, null, { reduction: 'none' });
    expectClose(squared, losses.symmetryLoss(left, right, null, { metric: 'cosine', reduction: 'none' }).mul(2));
    const lengths = torch.rand(6, 1, float64).add(0.1);
    expectClose(losses.symmetryLoss(left.mul(lengths), right.mul(3), null, { reduction: 'none' }), squared);
    expectClose(losses.symmetryLoss(right, left, null, { reduction: 'none' }), squared);
  });

  test('coefficients do not learn', () => {
    const { left, right, rho } = halves(5);
    rho.requiresGrad_();
    const loss = losses.symmetryLoss(left, right, rho);
    expect(torch.autograd.grad(loss, [left, rho], { allowUnused: true })[1]).toBeNull();
  });

  test('equal halves: 0, with gradient 0; no face from the front, or none at all: 0 on the graph', () => {
    for (const metric of METRICS) {
      const x = torch.randn(3, 4).requiresGrad_();
      const same = losses.symmetryLoss(x, x.detach(), null, { metric });
      expect(Number(same.item())).toBeCloseTo(0, 6);
      expect(torch.autograd.grad(same, [x])[0]?.abs().max().item()).toBeLessThan(1e-6);
      for (const [count, rho] of [
        [3, torch.zeros(3)],
        [0, torch.zeros(0)],
        [0, null],
      ] as const) {
        const [left, right] = [torch.randn(count, 4).requiresGrad_(), torch.randn(count, 4)];
        const none = losses.symmetryLoss(left, right, rho, { metric });
        expect(none.item()).toBe(0);
        expect(torch.autograd.grad(none, [left])[0]?.eq(0).all().item()).toBe(true);
      }
    }
  });

  test('rows of zeros, huge and tiny ones have finite gradients; half precision is compared in float32', () => {
    torch.manualSeed(0);
    const base = torch.randn(4, 3);
    for (const metric of METRICS)
      for (const scale of [0, 1e-15, 1e15]) {
        const x = base.mul(scale).requiresGrad_();
        losses.symmetryLoss(x, base.flip(0), torch.ones(4), { metric }).backward();
        expect(x.grad?.isfinite().all().item()).toBe(true);
      }
    const half = base.to('bfloat16').requiresGrad_();
    const loss = losses.symmetryLoss(half, base.flip(0), torch.ones(4, { dtype: 'float64' }));
    expect(loss.dtype).toBe('float32');
    expect(torch.autograd.grad(loss, [half])[0]?.dtype).toBe('bfloat16');
  });
});

describe('AdaFace', () => {
  /** As written, in plain numbers. */
  function terms(
    x: number[][],
    w: number[][],
    y: number[],
    { scale = 7, margin = 0.4, h = 0.333, mean = Number.NaN, std = Number.NaN } = {},
  ): number[] {
    const lengths = x.map((row) => Math.min(100, Math.max(0.001, Math.hypot(...row))));
    const average = Number.isNaN(mean) ? sum(lengths) / lengths.length : mean;
    const spread = Number.isNaN(std) ? Math.sqrt(sum(lengths.map((n) => (n - average) ** 2)) / (lengths.length - 1)) : std;
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    return x.map((row, i) => {
      const q = clamp((h * ((lengths[i] as number) - average)) / (spread + 1e-3), -1, 1);
      const logits = w.map((weight, j) => {
        const cos = clamp(cosine(row, weight), -0.999, 0.999);
        return scale * (j === y[i] ? Math.cos(clamp(Math.acos(cos) - margin * q, 1e-3, Math.PI - 1e-3)) - margin * (1 + q) : cos);
      });
      return Math.log(sum(logits.map(Math.exp))) - (logits[y[i] as number] as number);
    });
  }

  test.each(labelledBatches())('as written: %s', (_, make) => {
    const { embeddings: drawn, labels } = make();
    // Of very different lengths.
    const embeddings = drawn
      .mul(torch.logspace(-4, 3, labels.size(0), float64).unsqueeze(1))
      .detach()
      .requiresGrad_();
    const weights = torch.randn(9, drawn.size(1), float64).requiresGrad_();
    const [x, w, y] = [rowsOf(embeddings), rowsOf(weights), labelsOf(labels)];
    for (const options of [{}, { h: 2, margin: 0.7 }, { h: 0 }])
      expectClose(
        losses.adaFaceLoss(embeddings, weights, labels, null, null, { scale: 7, ...options, reduction: 'none' }).loss,
        torch.tensor(terms(x, w, y, options), float64),
        1e-8,
      );
    const given = losses.adaFaceLoss(embeddings, weights, labels, torch.tensor(3, float64), torch.tensor(2, float64), {
      scale: 7,
      momentum: 0,
      reduction: 'none',
    });
    expectClose(given.loss, torch.tensor(terms(x, w, y, { mean: 3, std: 2 }), float64), 1e-8);
    expect([given.runningMean.item(), given.runningStd.item()]).toEqual([3, 2]);
  });

  test('without h it is CosFace; lengths of weights do not matter, a common factor of the embeddings hardly', () => {
    torch.manualSeed(0);
    const [x, w, y] = [torch.randn(6, 4, float64), torch.randn(5, 4, float64), torch.tensor([0, 4, 2, 2, 1, 3])];
    const of = (a: torch.Tensor, b: torch.Tensor, options = {}) => losses.adaFaceLoss(a, b, y, null, null, { scale: 10, ...options }).loss;
    expectClose(of(x, w, { h: 0, margin: 0.3 }), losses.cosFaceLoss(x, w, y, { scale: 10, margin: 0.3 }), 1e-9);
    expectClose(of(x, w.mul(torch.rand(5, 1, float64).add(0.1))), of(x, w), 1e-9);
    expectClose(of(x.mul(2), w), of(x, w), 1e-2);
  });

  test('statistics move by the momentum, from 20 and 100, and carry no gradient', () => {
    const x = torch.tensor(
      [
        [3, 4],
        [0, 1],
      ],
      { ...float64, requiresGrad: true },
    );
    const [w, y] = [torch.eye(2, float64), torch.tensor([0, 1])];
    const first = losses.adaFaceLoss(x, w, y, null, null, { momentum: 0.25 });
    expect(Number(first.runningMean.item())).toBeCloseTo(0.75 * 20 + 0.25 * 3, 12);
    expect(Number(first.runningStd.item())).toBeCloseTo(75 + 0.25 * Math.sqrt(8), 12);
    const second = losses.adaFaceLoss(x, w, y, first.runningMean, first.runningStd, { momentum: 0.25 });
    expect(Number(second.runningMean.item())).toBeCloseTo(0.75 * 15.75 + 0.25 * 3, 12);
    expect([first.runningMean.requiresGrad, first.runningStd.requiresGrad, first.loss.requiresGrad]).toEqual([false, false, true]);
    // The deviation of one sample is 0.
    expect(losses.adaFaceLoss(x.narrow(0, 0, 1), w, y.narrow(0, 0, 1)).runningStd.item()).toBe(0);
  });

  test('good samples have to lead by more', () => {
    const w = torch.eye(3, float64);
    // The same direction, three lengths.
    const x = torch.tensor([[0.6, 0.8, 0]], float64).mul(torch.tensor([[1], [2], [3]], float64));
    const { loss } = losses.adaFaceLoss(x, w, torch.zeros(3, { dtype: 'int64' }), null, null, { reduction: 'none' });
    expect(loss.diff().gt(0).all().item()).toBe(true);
  });

  test('gradients are those of margins that stand still', () => {
    torch.manualSeed(0);
    const x = nn.functional.normalize(torch.randn(5, 3, float64)).detach();
    const [w, y] = [torch.randn(4, 3, float64).requiresGrad_(), torch.tensor([0, 3, 1, 2, 2])];
    const lengths = torch.tensor([[1], [2], [3], [4], [5]], float64);
    const embeddings = x.mul(lengths).requiresGrad_();
    // With respect to the weights the margins are constant.
    expect(torch.autograd.gradcheck((b) => losses.adaFaceLoss(embeddings.detach(), b, y, null, null, { scale: 3 }).loss, [w])).toBe(true);
    expect(torch.autograd.gradgradcheck((b) => losses.adaFaceLoss(embeddings.detach(), b, y, null, null, { scale: 3 }).loss, [w])).toBe(
      true,
    );
    // The gradient has nothing along the embedding: its length teaches nothing.
    const [gradient] = torch.autograd.grad(losses.adaFaceLoss(embeddings, w, y, null, null, { scale: 3 }).loss, [embeddings]);
    expectClose((gradient as torch.Tensor).mul(x).sum(1), torch.zeros(5, float64));
    // Without h they do not depend on lengths at all.
    const flat = (a: torch.Tensor, b: torch.Tensor) => losses.adaFaceLoss(a, b, y, null, null, { scale: 3, h: 0 }).loss;
    expect(torch.autograd.gradcheck(flat, [embeddings, w])).toBe(true);
  });

  test('on a class, opposite to it or nowhere: finite', () => {
    for (const dtype of ['float32', 'float64', 'bfloat16'] as const) {
      const x = torch
        .eye(3)
        .mul(torch.tensor([[2], [-1], [0]]))
        .to(dtype)
        .requiresGrad_();
      const w = torch.eye(3).to(dtype).requiresGrad_();
      const { loss } = losses.adaFaceLoss(x, w, torch.arange(3), null, null, { scale: 1000 });
      expect(loss.isfinite().item()).toBe(true);
      for (const gradient of torch.autograd.grad(loss, [x, w])) expect(gradient?.isfinite().all().item()).toBe(true);
    }
  });

  test('the head keeps the statistics while it trains', () => {
    torch.manualSeed(0);
    const head = new nn.AdaFaceHead(4, 3, { momentum: 0.5 });
    expect(Object.keys(head.stateDict()).sort()).toEqual(['running_mean', 'running_std', 'weights']);
    expectClose(torch.linalg.vectorNorm(head.weights, 2, 1), torch.ones(3), 1e-6);
    expect([head.runningMean.item(), head.runningStd.item()]).toEqual([20, 100]);
    const [x, y] = [torch.randn(6, 4), torch.tensor([0, 1, 2, 2, 1, 0])];
    const wanted = losses.adaFaceLoss(x, head.weights, y, torch.tensor(20), torch.tensor(100), { momentum: 0.5 });
    expectClose(head.forward(x, y), wanted.loss, 1e-6);
    expectClose(head.runningMean, wanted.runningMean, 1e-6);
    expectClose(head.runningStd, wanted.runningStd, 1e-6);
    head.eval();
    head.forward(x.mul(3), y);
    expectClose(head.runningMean, wanted.runningMean, 1e-6);
    expect(String(head)).toBe('AdaFaceHead(in_features=4, num_classes=3, scale=64, margin=0.4, h=0.333, momentum=0.5)');
    expect(new nn.AdaFaceHead(4, 3).momentum).toBe(0.01);
    expect(new nn.AdaFaceHead(4, 3, { dtype: 'float64' }).runningMean.dtype).toBe('float64');
  });
});

test('SymFace adds the two, with any head, and halves of other faces', () => {
  torch.manualSeed(0);
  const [x, w, y] = [torch.randn(6, 4, float64), torch.randn(3, 4, float64), torch.tensor([0, 1, 2, 2, 1, 0])];
  const { left, right, rho } = halves(5, 7);
  const own = {
    arcface: losses.arcFaceLoss(x, w, y, { scale: 10, margin: 0.3 }),
    cosface: losses.cosFaceLoss(x, w, y, { scale: 10, margin: 0.3 }),
    adaface: losses.adaFaceLoss(x, w, y, null, null, { scale: 10, margin: 0.3 }).loss,
  };
  for (const head of ['arcface', 'cosface', 'adaface'] as const) {
    const options = { head, scale: 10, margin: 0.3, symmetryWeight: 2.5, threshold: 0.4, metric: 'euclidean' } as const;
    const result = losses.symFaceLoss(x, w, y, left, right, rho, options);
    expectClose(result.face, own[head]);
    expectClose(result.symmetry, losses.symmetryLoss(left, right, rho, { threshold: 0.4, metric: 'euclidean' }));
    expectClose(result.loss, result.face.add(result.symmetry.mul(2.5)));
  }
  const without = losses.symFaceLoss(x, w, y, left, right, null, { symmetryWeight: 0 });
  expectClose(without.loss, losses.arcFaceLoss(x, w, y));
  expectClose(without.symmetry, losses.symmetryLoss(left, right));
  const inputs = [x, w, left, right].map((tensor) => tensor.detach().requiresGrad_()) as [
    torch.Tensor,
    torch.Tensor,
    torch.Tensor,
    torch.Tensor,
  ];
  const total = (...[a, b, c, d]: typeof inputs) => losses.symFaceLoss(a, b, y, c, d, rho, { scale: 3, threshold: 0.4 }).loss;
  expect(torch.autograd.gradcheck(total, inputs)).toBe(true);
  expect(torch.autograd.gradgradcheck(total, inputs)).toBe(true);
});

describe('bad input is refused in a sentence', () => {
  const [x, w, y] = [torch.randn(2, 3), torch.randn(4, 3), torch.tensor([0, 3])];
  test.each<[string, () => unknown, string]>([
    [
      'halves of different numbers',
      () => losses.symmetryLoss(x, torch.zeros(3, 3)),
      'Expected shape [N, D] with N = 2, D = 3 for right but received tensor float32[3, 3] cpu',
    ],
    [
      'coefficients of another number',
      () => losses.symmetryLoss(x, x, torch.zeros(3)),
      'Expected shape [2] for rho but received tensor float32[3] cpu',
    ],
    ['a coefficient above 1', () => losses.symmetryLoss(x, x, torch.tensor([0.5, 2])), 'Expected rho in [0, 1] but received 2 at index 1'],
    [
      'a threshold below 0',
      () => losses.symmetryLoss(x, x, null, { threshold: -1 }),
      'Expected a number in [0, 1] for threshold but received number -1',
    ],
    [
      'an unknown metric',
      () => losses.symmetryLoss(x, x, null, { metric: 'l1' as 'cosine' }),
      "Expected one of 'euclidean', 'squaredEuclidean', 'cosine' for metric but received string \"l1\"",
    ],
    [
      'an unknown weighting',
      () => losses.symmetryLoss(x, x, null, { weighting: 'soft' as 'hard' }),
      "Expected one of 'rho', 'hard' for weighting but received string \"soft\"",
    ],
    [
      'another reduction',
      () => losses.symmetryLoss(x, x, null, { reduction: 'x' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"x\"",
    ],
    [
      'a label too high',
      () => losses.adaFaceLoss(x, w, torch.tensor([0, 4])),
      'Expected integer labels in [0, 4) but received 4 at index 1',
    ],
    [
      'running means of several',
      () => losses.adaFaceLoss(x, w, y, torch.zeros(2)),
      'Expected shape [] for runningMean but received tensor float32[2] cpu',
    ],
    [
      'a momentum above 1',
      () => losses.adaFaceLoss(x, w, y, null, null, { momentum: 2 }),
      'Expected a number in [0, 1] for momentum but received number 2',
    ],
    ['a negative h', () => new nn.AdaFaceHead(3, 4, { h: -1 }), 'Expected a number from 0 for h but received number -1'],
    [
      'no sample',
      () => losses.adaFaceLoss(torch.zeros(0, 3), w, torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for embeddings but received tensor float32[0, 3] cpu',
    ],
    [
      'an unknown head',
      () => losses.symFaceLoss(x, w, y, x, x, null, { head: 'normface' as 'arcface' }),
      "Expected one of 'arcface', 'cosface', 'adaface' for head but received string \"normface\"",
    ],
    [
      'a negative weight',
      () => losses.symFaceLoss(x, w, y, x, x, null, { symmetryWeight: -1 }),
      'Expected a number from 0 for symmetryWeight but received number -1',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
