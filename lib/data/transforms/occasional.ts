import { expected } from '../../tensor/expected';
import { where } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { RandomTransform } from './transform';
import type { RandomOptions } from './with-generator';

/** A transform that changes each image of a batch with probability `p`, and leaves the others as they are. */
export abstract class OccasionalTransform extends RandomTransform {
  readonly p: number;

  /** @param usually `p` where the options name none. @throws unless 0 <= p <= 1 */
  constructor(options: RandomOptions & { p?: number | undefined }, usually: number) {
    super(options);
    const { p = usually } = options;
    if (typeof p !== 'number' || !(p >= 0 && p <= 1)) throw expected('a number in [0, 1]', 'p', p);
    this.p = p;
  }

  protected override change(images: Tensor): Tensor {
    if (this.p === 0) return images;
    const chosen = this.uniform(images.size(0)).lt(this.p).to(images.device).reshape(-1, 1, 1, 1);
    const changed = this.changeAll(images);
    return this.p === 1 ? changed : where(chosen, changed, images);
  }

  /** Changes all images [N, C, H, W]. */
  protected abstract changeAll(images: Tensor): Tensor;
}
