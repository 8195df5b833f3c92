import type { Tensor } from './tensor';

/** Half-precision numbers in float32, in which sums of many and small differences of large ones keep their digits; others as they are. */
export function widened(x: Tensor): Tensor {
  return x.dtype === 'bfloat16' || x.dtype === 'float16' ? x.float() : x;
}
