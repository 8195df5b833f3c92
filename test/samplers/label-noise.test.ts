import * as torch from '../../lib';
import { samplers } from '../../lib';

const N = 20_000;
const draw = () => ({ labels: torch.randint(5, [N]), uniforms: torch.rand(N), replacements: torch.randint(5, [N]) });
const share = (changed: torch.Tensor) => Number(changed.double().mean().item());

test('uniform noise changes a share of rate (K - 1) / K, and class-dependent noise the rate itself', () => {
  torch.manualSeed(0);
  const { labels, uniforms, replacements } = draw();
  const uniform = samplers.uniformLabelNoise(labels, uniforms, replacements, { numClasses: 5, rate: 0.4 });
  expect(Math.abs(share(uniform.ne(labels)) - 0.4 * 0.8)).toBeLessThan(5 * Math.sqrt(0.25 / N));
  const moved = samplers.classDependentLabelNoise(labels, uniforms, { numClasses: 5, rate: 0.4 });
  expect(share(moved.ne(labels))).toBe(share(uniforms.lt(0.4)));
  expect(moved.sub(labels).remainder(5).maskedSelect(moved.ne(labels)).eq(1).all().item()).toBe(true);
  expect([uniform.dtype, moved.dtype]).toEqual(['int64', 'int64']);
});

test('a rate of 0 changes none, a rate of 1 all', () => {
  const { labels, uniforms, replacements } = draw();
  expect(samplers.uniformLabelNoise(labels, uniforms, replacements, { numClasses: 5, rate: 0 }).equal(labels)).toBe(true);
  expect(samplers.uniformLabelNoise(labels, uniforms, replacements, { numClasses: 5, rate: 1 }).equal(replacements)).toBe(true);
});

test.each<[string, () => unknown, string]>([
  [
    'a label too high',
    () => samplers.classDependentLabelNoise(torch.tensor([5]), torch.rand(1), { numClasses: 5 }),
    'Expected integer labels in [0, 5) but received 5 at index 0',
  ],
  [
    'a replacement too high',
    () => samplers.uniformLabelNoise(torch.tensor([0]), torch.rand(1), torch.tensor([7]), { numClasses: 5 }),
    'Expected integer replacements in [0, 5) but received 7 at index 0',
  ],
  [
    'another number of draws',
    () => samplers.classDependentLabelNoise(torch.tensor([0]), torch.rand(2), { numClasses: 5 }),
    'Expected shape [N] with N = 1 for uniforms but received tensor float32[2] cpu',
  ],
  [
    'a rate above 1',
    () => samplers.classDependentLabelNoise(torch.tensor([0]), torch.rand(1), { numClasses: 5, rate: 1.5 }),
    'Expected a number in [0, 1] for rate but received number 1.5',
  ],
  [
    'no number of classes',
    () => samplers.classDependentLabelNoise(torch.tensor([0]), torch.rand(1), {} as never),
    'Expected a whole number from 1 for numClasses but received nothing',
  ],
])('%s is refused', (_, call, message) => {
  expect(call).toThrow(message);
});
