/** Rotation, affine maps and perspective with random parameters for each image. */

import { checkedOptions } from '../../tensor/checked';
import { tensor } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import { stack } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { Fill } from './functional/image';
import { affine, perspective, rotate, type WarpInterpolation } from './functional/warp';
import { OccasionalTransform } from './occasional';
import { RandomTransform, type Range, rangeOf } from './transform';
import type { RandomOptions } from './with-generator';

interface WarpSettings extends RandomOptions {
  /** Default `'nearest'`, for `RandomPerspective` `'bilinear'`. */
  interpolation?: WarpInterpolation;
  /** What comes from outside the image. Default 0. */
  fill?: Fill;
}

export interface RandomRotationOptions extends WarpSettings {
  /** The point that stays, [x, y] in pixels. Default: the middle. */
  center?: readonly [x: number, y: number] | null;
}

/** One number d for [-d, d]. */
function degreesOf(degrees: number | Range, where: string): Range {
  if (typeof degrees !== 'number') return rangeOf(degrees, where);
  if (typeof degrees !== 'number' || !(degrees >= 0)) throw expected('a number from 0, or two numbers,', where, degrees);
  return [-degrees, degrees];
}

/** Turns each image by an angle of its own. @param degrees the range, or d for [-d, d] */
export class RandomRotation extends RandomTransform {
  readonly degrees: Range;
  readonly options: RandomRotationOptions;
  constructor(degrees: number | Range, options?: RandomRotationOptions) {
    const given = checkedOptions(options, 'RandomRotation');
    super(given);
    this.degrees = degreesOf(degrees, 'degrees');
    this.options = { fill: 0, ...given };
  }
  protected override change(images: Tensor): Tensor {
    return rotate(images, this.uniform(images.size(0), ...this.degrees), this.options);
  }
}

export interface RandomAffineOptions extends RandomRotationOptions {
  /** Largest move as parts of width and height, each in [0, 1]. Default: none. */
  translate?: readonly [x: number, y: number] | null;
  /** Default: no scaling. */
  scale?: Range | null;
  /** Degrees: s for x in [-s, s], a range for x, or a range for x and one for y. Default: none. */
  shear?: number | Range | readonly [xLow: number, xHigh: number, yLow: number, yHigh: number] | null;
}

/** Turns, moves, scales and shears each image by amounts of its own. @param degrees the range, or d for [-d, d] */
export class RandomAffine extends RandomTransform {
  readonly degrees: Range;
  readonly translate: readonly [x: number, y: number];
  readonly scale: Range;
  readonly shear: readonly [x: Range, y: Range];
  readonly options: RandomAffineOptions;

  constructor(degrees: number | Range, options?: RandomAffineOptions) {
    const given = checkedOptions(options, 'RandomAffine');
    super(given);
    const { translate, scale, shear } = given;
    this.degrees = degreesOf(degrees, 'degrees');
    this.translate = translate ?? [0, 0];
    for (const part of this.translate)
      if (typeof part !== 'number' || !(part >= 0 && part <= 1)) throw expected('numbers in [0, 1]', 'translate', translate);
    this.scale = rangeOf(scale ?? [1, 1], 'scale', Number.MIN_VALUE);
    const [x, y] = Array.isArray(shear) && shear.length === 4 ? [shear.slice(0, 2), shear.slice(2)] : [shear ?? 0, 0];
    this.shear = [degreesOf(x as number | Range, 'shear'), degreesOf(y as number | Range, 'shear')];
    this.options = { fill: 0, ...given };
  }

  protected override change(images: Tensor): Tensor {
    const [count, , height, width] = images.shape as [number, number, number, number];
    const move = (size: number, part: number): Tensor => this.uniform(count, -size * part, size * part).round();
    const angle = this.uniform(count, ...this.degrees);
    const translate = [move(width, this.translate[0]), move(height, this.translate[1])] as const;
    const scale = this.uniform(count, ...this.scale);
    const shear = [this.uniform(count, ...this.shear[0]), this.uniform(count, ...this.shear[1])] as const;
    return affine(images, angle, translate, scale, shear, this.options);
  }
}

export interface RandomPerspectiveOptions extends WarpSettings {
  /** How far corners move, in [0, 1]: 1 is up to the middle. Default 0.5. */
  distortionScale?: number;
  /** How often. Default 0.5. */
  p?: number;
}

/** Moves the four corners of an image inwards, each by an amount of its own, with probability `p`. */
export class RandomPerspective extends OccasionalTransform {
  readonly distortionScale: number;
  readonly options: WarpSettings;

  constructor(options?: RandomPerspectiveOptions) {
    const given = checkedOptions(options, 'RandomPerspective');
    super(given, 0.5);
    const { distortionScale = 0.5 } = given;
    if (typeof distortionScale !== 'number' || !(distortionScale >= 0 && distortionScale <= 1))
      throw expected('a number in [0, 1]', 'distortionScale', distortionScale);
    this.distortionScale = distortionScale;
    this.options = { fill: 0, ...given };
  }

  protected override changeAll(images: Tensor): Tensor {
    const [count, , height, width] = images.shape as [number, number, number, number];
    const inwards = (size: number): Tensor => this.integers(count, 0, Math.trunc(this.distortionScale * Math.floor(size / 2)) + 1);
    const [right, bottom] = [width - 1, height - 1];
    const corner = (x: 0 | 1, y: 0 | 1): Tensor => {
      const [dx, dy] = [inwards(width), inwards(height)];
      return stack([x === 0 ? dx : dx.neg().add(right), y === 0 ? dy : dy.neg().add(bottom)], -1);
    };
    const end = stack([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)], 1);
    const start = tensor([[0, 0], [right, 0], [right, bottom], [0, bottom]]).expand([count, 4, 2]); // biome-ignore format: points
    return perspective(images, start, end, this.options);
  }
}
