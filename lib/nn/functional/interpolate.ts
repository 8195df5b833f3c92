import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './avg-pooling';

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area' | 'lanczos';

export interface InterpolateOptions {
  /** Spatial size of the output, one number for all dimensions or one each. Either this or `scaleFactor` is needed. */
  size?: number | readonly number[] | null;
  /** Spatial size of the output as a multiple of the input's. */
  scaleFactor?: number | readonly number[] | null;
  /**
   * `'linear'` is for [N, C, L], `'bilinear'`, `'bicubic'` and `'lanczos'` for [N, C, H, W], `'trilinear'` for [N, C, D, H, W], the
   * others for all of them. `'nearest'` rounds positions down; `'nearest-exact'` takes the nearest pixel's centre; `'area'` averages.
   * Default `'nearest'`.
   */
  mode?: InterpolationMode;
  /** Let the corner pixels' centres, not the images' corners, coincide; for the linear and cubic modes. Default false. */
  alignCorners?: boolean | null;
  /** Compute the scale anew from the output's size, which was rounded down. Default false. */
  recomputeScaleFactor?: boolean | null;
  /** Low-pass filter before making an image smaller: `'bilinear'`, `'bicubic'` and, where it is needed, `'lanczos'`. Default false. */
  antialias?: boolean;
}

type Numbers = readonly number[];
type Plain = (input: Tensor, size: Numbers | null, scales: Numbers | null) => Tensor;
type Aligned = (input: Tensor, size: Numbers | null, alignCorners: boolean, scales: Numbers | null) => Tensor;

/** By mode and number of spatial dimensions. */
const PLAIN: Readonly<Record<string, Readonly<Record<number, Plain>>>> = {
  nearest: { 1: nnFunctional.upsampleNearest1d, 2: nnFunctional.upsampleNearest2d, 3: nnFunctional.upsampleNearest3d },
  'nearest-exact': {
    1: nnFunctional._upsampleNearestExact1d,
    2: nnFunctional._upsampleNearestExact2d,
    3: nnFunctional._upsampleNearestExact3d,
  },
  area: {
    1: (input, size) => adaptiveAvgPool1d(input, size as Numbers),
    2: (input, size) => adaptiveAvgPool2d(input, size as Numbers),
    3: (input, size) => adaptiveAvgPool3d(input, size as Numbers),
  },
};
const ALIGNED: Readonly<Record<string, Readonly<Record<number, Aligned>>>> = {
  linear: { 1: nnFunctional.upsampleLinear1d },
  bilinear: { 2: nnFunctional.upsampleBilinear2d },
  bicubic: { 2: nnFunctional.upsampleBicubic2d },
  trilinear: { 3: nnFunctional.upsampleTrilinear3d },
};
const ANTIALIASED: Readonly<Record<string, Readonly<Record<number, Aligned>>>> = {
  bilinear: { 2: nnFunctional._upsampleBilinear2dAa },
  bicubic: { 2: nnFunctional._upsampleBicubic2dAa },
  lanczos: { 2: nnFunctional._upsampleLanczos2dAa },
};

/**
 * An image, sequence or volume in another size.
 *
 * Shapes: input [N, C, L], [N, C, H, W] or [N, C, D, H, W], output [N, C, ...size].
 *
 * @throws unless exactly one of `size` and `scaleFactor` is given, and for a mode that does not fit the input or the options
 */
export function interpolate(input: Tensor, options: InterpolateOptions): Tensor {
  checkedTensor(input, 'input');
  const { mode = 'nearest', alignCorners = null, antialias = false } = checkedOptions(options, 'interpolate');
  const dims = input.dim() - 2;
  const { size, scales } = target(input, dims, options);
  const plain = PLAIN[mode]?.[dims];
  if (plain !== undefined) {
    if (alignCorners !== null) throw expected('alignCorners only with a linear or cubic mode', `mode '${mode}'`, alignCorners);
    if (antialias) throw expected("antialias only with mode 'bilinear', 'bicubic' or 'lanczos'", `mode '${mode}'`, antialias);
    return plain(input, size, scales);
  }
  const aligned = (antialias ? ANTIALIASED : ALIGNED)[mode]?.[dims];
  if (aligned === undefined || (mode === 'lanczos' && alignCorners === true)) throw misfit(input, mode, antialias);
  return aligned(input, size, alignCorners ?? false, scales);
}

/** The output's size, or what the input's is multiplied by. */
function target(input: Tensor, dims: number, options: InterpolateOptions): { size: Numbers | null; scales: Numbers | null } {
  const { size = null, scaleFactor = null, mode, recomputeScaleFactor = false } = checkedOptions(options, 'target');
  if ((size === null) === (scaleFactor === null)) throw expected('a size or a scaleFactor', 'interpolate', options);
  if (size !== null) {
    if (recomputeScaleFactor === true) throw expected('a scaleFactor', 'recomputeScaleFactor', size);
    return { size: spread(size, dims, 'size'), scales: null };
  }
  const scales = spread(scaleFactor as number | Numbers, dims, 'scaleFactor');
  if (recomputeScaleFactor !== true && mode !== 'area') return { size: null, scales };
  return { size: scales.map((scale, d) => Math.trunc(input.size(d + 2) * scale)), scales: null };
}

function spread(value: number | Numbers, dims: number, where: string): Numbers {
  if (typeof value === 'number') return Array<number>(Math.max(dims, 0)).fill(value);
  if (!Array.isArray(value) || value.length !== dims || value.some((one: unknown) => typeof one !== 'number'))
    throw expected(`one number, or ${dims} for the input's dimensions,`, where, value);
  return value;
}

function misfit(input: Tensor, mode: InterpolationMode, antialias: boolean): TypeError {
  if (mode === 'lanczos') return expected('antialias and no alignCorners with a tensor [N, C, H, W]', "mode 'lanczos'", input);
  const table = antialias ? ANTIALIASED : { ...PLAIN, ...ALIGNED };
  const dims = Object.keys(table[mode] ?? {});
  if (dims.length > 0) return expected(`a tensor of ${dims.map((d) => Number(d) + 2).join(', ')} dimensions`, `mode '${mode}'`, input);
  return expected(`one of ${Object.keys(table).join(', ')}`, antialias ? 'mode with antialias' : 'mode', mode);
}
