import { noGrad } from '../../autograd/modes';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { constantPadNd, stack } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';

export interface MakeGridOptions {
  /** Images in a row. Default 8. */
  nrow?: number;
  /** Pixels between images and around them. Default 2. */
  padding?: number;
  /** Shift and stretch values to [0, 1]. Default false. */
  normalize?: boolean;
  /** With `normalize`: the values that become 0 and 1; what is outside is clamped. Default: the smallest and the largest value. */
  valueRange?: readonly [low: number, high: number] | null;
  /** With `normalize`: each image by its own smallest and largest value instead of those of all. Default false. */
  scaleEach?: boolean;
  /** Value of the padding and of places without an image. Default 0. */
  padValue?: number;
}

/**
 * A batch of images as one image, row by row: `torchvision.utils.make_grid`, its options, defaults and values.
 *
 * @param images [batch, channels, height, width], a list of images of one shape, or one image ([channels, height, width] or
 * [height, width]), which gets no padding; images of one channel become RGB
 * @returns [channels, rows * (height + padding) + padding, columns * (width + padding) + padding]
 * @throws for other shapes, and options out of their range
 */
export function makeGrid(images: Tensor | readonly Tensor[], options?: MakeGridOptions): Tensor {
  return scope(() =>
    noGrad(() => {
      const batch = batchOf(images);
      return gridOf(batch.shape[1] === 1 ? batch.expand([-1, 3, -1, -1]) : batch, checkedOptions(options, 'makeGrid'));
    }),
  );
}

/** What is given as [batch, channels, height, width]. */
export function batchOf(images: Tensor | readonly Tensor[]): Tensor {
  const tensor = Array.isArray(images) ? stackOf(images as readonly Tensor[]) : (images as Tensor);
  if (!(tensor instanceof Tensor)) throw expected('a tensor or a list of them', 'images', images);
  if (tensor.dim() < 2 || tensor.dim() > 4 || tensor.numel() === 0)
    throw expected('[batch, channels, height, width], [channels, height, width] or [height, width] with pixels', 'images', tensor);
  const { shape } = tensor.detach();
  return tensor.detach().reshape([...[1, 1].slice(shape.length - 2), ...shape]);
}

function stackOf(images: readonly Tensor[]): Tensor {
  const [first] = images;
  if (first === undefined) throw expected('at least one image', 'images', images);
  for (const [k, image] of images.entries()) {
    if (!(image instanceof Tensor)) throw expected('a tensor', `image ${k}`, image);
    if (String(image.shape) !== String(first.shape)) throw expected(`[${first.shape.join(', ')}] as of image 0`, `image ${k}`, image);
  }
  return stack(images.map((image) => image.detach()));
}

/** The grid, with the channels that the images have. */
export function gridOf(batch: Tensor, options: MakeGridOptions): Tensor {
  const { nrow = 8, padding = 2, normalize = false, valueRange = null, scaleEach = false, padValue = 0 } = options;
  if (!Number.isSafeInteger(nrow) || nrow < 1) throw expected('a positive whole number', 'nrow', nrow);
  if (!Number.isSafeInteger(padding) || padding < 0) throw expected('a whole number of at least 0', 'padding', padding);
  if (typeof padValue !== 'number') throw expected('a number', 'padValue', padValue);
  const images = normalize ? normalized(batch, valueRange, scaleEach) : batch;
  const [count, channels, height, width] = images.shape as [number, number, number, number];
  if (count === 1) return images.squeeze(0).clone();
  const columns = Math.min(nrow, count);
  const rows = Math.ceil(count / columns);
  const cells = images.newFull([rows * columns, channels, height + padding, width + padding], padValue);
  cells.narrow(0, 0, count).narrow(2, padding, height).narrow(3, padding, width).copy_(images);
  const grid = cells
    .view([rows, columns, channels, height + padding, width + padding])
    .permute([2, 0, 3, 1, 4])
    .reshape([channels, rows * (height + padding), columns * (width + padding)]);
  return constantPadNd(grid, [0, padding, 0, padding], padValue);
}

/** The narrowest range that is stretched: constant images must not divide by 0. */
const NARROWEST = 1e-5;

function normalized(batch: Tensor, valueRange: readonly [number, number] | null, scaleEach: boolean): Tensor {
  if (!batch.isFloatingPoint()) throw expected('images of a floating point dtype', 'makeGrid with normalize', batch);
  if (valueRange !== null) {
    const [low, high] = Array.isArray(valueRange) ? valueRange : [];
    if (typeof low !== 'number' || typeof high !== 'number' || valueRange.length !== 2)
      throw expected('two numbers, [low, high]', 'valueRange', valueRange);
    return batch
      .clamp({ min: low, max: high })
      .sub(low)
      .div(Math.max(high - low, NARROWEST));
  }
  const dim = scaleEach ? [1, 2, 3] : [0, 1, 2, 3];
  const low = batch.amin(dim, { keepdim: true });
  return batch.sub(low).div(batch.amax(dim, { keepdim: true }).sub(low).clampMin(NARROWEST));
}
