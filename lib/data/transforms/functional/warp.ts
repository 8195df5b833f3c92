/** Turning and bending: new pixel by new pixel, where in the image it comes from. */

import { checkedOptions, checkedTensor } from '../../../tensor/checked';
import { tensor } from '../../../tensor/creation';
import { expected } from '../../../tensor/expected';
import { cat, gridSampler, linspace, ones, stack, where } from '../../../tensor/generated/root';
import { linalg } from '../../../tensor/operators';
import { Tensor } from '../../../tensor/tensor';
import { fillImage } from './fill';
import { asColumn, asImages, checkImage, type Fill, isReal, type PerImage } from './image';

export type WarpInterpolation = 'nearest' | 'bilinear';

export interface WarpOptions {
  /** Default `'nearest'`, for `perspective` `'bilinear'`. */
  interpolation?: WarpInterpolation;
  /** What comes from outside the image. With null it is 0. Default null. */
  fill?: Fill;
}

export interface AffineOptions extends WarpOptions {
  /** The point that stays where it is, [x, y] in pixels from the upper left corner. Default: the middle. */
  center?: readonly [x: number, y: number] | null;
}

export interface RotateOptions extends AffineOptions {
  /** Make the result so large that it holds the whole image; for an angle that is a number. Default false. */
  expand?: boolean;
}

/** A number for x and one for y, each for all images or one for each. */
export type PerImagePair = readonly [x: PerImage, y: PerImage];

/**
 * Turns by `angle` clockwise (degrees), moves by `translate` (pixels), scales and shears (degrees), around the middle.
 *
 * The matrix is T C R(angle) S(scale) SHy SHx C^-1, with SHx = [[1, -tan x], [0, 1]] and SHy = [[1, 0], [-tan y, 1]].
 *
 * @throws for a scale that is not above 0, and translations or shears that are no pairs
 */
export function affine(
  image: Tensor,
  angle: PerImage,
  translate: PerImagePair,
  scale: PerImage,
  shear: PerImagePair,
  options?: AffineOptions,
): Tensor {
  checkedTensor(image, 'image');
  const given = checkedOptions(options, 'affine');
  checkImage(image, 'affine');
  if (typeof scale === 'number' && !(scale > 0)) throw expected('a number above 0', 'scale', scale);
  const column = (value: PerImage, name: string): Tensor => asColumn(value, image, name);
  const pair = (value: PerImagePair, name: string): [Tensor, Tensor] => {
    if (!Array.isArray(value) || value.length !== 2) throw expected('[x, y]', name, value);
    return [column(value[0], name), column(value[1], name)];
  };
  const theta = inverseMatrix({
    center: centerOf(image, given.center),
    angle: column(angle, 'angle'),
    translate: pair(translate, 'translate'),
    scale: column(scale, 'scale'),
    shear: pair(shear, 'shear'),
  });
  const [height, width] = [image.size(-2), image.size(-1)];
  return sample(image, affineGrid(theta, image, height, width), given.interpolation ?? 'nearest', given.fill ?? null);
}

/** Turns by `angle` degrees, counter-clockwise. Without a centre, quarter turns move whole pixels. */
export function rotate(image: Tensor, angle: PerImage, options?: RotateOptions): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'rotate');
  const { expand = false, center, interpolation = 'nearest', fill = null } = checkedOptions(options, 'rotate');
  const [height, width] = [image.size(-2), image.size(-1)];
  if (typeof angle === 'number') {
    const quarters = (((angle % 360) + 360) % 360) / 90;
    const whole = Number.isInteger(quarters) && (expand || height === width || quarters % 2 === 0);
    if ((center ?? null) === null && whole) return quarters === 0 ? image.clone() : image.rot90(quarters, [-2, -1]);
  } else if (expand) throw expected('an angle that is a number for expand', 'rotate', angle);
  const zero = tensor([0], { dtype: 'float64' });
  const theta = inverseMatrix({
    center: centerOf(image, center),
    angle: asColumn(angle, image, 'angle').neg(),
    translate: [zero, zero],
    scale: tensor([1], { dtype: 'float64' }),
    shear: [zero, zero],
  });
  const [newHeight, newWidth] = expand ? expandedSize(theta, height, width) : [height, width];
  return sample(image, affineGrid(theta, image, newHeight, newWidth), interpolation, fill);
}

