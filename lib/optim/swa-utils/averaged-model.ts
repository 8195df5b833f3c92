import { Module } from '../../nn/module';
import { Buffer } from '../../nn/parameter';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { _foreachCopy_, zeros } from '../../tensor/generated/root';
import { scopedNoGrad } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { lanesOf } from '../lanes';
import { getSwaMultiAvgFn, type MultiAvgFn } from './averaging';

export interface AveragedModelOptions {
  /** How averages move on: `getEmaMultiAvgFn({ decay })`, or one's own. Default: the mean, `getSwaMultiAvgFn()`. */
  multiAvgFn?: MultiAvgFn;
  /** Average buffers too, such as running means; they are copied otherwise. Default false. */
  useBuffers?: boolean;
}

/**
 * A model whose weights are an average of those that another model had: their mean (SWA, Izmailov et al., 2018) or an
 * exponential moving average (EMA, Polyak and Juditsky, 1992).
 *
 * ```ts
 * const ema = new optim.swaUtils.AveragedModel(new Net(), { multiAvgFn: optim.swaUtils.getEmaMultiAvgFn({ decay: 0.99 }) });
 * ema.updateParameters(model); // after each step
 * ema.eval().forward(x);
 * ```
 *
 * The state dict is PyTorch's: `n_averaged`, and the module's own keys behind `module.`.
 *
 * @throws when the module is none, or its tensors do not fit those of the model
 */
export class AveragedModel<M extends Module> extends Module {
  /** How many models are in the averages. */
  readonly nAveraged = new Buffer(zeros([], { dtype: 'int64' }));
  readonly #average: MultiAvgFn;
  readonly #useBuffers: boolean;

  /** @param module a model of the same structure, made for this: its weights are replaced at the first update */
  constructor(
    readonly module: M,
    options?: AveragedModelOptions,
  ) {
    super();
    const { multiAvgFn = getSwaMultiAvgFn(), useBuffers = false } = checkedOptions(options, 'AveragedModel');
    if (!(module instanceof Module)) throw expected('a module', 'AveragedModel', module);
    this.#average = multiAvgFn;
    this.#useBuffers = useBuffers;
  }

  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    return this.module.forward(...inputs) as ReturnType<M['forward']>;
  }

  /**
   * Takes the weights that a model has now into the averages; the first time they become the model's.
   * @throws when the model has other tensors than the module
   */
  updateParameters(model: Module): void {
    const own = { parameters: [...this.module.parameters()], buffers: [...this.module.buffers()] };
    const theirs = { parameters: [...model.parameters()], buffers: [...model.buffers()] };
    for (const kind of ['parameters', 'buffers'] as const) checkAlike(own[kind], theirs[kind], kind);
    const averaged = this.#useBuffers ? [...own.parameters, ...own.buffers] : own.parameters;
    const current = this.#useBuffers ? [...theirs.parameters, ...theirs.buffers] : theirs.parameters;
    scopedNoGrad(() => {
      const count = Number(this.nAveraged.item());
      for (const [averages, values] of pairs(averaged, current)) {
        if (count === 0) _foreachCopy_(averages, values);
        else this.#average(averages, values, count);
      }
      if (!this.#useBuffers) for (const [copies, values] of pairs(own.buffers, theirs.buffers)) _foreachCopy_(copies, values);
      this.nAveraged.add_(1);
    });
  }
}

function checkAlike(own: readonly Tensor[], theirs: readonly Tensor[], kind: string): void {
  const shapes = (list: readonly Tensor[]): string => list.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  if (shapes(own) === shapes(theirs)) return;
  throw new Error(`Expected ${kind} of the shapes ${shapes(own)} for updateParameters but received ${shapes(theirs)}`);
}

/** Tensors and their counterparts, on the same device and of the same dtype, in lists that one native call takes. */
function pairs(own: readonly Tensor[], theirs: readonly Tensor[]): [readonly Tensor[], readonly Tensor[]][] {
  const counterpart = new Map(own.map((tensor, k) => [tensor, theirs[k] as Tensor]));
  return lanesOf(own).map(({ params }) => [params, params.map((tensor) => near(counterpart.get(tensor) as Tensor, tensor))]);
}

function near(value: Tensor, { device, dtype }: Tensor): Tensor {
  return value.device === device && value.dtype === dtype ? value.detach() : value.detach().to({ device, dtype });
}
