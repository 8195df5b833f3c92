import { checkedOptions, checkedTensor } from '../../tensor/checked';
import * as root from '../../tensor/generated/root';
import { checkProbability } from '../../tensor/numbers';
import type { Tensor } from '../../tensor/tensor';
import { checkDimensions, type Shapes } from '../dimensions';

export interface DropoutOptions {
  /** Probability that an element, or a channel, is dropped. Default 0.5. */
  p?: number;
  /** False: the identity. Default true, but for the alpha forms, where it is false. */
  training?: boolean;
  /** Overwrite the input. Default false. */
  inplace?: boolean;
}

/** Sets elements to zero with probability p and multiplies the rest by 1 / (1 - p). */
export function dropout(input: Tensor, options?: DropoutOptions): Tensor {
  const { p = 0.5, training = true, inplace = false } = checkedOptions(options, 'dropout');
  checkProbability(p, 'p');
  return inplace ? root.dropout_(input, p, training) : root.dropout(input, p, training);
}

const SEQUENCES: Shapes = { 2: '[C, L]', 3: '[N, C, L]' };

/** Sets whole channels of [N, C, L] or [C, L] to zero with probability p and multiplies the rest by 1 / (1 - p). */
export function dropout1d(input: Tensor, options?: DropoutOptions): Tensor {
  checkedTensor(input, 'input');
  checkDimensions(input, SEQUENCES, 'dropout1d');
  return input.dim() === 2 ? unbatched(input, options, 'dropout1d') : featureDropout(input, options, 'dropout1d');
}

/** Sets whole channels of [N, C, H, W] to zero with probability p and multiplies the rest by 1 / (1 - p). */
export function dropout2d(input: Tensor, options?: DropoutOptions): Tensor {
  return featureDropout(input, options, 'dropout2d');
}

/** Sets whole channels of [N, C, D, H, W] or [C, D, H, W] to zero with probability p and multiplies the rest by 1 / (1 - p). */
export function dropout3d(input: Tensor, options?: DropoutOptions): Tensor {
  checkedTensor(input, 'input');
  return input.dim() === 4 ? unbatched(input, options, 'dropout3d') : featureDropout(input, options, 'dropout3d');
}

/** Sets elements to SELU's limit with probability p, and keeps mean and variance (Klambauer et al., 2017). Default: not training. */
export function alphaDropout(input: Tensor, options?: DropoutOptions): Tensor {
  const { p = 0.5, training = false, inplace = false } = checkedOptions(options, 'alphaDropout');
  checkProbability(p, 'p');
  return inplace ? root.alphaDropout_(input, p, training) : root.alphaDropout(input, p, training);
}

/** `alphaDropout` for whole channels of [N, C, *]. Default: not training. */
export function featureAlphaDropout(input: Tensor, options?: DropoutOptions): Tensor {
  const { p = 0.5, training = false, inplace = false } = checkedOptions(options, 'featureAlphaDropout');
  checkProbability(p, 'p');
  return inplace ? root.featureAlphaDropout_(input, p, training) : root.featureAlphaDropout(input, p, training);
}

function featureDropout(input: Tensor, options: DropoutOptions | undefined, where: string): Tensor {
  const { p = 0.5, training = true, inplace = false } = checkedOptions(options, where);
  checkProbability(p, 'p');
  return inplace ? root.featureDropout_(input, p, training) : root.featureDropout(input, p, training);
}

/** As a batch of one, which shares the input's memory. */
function unbatched(input: Tensor, options: DropoutOptions | undefined, where: string): Tensor {
  const result = featureDropout(input.unsqueeze(0), options, where);
  return options?.inplace === true ? input : result.squeeze(0);
}
