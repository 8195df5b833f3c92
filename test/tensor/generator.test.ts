/** Generators: the numbers of PyTorch for the same seed, states that come back, independence. */

import * as torch from '../../lib';

const draw = (generator: torch.Generator) => torch.scope(() => torch.rand(3, { generator }).toArray());

test('a seed gives the same numbers each time, another seed others', () => {
  const [a, b, c] = [1, 1, 2].map((seed) => draw(new torch.Generator().manualSeed(seed)));
  expect(a).toEqual(b);
  expect(a).not.toEqual(c);
});

test('the numbers of the Mersenne Twister that PyTorch documents for seed 0', () => {
  // torch.rand(3, generator=torch.Generator().manual_seed(0)) in Python
  const expected = [0.49625658988952637, 0.7682217955589294, 0.08847743272781372];
  expect(draw(new torch.Generator().manualSeed(0))).toEqual(expected);
  torch.manualSeed(0);
  expect(torch.scope(() => torch.rand(3).toArray())).toEqual(expected);
});

test('a state that was read comes back', () => {
  const generator = new torch.Generator().manualSeed(7);
  draw(generator);
  const state = generator.getState();
  const first = draw(generator);
  generator.setState(state);
  expect(draw(generator)).toEqual(first);
  expect(() => generator.setState(torch.ones(3))).toThrow();
});

test('a generator of its own leaves the global one alone', () => {
  torch.manualSeed(5);
  const alone = torch.scope(() => torch.rand(2).toArray());
  torch.manualSeed(5);
  draw(new torch.Generator().manualSeed(9));
  expect(torch.scope(() => torch.rand(2).toArray())).toEqual(alone);
});

test('seeds: integers of 64 bits, also as bigint; nothing else', () => {
  expect(new torch.Generator().manualSeed(2n ** 63n).initialSeed()).toBe(2n ** 63n);
  expect(new torch.Generator().manualSeed(-1).initialSeed()).toBe(2n ** 64n - 1n);
  for (const seed of [0.5, Number.NaN, '1', null]) expect(() => torch.manualSeed(seed as number)).toThrow(/Expected an integer for seed/);
});
