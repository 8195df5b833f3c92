import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';

export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

export interface PadOptions {
  /**
   * `'reflect'` mirrors at the border element, `'replicate'` repeats it, `'circular'` goes on at the other end; these three pad
   * the last one to three dimensions of [N, C, *] or [C, *]. Default `'constant'`.
   */
  mode?: PadMode;
  /** For mode `'constant'`. Default 0. */
  value?: number | null;
}

const MODES: readonly unknown[] = ['constant', 'reflect', 'replicate', 'circular'];

/**
 * Adds elements around the last dimensions. `pad` lists before and after, last dimension first: [left, right, top, bottom].
 * Negative numbers take elements away.
 *
 * @throws for another mode, and for sizes that the mode cannot add
 */
export function pad(input: Tensor, pad: readonly number[], options?: PadOptions): Tensor {
  const { mode = 'constant', value = null } = checkedOptions(options, 'pad');
  if (!MODES.includes(mode)) throw expected("'constant', 'reflect', 'replicate' or 'circular'", 'mode of pad', mode);
  return nnFunctional.pad(input, pad, mode, value);
}
