import { noGrad } from '../../autograd/modes';
import { fromTypedArray } from '../../tensor/creation';
import { isComplexDType } from '../../tensor/dtype';
import { expected } from '../../tensor/expected';
import { bucketize, cat, stack } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';

/** How values are distributed, as TensorBoard draws it: bucket k holds the values below limit k that are in no earlier one. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** Edges of buckets: TensorBoard's own, so many of equal width between the least and the largest value, or given ones. */
export type HistogramBins = 'tensorflow' | number | readonly number[];

/** From 1e-12 to 1e20 and their negatives, each a tenth further than the one before, and 0. */
const TENSORFLOW_EDGES: readonly number[] = (() => {
  const edges: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) edges.push(edge);
  return [...edges.map((edge) => -edge).reverse(), 0, ...edges];
})();

/**
 * The histogram of all elements, in float64, computed where the tensor is; a few numbers come back. Values outside of all buckets
 * count in everything but the buckets.
 */
export function histogramOf(values: Tensor, bins: HistogramBins, maxBins: number | null): Histogram {
  if (values.numel() === 0) throw expected('at least one value', 'addHistogram', values);
  if (isComplexDType(values.dtype)) throw expected('real values', 'addHistogram', values);
  return scope(() =>
    noGrad(() => {
      const flat = values.detach().to('float64').reshape([-1]);
      const range = flat.aminmax();
      const edges = edgesOf(bins, () => [range.min.item() as number, range.max.item() as number]);
      const last = edges.at(-1) as number;
      const boundaries = fromTypedArray(Float64Array.from(edges)).to(flat.device);
      // Bucket k is [edge k, edge k + 1), the last one with its end; before it comes what is below all of them.
      const below = bucketize(flat, boundaries, { right: true }).bincount({ minlength: edges.length + 1 });
      const facts = stack([range.min, range.max, flat.sum(), flat.dot(flat), flat.eq(last).sum().to('float64')]);
      const [min, max, sum, sumSquares, atLast, ...all] = cat([facts, below.to('float64')]).toArray() as number[];
      const counts = all.slice(1, edges.length);
      counts[counts.length - 1] = (counts.at(-1) as number) + (atLast as number);
      return {
        min: min as number,
        max: max as number,
        count: values.numel(),
        sum: sum as number,
        sumSquares: sumSquares as number,
        ...supported(merged({ counts, edges }, maxBins)),
      };
    }),
  );
}

interface Buckets {
  readonly counts: readonly number[];
  /** One more than counts. */
  readonly edges: readonly number[];
}

function edgesOf(bins: HistogramBins, range: () => [number, number]): readonly number[] {
  if (bins === 'tensorflow') return TENSORFLOW_EDGES;
  if (typeof bins === 'number') {
    if (!Number.isSafeInteger(bins) || bins < 1) throw expected('a positive whole number of buckets', 'bins', bins);
    let [first, last] = range();
    if (!Number.isFinite(first) || !Number.isFinite(last)) throw expected('finite values', 'addHistogram with a number of bins', first);
    if (first === last) [first, last] = [first - 0.5, last + 0.5]; // as numpy
    return Array.from({ length: bins + 1 }, (_, k) => (k === bins ? last : first + k * ((last - first) / bins)));
  }
  if (!Array.isArray(bins) || bins.length < 2 || !bins.every((edge, k) => k === 0 || edge > (bins[k - 1] as number)))
    throw expected("'tensorflow', a number of buckets, or at least two edges that rise", 'bins', bins);
  return bins as readonly number[];
}

/** Neighbours together, as many as it takes to have at most about `most` buckets. */
function merged({ counts, edges }: Buckets, most: number | null): Buckets {
  if (most === null || counts.length <= most) return { counts, edges };
  const together = Math.floor(counts.length / most);
  const starts = Array.from({ length: Math.ceil(counts.length / together) }, (_, k) => k * together);
  return {
    counts: starts.map((start) => counts.slice(start, start + together).reduce((sum, count) => sum + count, 0)),
    edges: [...starts.map((start) => edges[start] as number), edges.at(-1) as number],
  };
}

/** Only the buckets from the first to the last that hold something, and an empty one before: its limit is where the first begins. */
function supported({ counts, edges }: Buckets): { limits: number[]; counts: number[] } {
  const first = counts.findIndex((count) => count > 0);
  if (first === -1) throw expected('a value in one of the buckets', 'addHistogram', 'none');
  const last = counts.findLastIndex((count) => count > 0);
  return { limits: edges.slice(first, last + 2), counts: [0, ...counts.slice(first, last + 1)] };
}
