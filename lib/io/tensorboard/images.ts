import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { batchOf, gridOf } from '../image/make-grid';
import { encodePng } from '../image/png';

/** One image as TensorBoard keeps it. */
export interface EncodedImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly png: Uint8Array;
}

/**
 * An image, or a batch as a grid of eight in a row. Values are 0 to 1, for uint8 0 to 255; what is outside is clamped, and fractions
 * are cut off, as PyTorch does.
 *
 * @param dataformats what the dimensions are, a letter each: N (batch), C (channels), H (height), W (width)
 */
export function encodeImage(image: Tensor, dataformats: string): EncodedImage {
  const order = orderOf(dataformats, image);
  return scope(() => {
    const grid = gridOf(batchOf(image.detach().permute(order)), { padding: 0 });
    const scaled = grid.dtype === 'uint8' ? grid : grid.to('float32').mul(255).clamp({ min: 0, max: 255 }).to('uint8');
    const [channels, height, width] = scaled.shape as [number, number, number];
    return { height, width, channels, png: encodePng(scaled) };
  });
}

/** Where the dimensions of [N, C, H, W], or of as many of them as there are, lie. */
function orderOf(dataformats: string, image: Tensor): number[] {
  const letters = [...String(dataformats).toUpperCase()];
  const order = [...'NCHW'].map((letter) => letters.indexOf(letter)).filter((at) => at >= 0);
  const known =
    order.length === letters.length && letters.includes('H') && letters.includes('W') && !(letters.includes('N') && order.length < 4);
  if (!known) throw expected("'HW', 'CHW' or 'NCHW' in any order", 'dataformats', dataformats);
  if (image.dim() !== order.length) throw expected(`a tensor of ${order.length} dimensions, ${dataformats},`, 'the image', image);
  return order;
}
