import * as torch from '../../lib';
import { losses, methods, nn } from '../../lib';
import { labelsOf } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const REDUCTIONS = ['none', 'mean', 'sum'] as const;

beforeEach(() => torch.manualSeed(0));

/** Embeddings and weights that require gradients, and labels of all classes. */
function batch(samples = 7, classes = 4, features = 5): [torch.Tensor, torch.Tensor, torch.Tensor] {
  const [x, w] = [torch.randn(samples, features, float64), torch.randn(classes, features, float64)];
  return [x.requiresGrad_(), w.requiresGrad_(), torch.arange(samples).remainder(classes)];
}

test.each(REDUCTIONS)('cross-entropy of products with the directions of the embeddings, %s', (reduction) => {
  const [x, w, labels] = batch();
  const products = x.div(x.square().sum(1, true).sqrt()).mm(w.t()).mul(3);
  const terms = products
    .exp()
    .sum(1)
    .log()
    .sub(products.gather(1, labels.unsqueeze(1)).squeeze(1));
  const wanted = { none: terms, mean: terms.mean(), sum: terms.sum() }[reduction];
  expectClose(losses.constrainedSoftmaxLoss(x, w, labels, { scale: 3, reduction }), wanted);
});

test('with weights of length 1 it is the normalized softmax, whose gradient is the part across them', () => {
  const [x, raw, labels] = batch();
  const w = nn.functional.normalize(raw.detach()).requiresGrad_();
  const [constrained, normalized] = [
    losses.constrainedSoftmaxLoss(x, w, labels),
    losses.normalizedSoftmaxLoss(x, w, labels, { scale: 10 }),
  ];
  expectClose(constrained, normalized);
  const [ofX, ofW] = torch.autograd.grad(constrained, [x, w]) as [torch.Tensor, torch.Tensor];
  const [normalizedX, normalizedW] = torch.autograd.grad(normalized, [x, w]) as [torch.Tensor, torch.Tensor];
  expectClose(ofX, normalizedX);
  const along = ofW.mul(w).sum(1, true).mul(w);
  expectClose(ofW.sub(along), normalizedW);
});

test('the length of embeddings does not matter, that of weights does', () => {
  const [x, w, labels] = batch();
  expectClose(losses.constrainedSoftmaxLoss(x.mul(1e6), w, labels), losses.constrainedSoftmaxLoss(x, w, labels));
  expectClose(losses.constrainedSoftmaxLoss(x, w.mul(2), labels, { scale: 5 }), losses.constrainedSoftmaxLoss(x, w, labels, { scale: 10 }));
});

test('it is never below the bound for weights of length 1, and reaches it at the corners of a simplex', () => {
  for (const classes of [2, 5, 12])
    for (const scale of [1, 10, 30]) {
      const bound = Math.log1p((classes - 1) * Math.exp((-scale * classes) / (classes - 1)));
      const labels = torch.arange(classes);
      const centred = torch.eye(classes, float64).sub(1 / classes);
      const corners = nn.functional.normalize(centred);
      expect(Number(losses.constrainedSoftmaxLoss(corners, corners, labels, { scale }).item())).toBeCloseTo(bound, 10);
      const w = nn.functional.normalize(torch.randn(classes, classes, float64));
      const mean = losses.constrainedSoftmaxLoss(torch.randn(classes, classes, float64), w, labels, { scale });
      expect(Number(mean.item())).toBeGreaterThanOrEqual(bound);
    }
});

test('gradients agree with differences, also second ones', () => {
  const [x, w, labels] = batch(3, 4, 3);
  const loss = (a: torch.Tensor, b: torch.Tensor) => losses.constrainedSoftmaxLoss(a, b, labels, { scale: 2 });
  expect(torch.autograd.gradcheck(loss, [x, w])).toBe(true);
  expect(torch.autograd.gradgradcheck(loss, [x, w])).toBe(true);
});

test('large scales, tiny and huge embeddings give finite gradients; half precision is computed in float32', () => {
  for (const size of [1e-15, 1, 1e15]) {
    const x = torch.randn(4, 3).mul(size).requiresGrad_();
    const loss = losses.constrainedSoftmaxLoss(x, torch.eye(3), torch.tensor([0, 1, 2, 0]), { scale: 1000 });
    loss.backward();
    expect(Number.isFinite(Number(loss.item()))).toBe(true);
    expect(x.grad?.isfinite().all().item()).toBe(true);
  }
  const [x, w] = [torch.randn(4, 3).to('bfloat16').requiresGrad_(), torch.eye(3).to('bfloat16')];
  const loss = losses.constrainedSoftmaxLoss(x, w, torch.tensor([0, 1, 2, 0]));
  expect(loss.dtype).toBe('float32');
  expect(torch.autograd.grad(loss, [x])[0]?.dtype).toBe('bfloat16');
});

