/** Blocks of a long row of tokens, for language models. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import type { BatchedDataset } from './dataset';

/** Tokens and those one position later, int64[block] each; in a batch int64[n, block]. */
export type TokenBlock = readonly [tokens: Tensor, targets: Tensor];

/**
 * Every stretch of `blockSize` tokens with the tokens that follow each: sample `i` is `[t[s .. s + blockSize], t[s + 1 .. s +
 * blockSize + 1]]` with s = i * stride. The tokens are kept: they belong to no scope.
 *
 * @throws unless `tokens` is int64[n] with n > blockSize, and `blockSize` and `stride` are whole numbers of at least 1
 */
export class TokenBlocks implements BatchedDataset<TokenBlock, TokenBlock> {
  /** Number of blocks: floor((n - blockSize - 1) / stride) + 1. */
  readonly length: number;
  readonly blockSize: number;
  /** A view [length, blockSize + 1] of the tokens: every block with one token more. */
  readonly #windows: Tensor;

  /** @param options `stride`: tokens from one block to the next, default 1 */
  constructor(tokens: Tensor, blockSize: number, options?: { stride?: number }) {
    const { stride = 1 } = checkedOptions(options, 'TokenBlocks');
    if (!(tokens instanceof Tensor) || tokens.dtype !== 'int64' || tokens.dim() !== 1)
      throw expected('an int64 tensor of one dimension', 'tokens', tokens);
    for (const [name, value] of [
      ['blockSize', blockSize],
      ['stride', stride],
    ] as const) {
      if (!Number.isSafeInteger(value) || value < 1) throw expected('a whole number of at least 1', name, value);
    }
    if (tokens.numel() <= blockSize) throw expected(`more than ${blockSize} tokens`, 'tokens', tokens);
    this.blockSize = blockSize;
    this.#windows = tokens.unfold(0, blockSize + 1, stride).keep();
    this.length = this.#windows.shape[0] as number;
  }

  get(index: number): TokenBlock {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    return this.#shifted(this.#windows.select(0, index));
  }

  getBatch(indices: Tensor): TokenBlock {
    return this.#shifted(this.#windows.indexSelect(0, indices));
  }

  #shifted(windows: Tensor): TokenBlock {
    return [windows.narrow(-1, 0, this.blockSize), windows.narrow(-1, 1, this.blockSize)];
  }
}
