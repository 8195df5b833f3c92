import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { LRScheduler, perGroup, type Schedulable, type SchedulerOptions, type SchedulerState } from './lr-scheduler';

/** A factor for an epoch. */
export type LrLambda = (epoch: number) => number;

abstract class WithLambdas extends LRScheduler {
  protected readonly lambdas: readonly LrLambda[];

  constructor(optimizer: Schedulable, lrLambda: LrLambda | readonly LrLambda[], options?: SchedulerOptions) {
    super(optimizer);
    this.lambdas = perGroup(lrLambda, optimizer, 'lrLambda');
    for (const lambda of this.lambdas) if (typeof lambda !== 'function') throw expected('a function', 'lrLambda', lambda);
    this.begin(checkedOptions(options, new.target.name));
  }

  /** Functions are not saved. */
  protected override get foreignState(): SchedulerState {
    return { ...super.foreignState, lr_lambdas: this.lambdas.map(() => null) };
  }
}

/**
 * The initial learning rate times a function of the epoch: `lr = initialLr lrLambda(epoch)`.
 *
 * @param lrLambda one function, or one for each group
 * @throws unless there is one function, or one for each group
 */
export class LambdaLR extends WithLambdas {
  protected override getLr(): readonly number[] {
    return this.baseLrs.map((base, k) => base * (this.lambdas[k] as LrLambda)(this.lastEpoch));
  }
}

/**
 * The last learning rate times a function of the epoch, from the second epoch on: `lr <- lr lrLambda(epoch)`.
 *
 * @param lrLambda one function, or one for each group
 * @throws unless there is one function, or one for each group
 */
export class MultiplicativeLR extends WithLambdas {
  protected override getLr(): readonly number[] {
    if (this.isInitial) return this.currentLrs();
    return this.currentLrs().map((lr, k) => lr * (this.lambdas[k] as LrLambda)(this.lastEpoch));
  }
}
