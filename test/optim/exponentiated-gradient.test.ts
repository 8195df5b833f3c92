import * as torch from '../../lib';
import { nn, optim } from '../../lib';
import { expectClose } from '../close';

function weights(values: number[], gradient: number[]): torch.Tensor {
  const w = new nn.Parameter(torch.tensor(values, { dtype: 'float64' }));
  w.grad = torch.tensor(gradient, { dtype: 'float64' });
  return w;
}

test('w <- w exp(-lr g) / sum', () => {
  const w = weights([0.2, 0.3, 0.5], [1, -1, 0]);
  new optim.ExponentiatedGradient([w], { lr: 0.5 }).step();
  const raw = [0.2 * Math.exp(-0.5), 0.3 * Math.exp(0.5), 0.5];
  const sum = raw.reduce((a, b) => a + b, 0);
  expectClose(
    w,
    raw.map((value) => value / sum),
  );
});

test('a free sum, another total, and going up', () => {
  const [free, total, up] = [weights([2, 3], [1, -1]), weights([2, 3], [1, -1]), weights([2, 3], [-1, 1])];
  new optim.ExponentiatedGradient([free], { lr: 0.1, total: null }).step();
  new optim.ExponentiatedGradient([total], { lr: 0.1, total: 5 }).step();
  new optim.ExponentiatedGradient([up], { lr: 0.1, total: null, maximize: true }).step();
  const raw = [2 * Math.exp(-0.1), 3 * Math.exp(0.1)] as const;
  expectClose(free, raw);
  expectClose(up, raw);
  expectClose(
    total,
    raw.map((value) => (5 * value) / (raw[0] + raw[1])),
  );
});

test('huge gradients neither overflow nor leave the simplex', () => {
  const w = weights([0.5, 0.5], [-1e6, 1e6]);
  const shifted = weights([0.4, 0.6], [1e9, 1e9]);
  new optim.ExponentiatedGradient([w, shifted], { lr: 1 }).step();
  expectClose(w, [1, 0]);
  expectClose(shifted, [0.4, 0.6]);
});

test('finds the best expert, within the bound of Kivinen and Warmuth', () => {
  const experts = 32;
  const w = new nn.Parameter(torch.full([experts], 1 / experts, { dtype: 'float64' }));
  const optimizer = new optim.ExponentiatedGradient([w], { lr: Math.sqrt((2 * Math.log(experts)) / 400) });
  const generator = new torch.Generator();
  generator.manualSeed(1);
  const losses = torch.rand(400, experts, { dtype: 'float64', generator });
  losses.select(1, 17).mul_(0.5);
  let suffered = 0;
  for (let step = 0; step < 400; step++) {
    torch.scope(() => {
      const gradient = losses.select(0, step);
      suffered += Number(w.detach().dot(gradient).item());
      w.grad = gradient.clone();
      optimizer.step();
    });
  }
  const best = Number(losses.sum(0).min().item());
  expect(suffered - best).toBeLessThanOrEqual(Math.sqrt(2 * 400 * Math.log(experts)));
  expect(Number(w.argmax().item())).toBe(17);
});

test('refuses weights that are not positive, and a total that is not', () => {
  const bad = torch.tensor([0.5, 0], { requiresGrad: true });
  expect(() => new optim.ExponentiatedGradient([bad])).toThrow('Expected positive real elements for parameter 0 of ExponentiatedGradient');
  expect(() => new optim.ExponentiatedGradient([torch.ones(2, { requiresGrad: true })], { total: 0 })).toThrow(
    'Expected a number above 0 for total but received number 0',
  );
});
