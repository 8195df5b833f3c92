import * as torch from '../../lib';
import { methods } from '../../lib';
import { expectClose } from '../losses/random';

describe.each([0, 0.4, 1, 1.3, 2, 2.5])('the consistency transform, tau = %d', (tau) => {
  const beta = torch.linspace(0, 1, 11, { dtype: 'float64' });

  test.each([2, 5])('of %d classes: from 0, rising, and the bound is its inverse', (numClasses) => {
    const transformed = methods.hConsistencyTransform(beta, { tau, numClasses });
    expect(transformed.select(0, 0).item()).toBeCloseTo(0, 14);
    expect(transformed.diff().gt(0).all().item()).toBe(true);
    // Near 0 the transform is flat, so the inverse cannot be more exact than the square root of the rounding.
    expectClose(methods.hConsistencyBound(transformed, { tau, numClasses }), beta, 1e-7);
    expect(methods.hConsistencyBound(transformed.select(0, 10).add(0.1), { tau, numClasses }).item()).toBe(1);
  });

  test('the bound lies below the simple one', () => {
    const excess = torch.linspace(0.001, 0.2, 9, { dtype: 'float64' });
    for (const n of [2, 4]) {
      const bound = methods.hConsistencyBound(excess, { tau, numClasses: n });
      const simple =
        tau < 1
          ? excess.mul(2 ** tau * (2 - tau)).sqrt()
          : tau < 2
            ? excess.mul(2 * n ** (tau - 1)).sqrt()
            : excess.mul((tau - 1) * n ** (tau - 1));
      expect(bound.le(simple.add(1e-12)).all().item()).toBe(true);
    }
  });
});

test('of two classes the transform is the least surplus of the conditional risk: found by a search over scores', () => {
  // For p(y = 1) = (1 + beta) / 2 a classifier that errs has its first score not above the second.
  const scores = torch.linspace(-30, 30, 60_001, { dtype: 'float64' });
  for (const tau of [0, 0.5, 1, 1.5, 2]) {
    const phi = (lead: torch.Tensor) => {
      const all = lead.neg().exp().add(1);
      return tau === 1
        ? all.log()
        : all
            .pow(1 - tau)
            .sub(1)
            .div(1 - tau);
    };
    for (const beta of [0.2, 0.6, 0.9]) {
      const risk = phi(scores)
        .mul((1 + beta) / 2)
        .add(phi(scores.neg()).mul((1 - beta) / 2));
      const wrong = risk.maskedSelect(scores.le(0)).min().sub(risk.min()).item() as number;
      const transformed = methods.hConsistencyTransform(torch.tensor(beta, { dtype: 'float64' }), { tau, numClasses: 2 }).item();
      expect(transformed).toBeCloseTo(wrong, 5);
    }
  }
});

test('a projected step goes by the sign, and stays in the ball and in the range', () => {
  torch.manualSeed(0);
  const inputs = torch.rand(5, 9, { dtype: 'float64' });
  let attacked = inputs;
  for (let k = 0; k < 8; k++) {
    attacked = methods.projectedSignStep(attacked, inputs, torch.randn(5, 9, { dtype: 'float64' }), { stepSize: 0.1, epsilon: 0.25 });
    expect(attacked.sub(inputs).abs().max().item()).toBeLessThanOrEqual(0.25 + 1e-12);
    expect(attacked.ge(0).logicalAnd(attacked.le(1)).all().item()).toBe(true);
  }
  const still = methods.projectedSignStep(inputs, inputs, torch.zerosLike(inputs));
  expectClose(still, inputs, 0);
  const free = methods.projectedSignStep(inputs, inputs, torch.onesLike(inputs), { stepSize: 2, epsilon: 3, clipMin: null, clipMax: null });
  expectClose(free, inputs.add(2), 1e-12);
  expect(methods.projectedSignStep(inputs, inputs, torch.ones(5, 9, { dtype: 'float64' }).requiresGrad_()).requiresGrad).toBe(false);
});

test('the attack moves the leads of the label, more than noise does, and leaves no gradients behind', () => {
  torch.manualSeed(1);
  const network = new torch.nn.Sequential(new torch.nn.Linear(20, 30), new torch.nn.ReLU(), new torch.nn.Linear(30, 4));
  const model = (x: torch.Tensor) => network.forward(x);
  const [inputs, labels] = [torch.rand(16, 20), torch.randint(4, [16])];
  const change = (attacked: torch.Tensor) => {
    const leads = (x: torch.Tensor) => torch.noGrad(() => model(x).sub(model(x).gather(1, labels.unsqueeze(1))));
    return leads(attacked).sub(leads(inputs)).norm(2, [1]).mean().item() as number;
  };
  const attacked = methods.compSumAttack(model, inputs, labels, { epsilon: 0.1, stepSize: 0.03, steps: 6 });
  const noise = inputs.add(torch.rand(16, 20).mul(0.2).sub(0.1)).clamp(0, 1);
  expect(change(attacked)).toBeGreaterThan(2 * change(noise));
  expect(attacked.sub(inputs).abs().max().item()).toBeLessThanOrEqual(0.1 + 1e-6);
  expect(attacked.requiresGrad).toBe(false);
  expect([...network.parameters()].every((parameter) => parameter.grad === null)).toBe(true);
  const start = inputs.add(0.01);
  const again = () => methods.compSumAttack(model, inputs, labels, { epsilon: 0.1, stepSize: 0.03, steps: 2, start });
  expectClose(again(), again(), 0);
});

describe('bad input is refused in a sentence', () => {
  const x = torch.zeros(2, 3);
  test.each<[string, () => unknown, string]>([
    ['a beta above 1', () => methods.hConsistencyTransform(torch.tensor([0, 0.5, 1.2])), 'Expected beta in [0, 1] but received 1.2'],
    [
      'a negative excess',
      () => methods.hConsistencyBound(torch.tensor([0.1, -0.5])),
      'Expected excess in [0, Infinity] but received -0.5 at index 1',
    ],
    [
      'one class',
      () => methods.hConsistencyBound(torch.tensor([0.1]), { numClasses: 1 }),
      'Expected a whole number from 2 for numClasses but received number 1',
    ],
    [
      'a step of 0',
      () => methods.projectedSignStep(x, x, x, { stepSize: 0 }),
      'Expected a number above 0 for stepSize but received number 0',
    ],
    [
      'a negative radius',
      () => methods.projectedSignStep(x, x, x, { epsilon: -1 }),
      'Expected a number from 0 for epsilon but received number -1',
    ],
    [
      'a gradient of another shape',
      () => methods.projectedSignStep(x, x, torch.zeros(3, 2)),
      'Expected shape [2, 3] for gradient but received tensor float32[3, 2] cpu',
    ],
    [
      'a bound that is no number',
      () => methods.projectedSignStep(x, x, x, { clipMin: 'no' as never }),
      'Expected a number or null for clipMin but received string "no"',
    ],
    [
      'a model that is none',
      () => methods.compSumAttack(x as never, x, torch.tensor([0, 1])),
      'Expected a function from inputs to logits for model but received tensor float32[2, 3] cpu',
    ],
    [
      'no steps',
      () => methods.compSumAttack((y) => y, x, torch.tensor([0, 1]), { steps: 0 }),
      'Expected a whole number from 1 for steps but received number 0',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
