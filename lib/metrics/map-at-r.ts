import { NONE, type Split } from '../nn/metric-learning/gallery';
import { arange, searchsorted } from '../tensor/generated/root';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { overQueries, type RetrievalOptions, type Search } from './retrieval';

/**
 * Mean average precision at R. Of a query with R rows of its label in the gallery: `1/R sum over the R nearest of P(i)` where the i-th nearest
 * has its label, 0 elsewhere, with P(i) the share of its label among the i nearest. It is 1 when all R stand first, and tells apart orders
 * that recall at 1 does not. Ties favour the right ones. A query without any row of its label counts as 0.
 *
 * Like `recallAtK` it takes blocks of queries, and of memory some 200 MiB beside the inputs and a copy of the gallery.
 *
 * Shapes: embeddings [Q, D], labels int64 [Q], gallery [N, D] and galleryLabels int64 [N], or null for both: each query among all the others;
 * a scalar float64. No gradient flows; a row with NaN is never found and never finds.
 *
 * @throws for no queries, an empty gallery, another shape, rows that are not floating-point, an unknown metric
 *
 * Musgrave, Belongie, Lim: A Metric Learning Reality Check. ECCV 2020, arXiv 2003.08505
 */
export function mapAtR(
  embeddings: Tensor,
  labels: Tensor,
  gallery: Tensor | null = null,
  galleryLabels: Tensor | null = null,
  options?: RetrievalOptions,
): Tensor {
  return meanOf([embeddings, labels, gallery, galleryLabels], options, 'mapAtR');
}

/**
 * R-precision: the share of a query's label among its R nearest, where R rows of the gallery have it; the mean over the queries. Ties favour the
 * right ones. A query without any row of its label counts as 0.
 *
 * Shapes, memory and refusals as `mapAtR`.
 *
 * Musgrave, Belongie, Lim: A Metric Learning Reality Check. ECCV 2020, arXiv 2003.08505
 */
export function rPrecision(
  embeddings: Tensor,
  labels: Tensor,
  gallery: Tensor | null = null,
  galleryLabels: Tensor | null = null,
  options?: RetrievalOptions,
): Tensor {
  return meanOf([embeddings, labels, gallery, galleryLabels], options, 'rPrecision');
}

/** What is averaged over the queries, under its function's name. */
type Score = 'mapAtR' | 'rPrecision';

function meanOf(search: Search, options: RetrievalOptions | undefined, score: Score): Tensor {
  return scopedNoGrad(() => overQueries(search, options, score, (block) => ofRanks(block, score)).mean());
}

/** Of each query, float64 [B]. */
function ofRanks({ others, own, counts }: Split, score: Score): Tensor {
  const most = Math.min(own.size(1), others.size(1));
  const found = own.topk(most).values;
  // NaN stands before all.
  const before = others.topk(most).values.nanToNum({ nan: Number.POSITIVE_INFINITY, neginf: NONE }).flip([1]);
  // Who has more than R others before it is not among the R nearest, however many more there are.
  const place = arange(1, most + 1, { device: own.device });
  const rank = searchsorted(before, found, { right: true }).neg().add_(place.add(most));
  const relevant = counts.unsqueeze(1);
  const within = rank.le(relevant).logicalAnd_(found.gt(NONE)).double();
  const terms = score === 'mapAtR' ? within.mul(place).div_(rank) : within;
  return terms.sum(1).div_(counts.clampMin(1));
}
