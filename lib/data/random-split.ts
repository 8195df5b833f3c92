import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { randperm } from '../tensor/generated/root';
import { type Dataset, isIndexed } from './dataset';
import { generatorOf, type Randomness } from './randomness';
import { Subset } from './subset';

/**
 * Divides a dataset at random into parts that share no sample. Under a given seed the parts are those of PyTorch's
 * `random_split`.
 *
 * ```ts
 * const [train, validation] = randomSplit(dataset, [0.9, 0.1], { seed: 0 });
 * ```
 *
 * @param lengths of the parts; or fractions that sum to 1: each part then has floor(fraction * length) samples, and what is
 *   left goes to the parts in turn, one sample each
 * @throws unless the lengths sum to the dataset's, or the fractions to 1
 */
export function randomSplit<Source extends Dataset<unknown>, const Lengths extends readonly number[]>(
  dataset: Source,
  lengths: Lengths,
  options?: Randomness,
): { -readonly [K in keyof Lengths]: Subset<Source> } {
  if (!isIndexed(dataset)) throw expected('a dataset with length and get', 'randomSplit', dataset);
  const sizes = sizesOf(lengths, dataset.length);
  const order = randperm(dataset.length, { generator: generatorOf(checkedOptions(options, 'randomSplit')) ?? null });
  let from = 0;
  const parts = sizes.map((size) => {
    const part = new Subset(dataset, order.narrow(0, from, size).clone());
    from += size;
    return part;
  });
  order.dispose();
  return parts as { -readonly [K in keyof Lengths]: Subset<Source> };
}

function sizesOf(lengths: readonly number[], length: number): readonly number[] {
  if (!Array.isArray(lengths)) throw expected('an array of numbers', 'lengths', lengths);
  const odd = lengths.findIndex((value) => typeof value !== 'number' || !(value >= 0));
  if (odd >= 0) throw expected('a number from 0', `lengths[${odd}]`, lengths[odd]);
  const sum = lengths.reduce((a, b) => a + b, 0);
  // As in PyTorch: fractions, when their sum is 1 but for rounding and not above it.
  if (Math.abs(sum - 1) <= 1e-9 && sum <= 1) {
    const sizes = lengths.map((fraction) => Math.floor(length * fraction));
    const left = length - sizes.reduce((a, b) => a + b, 0);
    for (let k = 0; k < left; k++) sizes[k % sizes.length] = (sizes[k % sizes.length] as number) + 1;
    return sizes;
  }
  if (sum !== length || !lengths.every(Number.isInteger)) {
    throw expected(`lengths that sum to ${length}, or fractions that sum to 1,`, 'randomSplit', `sum ${sum}`);
  }
  return lengths;
}
