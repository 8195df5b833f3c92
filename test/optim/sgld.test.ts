import * as torch from '../../lib';
import { nn, optim } from '../../lib';
import { expectClose } from '../close';

/** U(x) = (x - mean)^2 / (2 variance): the negative log density of a Gaussian. */
function gradientOfGaussian(x: torch.Tensor, mean: number, variance: number): torch.Tensor {
  return x.detach().sub(mean).div(variance);
}

test('draws from the distribution whose negative log density is the loss', () => {
  const [mean, variance] = [1.5, 0.25];
  // Many chains at once, in two tensors: the mean over chains and steps.
  const chains = [new nn.Parameter(torch.zeros(4000, { dtype: 'float64' })), new nn.Parameter(torch.zeros(1000, 4, { dtype: 'float64' }))];
  const generator = new torch.Generator();
  generator.manualSeed(3);
  const lr = 0.02;
  const optimizer = new optim.SGLD(chains, { lr, generator });
  for (let k = 0; k < 200; k++) {
    torch.scope(() => {
      for (const chain of chains) chain.grad = gradientOfGaussian(chain, mean, variance);
      optimizer.step();
    });
  }
  // The discretised chain x <- (1 - a) x + sqrt(lr) n with a = lr / (2 variance) has the variance lr / (1 - (1 - a)^2).
  const a = lr / (2 * variance);
  const expected = lr / (1 - (1 - a) ** 2);
  for (const chain of chains) {
    expect(Math.abs(Number(chain.mean().item()) - mean)).toBeLessThan(0.04);
    expect(Math.abs(Number(chain.var().item()) / expected - 1)).toBeLessThan(0.1);
  }
});

test('without temperature it is gradient descent at half the rate', () => {
  const p = new nn.Parameter(torch.tensor([1, -2], { dtype: 'float64' }));
  const optimizer = new optim.SGLD([p], { lr: 0.1, temperature: 0, weightDecay: 2 });
  p.grad = torch.tensor([3, 1], { dtype: 'float64' });
  optimizer.step();
  expectClose(p, [1 - 0.05 * (3 + 2), -2 - 0.05 * (1 - 4)]);
});

test('the same seed draws the same chain, and the variance of the noise is lr times temperature', () => {
  const run = (): torch.Tensor => {
    const p = new nn.Parameter(torch.zeros(20_000, { dtype: 'float64' }));
    const generator = new torch.Generator();
    generator.manualSeed(7);
    const optimizer = new optim.SGLD([p], { lr: 0.5, temperature: 0.3, generator });
    p.grad = torch.zeros(20_000, { dtype: 'float64' });
    optimizer.step();
    return p.detach();
  };
  const first = run();
  expect(first.equal(run())).toBe(true);
  expect(Math.abs(Number(first.var().item()) / 0.15 - 1)).toBeLessThan(0.05);
});

test('refuses a negative temperature', () => {
  expect(() => new optim.SGLD([torch.zeros(1, { requiresGrad: true })], { temperature: -1 })).toThrow(
    'Expected a number from 0 for temperature but received number -1',
  );
});
