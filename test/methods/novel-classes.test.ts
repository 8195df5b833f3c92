import * as torch from '../../lib';
import { methods, metrics } from '../../lib';
import { labelsOf } from '../losses/metric-batches';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;
const unit = (rows: torch.Tensor): torch.Tensor => rows.div(rows.square().sum(1, true).sqrt());

beforeEach(() => torch.manualSeed(0));

/** Samples of three classes, not sorted. */
function samples(): [torch.Tensor, torch.Tensor] {
  const labels = torch.tensor([2, 0, 1, 0, 2, 2, 0, 1]);
  return [
    torch
      .randn(8, 4, float64)
      .add(unit(torch.eye(4, float64)).indexSelect(0, labels))
      .requiresGrad_(),
    labels,
  ];
}

test('rows of length 1, up to eps; a row of zeros stays one', () => {
  const w = torch.randn(5, 3, float64).requiresGrad_();
  expectClose(methods.unitNormConstraint(w), unit(w), 1e-6);
  const lengths = w.square().sum(1, true).sqrt();
  expectClose(methods.unitNormConstraint(w, { eps: 0.5 }), w.div(lengths.add(0.5)));
  expectClose(methods.unitNormConstraint(methods.unitNormConstraint(w)), methods.unitNormConstraint(w), 1e-6);
  const zeros = torch.zeros(2, 3, float64).requiresGrad_();
  const projected = methods.unitNormConstraint(zeros);
  expect(projected.eq(0).all().item()).toBe(true);
  expect(torch.autograd.grad(projected.sum(), [zeros])[0]?.isfinite().all().item()).toBe(true);
  expect(torch.autograd.gradcheck((x) => methods.unitNormConstraint(x), [w])).toBe(true);
});

describe('weights of novel classes', () => {
  test('are the directions of the mean direction of each class', () => {
    const [x, labels] = samples();
    for (const normalizeSamples of [true, false]) {
      const rows = normalizeSamples ? unit(x) : x;
      const means = [0, 1, 2].map((c) => rows.indexSelect(0, labels.eq(c).nonzero().squeeze(1)).mean([0]));
      expectClose(methods.novelClassWeights(x, labels, null, { normalizeSamples }), unit(torch.stack(means)));
    }
  });

  test('have the largest weighted mean cosine with the samples of all directions', () => {
    const [x, labels] = samples();
    const t = torch.rand(8, float64).add(0.1);
    const w = methods.novelClassWeights(x, labels, t);
    const onehot = labels.unsqueeze(1).eq(torch.arange(3)).double().mul(t.unsqueeze(1));
    const score = (directions: torch.Tensor) => unit(x).mm(directions.t()).mul(onehot).sum(0);
    const best = score(w);
    for (let k = 0; k < 300; k++)
      expect(
        score(unit(torch.randn(3, 4, float64)))
          .le(best)
          .all()
          .item(),
      ).toBe(true);
  });

  test('a weight of 2 is a sample twice, 0 none; one sample is its own direction', () => {
    const [x, labels] = samples();
    const t = torch.tensor([1, 2, 1, 1, 0, 1, 1, 1], float64);
    const places = torch.tensor([0, 1, 1, 2, 3, 5, 6, 7]);
    expectClose(
      methods.novelClassWeights(x, labels, t),
      methods.novelClassWeights(x.indexSelect(0, places), labels.indexSelect(0, places)),
    );
    expectClose(methods.novelClassWeights(x.narrow(0, 0, 3), torch.tensor([1, 2, 0])), unit(x.indexSelect(0, torch.tensor([2, 0, 1]))));
  });

  test('do not depend on order, on the length of samples, nor on a turn, which they follow', () => {
    const [x, labels] = samples();
    const w = methods.novelClassWeights(x, labels);
    const order = torch.randperm(8);
    expectClose(methods.novelClassWeights(x.indexSelect(0, order), labels.indexSelect(0, order)), w);
    expectClose(methods.novelClassWeights(x.mul(torch.rand(8, 1, float64).add(0.1)), labels), w);
    const rotation = torch.linalg.qr(torch.randn(4, 4, float64)).Q;
    expectClose(methods.novelClassWeights(x.mm(rotation), labels), w.mm(rotation));
  });

  test('of samples that cancel out is 0, and its cosine with everything too', () => {
    const one = torch.randn(1, 4, float64);
    const w = methods.novelClassWeights(torch.cat([one, one.neg()]), torch.zeros(2, { dtype: 'int64' }));
    expect(w.eq(0).all().item()).toBe(true);
    const { similarity } = methods.hypersphericalPredict(torch.randn(3, 4, float64), w);
    expect(similarity.eq(0).all().item()).toBe(true);
  });

  test('gradients agree with differences, of samples and of their weights', () => {
    const [x, labels] = samples();
    const t = torch.rand(8, float64).add(0.2).requiresGrad_();
    expect(torch.autograd.gradcheck((a, b) => methods.novelClassWeights(a, labels, b), [x, t])).toBe(true);
    expect(torch.autograd.gradgradcheck((a) => methods.novelClassWeights(a, labels), [x])).toBe(true);
  });

  test('half precision is computed in float32', () => {
    const [x, labels] = samples();
    const half = x.detach().to('bfloat16');
    expectClose(methods.novelClassWeights(half, labels), methods.novelClassWeights(half.float(), labels), 0);
    expect(methods.novelClassWeights(half, labels, torch.ones(8)).dtype).toBe('float32');
  });
});

