/** Random batches of embeddings for the losses of metric learning, and their terms one by one in plain numbers. */

import * as torch from '../../lib';

export interface Labelled {
  readonly embeddings: torch.Tensor;
  readonly labels: torch.Tensor;
}

/** `[description, make]` for `test.each`: float64 embeddings with positive and negative pairs in every batch. */
export function labelledBatches(): [string, () => Labelled][] {
  return [
    [3, 1, 2],
    [6, 4, 3],
    [11, 5, 4],
    [40, 8, 7],
  ].map(([samples, features, classes], k) => [
    `${samples} samples of ${classes} classes, ${features} features`,
    () => {
      torch.manualSeed(k);
      const drawn = torch.randint(classes as number, [samples as number]);
      // The first three are there in any case: two of a label, and another.
      return {
        embeddings: torch.randn(samples as number, features as number, { dtype: 'float64' }).requiresGrad_(),
        labels: torch.cat([torch.tensor([0, 0, 1]), drawn.narrow(0, 3, (samples as number) - 3)]),
      };
    },
  ]);
}

/** Rows as arrays of numbers, of length 1 when wanted. */
export function rowsOf(embeddings: torch.Tensor, normalize = false): number[][] {
  const rows = embeddings.detach().toArray() as number[][];
  if (!normalize) return rows;
  return rows.map((row) => {
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}

export function labelsOf(labels: torch.Tensor): number[] {
  return (labels.toArray() as (number | bigint)[]).map(Number);
}

export function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, k) => value - (b[k] as number)));
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * (b[k] as number), 0) / (Math.hypot(...a) * Math.hypot(...b));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Terms as a loss reduces them. */
export function reduce(terms: readonly number[], reduction: 'nonzero' | 'mean' | 'sum'): number {
  if (reduction === 'sum') return sum(terms);
  const count = reduction === 'mean' ? terms.length : terms.filter((term) => term > 0).length;
  return sum(terms) / Math.max(1, count);
}

/** All i, j, k with j of i's label and k of another. */
export function triplets(labels: readonly number[]): [number, number, number][] {
  const all = labels.map((_, i) => i);
  return all.flatMap((i) =>
    all
      .filter((j) => j !== i && labels[j] === labels[i])
      .flatMap((j) => all.filter((k) => labels[k] !== labels[i]).map((k): [number, number, number] => [i, j, k])),
  );
}
