import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { where } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import * as functional from './functional';
import { channelsOf, type Fill, whiteOf } from './functional/image';
import { RandomTransform } from './transform';
import type { RandomOptions } from './with-generator';

export interface RandAugmentOptions extends RandomOptions {
  /** Changes of each image, one after the other. Default 2. */
  numOps?: number;
  /** How strong, in [0, numMagnitudeBins). Default 9. */
  magnitude?: number;
  /** Steps of strength. Default 31. */
  numMagnitudeBins?: number;
  /** Default `'nearest'`. */
  interpolation?: functional.WarpInterpolation;
  /** What comes from outside the image. Default null, which is 0. */
  fill?: Fill;
}

type Warp = functional.WarpOptions;

interface Operation {
  readonly name: string;
  /** Strength at part 0 ... 1 of the steps, for an image of a given size. */
  readonly strength: (part: number, height: number, width: number) => number;
  /** Whether it goes in both directions. */
  readonly signed: boolean;
  readonly apply: (images: Tensor, strength: Tensor, warp: Warp, plain: number) => Tensor;
}

const toDegrees = (slope: Tensor): Tensor => slope.atan().rad2deg();
const up = (strength: Tensor): Tensor => strength.add(1);
const linear = (most: number) => (part: number) => most * part;
const none = (): number => 0;

/** The fourteen operations of torchvision, with their ranges. */
const OPERATIONS: readonly Operation[] = [
  { name: 'Identity', strength: none, signed: false, apply: (images) => images },
  {
    name: 'ShearX',
    strength: linear(0.3),
    signed: true,
    apply: (images, s, warp) => functional.affine(images, 0, [0, 0], 1, [toDegrees(s), 0], { ...warp, center: [0, 0] }),
  },
  {
    name: 'ShearY',
    strength: linear(0.3),
    signed: true,
    apply: (images, s, warp) => functional.affine(images, 0, [0, 0], 1, [0, toDegrees(s)], { ...warp, center: [0, 0] }),
  },
  {
    name: 'TranslateX',
    strength: (part, _, width) => (150 / 331) * width * part,
    signed: true,
    apply: (images, s, warp) => functional.affine(images, 0, [s.trunc(), 0], 1, [0, 0], warp),
  },
  {
    name: 'TranslateY',
    strength: (part, height) => (150 / 331) * height * part,
    signed: true,
    apply: (images, s, warp) => functional.affine(images, 0, [0, s.trunc()], 1, [0, 0], warp),
  },
  { name: 'Rotate', strength: linear(30), signed: true, apply: (images, s, warp) => functional.rotate(images, s, warp) },
  { name: 'Brightness', strength: linear(0.9), signed: true, apply: (images, s) => functional.adjustBrightness(images, up(s)) },
  { name: 'Color', strength: linear(0.9), signed: true, apply: (images, s) => functional.adjustSaturation(images, up(s)) },
  { name: 'Contrast', strength: linear(0.9), signed: true, apply: (images, s) => functional.adjustContrast(images, up(s)) },
  { name: 'Sharpness', strength: linear(0.9), signed: true, apply: (images, s) => functional.adjustSharpness(images, up(s)) },
  {
    name: 'Posterize',
    strength: (part) => Math.round(8 - 4 * part),
    signed: false,
    apply: (images, _, __, bits) => functional.posterize(images, bits),
  },
  {
    name: 'Solarize',
    strength: (part) => 1 - part,
    signed: false,
    apply: (images, _, __, part) => functional.solarize(images, whiteOf(images) * part),
  },
  { name: 'AutoContrast', strength: none, signed: false, apply: (images) => functional.autocontrast(images) },
  { name: 'Equalize', strength: none, signed: false, apply: (images) => functional.equalize(images) },
];

/**
 * Changes each image by operations that are drawn for it, all of one strength: turns, moves, shears, colours, contrast.
 *
 * A batch is changed operation by operation: the images that drew one are picked, changed together and put back.
 *
 * E. D. Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2019.
 *
 * @throws (forward) unless the images have 1 or 3 channels
 */
export class RandAugment extends RandomTransform {
  readonly numOps: number;
  readonly magnitude: number;
  readonly numMagnitudeBins: number;
  readonly warp: Warp;

  constructor(options?: RandAugmentOptions) {
    const given = checkedOptions(options, 'RandAugment');
    super(given);
    const { numOps = 2, magnitude = 9, numMagnitudeBins = 31, interpolation = 'nearest', fill = null } = given;
    const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
    if (!whole(numOps, 0)) throw expected('a whole number from 0', 'numOps', numOps);
    if (!whole(numMagnitudeBins, 2)) throw expected('a whole number from 2', 'numMagnitudeBins', numMagnitudeBins);
    if (!whole(magnitude, 0) || magnitude >= numMagnitudeBins)
      throw expected(`a whole number in [0, ${numMagnitudeBins})`, 'magnitude', magnitude);
    this.numOps = numOps;
    this.magnitude = magnitude;
    this.numMagnitudeBins = numMagnitudeBins;
    this.warp = { interpolation, fill };
  }

  protected override change(images: Tensor): Tensor {
    channelsOf(images, 'RandAugment');
    let changed = images;
    for (let k = 0; k < this.numOps; k++) changed = this.#once(changed);
    return changed;
  }

  #once(images: Tensor): Tensor {
    const [count, , height, width] = images.shape as [number, number, number, number];
    const drawn = this.integers(count, 0, OPERATIONS.length);
    const sign = where(this.uniform(count).le(0.5), -1, 1).to('float64');
    const byOperation = drawn.argsort({ stable: true });
    const counts = drawn.bincount(null, OPERATIONS.length).toTypedArray() as BigInt64Array;
    const changed = images.clone();
    let from = 0;
    for (const [k, { strength, signed, apply }] of OPERATIONS.entries()) {
      const size = Number(counts[k]);
      if (size === 0) continue;
      const rows = byOperation.narrow(0, from, size);
      from += size;
      const plain = strength(this.magnitude / (this.numMagnitudeBins - 1), height, width);
      const strengths = sign.indexSelect(0, rows).mul(signed ? plain : 0);
      const picked = rows.to(images.device);
      changed.indexCopy_(0, picked, apply(images.indexSelect(0, picked), strengths, this.warp, plain));
    }
    return changed;
  }
}
