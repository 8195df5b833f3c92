import { denseGrads } from '../autograd/gradients';
import { noGrad } from '../autograd/modes';
import { lanesOf } from '../optim/lanes';
import { checkedOptions, checkedState } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { _ampForeachNonFiniteCheckAndUnscale_, _ampUpdateScale_, full } from '../tensor/generated/root';
import { checkCount, checkPositive } from '../tensor/numbers';
import { scope, scopedNoGrad } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import type { DeviceLike } from '../tensor/types';

export interface GradScalerOptions {
  /** The first scale. Default 65536. */
  initScale?: number;
  /** The scale's factor after `growthInterval` steps without infinite gradients. Default 2. */
  growthFactor?: number;
  /** The scale's factor after a step with some. Default 0.5. */
  backoffFactor?: number;
  /** Default 2000. */
  growthInterval?: number;
  /** False: every method does nothing, and `step` is the optimizer's. Default true. */
  enabled?: boolean;
}

/** PyTorch's state dict of a scaler. */
export interface GradScalerState {
  scale: number;
  growth_factor: number;
  backoff_factor: number;
  growth_interval: number;
  _growth_tracker: number;
}

/** What a scaler needs of an optimizer. Those with `gradScale` and `foundInf` skip steps and unscale gradients in their kernel. */
export interface ScaledOptimizer {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
  step(): void;
  gradScale?: Tensor | null;
  foundInf?: Tensor | null;
}

/** How far an optimizer is since the last `update`. */
interface Progress {
  stage: 'ready' | 'unscaled' | 'stepped';
  /** Above zero when a gradient was infinite or no number; one for each device. */
  foundInf: readonly Tensor[];
}

/**
 * Scales losses so that small gradients survive float16, and steps without gradients that overflowed (Micikevicius et al.,
 * 2018). The scale grows while all is finite and falls when something was not.
 *
 * ```ts
 * const scaler = new torch.amp.GradScaler('cuda');
 * const loss = torch.autocast('cuda', { dtype: 'float16' }, () => criterion(model.forward(x), y));
 * scaler.scale(loss).backward();
 * scaler.step(optimizer);
 * scaler.update();
 * ```
 *
 * With Adam, AdamW and SGD nothing is read from the device; other optimizers wait for the answer whether to step.
 *
 * @throws for factors on the wrong side of one
 */
export class GradScaler {
  readonly device: DeviceLike;
  readonly enabled: boolean;
  #initScale: number;
  #initTracker = 0;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  #scale: Tensor | null = null;
  #tracker: Tensor | null = null;
  #progress = new Map<ScaledOptimizer, Progress>();

  constructor(device: DeviceLike = 'cuda', options?: GradScalerOptions) {
    const {
      initScale = 2 ** 16,
      growthFactor = 2,
      backoffFactor = 0.5,
      growthInterval = 2000,
      enabled = true,
    } = checkedOptions(options, 'GradScaler');
    checkPositive(initScale, 'initScale');
    if (typeof growthFactor !== 'number' || !(growthFactor > 1)) throw expected('a number above 1', 'growthFactor', growthFactor);
    if (typeof backoffFactor !== 'number' || !(backoffFactor > 0 && backoffFactor < 1))
      throw expected('a number in (0, 1)', 'backoffFactor', backoffFactor);
    checkCount(growthInterval, 'growthInterval', 1);
    this.device = device;
    this.enabled = enabled;
    this.#initScale = initScale;
    this.#growthFactor = growthFactor;
    this.#backoffFactor = backoffFactor;
    this.#growthInterval = growthInterval;
  }

