import * as torch from '../../lib';
import { losses, methods } from '../../lib';
import { expectClose } from '../losses/random';

interface State {
  v: torch.Tensor;
  u: torch.Tensor;
  uInverseTransposed: torch.Tensor;
  qMatrix: torch.Tensor;
  omega: torch.Tensor;
  wBar: torch.Tensor;
}

/** Any V, U and omega, with all else as it must be for them. */
function randomState(classes: number, features: number): State & { weights: torch.Tensor } {
  const float = { dtype: 'float64' } as const;
  const v = torch.randn([classes, features], float);
  const u = torch.randn([features, features], float).mul(0.3).add(torch.eye(features, float));
  const omega = torch.randn([features], float);
  const weights = v.mm(u).add(omega);
  return { v, u, uInverseTransposed: u.inverse().t(), qMatrix: weights.t().mm(weights), omega, wBar: weights.sum(0), weights };
}

/** What everything is derived from stays true: the inverse, Q, wBar. */
function expectConsistent(state: State, weights: torch.Tensor, tolerance = 1e-9): void {
  expectClose(methods.factoredOutputWeights(state.v, state.u, state.omega), weights, tolerance);
  expectClose(state.uInverseTransposed, state.u.inverse().t(), tolerance);
  expectClose(state.qMatrix, weights.t().mm(weights), tolerance);
  expectClose(state.wBar, weights.sum(0), tolerance);
}

// Fewer samples than features, as many, more; one class for all; several for each.
const SHAPES = [
  { classes: 9, features: 3, batch: 1, targets: 1 },
  { classes: 40, features: 6, batch: 4, targets: 3 },
  { classes: 7, features: 5, batch: 5, targets: 2 },
  { classes: 4, features: 3, batch: 11, targets: 1 },
  { classes: 1, features: 2, batch: 3, targets: 2 },
  { classes: 30, features: 8, batch: 12, targets: 4 },
];

describe.each(SHAPES)(
  '$classes classes, $features features, $batch samples of $targets targets',
  ({ classes, features, batch, targets }) => {
    const inputs = () => {
      torch.manualSeed(classes);
      const state = randomState(classes, features);
      const hidden = torch.randn([batch, features], { dtype: 'float64' });
      return { state, hidden, indices: torch.randint(classes, [batch, targets]) };
    };

    test('scores, their squares and their sum are those of the weights', () => {
      const { state, hidden, indices } = inputs();
      const { v, u, qMatrix, omega, wBar, weights } = state;
      const scores = hidden.mm(weights.t());
      const found = methods.factoredOutputForward(v, u, qMatrix, omega, wBar, hidden, indices);
      expectClose(found.activations, scores.gather(1, indices));
      expectClose(found.squares, scores.square().sum(1));
      expectClose(found.sums, scores.sum(1), 1e-9);
    });

    test('the scores are differentiable with respect to hidden', () => {
      const { state, hidden, indices } = inputs();
      const { v, u, qMatrix, omega, wBar } = state;
      const of = (h: torch.Tensor) => Object.values(methods.factoredOutputForward(v, u, qMatrix, omega, wBar, h, indices));
      for (const k of [0, 1, 2])
        expect(torch.autograd.gradcheck((h) => of(h)[k] as torch.Tensor, [hidden.clone().requiresGrad_()])).toBe(true);
    });

    test('an update is the step of gradient descent on the weights, and nothing else changes', () => {
      const { state, hidden, indices } = inputs();
      const { v, u, uInverseTransposed, qMatrix, omega, wBar } = state;
      const weights = state.weights.clone().requiresGrad_();
      const h = hidden.clone().requiresGrad_();
      const [ga, gq, gs] = [[batch, targets], [batch], [batch]].map((shape) => torch.randn(shape, { dtype: 'float64' }).mul(0.1)) as [
        torch.Tensor,
        torch.Tensor,
        torch.Tensor,
      ];
      const scores = h.mm(weights.t());
      const weighted = scores.gather(1, indices).mul(ga).sum().add(scores.square().sum(1).dot(gq)).add(scores.sum(1).dot(gs));
      const [gradWeights, gradHidden] = torch.autograd.grad(weighted, [weights, h]) as [torch.Tensor, torch.Tensor];

      const before = Object.values(state).map((tensor) => tensor.clone());
      const next = methods.factoredOutputUpdate(v, u, uInverseTransposed, qMatrix, omega, wBar, hidden, indices, ga, gq, gs, {
        learningRate: 0.02,
      });
      for (const [k, tensor] of Object.values(state).entries()) expectClose(tensor, before[k] as torch.Tensor, 0);
      expectClose(next.gradHidden, gradHidden, 1e-9);
      expectConsistent(next, weights.detach().sub(gradWeights, { alpha: 0.02 }));
    });

    test.each([
      ['z', losses.zLoss],
      ['taylor', losses.taylorSoftmaxLoss],
      ['spherical', losses.sphericalSoftmaxLoss],
      ['mse', losses.sphericalMseLoss],
    ] as const)('a step of %s is a step of gradient descent on the weights', (loss, dense) => {
      // One class has no spread, two have no gradient, and three little of it.
      if (loss === 'z' && classes < 4) return;
      for (const reduction of ['sum', 'mean'] as const) {
        const { state, hidden, indices } = inputs();
        const labels = indices.select(1, 0);
        const weights = state.weights.clone().requiresGrad_();
        const wanted = dense(hidden.mm(weights.t()), labels, { reduction });
        const [gradient] = torch.autograd.grad(wanted, [weights]) as [torch.Tensor];
        const { v, u, uInverseTransposed, qMatrix, omega, wBar } = state;
        const next = methods.factoredOutputStep(v, u, uInverseTransposed, qMatrix, omega, wBar, hidden, labels, {
          loss,
          reduction,
          learningRate: 0.003,
        });
        expectClose(next.loss, wanted, 1e-8);
        expectConsistent(next, weights.detach().sub(gradient, { alpha: 0.003 }), 1e-8);
      }
    });

    test('to stabilise changes no weight, and leaves singular values in bounds', () => {
      const { state } = inputs();
      const { v, omega, weights, qMatrix, wBar } = state;
      const { U: left, Vh: right } = torch.linalg.svd(state.u);
      const values = torch.logspace(-3, 2, features, { dtype: 'float64' });
      const u = left.mul(values).mm(right);
      const spread = v.mm(state.u).mm(u.inverse()); // the same product with another U
      const next = methods.factoredOutputStabilize(spread, u, u.inverse().t(), { target: 1.5, lower: 0.1, upper: 4 });
      expectConsistent({ ...next, omega, qMatrix, wBar }, weights, 1e-8);
      const outside = values.lt(0.15).logicalOr(values.gt(6));
      expect(next.corrected).toBe(Number(outside.sum().item()));
      expectClose(torch.linalg.svdvals(next.u).sort().values, values.where(outside.logicalNot(), 1.5).sort().values, 1e-9);
    });
  },
);

