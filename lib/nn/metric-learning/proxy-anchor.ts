import { checkedOptions } from '../../tensor/checked';
import { checkNotNegative, checkPositive } from '../../tensor/numbers';
import type { Tensor } from '../../tensor/tensor';
import { groupedLogOnePlusSumExp, LOW, logOnePlusExp } from './log-sums';
import { checkWeighted, type Directions, directions } from './margin-softmax';
import { rowDots } from './rows';

export interface ProxyAnchorOptions {
  /** How far cosines should be from 0, on the side of their pair, from 0. Default 0.1, of the paper. */
  margin?: number;
  /** Steepness, above 0. Default 32, of the paper. */
  alpha?: number;
}

/**
 * The proxy-anchor loss: each class has a proxy, which draws its samples and pushes the others, hard ones more:
 * `mean over classes of the batch of log(1 + sum of its samples of exp(-alpha (s - margin)))
 * + mean over all classes of log(1 + sum of the other samples of exp(alpha (s + margin)))`, s the cosine with the proxy.
 *
 * Shapes: embeddings [B, D], proxies [C, D] with a row for each class, labels int64 [B]; a scalar.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a negative margin, an alpha that is not above 0
 *
 * Kim, Kim, Cho, Kwak: Proxy Anchor Loss for Deep Metric Learning. CVPR 2020, arXiv 2003.13911
 */
export function proxyAnchorLoss(embeddings: Tensor, proxies: Tensor, labels: Tensor, options?: ProxyAnchorOptions): Tensor {
  const { margin = 0.1, alpha = 32 } = checkedOptions(options, 'proxyAnchorLoss');
  checkNotNegative(margin, 'margin');
  checkPositive(alpha, 'alpha');
  const { C } = checkWeighted(embeddings, proxies, labels, 'proxies');
  const [rows, classes] = [directions(embeddings, proxies), labels.long()];
  const drawn = groupedLogOnePlusSumExp(ownCosines(rows, classes).sub(margin).mul(-alpha), classes, C);
  const pushed = logOnePlusExp(othersLogSumExp(rows, classes, alpha).add(alpha * margin));
  // Of a class that is not there the term is 0, of one that is there it is above.
  const present = labels.newZeros([C], { dtype: 'bool' }).indexFill_(0, classes, true).sum();
  return drawn.sum().div(present).add(pushed.mean());
}

/** The cosine of each sample with its class's row, [B]. */
function ownCosines({ x, w }: Directions, labels: Tensor): Tensor {
  return rowDots(x, w.indexSelect(0, labels));
}

/** For each class `log of the sum over the samples of other classes of exp(alpha s)`, [C]. */
function othersLogSumExp({ x, w }: Directions, labels: Tensor, alpha: number): Tensor {
  const z = w.mm(x.mul(alpha).t());
  // A sum has no copy to make in its backward; LOW is all that is left of what it is added to.
  return z.scatterAdd_(0, labels.unsqueeze(0), z.newFull([1, labels.size(0)], LOW)).logsumexp([1]);
}
