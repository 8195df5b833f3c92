/** Colours with random parameters for each image. */

import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { randperm } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, rgbToGrayscale } from './functional/color';
import { OccasionalTransform } from './occasional';
import { RandomTransform, type Range, rangeOf } from './transform';
import type { RandomOptions } from './with-generator';

/** How strong: s for [1 - s, 1 + s] but not below 0, or a range. */
export type Strength = number | Range;

export interface ColorJitterOptions extends RandomOptions {
  /** Default: none. */
  brightness?: Strength | null;
  /** Default: none. */
  contrast?: Strength | null;
  /** Default: none. */
  saturation?: Strength | null;
  /** h in [0, 0.5] for [-h, h], or a range in [-0.5, 0.5]. Default: none. */
  hue?: Strength | null;
}

function strengthOf(value: Strength | null | undefined, name: string): Range | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'number') return rangeOf(value, name, 0);
  if (typeof value !== 'number' || !(value >= 0)) throw expected('a number from 0, or two numbers,', name, value);
  return [Math.max(0, 1 - value), 1 + value];
}

/** Changes brightness, contrast, saturation and hue of each image by amounts of its own, in an order that is drawn for each batch. */
export class ColorJitter extends RandomTransform {
  readonly brightness: Range | null;
  readonly contrast: Range | null;
  readonly saturation: Range | null;
  readonly hue: Range | null;

  constructor(options?: ColorJitterOptions) {
    const { brightness, contrast, saturation, hue, ...rest } = checkedOptions(options, 'ColorJitter');
    super(rest);
    this.brightness = strengthOf(brightness, 'brightness');
    this.contrast = strengthOf(contrast, 'contrast');
    this.saturation = strengthOf(saturation, 'saturation');
    this.hue = (hue ?? null) === null ? null : rangeOf(typeof hue === 'number' ? [-hue, hue] : (hue as Range), 'hue', -0.5, 0.5);
  }

  protected override change(images: Tensor): Tensor {
    const steps = [
      [this.brightness, adjustBrightness],
      [this.contrast, adjustContrast],
      [this.saturation, adjustSaturation],
      [this.hue, adjustHue],
    ] as const;
    let changed = images;
    for (const k of randperm(4, { generator: this.generator }).toTypedArray()) {
      const [range, adjust] = steps[Number(k)] as (typeof steps)[number];
      if (range !== null) changed = adjust(changed, this.uniform(images.size(0), ...range));
    }
    return changed;
  }
}

/** Gray with probability `p`, with as many channels as before. */
export class RandomGrayscale extends OccasionalTransform {
  constructor(options?: RandomOptions & { /** Default 0.1. */ p?: number }) {
    super(checkedOptions(options, 'RandomGrayscale'), 0.1);
  }
  protected override changeAll(images: Tensor): Tensor {
    return rgbToGrayscale(images, { numOutputChannels: images.size(1) === 1 ? 1 : 3 });
  }
}