test('known and novel classes together: all of length 1, known ones first', () => {
  const [known, novel] = [torch.randn(2, 3, float64).requiresGrad_(), torch.randn(4, 3, float64).requiresGrad_()];
  const all = methods.extendClassWeights(known, novel);
  expectClose(all, unit(torch.cat([known, novel])));
  expectClose(methods.extendClassWeights(known.narrow(0, 0, 0), novel), unit(novel));
  expect(torch.autograd.gradcheck(methods.extendClassWeights, [known, novel])).toBe(true);
});

describe('prediction', () => {
  test('the class of the largest cosine, its cosine, and the softmax of all', () => {
    const [x, w] = [torch.randn(9, 4, float64).requiresGrad_(), torch.randn(5, 4, float64)];
    const cos = unit(x).mm(unit(w).t());
    const { labels, similarity, probabilities } = methods.hypersphericalPredict(x, w, { scale: 3 });
    expectClose(similarity, cos.amax([1]));
    expectClose(cos.gather(1, labels.unsqueeze(1)).squeeze(1), similarity);
    const weights = cos.mul(3).exp();
    expectClose(probabilities, weights.div(weights.sum(1, true)));
    expect(labels.dtype).toBe('int64');
    expect(torch.autograd.gradcheck((rows) => methods.hypersphericalPredict(rows, w).probabilities, [x])).toBe(true);
  });

  test('the first of equal classes; below the threshold unknown, at it not', () => {
    const w = torch.tensor(
      [
        [1, 0],
        [2, 0],
        [0, 1],
      ],
      float64,
    );
    const x = torch.tensor(
      [
        [3, 0],
        [0, 2],
        [-1, -1],
        [3, 4],
      ],
      float64,
    );
    expect(labelsOf(methods.hypersphericalPredict(x, w).labels)).toEqual([0, 2, 0, 2]);
    const at = (threshold: number) => labelsOf(methods.hypersphericalPredict(x, w, { threshold }).labels);
    expect(at(0.8)).toEqual([0, 2, -1, 2]);
    expect(at(0.81)).toEqual([0, 2, -1, -1]);
    expect(at(-1)).toEqual([0, 2, 0, 2]);
  });

  test('no embedding has no prediction; NaN is unknown where there is a threshold', () => {
    expect(methods.hypersphericalPredict(torch.zeros(0, 2), torch.eye(2)).labels.shape).toEqual([0]);
    const { labels, similarity } = methods.hypersphericalPredict(torch.tensor([[Number.NaN, 1]]), torch.eye(2), { threshold: -1 });
    expect(labelsOf(labels)).toEqual([-1]);
    expect(similarity.item()).toBeNaN();
  });

  test('is what the accuracies count', () => {
    const [query, labels] = [torch.randn(50, 4, float64), torch.randint(3, [50])];
    const [novel, known] = [torch.randn(3, 4, float64), torch.randn(2, 4, float64)];
    const share = (right: torch.Tensor) => right.double().mean();
    const alone = methods.hypersphericalPredict(query, novel).labels;
    const all = methods.hypersphericalPredict(query, methods.extendClassWeights(known, novel)).labels;
    const { disjoint, joint, leakage } = metrics.novelClassAccuracy(query, labels, novel, known);
    expectClose(disjoint, share(alone.eq(labels)));
    expectClose(joint, share(all.eq(labels.add(2))));
    expectClose(leakage, share(all.lt(2)));
  });
});

const [x, y] = [torch.randn(3, 2), torch.tensor([0, 1, 0])];
test.each<[string, () => unknown, string]>([
  [
    'a class without samples',
    () => methods.novelClassWeights(x, torch.tensor([0, 2, 0])),
    'Expected samples of each of the 3 classes, of class 1 too, for labels but received tensor int64[3] cpu',
  ],
  [
    'a label beyond numClasses',
    () => methods.novelClassWeights(x, y, null, { numClasses: 1 }),
    'Expected integer labels in [0, 1) but received 1 at index 1',
  ],
  ['a negative label', () => methods.novelClassWeights(x, y.sub(1)), 'Expected integer labels in [0, 1) but received -1 at index 0'],
  [
    'no samples',
    () => methods.novelClassWeights(torch.zeros(0, 2), torch.zeros(0, { dtype: 'int64' })),
    'Expected at least one element for embeddings but received tensor float32[0, 2] cpu',
  ],
  [
    'weights of fewer samples',
    () => methods.novelClassWeights(x, y, torch.ones(2)),
    'Expected shape [3] for sampleWeights but received tensor float32[2] cpu',
  ],
  [
    'novel classes of another width',
    () => methods.extendClassWeights(x, torch.zeros(2, 3)),
    'Expected shape [C, D] with C = 2, D = 2 for novel but received tensor float32[2, 3] cpu',
  ],
  [
    'a prediction among no classes',
    () => methods.hypersphericalPredict(x, torch.zeros(0, 2)),
    'Expected at least one class for weights but received tensor float32[0, 2] cpu',
  ],
  [
    'a threshold that is no cosine',
    () => methods.hypersphericalPredict(x, x, { threshold: 1.5 }),
    'Expected a number in [-1, 1] or null for threshold but received number 1.5',
  ],
  ['a scale of 0', () => methods.hypersphericalPredict(x, x, { scale: 0 }), 'Expected a number above 0 for scale but received number 0'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
