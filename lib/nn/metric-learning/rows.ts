/** Rows of embeddings: in a dtype that distances can be computed in, of length 1, compared one by one. */

import { linalg } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { normalize } from '../functional';

/** Squared distances up to it are 0. */
export const EPS = 1e-12;

/** `x / max(||x||, 1e-12)` of each row: a row of zeros stays one. */
export function unitRows(x: Tensor): Tensor {
  return normalize(widened(x));
}

/** `length x / max(||x||, 1e-12)` of each row, without a copy of the rows for the factor. */
export function rowsOfLength(x: Tensor, length: number): Tensor {
  const rows = widened(x);
  return rows.div(rows.norm(2, [1], true).clampMin(1e-12).div(length));
}

/** `unitRows` of floating-point numbers of 32 bits or more, in place. */
export function unitRows_(x: Tensor): Tensor {
  return x.div_(linalg.vectorNorm(x, 2, 1, true).clampMin_(1e-12));
}

/** The scalar product of each row of one with the same row of the other, [N]. */
export function rowDots(x: Tensor, y: Tensor): Tensor {
  return x.mul(y).sum(1);
}

/** The distance of each row of one from the same row of the other, [N]; where they are equal 0, with gradient 0. */
export function rowDistances(x: Tensor, y: Tensor, squared = false): Tensor {
  const squares = x.sub(y).square().sum(1);
  return squared ? squares : safeSqrt(squares);
}

/** The square root, and 0 with gradient 0 where it would have none to speak of. NaN goes through. */
export function safeSqrt(squares: Tensor, eps = EPS): Tensor {
  const tiny = squares.le(eps);
  // Inside the root too: of the branch that is not taken there would be an infinite derivative.
  return squares.maskedFill(tiny, 1).sqrt().maskedFill(tiny, 0);
}