describe('the head', () => {
  test('is the function with weights of its own, of length 1 from the start', () => {
    const [x, , labels] = batch(6, 3, 4);
    const head = new nn.ConstrainedSoftmaxHead(4, 3, { scale: 7, reduction: 'none', dtype: 'float64' });
    expectClose(head.weights.norm(2, [1]), torch.ones(3, float64), 1e-6);
    expectClose(head.forward(x, labels), losses.constrainedSoftmaxLoss(x, head.weights, labels, { scale: 7, reduction: 'none' }));
    expectClose(head.logits(x), nn.functional.normalize(x).mm(head.weights.t()).mul(7), 1e-6);
    expect(String(head)).toBe('ConstrainedSoftmaxHead(in_features=4, num_classes=3, scale=7)');
    expect(Object.keys(head.stateDict())).toEqual(['weights']);
  });

  test('its constraint is that of the function, in place, and leaves gradients and moments of the optimizer as they are', () => {
    const [x, , labels] = batch(6, 3, 4);
    const head = new nn.ConstrainedSoftmaxHead(4, 3, { dtype: 'float64' });
    const optimizer = new torch.optim.Adam(head.parameters(), { lr: 0.1 });
    const { weights } = head;
    head.forward(x, labels).backward();
    optimizer.step();
    const [gradient, before] = [(weights.grad as torch.Tensor).clone(), weights.detach().clone()];
    expect(before.norm(2, [1]).sub(1).abs().max().item()).toBeGreaterThan(1e-3);
    head.constrain();
    expect(head.weights).toBe(weights);
    expectClose(weights, methods.unitNormConstraint(before));
    expectClose(weights.grad as torch.Tensor, gradient, 0);
    expect(weights.requiresGrad).toBe(true);
    expect(weights.isLeaf).toBe(true);
  });

  test('learns to tell classes apart by directions of length 1', () => {
    const centres = torch.eye(6).narrow(0, 0, 3);
    const head = new nn.ConstrainedSoftmaxHead(6, 3);
    const optimizer = new torch.optim.Adam(head.parameters(), { lr: 0.05 });
    for (let step = 0; step < 150; step++)
      torch.scope(() => {
        const labels = torch.randint(3, [32]);
        optimizer.zeroGrad();
        head.forward(centres.indexSelect(0, labels).add(torch.randn(32, 6).mul(0.1)), labels).backward();
        optimizer.step();
        head.constrain();
      });
    const cos = torch.noGrad(() => head.weights.mm(centres.t()));
    expect(labelsOf(cos.argmax(1))).toEqual([0, 1, 2]);
    const loss = head.forward(centres, torch.arange(3));
    expect(Number(loss.item())).toBeLessThan(0.02);
    expectClose(head.weights.norm(2, [1]), torch.ones(3), 1e-5);
  });
});

test('features get their length along the last dimension', () => {
  const layer = new nn.FeatureNormalization(4);
  for (const shape of [[3], [2, 5], [2, 3, 4]]) {
    const x = torch.randn(shape, float64);
    const y = layer.forward(x);
    expectClose(y.square().sum(-1).sqrt(), torch.full(shape.slice(0, -1), 4, float64));
    expectClose(y.mul(x.square().sum(-1, true).sqrt()).div(4), x);
  }
  expect(layer.forward(torch.zeros(2, 3)).eq(0).all().item()).toBe(true);
  expect(String(new nn.FeatureNormalization())).toBe('FeatureNormalization(scale=10)');
  const x = torch.randn(2, 3, float64).requiresGrad_();
  expect(torch.autograd.gradcheck((input) => layer.forward(input), [x])).toBe(true);
});

test('features of a length before a linear layer without bias are the loss', () => {
  const [x, w, labels] = batch();
  const layer = new nn.FeatureNormalization(6);
  expectClose(nn.functional.crossEntropy(layer.forward(x).mm(w.t()), labels), losses.constrainedSoftmaxLoss(x, w, labels, { scale: 6 }));
});

const [x, w, y] = [torch.randn(2, 3), torch.randn(4, 3), torch.tensor([0, 3])];
test.each<[string, () => unknown, string]>([
  [
    'a label too high',
    () => losses.constrainedSoftmaxLoss(x, w, torch.tensor([0, 4])),
    'Expected integer labels in [0, 4) but received 4 at index 1',
  ],
  [
    'weights of another width',
    () => losses.constrainedSoftmaxLoss(x, torch.randn(4, 2), y),
    'Expected shape [C, D] with C = 4, D = 3 for weights but received tensor float32[4, 2] cpu',
  ],
  [
    'no sample',
    () => losses.constrainedSoftmaxLoss(torch.zeros(0, 3), w, torch.zeros(0, { dtype: 'int64' })),
    'Expected at least one sample and one class for embeddings but received tensor float32[0, 3] cpu',
  ],
  ['a scale of 0', () => losses.constrainedSoftmaxLoss(x, w, y, { scale: 0 }), 'Expected a number above 0 for scale but received number 0'],
  [
    'another reduction',
    () => losses.constrainedSoftmaxLoss(x, w, y, { reduction: 'batch' as 'mean' }),
    "Expected 'mean', 'sum' or 'none' for reduction but received string \"batch\"",
  ],
  [
    'a head without features',
    () => new nn.ConstrainedSoftmaxHead(0, 3),
    'Expected a positive whole number for inFeatures but received number 0',
  ],
  ['a negative length', () => new nn.FeatureNormalization(-1), 'Expected a number above 0 for scale but received number -1'],
  ['an eps of 0', () => methods.unitNormConstraint(w, { eps: 0 }), 'Expected a number above 0 for eps but received number 0'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
