import type { Tensor } from '../lib/tensor/tensor';

/** Numbers in nested arrays, as references store tensors. */
export type Numbers = number | readonly Numbers[];

/** The numbers in reading order. */
export function flat(numbers: Numbers): number[] {
  return typeof numbers === 'number' ? [numbers] : numbers.flatMap(flat);
}

/** Expects a tensor's elements to be the given numbers, within `tolerance` relative to the larger of 1 and the number. */
export function expectClose(tensor: Tensor, numbers: Numbers, tolerance = 1e-12): void {
  const got = flat(tensor.detach().to('float64').toArray() as Numbers);
  const wanted = flat(numbers);
  expect(got).toHaveLength(wanted.length);
  const worst = Math.max(0, ...wanted.map((value, k) => Math.abs((got[k] as number) - value) / Math.max(1, Math.abs(value))));
  if (!(worst <= tolerance)) expect(got).toEqual(wanted); // shows both
  expect(worst).toBeLessThanOrEqual(tolerance);
}
