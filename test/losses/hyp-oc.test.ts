import * as torch from '../../lib';
import { losses, methods, nn } from '../../lib';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
/** Inside the ball of every curvature down to -1. */
const points = (count: number, dim = 3) => methods.poincareExpMap0(torch.randn(count, dim, float64), { c: 1 }).detach();

beforeEach(() => torch.manualSeed(0));

test('Hyp-CE is the cross-entropy of the gyroplanes', () => {
  const [x, a, p] = [points(6), torch.randn(4, 3, float64), torch.randn(4, 3, float64)];
  const labels = torch.randint(4, [6]);
  const terms = methods.hyperbolicLogits(x, a, p, { c: 0.3 }).softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1).log().neg();
  for (const [reduction, wanted] of [
    ['none', terms],
    ['mean', terms.mean()],
    ['sum', terms.sum()],
  ] as const)
    expectClose(losses.hypCrossEntropyLoss(x, a, p, labels, { c: 0.3, reduction }), wanted);
});

test('Hyp-PC is half the mean distance of the halves, whichever comes first, and 0 when they are equal', () => {
  const [left, right] = [points(5), points(5)];
  const distance = methods.poincareDistance(left, right, { c: 0.5 });
  const of = (a: torch.Tensor, b: torch.Tensor, options = {}) => losses.hypPairwiseConfusionLoss(torch.cat([a, b]), { c: 0.5, ...options });
  expectClose(of(left, right), distance.mean().div(2));
  expectClose(of(left, right, { reduction: 'sum' }), distance.sum());
  expectClose(of(left, right, { reduction: 'none' }), distance);
  expectClose(of(right, left), of(left, right));
  expect(of(left, left).item()).toBe(0);
  // tan(s d_atan / 2) = tanh(s d / 2): both are s |(-x) (+) y|.
  const s = Math.sqrt(0.5);
  expectClose(
    of(left, right, { arc: 'atan', reduction: 'none' })
      .mul(s / 2)
      .tan(),
    distance.mul(s / 2).tanh(),
  );
});

test('Hyp-OC adds the two, real samples as class 0', () => {
  const [real, pseudo, a, p] = [points(4), points(6), torch.randn(2, 3, float64), torch.randn(2, 3, float64)];
  const labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  const confusion = losses.hypPairwiseConfusionLoss(real, { c: 0.2 });
  const entropy = losses.hypCrossEntropyLoss(torch.cat([real, pseudo]), a, p, labels, { c: 0.2 });
  const result = losses.hypOcLoss(real, pseudo, a, p, { c: 0.2, pcWeight: 0.3, ceWeight: 2 });
  expectClose(result.pairwiseConfusion, confusion);
  expectClose(result.crossEntropy, entropy);
  expectClose(result.loss, confusion.mul(0.3).add(entropy.mul(2)));
  // A rotation of everything changes nothing.
  const rotation = torch.linalg.qr(torch.randn(3, 3, float64)).Q;
  const turned = [real, pseudo, a, p].map((tensor) => tensor.matmul(rotation)) as [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor];
  expectClose(losses.hypOcLoss(...turned, { c: 0.2, pcWeight: 0.3, ceWeight: 2 }).loss, result.loss);
});

test('gradients agree with differences, also second ones', () => {
  const [real, pseudo, a, p] = [points(4), points(3), torch.randn(2, 3, float64), torch.randn(2, 3, float64)].map((t) => t.requiresGrad_());
  const inputs = [real, pseudo, a, p] as [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor];
  for (const arc of ['atanh', 'atan'] as const) {
    const loss = (...given: typeof inputs) => losses.hypOcLoss(...given, { arc, pcWeight: 0.5 }).loss;
    expect(torch.autograd.gradcheck(loss, inputs)).toBe(true);
    expect(torch.autograd.gradgradcheck(loss, inputs)).toBe(true);
  }
});

test('a small network with the ball, its origin and the gyroplanes learns to tell one class from noise', () => {
  const body = new nn.Sequential(new nn.Linear(5, 8), new nn.ReLU(), new nn.Linear(8, 3), new nn.ToPoincare(3));
  const mlr = new nn.HyperbolicMlr(3, 2);
  const optimizer = new torch.optim.Adam([...body.parameters(), ...mlr.parameters()], { lr: 0.03 });
  const losses_: number[] = [];
  for (let step = 0; step < 80; step++)
    torch.scope(() => {
      const real = torch
        .randn(16, 5)
        .mul(0.3)
        .add(torch.tensor([2, 0, 0, 0, 0]));
      const { loss } = losses.hypOcLoss(body.forward(real), body.forward(torch.randn(16, 5)), mlr.a, mlr.p);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses_.push(Number(loss.item()));
    });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(losses_.slice(-10))).toBeLessThan(0.5 * mean(losses_.slice(0, 3)));
});

test.each<[string, () => unknown, string]>([
  [
    'an odd batch',
    () => losses.hypPairwiseConfusionLoss(points(3)),
    'Expected an even number of samples for features but received tensor float64[3, 3] cpu',
  ],
  [
    'no sample',
    () => losses.hypPairwiseConfusionLoss(points(0)),
    'Expected at least one element for features but received tensor float64[0, 3] cpu',
  ],
  [
    'another arc',
    () => losses.hypPairwiseConfusionLoss(points(2), { arc: 'asin' as never }),
    "Expected one of 'atanh', 'atan' for arc but received string \"asin\"",
  ],
  [
    'a label too high',
    () => losses.hypCrossEntropyLoss(points(2), points(2), points(2), torch.tensor([0, 2])),
    'Expected integer labels in [0, 2) but received 2 at index 1',
  ],
  [
    'three classes',
    () => losses.hypOcLoss(points(2), points(2), points(3), points(3)),
    'Expected shape [2, D] with D = 3 for a but received tensor float64[3, 3] cpu',
  ],
  [
    'a negative weight',
    () => losses.hypOcLoss(points(2), points(2), points(2), points(2), { pcWeight: -1 }),
    'Expected a number from 0 for pcWeight but received number -1',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
