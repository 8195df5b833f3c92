import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { checkCount } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface TopKAccuracyOptions {
  /** How many of the best classes may hold the label, from 1. Default 1. */
  k?: number;
}

/**
 * The share of samples whose label is among the `k` classes of highest score, in [0, 1]. Of equal scores the lower class comes first, so the
 * value does not depend on how a sort breaks ties; a row with NaN is never right.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar float64. Over many batches: the class `Accuracy`.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a `k` below 1
 */
export function topKAccuracy(logits: Tensor, labels: Tensor, options?: TopKAccuracyOptions): Tensor {
  const { k = 1 } = checkedOptions(options, 'topKAccuracy');
  checkCount(k, 'k', 1);
  const { B, C } = checkShapes(['logits', logits, 'B', 'C'], ['labels', labels, 'B']);
  if (B === 0 || C === 0) throw expected('at least one sample and one class', 'logits', logits);
  checkLabels(labels, C);
  return scopedNoGrad(() => {
    const place = labels.long().unsqueeze(1);
    const own = logits.gather(1, place);
    const before = arange(C, { device: logits.device }).lt(place);
    const above = logits.gt(own).logicalOr(logits.eq(own).logicalAnd(before)).sum(1);
    return above.lt(k).logicalAnd(logits.isnan().any(1).logicalNot()).double().mean();
  });
}
