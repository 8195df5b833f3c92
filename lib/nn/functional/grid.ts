/** Spatial transformers (Jaderberg et al., 2015): where to look, and what is there. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';

export interface GridSampleOptions {
  /** How to read between pixels; `'bicubic'` for images only. Default `'bilinear'`, which for volumes means trilinear. */
  mode?: 'bilinear' | 'nearest' | 'bicubic';
  /** What lies outside: zeros, the border's values, or the image mirrored. Default `'zeros'`. */
  paddingMode?: 'zeros' | 'border' | 'reflection';
  /** Whether -1 and 1 are the centres of the corner pixels, or the image's corners. Default false. */
  alignCorners?: boolean;
}

const MODES = ['bilinear', 'nearest', 'bicubic'] as const;
const PADDING_MODES = ['zeros', 'border', 'reflection'] as const;

/**
 * The values of an image at given places: positions x, y (and z) in [-1, 1], x along the last dimension.
 *
 * Shapes: input [N, C, H, W], grid [N, H', W', 2], output [N, C, H', W']; or input [N, C, D, H, W], grid [N, D', H', W', 3], output
 * [N, C, D', H', W'].
 *
 * @throws for another mode, and for shapes that do not fit
 */
export function gridSample(input: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor {
  const { mode = 'bilinear', paddingMode = 'zeros', alignCorners = false } = checkedOptions(options, 'gridSample');
  const [interpolation, outside] = [MODES.indexOf(mode), PADDING_MODES.indexOf(paddingMode)];
  if (interpolation < 0) throw expected("'bilinear', 'nearest' or 'bicubic'", 'mode of gridSample', mode);
  if (outside < 0) throw expected("'zeros', 'border' or 'reflection'", 'paddingMode', paddingMode);
  return root.gridSampler(input, grid, interpolation, outside, alignCorners);
}

export interface AffineGridOptions {
  /** Whether -1 and 1 are the centres of the corner pixels, or the image's corners. Default false. */
  alignCorners?: boolean;
}

/**
 * The places that affine maps send the pixels of an image to, for `gridSample`.
 *
 * Shapes: theta [N, 2, 3] and size [N, C, H, W] give [N, H, W, 2]; theta [N, 3, 4] and size [N, C, D, H, W] give [N, D, H, W, 3].
 *
 * @throws for shapes that do not fit, sizes that are not positive, and maps that are not of a floating-point type
 */
export function affineGrid(theta: Tensor, size: readonly number[], options?: AffineGridOptions): Tensor {
  checkedTensor(theta, 'theta');
  const { alignCorners = false } = checkedOptions(options, 'affineGrid');
  if (!theta.isFloatingPoint()) throw expected('a tensor of a floating-point type', 'theta', theta);
  if (!Array.isArray(size) || (size.length !== 4 && size.length !== 5))
    throw expected('a size [N, C, H, W] or [N, C, D, H, W]', 'affineGrid', size);
  if (!size.every((length) => length > 0)) throw expected('positive sizes', 'size of affineGrid', size);
  const spatial = size.length - 2;
  const [, rows, columns] = theta.shape;
  if (theta.dim() !== 3 || rows !== spatial || columns !== spatial + 1)
    throw expected(`a tensor [N, ${spatial}, ${spatial + 1}]`, 'theta', theta);
  return root.affineGridGenerator(theta, size, alignCorners);
}