  /** The loss, or several, times the scale. */
  scale(output: Tensor): Tensor;
  scale(outputs: readonly Tensor[]): Tensor[];
  scale(outputs: Tensor | readonly Tensor[]): Tensor | Tensor[] {
    if (!(outputs instanceof Tensor)) return outputs.map((output) => this.scale(output));
    if (!this.enabled) return outputs;
    if (this.#scale === null) {
      const { device } = outputs;
      this.#scale = full([], this.#initScale, { dtype: 'float32', device }).keep();
      this.#tracker = full([], this.#initTracker, { dtype: 'int32', device }).keep();
    }
    return outputs.mul(on(this.#scale, outputs.device));
  }

  /**
   * Divides the gradients of an optimizer's parameters by the scale, before they are clipped or looked at. At most once
   * before `step`, which does it otherwise.
   *
   * @throws without `scale` before, a second time, after `step`, and for float16 gradients
   */
  unscale_(optimizer: ScaledOptimizer): void {
    if (!this.enabled) return;
    const { scale } = this.#started('unscale_');
    const progress = this.#progressOf(optimizer);
    if (progress.stage === 'unscaled') throw new Error('Expected unscale_ once before update but it was called already');
    if (progress.stage === 'stepped') throw new Error('Expected unscale_ before step but step was called already');
    for (const { params } of optimizer.paramGroups)
      for (const grad of denseGrads(params, 'a GradScaler'))
        if (grad?.dtype === 'float16') throw expected('gradients of float32', 'unscale_', grad);
    // The reciprocal in double precision: a scale that is no power of two must not be rounded twice.
    progress.foundInf = inspected(optimizer, scale, () => scale.double().reciprocal().float());
    progress.stage = 'unscaled';
  }

  /**
   * The optimizer's step, unless a gradient is infinite or no number.
   *
   * @throws without `scale` before, a second time before `update`, and when no parameter has a gradient
   */
  step(optimizer: ScaledOptimizer): void {
    if (!this.enabled) {
      optimizer.step();
      return;
    }
    const { scale } = this.#started('step');
    const progress = this.#progressOf(optimizer);
    if (progress.stage === 'stepped') throw new Error('Expected update after step but step was called again');
    const inKernel = optimizer.gradScale !== undefined && optimizer.foundInf !== undefined;
    const wasUnscaled = progress.stage === 'unscaled';
    if (!wasUnscaled && inKernel) progress.foundInf = inspected(optimizer, scale, null);
    else if (!wasUnscaled) this.unscale_(optimizer);
    if (progress.foundInf.length === 0) throw new Error('Expected gradients for step of GradScaler but there are none');
    if (inKernel) this.#stepInKernel(optimizer, scale, progress, wasUnscaled);
    else if (progress.foundInf.every((found) => scope(() => found.item()) === 0)) optimizer.step();
    progress.stage = 'stepped';
  }

  #stepInKernel(optimizer: ScaledOptimizer, scale: Tensor, { foundInf }: Progress, wasUnscaled: boolean): void {
    scopedNoGrad(() => {
      const [first, ...others] = foundInf as readonly [Tensor, ...Tensor[]];
      optimizer.foundInf = others.reduce((sum, found) => sum.add(on(found, first.device)), first);
      optimizer.gradScale = wasUnscaled ? null : scale;
      try {
        optimizer.step();
      } finally {
        optimizer.foundInf = null;
        optimizer.gradScale = null;
      }
    });
  }

  /**
   * A new scale: by what the gradients were since the last `update`, or a given one.
   *
   * @throws without `step` or `unscale_` before, unless a scale is given
   */
  update(newScale?: number): void {
    if (!this.enabled) return;
    const { scale, tracker } = this.#started('update');
    const found = [...this.#progress.values()].flatMap(({ foundInf }) => foundInf);
    if (newScale === undefined && found.length === 0) throw new Error('Expected step or unscale_ before update of GradScaler');
    scopedNoGrad(() => {
      if (newScale !== undefined) scale.fill_(newScale);
      else {
        const [first, ...others] = found.map((one) => on(one, scale.device)) as [Tensor, ...Tensor[]];
        const any = others.reduce((sum, one) => sum.add(one), first);
        _ampUpdateScale_(scale, tracker, any, this.#growthFactor, this.#backoffFactor, this.#growthInterval);
      }
    });
    this.#progress = new Map();
  }

  /** The scale as a number, which waits for a GPU. */
  getScale(): number {
    if (!this.enabled) return 1;
    return this.#scale === null ? this.#initScale : Number(this.#scale.item());
  }

  /** The state under PyTorch's names; nothing of a scaler that is not enabled. */
  stateDict(): GradScalerState | Record<string, never> {
    if (!this.enabled) return {};
    return {
      scale: this.getScale(),
      growth_factor: this.#growthFactor,
      backoff_factor: this.#backoffFactor,
      growth_interval: this.#growthInterval,
      _growth_tracker: this.#tracker === null ? this.#initTracker : Number(this.#tracker.item()),
    };
  }

  /**
   * Takes over a state, ours or PyTorch's.
   * @throws for an empty one, of a scaler that was not enabled
   */
  loadStateDict(state: GradScalerState | Record<string, never>): void {
    if (!this.enabled) return;
    if (!('scale' in checkedState(state, 'GradScaler')))
      throw expected('the state of an enabled scaler', 'loadStateDict of GradScaler', state);
    this.#initScale = state.scale;
    this.#initTracker = state._growth_tracker;
    this.#growthFactor = state.growth_factor;
    this.#backoffFactor = state.backoff_factor;
    this.#growthInterval = state.growth_interval;
    noGrad(() => {
      this.#scale?.fill_(state.scale);
      this.#tracker?.fill_(state._growth_tracker);
    });
  }

  #started(where: string): { readonly scale: Tensor; readonly tracker: Tensor } {
    if (this.#scale === null || this.#tracker === null) throw new Error(`Expected scale(loss) of GradScaler before ${where}`);
    return { scale: this.#scale, tracker: this.#tracker };
  }

  #progressOf(optimizer: ScaledOptimizer): Progress {
    let progress = this.#progress.get(optimizer);
    if (progress === undefined) {
      progress = { stage: 'ready', foundInf: [] };
      this.#progress.set(optimizer, progress);
    }
    return progress;
  }
}

function on(tensor: Tensor, device: DeviceLike): Tensor {
  return tensor.device === device ? tensor : tensor.to(device, { nonBlocking: true });
}

/**
 * Looks for gradients that are infinite or no number, and multiplies all with the factor; without one only looks.
 * @returns above zero when there are some, for each device
 */
function inspected(optimizer: ScaledOptimizer, scale: Tensor, factor: (() => Tensor) | null): readonly Tensor[] {
  const found = new Map<string, Tensor>();
  scopedNoGrad(() => {
    const by = factor === null ? full([], 1, { dtype: 'float32', device: scale.device }) : factor();
    const grads = denseGrads(
      optimizer.paramGroups.flatMap(({ params }) => params),
      'a GradScaler',
    ).filter((grad) => grad !== null);
    for (const { params: list, asReal } of lanesOf(grads)) {
      const { device } = list[0] as Tensor;
      let flag = found.get(device);
      if (flag === undefined) {
        flag = full([], 0, { dtype: 'float32', device }).keep();
        found.set(device, flag);
      }
      _ampForeachNonFiniteCheckAndUnscale_(asReal(list), flag, on(by, device));
    }
  });
  return [...found.values()];
}
