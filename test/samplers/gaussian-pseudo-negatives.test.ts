import * as torch from '../../lib';
import { samplers } from '../../lib';

test('samples lie around the mean with the deviation, and carry no gradient', () => {
  torch.manualSeed(0);
  const mean = torch.tensor([1, -2, 0.5], { dtype: 'float64', requiresGrad: true });
  const drawn = samplers.gaussianPseudoNegatives(mean, torch.randn(40_000, 3, { dtype: 'float64' }), { std: 2 });
  expect(drawn.requiresGrad).toBe(false);
  const off = drawn.mean([0]).sub(mean.detach()).abs().max().item();
  expect(Number(off)).toBeLessThan((5 * 2) / 200); // five standard errors
  const spread = drawn.std(0).sub(2).abs().max().item();
  expect(Number(spread)).toBeLessThan((5 * 2) / Math.sqrt(2 * 40_000));
  expect(samplers.gaussianPseudoNegatives(mean, torch.ones(1, 3, { dtype: 'float64' }), { std: 0 }).equal(mean.detach().unsqueeze(0))).toBe(
    true,
  );
});

test('refuses noise of another width and a negative deviation', () => {
  expect(() => samplers.gaussianPseudoNegatives(torch.ones(2), torch.ones(1, 3))).toThrow(
    'Expected shape [M, D] with M = 1, D = 2 for noise',
  );
  expect(() => samplers.gaussianPseudoNegatives(torch.ones(2), torch.ones(1, 2), { std: -1 })).toThrow('Expected a number from 0 for std');
});
