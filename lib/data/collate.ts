/** Many samples made one batch. */

import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { stack } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';

/** The type of a batch of samples of type `Sample`. */
export type Collated<Sample> = Sample extends Tensor | number | bigint | boolean
  ? Tensor
  : Sample extends string
    ? string[]
    : Sample extends readonly unknown[]
      ? { -readonly [K in keyof Sample]: Collated<Sample[K]> }
      : Sample extends object
        ? { -readonly [K in keyof Sample]: Collated<Sample[K]> }
        : never;

/**
 * Stacks samples along a new first axis: tensors by `stack`, numbers and booleans as `torch.tensor` does
 * (int64 when all are whole, else float32), bigints to int64; strings become a list; tuples and objects are collated part by
 * part.
 *
 * @throws when the samples differ in structure, or hold something else
 */
export function collate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  return collateAny(samples, 'the samples', 0) as Collated<Sample>;
}

const DEEPEST = 64;

function collateAny(samples: readonly unknown[], where: string, depth: number): unknown {
  if (depth > DEEPEST) throw expected(`samples nested at most ${DEEPEST} deep, without cycles,`, 'collate', samples);
  const first = samples[0];
  if (first instanceof Tensor) return stack(allOf(samples, where, (sample) => sample instanceof Tensor, 'a tensor') as Tensor[]);
  switch (typeof first) {
    case 'number':
      return tensor(allOf(samples, where, (sample) => typeof sample === 'number', 'a number') as number[]);
    case 'bigint':
      return tensor(allOf(samples, where, (sample) => typeof sample === 'bigint', 'a bigint') as bigint[], { dtype: 'int64' });
    case 'boolean':
      return tensor(allOf(samples, where, (sample) => typeof sample === 'boolean', 'a boolean') as boolean[], { dtype: 'bool' });
    case 'string':
      return allOf(samples, where, (sample) => typeof sample === 'string', 'a string');
  }
  if (Array.isArray(first)) {
    const same = (sample: unknown): boolean => Array.isArray(sample) && sample.length === first.length;
    const rows = allOf(samples, where, same, `an array of ${first.length}`) as unknown[][];
    return first.map((_, k) =>
      collateAny(
        rows.map((row) => row[k]),
        `element ${k} of ${where}`,
        depth + 1,
      ),
    );
  }
  if (typeof first === 'object' && first !== null) {
    const rows = allOf(samples, where, (sample) => typeof sample === 'object' && sample !== null, 'an object') as Record<string, unknown>[];
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        collateAny(
          rows.map((row) => row[key]),
          `${key} of ${where}`,
          depth + 1,
        ),
      ]),
    );
  }
  throw expected('tensors, numbers, strings, arrays or objects', where, first);
}

function allOf(samples: readonly unknown[], where: string, test: (sample: unknown) => boolean, what: string): readonly unknown[] {
  const odd = samples.find((sample) => !test(sample));
  if (odd !== undefined || samples.includes(undefined)) throw expected(`${what} like the first`, where, odd);
  return samples;
}
