import { checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';

/** The shapes that a layer takes, by their number of dimensions: `{ 4: '[N, C, H, W]' }`. */
export type Shapes = Readonly<Record<number, string>>;

/**
 * Refuses an input of another number of dimensions.
 *
 * Most layers leave this to libtorch; it is for those that would take a wrong dimension for the channels.
 */
export function checkDimensions(input: Tensor, shapes: Shapes, where: string): void {
  checkedTensor(input, 'input');
  if (input.dim() in shapes) return;
  throw expected(`a tensor ${Object.values(shapes).join(' or ')}`, where, input);
}
