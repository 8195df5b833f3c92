import { distances } from '../nn/metric-learning/distances';
import { blocksOf } from '../nn/metric-learning/gallery';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { cat } from '../tensor/generated/root';
import { scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface UtilizationOptions {
  /** Square the distances. Default true. */
  squared?: boolean;
  /** Give all rows length 1 first. Default true. */
  normalize?: boolean;
}

/**
 * How far queries are from a reference, such as test embeddings from those of training, mixtures among them or not: the mean over queries of the
 * (squared) Euclidean distance from the nearest reference. Low where training covers the regions that test samples fall into; that alone does not make
 * retrieval good.
 *
 * It takes blocks of queries, and of memory some 200 MiB beside the inputs, however many there are.
 *
 * Shapes: query [Q, D], reference [N, D]; a scalar. No gradient flows; NaN shows.
 *
 * @throws for no query, no reference, another shape
 *
 * Venkataramanan, Psomas, Kijak, Amsaleg, Karantzalos, Avrithis: It Takes Two to Tango: Mixup for Deep Metric Learning. ICLR 2022,
 * arXiv 2106.04990
 */
export function utilization(query: Tensor, reference: Tensor, options?: UtilizationOptions): Tensor {
  const { squared = true, normalize = true } = checkedOptions(options, 'utilization');
  checkShapes(['query', query, 'Q', 'D'], ['reference', reference, 'N', 'D']);
  checkNotEmpty(query, 'query');
  checkNotEmpty(reference, 'reference');
  return scopedNoGrad(() => {
    const [q, x] = [query, reference].map(normalize ? unitRows : widened) as [Tensor, Tensor];
    const nearest = blocksOf(q.size(0), x.size(0)).map(([from, count]) =>
      scopedNoGrad(() => distances(q.narrow(0, from, count), x, squared ? 'squaredEuclidean' : 'euclidean').amin([1])),
    );
    return cat(nearest).mean();
  });
}