/** [x, y] from the middle of the image. */
function centerOf(image: Tensor, center: readonly [number, number] | null = null): readonly [number, number] {
  return center === null ? [0, 0] : [center[0] - image.size(-1) / 2, center[1] - image.size(-2) / 2];
}

interface Motion {
  readonly center: readonly [number, number];
  readonly angle: Tensor;
  readonly translate: readonly [Tensor, Tensor];
  readonly scale: Tensor;
  readonly shear: readonly [Tensor, Tensor];
}

/** From new pixels to old ones, [N, 2, 3]; all angles in degrees, all float64. */
function inverseMatrix({ center: [cx, cy], angle, translate: [tx, ty], scale, shear }: Motion): Tensor {
  const [turn, sx, sy] = [angle, ...shear].map((degrees) => degrees.deg2rad()) as [Tensor, Tensor, Tensor];
  const a = turn.sub(sy).cos().div(sy.cos());
  const b = a.mul(sx.tan()).add(turn.sin()).neg();
  const c = turn.sub(sy).sin().div(sy.cos());
  const d = turn.cos().sub(c.mul(sx.tan()));
  const [p, q, r, s] = [d.div(scale), b.neg().div(scale), c.neg().div(scale), a.div(scale)] as [Tensor, Tensor, Tensor, Tensor];
  const [x, y] = [tx.add(cx), ty.add(cy)];
  const rows = [p, q, p.mul(x).add(q.mul(y)).neg().add(cx), r, s, r.mul(x).add(s.mul(y)).neg().add(cy)];
  const images = Math.max(...rows.map((row) => row.numel()));
  return stack(
    rows.map((row) => row.expand([images])),
    1,
  ).reshape(images, 2, 3);
}

/** How large a result holds the whole image. */
function expandedSize(theta: Tensor, height: number, width: number): [number, number] {
  const [a, b, , c, d] = theta.flatten().toArray() as [number, number, number, number, number, number];
  const extent = (u: number, v: number, middle: number): number => {
    const reach = Math.abs(u) * (width / 2) + Math.abs(v) * (height / 2);
    return Math.ceil(middle + reach) - Math.floor(middle - reach);
  };
  return [extent(c, d, height / 2), extent(a, b, width / 2)];
}

/** Where the centres of new pixels lie, [1, height * width, 3]: (x, y, 1) from the middle, moved by `offset`. */
function pixelCenters(image: Tensor, height: number, width: number, offset: number): Tensor {
  const options = { dtype: isReal(image) ? image.dtype : ('float32' as const), device: image.device };
  const line = (size: number, corner: number): Tensor => linspace((1 - size) / 2 + corner, (size - 1) / 2 + corner, size, options);
  const x = line(width, offset * (width / 2)).expand([height, width]);
  const y = line(height, offset * (height / 2))
    .unsqueeze(-1)
    .expand([height, width]);
  return stack([x, y, ones([height, width], options)], -1).reshape(1, height * width, 3);
}

function affineGrid(theta: Tensor, image: Tensor, height: number, width: number): Tensor {
  const centers = pixelCenters(image, height, width, 0);
  const half = tensor([image.size(-1) / 2, image.size(-2) / 2], { dtype: centers.dtype, device: centers.device });
  const scaled = theta.to(centers.device, centers.dtype).transpose(1, 2).div(half);
  return centers.matmul(scaled).reshape(-1, height, width, 2);
}

/** Four corners, from the upper left clockwise, [x, y] in pixels. */
export type Corners = readonly [upperLeft: Point, upperRight: Point, lowerRight: Point, lowerLeft: Point];
type Point = readonly [x: number, y: number];

/**
 * Bends the image so that what is at `startpoints` comes to `endpoints`: four corners, or [N, 4, 2] for a batch.
 *
 * New pixel (x, y) comes from ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)).
 *
 * @throws when three of the end points lie on a line
 */