test('V in float32 beside a state in float64: calculated in float64, V and the gradient of hidden as they were given', () => {
  torch.manualSeed(0);
  const { v, u, uInverseTransposed, qMatrix, omega, wBar } = randomState(20, 4);
  const [hidden, labels] = [torch.randn(6, 4), torch.randint(20, [6])];
  const next = methods.factoredOutputStep(v.float(), u, uInverseTransposed, qMatrix, omega, wBar, hidden, labels);
  const wanted = methods.factoredOutputStep(v, u, uInverseTransposed, qMatrix, omega, wBar, hidden.double(), labels);
  expect([next.v.dtype, next.u.dtype, next.gradHidden.dtype, next.loss.dtype]).toEqual(['float32', 'float64', 'float32', 'float64']);
  for (const [name, tensor] of Object.entries(next)) expectClose(tensor.double(), wanted[name as keyof typeof wanted], 1e-5);
});

test('a learning rate that would make U singular is refused', () => {
  const { v, u, uInverseTransposed, qMatrix, omega, wBar } = randomState(5, 2);
  const [hidden, indices] = [torch.tensor([[3, 4]], { dtype: 'float64' }), torch.tensor([[1]])];
  const [ga, gq, gs] = [torch.zeros([1, 1]), torch.tensor([0.5]), torch.zeros([1])];
  // learningRate * 2 gradSquares * |h|^2 = 1
  const call = () =>
    methods.factoredOutputUpdate(v, u, uInverseTransposed, qMatrix, omega, wBar, hidden, indices, ga, gq, gs, { learningRate: 0.04 });
  expect(call).toThrow('Expected a step that leaves U invertible but learningRate 0.04 makes it singular: take another one');
});

describe('bad input is refused in a sentence', () => {
  const good = randomState(5, 2);
  const hidden = torch.zeros([3, 2], { dtype: 'float64' });
  const labels = torch.tensor([0, 1, 4]);
  const step = (change: Partial<State> & { hidden?: torch.Tensor; labels?: torch.Tensor }, options = {}) => {
    const { v, u, uInverseTransposed, qMatrix, omega, wBar, ...rest } = { ...good, hidden, labels, ...change };
    return methods.factoredOutputStep(v, u, uInverseTransposed, qMatrix, omega, wBar, rest.hidden, rest.labels, options);
  };
  test.each<[string, () => unknown, string]>([
    ['a class too high', () => step({ labels: torch.tensor([0, 5, 1]) }), 'Expected integer labels in [0, 5) but received 5 at index 1'],
    [
      'hidden of another width',
      () => step({ hidden: torch.zeros(3, 4) }),
      'Expected shape [m, 2] with m = 3 for hidden but received tensor float32[3, 4] cpu',
    ],
    [
      'U that is not square',
      () => step({ u: torch.zeros(2, 3) }),
      'Expected shape [d, d] with d = 2 for u but received tensor float32[2, 3] cpu',
    ],
    [
      'Q of another dtype than U',
      () => step({ qMatrix: good.qMatrix.float() }),
      'Expected float64, as u is, for qMatrix but received tensor float32[2, 2] cpu',
    ],
    [
      'a state in half precision',
      () => step({ u: good.u.to('bfloat16') }),
      'Expected float64 or float32 for u but received tensor bfloat16[2, 2] cpu',
    ],
    ['V of whole numbers', () => step({ v: good.v.long() }), 'Expected floating-point numbers for v but received tensor int64[5, 2] cpu'],
    [
      'no samples',
      () => step({ hidden: torch.zeros(0, 2), labels: torch.zeros(0, { dtype: 'int64' }) }),
      'Expected at least one sample for labels but received tensor int64[0] cpu',
    ],
    ['a negative learning rate', () => step({}, { learningRate: -1 }), 'Expected a number from 0 for learningRate but received number -1'],
    ['no reduction', () => step({}, { reduction: 'none' }), "Expected one of 'mean', 'sum' for reduction but received string \"none\""],
    [
      'an unknown loss',
      () => step({}, { loss: 'softmax' }),
      "Expected one of 'z', 'taylor', 'spherical', 'mse' for loss but received string \"softmax\"",
    ],
    [
      'bounds above the target',
      () => methods.factoredOutputStabilize(good.v, good.u, good.u, { lower: 1.5 }),
      'Expected a number in (0, 1] for lower but received number 1.5',
    ],
    [
      'bounds below the target',
      () => methods.factoredOutputStabilize(good.v, good.u, good.u, { upper: 0.9 }),
      'Expected a number from 1 for upper but received number 0.9',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
