import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

const { functional } = nn;
const double = { dtype: 'float64' } as const;

describe('gradients', () => {
  beforeEach(() => torch.manualSeed(0));
  const x = (): torch.Tensor => torch.randn(4, 3, double).requiresGrad_();

  test.each([
    ['gaussianNllLoss', () => functional.gaussianNllLoss, [x(), x(), torch.rand(4, 3, double).add(0.1).requiresGrad_()]],
    ['poissonNllLoss', () => functional.poissonNllLoss, [x(), torch.rand(4, 3, double)]],
    ['multilabelSoftMarginLoss', () => functional.multilabelSoftMarginLoss, [x(), torch.rand(4, 3, double)]],
    ['tripletMarginWithDistanceLoss', () => functional.tripletMarginWithDistanceLoss, [x(), x(), x()]],
    ['crossEntropy', () => functional.crossEntropy, [x(), torch.tensor([0, 2, 1, 1])]],
  ] as const)('%s', (_, fn, inputs) => {
    expect(torch.autograd.gradcheck(fn() as (...inputs: torch.Tensor[]) => torch.Tensor, inputs)).toBe(true);
  });

  test('ctcLoss, of log-probabilities', () => {
    const logits = torch.randn(5, 2, 4, double).requiresGrad_();
    const loss = (logits: torch.Tensor): torch.Tensor =>
      functional.ctcLoss(logits.logSoftmax(2), torch.tensor([1, 2, 3]), [5, 4], [2, 1], { reduction: 'sum' });
    expect(torch.autograd.gradcheck(loss, logits)).toBe(true);
  });
});

describe('closed forms', () => {
  test('CTC of one symbol in two steps sums over its three alignments', () => {
    const logProbs = torch
      .tensor(
        [
          [0.6, 0.4],
          [0.3, 0.7],
        ],
        double,
      )
      .log();
    const loss = functional.ctcLoss(logProbs, torch.tensor([1]), [2], [1]);
    expectClose(loss, -Math.log(0.6 * 0.7 + 0.4 * 0.3 + 0.4 * 0.7));
  });

  test('a target longer than its input is infinite, or zero on demand', () => {
    const call = (zeroInfinity: boolean): unknown =>
      functional.ctcLoss(torch.zeros(1, 3).logSoftmax(1), torch.tensor([1, 2]), [1], [2], { zeroInfinity }).item();
    expect(call(false)).toBe(Number.POSITIVE_INFINITY);
    expect(call(true)).toBe(0);
  });

  test('Gaussian and Poisson likelihoods', () => {
    const [x, y, variance] = [1.5, 1, 0.7];
    const of = (value: number): torch.Tensor => torch.tensor([value], double);
    const normal = Math.exp(-((x - y) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    expectClose(functional.gaussianNllLoss(of(x), of(y), of(variance), { full: true }), -Math.log(normal));
    expectClose(functional.gaussianNllLoss(of(x), of(y), variance, { full: true }), -Math.log(normal));
    expectClose(functional.poissonNllLoss(of(x), of(2)), Math.exp(x) - 2 * x);
  });

  test("a distance of one's own, a function or a module", () => {
    const [a, p, n] = [torch.zeros(1, 2, double), torch.tensor([[1, 0]], double), torch.tensor([[0, 2]], double)];
    const squared = (x: torch.Tensor, y: torch.Tensor): torch.Tensor => x.sub(y).pow(2).sum(1);
    expectClose(functional.tripletMarginWithDistanceLoss(a, p, n, { distanceFunction: squared, margin: 5 }), 1 - 4 + 5);
    class Squared extends nn.Module {
      override forward(x: torch.Tensor, y: torch.Tensor): torch.Tensor {
        return squared(x, y);
      }
    }
    const loss = new nn.TripletMarginWithDistanceLoss({ distanceFunction: new Squared(), margin: 5 });
    expectClose(loss.forward(a, p, n), 2);
    expect(loss.toString()).toBe('TripletMarginWithDistanceLoss(\n  (distance_function): Squared()\n)');
    expectClose(new nn.TripletMarginWithDistanceLoss({ swap: true, margin: 5 }).forward(a, p, n), 1 - 2 + 5, 1e-5);
  });
});

test('weights move with the module', () => {
  const loss = new nn.BCEWithLogitsLoss({ weight: torch.ones(2), posWeight: torch.ones(2) }).double();
  expect([loss.weight?.dtype, loss.posWeight?.dtype]).toEqual(['float64', 'float64']);
  expect(Object.keys(loss.stateDict())).toEqual(['weight', 'pos_weight']);
  expect([...loss.parameters()]).toHaveLength(0);
});

describe('bad arguments get one clear sentence', () => {
  const [x, y] = [torch.zeros(2, 3), torch.zeros(2, 3)];
  test.each([
    [() => new nn.MSELoss({ reduction: 'batch' as 'mean' }), "Expected 'mean', 'sum' or 'none' for reduction"],
    [() => new nn.CrossEntropyLoss({ labelSmoothing: -1 }), 'Expected a share in [0, 1] for labelSmoothing but received number -1'],
    [() => new nn.TripletMarginLoss({ margin: 0 }), 'Expected a positive number for margin but received number 0'],
    [() => new nn.MultiMarginLoss({ p: 3 as 2 }), 'Expected 1 or 2 for p but received number 3'],
    [() => functional.multiMarginLoss(x, torch.tensor([0, 1]), { weight: x }), 'Expected a tensor of one dimension for weight'],
    [() => functional.binaryCrossEntropy(x, torch.zeros(3)), "Expected a target of the input's shape [2, 3] for binaryCrossEntropy"],
    [() => functional.gaussianNllLoss(x, y, torch.ones(3)), "Expected variances that fit the input's shape [2, 3] for variance"],
    [() => functional.gaussianNllLoss(x, y, -1), 'Expected a tensor or a number from 0 for variance but received number -1'],
    [() => functional.huberLoss(x, y, { weight: torch.ones(3) }), "Expected weights of the input's shape [2, 3] for weight"],
    [
      () => functional.tripletMarginWithDistanceLoss(x, y, torch.ones(3)),
      "Expected a tensor of 2 dimensions, as the anchor's, for negative",
    ],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});