export function perspective(image: Tensor, startpoints: Corners | Tensor, endpoints: Corners | Tensor, options?: WarpOptions): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'perspective');
  const { interpolation = 'bilinear', fill = null } = checkedOptions(options, 'perspective');
  const [height, width] = [image.size(-2), image.size(-1)];
  const c = perspectiveCoefficients(corners(startpoints, 'startpoints'), corners(endpoints, 'endpoints'));
  const centers = pixelCenters(image, height, width, 1);
  const half = tensor([width / 2, height / 2], { dtype: centers.dtype, device: centers.device });
  const one = ones([c.size(0), 1], { dtype: 'float64' });
  const upper = c.narrow(1, 0, 6).reshape(-1, 2, 3);
  const lower = cat([c.narrow(1, 6, 2), one], 1)
    .unsqueeze(1)
    .expand([-1, 2, 3]);
  const matrix = (rows: Tensor): Tensor => rows.to(centers.device, centers.dtype).transpose(1, 2);
  const grid = centers
    .matmul(matrix(upper).div(half))
    .div(centers.matmul(matrix(lower)))
    .sub(1);
  return sample(image, grid.reshape(-1, height, width, 2), interpolation, fill);
}

function corners(points: Corners | Tensor, where: string): Tensor {
  const given = points instanceof Tensor ? points.to('cpu', 'float64') : tensor(points as never, { dtype: 'float64' }).unsqueeze(0);
  if (given.dim() !== 3 || given.size(1) !== 4 || given.size(2) !== 2) throw expected('four points [x, y], or [N, 4, 2]', where, points);
  return given;
}

/** a ... h from corner pairs: eight equations, [N, 8]. */
function perspectiveCoefficients(start: Tensor, end: Tensor): Tensor {
  const [x, y] = end.unbind(-1) as [Tensor, Tensor];
  const [u, v] = start.unbind(-1) as [Tensor, Tensor];
  const [one, none] = [x.mul(0).add(1), x.mul(0)];
  const rows = [
    [x, y, one, none, none, none, u.mul(x).neg(), u.mul(y).neg()],
    [none, none, none, x, y, one, v.mul(x).neg(), v.mul(y).neg()],
  ];
  const system = cat(
    rows.map((row) => stack(row, -1)),
    1,
  );
  // float32, as torchvision has them.
  return linalg
    .solve(system, cat([u, v], 1).unsqueeze(-1))
    .squeeze(-1)
    .to('float32')
    .to('float64');
}

/** The values at the places of a grid, one for all images or one for each. */
function sample(image: Tensor, grid: Tensor, interpolation: WarpInterpolation, fill: Fill): Tensor {
  if (interpolation !== 'nearest' && interpolation !== 'bilinear')
    throw expected("'nearest' or 'bilinear'", 'interpolation', interpolation);
  if (grid.size(0) > 1 && image.dim() !== 4) throw expected('images [N, C, H, W] for values per image', 'the transform', image);
  return asImages(image, (images) => {
    const real = isReal(image) ? images : images.to(grid.dtype);
    // A channel of ones tells how much of each pixel comes from inside.
    const mask = fill === null ? [] : [ones([real.size(0), 1, real.size(2), real.size(3)], { dtype: real.dtype, device: real.device })];
    const whole = mask.length === 0 ? real : cat([real, ...mask], 1);
    const grids = grid.expand([real.size(0), -1, -1, -1]);
    const taken = gridSampler(whole, grids, interpolation === 'nearest' ? 1 : 0, 0, false);
    const made = fill === null ? taken : withFill(taken, fillImage(fill, real), interpolation);
    return isReal(image) ? made : made.round().to(image.dtype);
  });
}

function withFill(taken: Tensor, fill: Tensor, interpolation: WarpInterpolation): Tensor {
  const channels = taken.size(1) - 1;
  const image = taken.narrow(1, 0, channels);
  const inside = taken.narrow(1, channels, 1);
  return interpolation === 'nearest' ? where(inside.lt(0.5), fill, image) : image.sub(fill).mul(inside).add(fill);
}
