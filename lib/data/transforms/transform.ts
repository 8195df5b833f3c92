import { expected } from '../../tensor/expected';
import { rand, randint } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { checkImage } from './functional/image';
import { WithGenerator } from './with-generator';

/** A change of an image [C, H, W] or of a batch of them [N, C, H, W]. */
export interface Transform {
  forward(image: Tensor): Tensor;
}

/** A transform whose parameters are drawn anew for each image of a batch, all at once. */
export abstract class RandomTransform extends WithGenerator implements Transform {
  /** @throws for what is no image */
  forward(image: Tensor): Tensor {
    checkImage(image, this.constructor.name);
    return image.dim() === 4 ? this.change(image) : this.change(image.unsqueeze(0)).squeeze(0);
  }

  /** Changes images [N, C, H, W]. */
  protected abstract change(images: Tensor): Tensor;

  /** `count` real numbers in [low, high), float64. */
  protected uniform(count: number | readonly number[], low = 0, high = 1): Tensor {
    const size = typeof count === 'number' ? [count] : [...count];
    return rand(size, { dtype: 'float64', generator: this.generator })
      .mul(high - low)
      .add(low);
  }

  /** `count` whole numbers in [low, high). */
  protected integers(count: number, low: number, high: number): Tensor {
    return randint(low, high, [count], { dtype: 'int64', generator: this.generator });
  }

  /** Whole numbers below limits of their own, from 0: int64 like `limits`. */
  protected below(limits: Tensor): Tensor {
    return this.uniform(limits.shape).mul(limits).floor().minimum(limits.sub(1)).to('int64');
  }
}

export type Range = readonly [low: number, high: number];

/** @throws unless low <= high, both in [least, most] */
export function rangeOf(range: Range, where: string, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Range {
  const [low, high] = Array.isArray(range) ? (range as unknown as Range) : [Number.NaN, Number.NaN];
  if (!(low >= least && low <= high && high <= most))
    throw expected(`two numbers from ${least} to ${most}, the smaller first,`, where, range);
  return [low, high];
}
