/** Sequences of different lengths in one batch: padded, and packed for recurrent layers. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { tensor as tensorOf } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { Tensor } from '../../tensor/tensor';
import type { DeviceLike, DType } from '../../tensor/types';

/**
 * Sequences of different lengths, longest first, without padding: all first steps, then all second steps, and so on. Made by
 * `packPaddedSequence` and `packSequence`, taken and given by recurrent layers.
 */
export class PackedSequence {
  constructor(
    /** All steps, [sum of the lengths, *]. */
    readonly data: Tensor,
    /** How many sequences have a first step, a second, and so on: int64 [longest length], on the CPU. */
    readonly batchSizes: Tensor,
    /** Where in the batch that was given each sequence was; null when they were in order of length. */
    readonly sortedIndices: Tensor | null = null,
    /** Where each sequence of that batch is now. */
    readonly unsortedIndices: Tensor | null = sortedIndices === null ? null : invertPermutation(sortedIndices),
  ) {}

  /** The same steps on another device or in another dtype. */
  to(options: { device?: DeviceLike; dtype?: DType }): PackedSequence {
    const indices = (tensor: Tensor | null): Tensor | null => tensor?.to({ device: options.device }) ?? null;
    return new PackedSequence(this.data.to(options), this.batchSizes, indices(this.sortedIndices), indices(this.unsortedIndices));
  }

  /** How many sequences there are. */
  get length(): number {
    return Number(this.batchSizes.select(0, 0).item());
  }
}

export interface BatchFirstOptions {
  /** The padded tensor is [N, T, *] and not [T, N, *]. Default false. */
  batchFirst?: boolean;
}

export interface PackOptions {
  /** The sequences are given longest first; false: any order, they are sorted here and put back by `padPackedSequence`. Default true. */
  enforceSorted?: boolean;
}

export interface PadPackedOptions extends BatchFirstOptions {
  /** Default 0. */
  paddingValue?: number;
  /** Length to pad to. Default: that of the longest sequence. */
  totalLength?: number | null;
}

export interface PadSequenceOptions extends BatchFirstOptions {
  /** Default 0. */
  paddingValue?: number;
  /** Where the padding is. Default `'right'`, behind. */
  paddingSide?: 'left' | 'right';
}

/**
 * Packs a padded batch [T, N, *] of sequences of these lengths, [N].
 *
 * @throws for lengths that are not the batch's, below 1, or not in descending order with `enforceSorted`
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options?: BatchFirstOptions & PackOptions,
): PackedSequence {
  checkedTensor(input, 'input');
  const { batchFirst = false, enforceSorted = true } = checkedOptions(options, 'packPaddedSequence');
  const given = lengthsOf(lengths);
  if (enforceSorted) {
    // Lengths are on the CPU, so that looking at them halts nothing.
    if (given.dim() === 1 && given.numel() > 1 && Number(given.diff().max().item()) > 0)
      throw expected('descending order, or { enforceSorted: false },', 'lengths', lengths);
    const [data, batchSizes] = root._packPaddedSequence(input, given, batchFirst);
    return new PackedSequence(data, batchSizes);
  }
  const sorted = given.sort({ descending: true });
  const order = sorted.indices.to(input.device);
  const [data, batchSizes] = root._packPaddedSequence(input.indexSelect(batchFirst ? 0 : 1, order), sorted.values, batchFirst);
  return new PackedSequence(data, batchSizes, order);
}

/**
 * The padded batch [T, N, *] of packed sequences, in the order they were packed in, and their lengths, int64 [N] on the CPU.
 *
 * @throws for a `totalLength` below the longest sequence's
 */
export function padPackedSequence(sequence: PackedSequence, options?: PadPackedOptions): [padded: Tensor, lengths: Tensor] {
  const { batchFirst = false, paddingValue = 0, totalLength = null } = checkedOptions(options, 'padPackedSequence');
  if (!(sequence instanceof PackedSequence)) throw expected('a packed sequence', 'padPackedSequence', sequence);
  const longest = sequence.batchSizes.size(0);
  if (totalLength !== null && totalLength < longest) throw expected(`a length from ${longest}`, 'totalLength', totalLength);
  const { data, batchSizes, unsortedIndices } = sequence;
  const [padded, lengths] = root._padPackedSequence(data, batchSizes, batchFirst, paddingValue, totalLength ?? longest);
  if (unsortedIndices === null) return [padded, lengths];
  return [padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices), lengths.indexSelect(0, unsortedIndices.cpu())];
}

/** Sequences [T_i, *] as one batch [T, N, *], padded to the length of the longest. */
export function padSequence(sequences: readonly Tensor[], options?: PadSequenceOptions): Tensor {
  const { batchFirst = false, paddingValue = 0, paddingSide = 'right' } = checkedOptions(options, 'padSequence');
  checkSequences(sequences, 'padSequence');
  if (paddingSide !== 'left' && paddingSide !== 'right') throw expected("'left' or 'right'", 'paddingSide', paddingSide);
  return nnFunctional.padSequence(sequences, batchFirst, paddingValue, paddingSide);
}

/** The sequences of a padded batch [T, N, *] with these lengths, each by itself. */
export function unpadSequence(padded: Tensor, lengths: Tensor | readonly number[], options?: BatchFirstOptions): Tensor[] {
  checkedTensor(padded, 'padded');
  const { batchFirst = false } = checkedOptions(options, 'unpadSequence');
  const batch = padded.unbind(batchFirst ? 0 : 1);
  const steps = (lengths instanceof Tensor ? (lengths.toArray() as (number | bigint)[]) : lengths).map(Number);
  if (steps.length !== batch.length) throw expected(`${batch.length} lengths`, 'unpadSequence', lengths);
  return batch.map((sequence, k) => sequence.narrow(0, 0, steps[k] as number));
}

/** Packs sequences [T_i, *]. @throws when they are not in descending order of length, with `enforceSorted` */
export function packSequence(sequences: readonly Tensor[], options?: PackOptions): PackedSequence {
  const { enforceSorted = true } = checkedOptions(options, 'packSequence');
  checkSequences(sequences, 'packSequence');
  const lengths = sequences.map((sequence) => sequence.size(0));
  return packPaddedSequence(padSequence(sequences), lengths, { enforceSorted });
}

/** The sequences that were packed, each by itself. */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(sequence, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}

function lengthsOf(lengths: Tensor | readonly number[]): Tensor {
  if (lengths instanceof Tensor) return lengths.to({ device: 'cpu', dtype: 'int64' });
  if (!Array.isArray(lengths)) throw expected('a tensor or an array of whole numbers', 'lengths', lengths);
  return tensorOf(lengths, { dtype: 'int64' });
}

function checkSequences(sequences: readonly Tensor[], where: string): void {
  if (!Array.isArray(sequences) || sequences.length === 0 || !sequences.every((sequence) => sequence instanceof Tensor))
    throw expected('an array of tensors', where, sequences);
}

function invertPermutation(permutation: Tensor): Tensor {
  const positions = root.arange(permutation.numel(), { device: permutation.device });
  return root.emptyLike(permutation).scatter_(0, permutation, positions);
}
