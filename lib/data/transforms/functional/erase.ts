import { checkedTensor } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { arange, where } from '../../../tensor/generated/root';
import type { Tensor } from '../../../tensor/tensor';
import { asColumn, checkImage, type PerImage } from './image';

/**
 * Writes `value` over a rectangle: from row `top` and column `left`, `height` x `width` pixels, each a number or one for each image of a
 * batch.
 *
 * @param value broadcasts to the image: [C, 1, 1], or the image's own shape, of which the rectangle's part is taken
 */
export function erase(image: Tensor, top: PerImage, left: PerImage, height: PerImage, width: PerImage, value: Tensor | number): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'erase');
  const inside = (begin: PerImage, size: PerImage, axis: -1 | -2, name: string): Tensor => {
    const from = asColumn(begin, image, name);
    const place = arange(image.size(axis), { dtype: 'float64' });
    const hit = place.ge(from.unsqueeze(1)).logicalAnd(place.lt(from.add(asColumn(size, image, name)).unsqueeze(1)));
    return hit.to(image.device);
  };
  const rows = inside(top, height, -2, 'top and height');
  const columns = inside(left, width, -1, 'left and width');
  const mask = rows.unsqueeze(-1).logicalAnd(columns.unsqueeze(-2)); // [N or 1, H, W]
  const over = typeof value === 'number' ? value : value.to(image.device, image.dtype);
  if (typeof over === 'number' && !Number.isFinite(over)) throw expected('a finite number', 'value', value);
  return where(image.dim() === 4 ? mask.unsqueeze(1) : mask, over, image).to(image.dtype);
}
