import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { logSoftmax } from './functional';
import { type FactoryOptions, Linear } from './linear';
import { Module } from './module';
import { ModuleList } from './module-list';
import { Sequential } from './sequential';
import { checkSize } from './sizes';

export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** Each cluster's vectors are this many times smaller than those of the one before. Default 4. */
  divValue?: number;
  /** Add a learned bias to the head. Default false. */
  headBias?: boolean;
}

/** What `AdaptiveLogSoftmaxWithLoss` gives. */
export interface AdaptiveLogSoftmaxOutput {
  /** The log-probability of each target, [N] or []. */
  readonly output: Tensor;
  /** The mean of its negative, []. */
  readonly loss: Tensor;
}

/**
 * Softmax over many classes of which few are frequent: the head tells the frequent ones and the clusters of rarer ones apart, each
 * cluster its own classes, from smaller vectors the rarer they are (Grave et al., 2017).
 *
 * Classes are numbered by falling frequency; `cutoffs` are the numbers where clusters begin: [10, 100] with 1,000 classes gives a head of
 * 10 classes and clusters of 90 and 900. Vectors of cluster k, from 0, have floor(inFeatures / divValue^(k + 1)) elements.
 *
 * Shapes: input [N, inFeatures] or [inFeatures], target int64 [N] or []; output [N] or [], loss [].
 *
 * @throws for cutoffs that do not rise between 1 and nClasses - 1, for clusters whose vectors would be empty, and in `forward` for
 * targets that are no class and for shapes that do not fit
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly head: Linear;
  readonly tail: ModuleList<Sequential<readonly [Linear, Linear]>>;
  /** Where clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;

  constructor(
    readonly inFeatures: number,
    readonly nClasses: number,
    cutoffs: readonly number[],
    options?: AdaptiveLogSoftmaxOptions,
  ) {
    super();
    const { divValue = 4, headBias = false, device, dtype } = checkedOptions(options, 'AdaptiveLogSoftmaxWithLoss');
    checkSize(inFeatures, 'inFeatures');
    checkSize(nClasses, 'nClasses');
    const begins = this.#checked(cutoffs);
    this.cutoffs = [...begins, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.head = new Linear(inFeatures, (begins[0] as number) + begins.length, { bias: headBias, device, dtype });
    this.tail = new ModuleList(
      begins.map((begin, k) => {
        const size = typeof divValue === 'number' ? Math.floor(inFeatures / divValue ** (k + 1)) : 0;
        if (!(size >= 1)) throw expected(`a number that leaves cluster ${k} of ${inFeatures} features vectors`, 'divValue', divValue);
        const narrow = new Linear(inFeatures, size, { bias: false, device, dtype });
        return new Sequential(narrow, new Linear(size, (this.cutoffs[k + 1] as number) - begin, { bias: false, device, dtype }));
      }),
    );
  }

  #checked(cutoffs: readonly number[]): readonly number[] {
    const rises = (cutoff: number, k: number): boolean =>
      Number.isSafeInteger(cutoff) && cutoff > (cutoffs[k - 1] ?? 0) && cutoff < this.nClasses;
    if (!Array.isArray(cutoffs) || cutoffs.length === 0 || !cutoffs.every(rises))
      throw expected(`whole numbers that rise between 1 and ${this.nClasses - 1}`, 'cutoffs', cutoffs);
    return cutoffs;
  }

  /** How many classes the head tells apart by itself. */
  get #shortlist(): number {
    return this.cutoffs[0] as number;
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const { layers } of this.tail) for (const layer of layers) layer.resetParameters();
  }

  override forward(input: Tensor, target: Tensor): AdaptiveLogSoftmaxOutput {
    checkedTensor(input, 'input');
    checkedTensor(target, 'target');
    const batched = target.dim() === 1;
    if (target.dim() > 1) throw expected('one class for each input', 'target', target);
    if (input.dim() !== target.dim() + 1 || (batched && input.size(0) !== target.size(0)))
      throw expected(
        batched ? `inputs [${target.size(0)}, ${this.inFeatures}]` : `an input [${this.inFeatures}]`,
        'AdaptiveLogSoftmaxWithLoss',
        input,
      );
    const output = this.#ofTargets(batched ? input : input.unsqueeze(0), batched ? target : target.unsqueeze(0));
    return { output: batched ? output : output.squeeze(0), loss: output.neg().mean() };
  }

  /** Log-probabilities of the targets. Only the rows of a cluster's own targets go through it: that is what saves time. */
  #ofTargets(input: Tensor, target: Tensor): Tensor {
    const inHead = target.lt(this.#shortlist);
    let rows = inHead.logicalAnd(target.ge(0)).nonzero().size(0);
    let headTarget = target;
    let local = input.newZeros([target.size(0)]);
    for (const [k, cluster] of [...this.tail].entries()) {
      const [begin, end] = [this.cutoffs[k] as number, this.cutoffs[k + 1] as number];
      const own = target.ge(begin).logicalAnd(target.lt(end)).nonzero().squeeze(1);
      if (own.size(0) === 0) continue;
      rows += own.size(0);
      const logProbs = logSoftmax(cluster.forward(input.indexSelect(0, own)), 1);
      const relative = target.indexSelect(0, own).sub(begin).unsqueeze(1);
      local = local.indexCopy(0, own, logProbs.gather(1, relative).squeeze(1));
      headTarget = headTarget.indexFill(0, own, this.#shortlist + k);
    }
    if (rows !== target.size(0)) throw expected(`classes from 0 to ${this.nClasses - 1}`, 'target', target);
    return logSoftmax(this.head.forward(input), 1).gather(1, headTarget.unsqueeze(1)).squeeze(1).add(local);
  }

  /** The log-probabilities of all classes: [N, inFeatures] to [N, nClasses]. */
  logProb(input: Tensor): Tensor {
    const head = logSoftmax(this.head.forward(input), 1);
    const clusters = [...this.tail].map((cluster, k) => logSoftmax(cluster.forward(input), 1).add(head.narrow(1, this.#shortlist + k, 1)));
    return cat([head.narrow(1, 0, this.#shortlist), ...clusters], 1);
  }

  /** The likeliest class of each input: [N, inFeatures] to int64 [N]. Clusters are computed only for inputs whose best is one. */
  predict(input: Tensor): Tensor {
    const best = this.head.forward(input).argmax(1);
    const rare = best.ge(this.#shortlist).nonzero().squeeze(1);
    return rare.size(0) === 0 ? best : best.indexCopy(0, rare, this.logProb(input.indexSelect(0, rare)).argmax(1));
  }
}
