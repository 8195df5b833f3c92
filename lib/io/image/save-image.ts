import { noGrad } from '../../autograd/modes';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { writeAll, writeAtomically } from '../atomic';
import { batchOf, gridOf, type MakeGridOptions } from './make-grid';
import { type EncodePngOptions, encodePng } from './png';

export type SaveImageOptions = MakeGridOptions & EncodePngOptions;

/**
 * Writes an image, or the grid of a batch (`makeGrid`), as PNG. Values from 0 to 1 become 0 to 255, rounded, and what is outside is
 * clamped, as by `torchvision.utils.save_image`; uint8 is taken as it is. One channel is written as gray, 3 as RGB, 4 as RGBA.
 *
 * The file appears under its name only when it is whole.
 *
 * @param images as of `makeGrid`
 * @param path ends in `.png`
 * @throws as `makeGrid` does, for other numbers of channels, and when the file cannot be written
 */
export function saveImage(images: Tensor | readonly Tensor[], path: string, options?: SaveImageOptions): void {
  const given = checkedOptions(options, 'saveImage');
  if (typeof path !== 'string' || !/\.png$/i.test(path)) throw expected('a path that ends in .png', 'saveImage', path);
  const png = scope(() => noGrad(() => encodePng(bytesOf(gridOf(batchOf(images), given)), given)));
  writeAtomically(path, (file) => writeAll(file, png));
}

function bytesOf(grid: Tensor): Tensor {
  if (grid.dtype === 'uint8') return grid;
  if (!grid.isFloatingPoint()) throw expected('images of a floating point dtype or uint8', 'saveImage', grid);
  return grid.mul(255).add(0.5).clamp({ min: 0, max: 255 }).to('uint8');
}
