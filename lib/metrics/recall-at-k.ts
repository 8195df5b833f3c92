import { NONE, type Split } from '../nn/metric-learning/gallery';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { checkCount } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { overQueries, type RetrievalOptions } from './retrieval';

export interface RecallAtKOptions extends RetrievalOptions {
  /** Numbers of neighbours, each from 1. Default [1, 2, 4, 8]. */
  ks?: readonly number[];
}

/**
 * The share of queries that have a row of their label among their k nearest. Exactly: those of which fewer than k rows of other labels are more
 * similar than the most similar of their own, so that ties favour the right one. A query without any row of its label is a miss.
 *
 * It takes blocks of queries, and of memory some 200 MiB beside the inputs and a copy of the gallery, however many queries there are.
 *
 * Shapes: embeddings [Q, D], labels int64 [Q], gallery [N, D] and galleryLabels int64 [N], or null for both: each query among all the others;
 * float64 [ks]. No gradient flows; a row with NaN is never found and never finds.
 *
 * @throws for no queries, an empty gallery, another shape, rows that are not floating-point, a `k` below 1, an unknown metric
 */
export function recallAtK(
  embeddings: Tensor,
  labels: Tensor,
  gallery: Tensor | null = null,
  galleryLabels: Tensor | null = null,
  options?: RecallAtKOptions,
): Tensor {
  const { ks = [1, 2, 4, 8] } = options ?? {};
  if (!Array.isArray(ks) || ks.length === 0) throw expected('an array of one or more whole numbers', 'ks', ks);
  for (const k of ks as readonly number[]) checkCount(k, 'ks', 1);
  return scopedNoGrad(() =>
    overQueries([embeddings, labels, gallery, galleryLabels], options, 'recallAtK', nearerOthers)
      .unsqueeze(1)
      .lt(tensor([...ks], { dtype: 'int64', device: embeddings.device }))
      .double()
      .mean(0),
  );
}

/** More than any k. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** For each query how many rows of other labels are more similar than the best of its own, int64; beyond all when it has none. */
function nearerOthers({ others, own }: Split): Tensor {
  const best = own.amax([1], true);
  // Counted is what is not more similar: NaN is not among it.
  const ahead = others.le(best).sum(1).neg().add(others.size(1));
  return ahead.maskedFill(best.squeeze(1).eq(NONE), NEVER);
}
