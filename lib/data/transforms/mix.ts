/** Mixing the images of a batch, and their labels with them. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { _sampleDirichlet, arange, full, randint, where } from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import { type RandomOptions, WithGenerator } from './with-generator';

export interface MixOptions extends RandomOptions {
  /** Both parameters of the Beta distribution that the share is drawn from, above 0. Default 1: uniform. */
  alpha?: number;
  /** Number of classes; needed for labels that are class numbers. */
  numClasses?: number | null;
}

/** Images [N, C, H, W] and labels: class numbers, int64[N], or probabilities, [N, classes]. */
type Batch = readonly [images: Tensor, labels: Tensor];

abstract class Mix extends WithGenerator {
  readonly alpha: number;
  readonly numClasses: number | null;

  constructor(options?: MixOptions) {
    const given = checkedOptions(options, new.target.name);
    super(given);
    const { alpha = 1, numClasses = null } = given;
    if (typeof alpha !== 'number' || !(alpha > 0 && Number.isFinite(alpha))) throw expected('a number above 0', 'alpha', alpha);
    if (numClasses !== null && !(Number.isSafeInteger(numClasses) && numClasses > 0))
      throw expected('a positive whole number', 'numClasses', numClasses);
    this.alpha = alpha;
    this.numClasses = numClasses;
  }

  /**
   * Mixes each image with the one before it in the batch, so the batch should be shuffled. The labels become probabilities.
   *
   * @throws unless there are as many labels as images, and for class numbers without `numClasses`
   */
  forward(batch: Batch): [images: Tensor, labels: Tensor] {
    const where = this.constructor.name;
    if (!Array.isArray(batch)) throw expected('a batch [images, labels]', where, batch);
    const [images, labels] = batch as Batch;
    checkedTensor(images, 'images');
    checkedTensor(labels, 'labels');
    if (images.dim() !== 4 || !images.isFloatingPoint()) throw expected('images [N, C, H, W] of a floating-point dtype', where, images);
    if (labels.size(0) !== images.size(0)) throw expected(`${images.size(0)} labels`, where, labels);
    const [mixed, share] = this.mix(images, this.share().to(images.device));
    const probabilities = this.#probabilities(labels, images);
    return [mixed, between(probabilities, share.to(probabilities.dtype))];
  }

  /** The mixed images and how much of each is its own. */
  protected abstract mix(images: Tensor, share: Tensor): [mixed: Tensor, share: Tensor];

  /** Drawn from Beta(alpha, alpha), which is a Dirichlet distribution of two. */
  protected share(): Tensor {
    return _sampleDirichlet(full([2], this.alpha, { dtype: 'float32' }), { generator: this.generator }).select(0, 0);
  }

  #probabilities(labels: Tensor, images: Tensor): Tensor {
    const { numClasses } = this;
    if (labels.dim() === 2) {
      if (numClasses !== null && labels.size(1) !== numClasses)
        throw expected(`labels of ${numClasses} classes`, this.constructor.name, labels);
      return labels.isFloatingPoint() ? labels : labels.to(images.dtype);
    }
    if (labels.dim() !== 1 || numClasses === null)
      throw expected('labels [N, classes], or [N] and numClasses,', this.constructor.name, labels);
    return nnFunctional.oneHot(labels, numClasses).to(images.dtype);
  }
}

/** share * x + (1 - share) * the x before. */
function between(x: Tensor, share: Tensor): Tensor {
  const before = x.roll(1, 0);
  return before.add(x.sub(before).mul(share));
}

/**
 * Fades neighbouring images of a batch into each other: share x_i + (1 - share) x_{i-1}, one share for the batch.
 *
 * H. Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017.
 */
export class MixUp extends Mix {
  protected override mix(images: Tensor, share: Tensor): [Tensor, Tensor] {
    const own = share.to(images.dtype);
    return [between(images, own), own];
  }
}

/**
 * Puts a rectangle of the image before into each image of a batch; the labels count by area. One rectangle for the batch, with sides
 * sqrt(1 - share) of the image's, around a random middle, cut off at the border.
 *
 * S. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019.
 */
export class CutMix extends Mix {
  protected override mix(images: Tensor, share: Tensor): [Tensor, Tensor] {
    const [height, width] = [images.size(2), images.size(3)];
    const half = share.neg().add(1).sqrt().mul(0.5);
    const line = (size: number): Tensor => {
      const middle = randint(0, size, [], { dtype: 'int64', generator: this.generator }).to(images.device);
      const reach = half.mul(size).trunc();
      const place = arange(size, { device: images.device });
      return place.ge(middle.sub(reach)).logicalAnd(place.lt(middle.add(reach)));
    };
    const rows = line(height);
    const columns = line(width);
    const inside = rows.unsqueeze(1).logicalAnd(columns);
    return [where(inside, images.roll(1, 0), images), inside.to(images.dtype).mean().neg().add(1)];
  }
}
