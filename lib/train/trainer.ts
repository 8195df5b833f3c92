import { autocast } from '../amp/autocast';
import type { GradScaler } from '../amp/grad-scaler';
import { noGrad } from '../autograd/modes';
import { progress } from '../data/progress';
import { Checkpoints, loadCheckpoint } from '../io';
import type { MeanState } from '../metrics/mean';
import { clipGradNorm_ } from '../nn/utils';
import { ReduceLROnPlateau } from '../optim/lr-scheduler';
import { checkedState } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { EarlyStopping } from './early-stopping';
import { checkFinite } from './finite';
import { History, type HistoryEntry } from './history';
import { type Interrupts, listenForInterrupts } from './interrupts';
import { Means } from './means';
import type { Batches, Ending, FitOptions, Metrics, Stateful, TrainerOptimizer, TrainerOptions } from './options';
import { lossOf, type StepResult, valuesOf } from './step-result';
import { turns } from './turns';

/** Where a training is and what it has seen, as a checkpoint holds it; the random generators are the checkpoint's own part. */
export interface TrainerState {
  readonly model: unknown;
  readonly optimizer: unknown;
  readonly scheduler: unknown;
  readonly scaler: unknown;
  readonly ema: unknown;
  readonly loader: unknown;
  readonly stopping: { best: number | null; waited: number };
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
  readonly history: readonly HistoryEntry[];
  /** What is to be logged next. */
  readonly running: Readonly<Record<string, MeanState>>;
}

/** What `fit` gives. */
export interface FitResult {
  readonly ending: Ending;
  readonly history: History;
  /** The best monitored value. */
  readonly best: number | null;
}

/**
 * A training: steps over epochs with validation, logs, schedules, early stopping, and a state that can be saved after any step.
 *
 * ```ts
 * const trainer = new train.Trainer({
 *   model,
 *   optimizer,
 *   loss: ([x, y]: [Tensor, Tensor]) => nn.functional.crossEntropy(model.forward(x), y),
 * });
 * const { history } = await trainer.fit(loader, { epochs: 3, validation });
 * ```
 *
 * Memory of a step is freed at its end; between steps the event loop gets its turn. With `checkpoints` a training that was
 * stopped after any step - by Ctrl-C, by `kill -9` after a checkpoint - goes on with `fit(loader, { resume: true, ... })`; on a
 * CPU it is bit for bit the one that was not stopped, provided that the loader tells its position (`DataLoader` does).
 * `io.saveCheckpoint(path, { trainer })` saves it by hand.
 *
 * A further `fit` with the same loader goes on with the rest of an epoch that was left; with another loader, or one that cannot
 * tell its position, the epoch begins anew.
 *
 * @throws for settings that make no sense, among them accumulation and a scaler with an optimizer that needs a closure; while
 * training for a loss that is NaN or infinite, and for a pass over the data without a batch
 */
export class Trainer<Batch, Measured extends Metrics = Metrics> {
  readonly history = new History();
  readonly #options: TrainerOptions<Batch, Measured>;
  readonly #accumulate: number;
  readonly #logEvery: number;
  readonly #stopping: EarlyStopping;
  readonly #checkpoints: Checkpoints | null;
  /** Of what is logged next. */
  readonly #running = new Means();
  /** One for all passes: short ones, each with its own, would never be long enough for a turn. */
  readonly #breathe = turns();
  #loader: Batches<Batch> | null = null;
  /** Where the loader is, when it cannot be asked: before `fit` and after it, and when it has given its last batch. */
  #position: unknown = null;
  /** Whether that came from a checkpoint. */
  #isRestored = false;
  /** Batches whose gradients wait for a step. */
  #pending = 0;
  #epoch = 0;
  #batch = 0;
  #step = 0;

  constructor(options: TrainerOptions<Batch, Measured>) {
    const { accumulate = 1, logEvery = 10, clipNorm, earlyStopping, mode = 'min' } = options;
    for (const [name, value] of Object.entries({ accumulate, logEvery }))
      if (!Number.isInteger(value) || value < 1) throw expected('a positive whole number', name, value);
    if (clipNorm !== undefined && (typeof clipNorm !== 'number' || !(clipNorm > 0)))
      throw expected('a positive number', 'clipNorm', clipNorm);
    if (typeof options.loss !== 'function') throw expected('a function that computes the loss of a batch', 'loss', options.loss);
    if (options.optimizer.needsClosure) refuseWithClosure(options.optimizer, accumulate, options.scaler);
    this.#options = options;
    this.#accumulate = accumulate;
    this.#logEvery = logEvery;
    this.#stopping = new EarlyStopping({ patience: Number.MAX_SAFE_INTEGER, ...earlyStopping, mode });
    const { folder, everySteps, ...keeping } = options.checkpoints ?? { folder: undefined };
    if (everySteps !== undefined && !(Number.isInteger(everySteps) && everySteps >= 1))
      throw expected('a positive whole number', 'everySteps', everySteps);
    this.#checkpoints = folder === undefined ? null : new Checkpoints(folder, { mode, ...keeping });
  }

  /** Epochs that are complete. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Optimizer steps that were made. */
  get step(): number {
    return this.#step;
  }

  /** Whether the state can be saved now: not between batches whose gradients are added up. */
  get isBetweenSteps(): boolean {
    return this.#pending === 0;
  }

  /** Trains until `epochs` passes over the data were made in all, or something ends it before. */
  async fit(loader: Batches<Batch>, options: FitOptions<Batch>): Promise<FitResult> {
    const { epochs, maxSteps = Number.POSITIVE_INFINITY } = options;
    if (!Number.isInteger(epochs) || epochs < 0) throw expected('a whole number from 0', 'epochs', epochs);
    if (options.resume) this.resume();
    this.#goOn(loader);
    const interrupts = this.#options.interrupts === false ? null : listenForInterrupts();
    try {
      let ending: Ending = this.#step >= maxSteps ? 'maxSteps' : 'completed';
      while (ending === 'completed' && this.#epoch < epochs && !this.#stopping.shouldStop) {
        ending = await this.#oneEpoch(loader, options, maxSteps, interrupts);
      }
      if (ending === 'completed' && this.#stopping.shouldStop) ending = 'earlyStopping';
      // The end of an epoch has its checkpoint already.
      else if (ending !== 'completed' && this.#batch > 0) this.#save();
      return { ending, history: this.history, best: this.#stopping.best };
    } finally {
      this.#position ??= loader.stateDict?.() ?? null;
      this.#pending = 0; // after a failure: the next step begins with new gradients
      interrupts?.close();
    }
  }

  /** Brings a loader to where the training is: a new pass, unless one was left that this loader can go on with. */
  #goOn(loader: Batches<Batch>): void {
    const isLeft = this.#isRestored || (this.#batch > 0 && loader === this.#loader);
    const position = isLeft ? this.#position : null;
    if (position === null) this.#batch = 0;
    else if (loader.loadStateDict !== undefined) loader.loadStateDict(position as never);
    else if (this.#batch > 0) throw expected('a loader with loadStateDict, since the training stopped within an epoch,', 'fit', loader);
    this.#loader = loader;
    this.#position = null;
    this.#isRestored = false;
  }

  async #oneEpoch(
    loader: Batches<Batch>,
    { epochs, validation, signal }: FitOptions<Batch>,
    maxSteps: number,
    interrupts: Interrupts | null,
  ): Promise<Ending> {
    this.#options.model.train();
    const source = this.#shown(loader, `epoch ${this.#epoch + 1}/${epochs}`, this.#batch);
    const finished = async (): Promise<void> => {
      if (this.#step % this.#logEvery === 0) source.status(await this.#log(this.#passes(loader)));
      await this.#options.onStep?.(this.#step);
    };
    for await (const batch of source.batches) {
      scope(() => this.#oneBatch(batch));
      await this.#breathe();
      // It might have been the last one, which only the loader's next answer tells.
      this.#position = this.isBetweenSteps ? null : (loader.stateDict?.() ?? null);
      if (!this.isBetweenSteps) continue;
      await finished();
      if (this.#batch === loader.length) continue;
      const ending = endingOf(signal, interrupts, this.#step >= maxSteps);
      if (ending !== null) return ending;
      if (this.#step % (this.#options.checkpoints?.everySteps ?? Number.POSITIVE_INFINITY) === 0) this.#save();
    }
    if (this.#batch === 0)
      throw new Error(
        `Expected batches in every pass over the data for fit but received none in epoch ${this.#epoch + 1}; a generator gives them only once`,
      );
    if (!this.isBetweenSteps) {
      scope(() => this.#optimize());
      await finished();
    }
    this.#position = null;
    this.#epoch++;
    this.#batch = 0;
    await this.#endEpoch(validation);
    return endingOf(signal, interrupts, this.#step >= maxSteps) ?? 'completed';
  }

  /** Passes over the data so far: a fraction when the loader tells how many batches make one. */
  #passes({ length = Number.NaN }: Batches<Batch>): number {
    return Number.isFinite(length) ? (this.#epoch * length + this.#batch) / length : this.#epoch;
  }

  /** Forward and backward of a batch, and the optimizer's step when it is due. */
  #oneBatch(batch: Batch): void {
    const { optimizer } = this.#options;
    if (this.isBetweenSteps) optimizer.zeroGrad();
    this.#batch++;
    this.#pending++;
    if (optimizer.needsClosure) this.#stepWithClosure(batch);
    else {
      this.#running.update(valuesOf(this.#backward(batch)));
      if (this.#pending === this.#accumulate) this.#optimize();
    }
  }

  /** A step that computes loss and gradients itself, as often as it likes. The first loss is logged: the one before the step. */
  #stepWithClosure(batch: Batch): void {
    const { optimizer } = this.#options;
    let isFirst = true;
    optimizer.step(() =>
      // Each evaluation frees its own memory, since a step may make many.
      scope(() => {
        optimizer.zeroGrad();
        const result = this.#backward(batch);
        const clipped = this.#clip();
        if (isFirst) this.#running.update({ ...valuesOf(result), ...clipped });
        isFirst = false;
        return lossOf(result).detach();
      }),
    );
    this.#endStep();
  }

  #backward(batch: Batch): StepResult {
    const { scaler, autocast: precision, loss: compute } = this.#options;
    const result = precision === undefined ? compute(batch) : autocast(precision.device, { dtype: precision.dtype }, () => compute(batch));
    const loss = lossOf(result);
    const part = this.#accumulate === 1 ? loss : loss.div(this.#accumulate);
    (scaler === undefined ? part : scaler.scale(part)).backward();
    return result;
  }

  /** Scales large gradients down. Gives what is to be logged about it. */
  #clip(): { gradNorm?: Tensor } {
    const { model, clipNorm } = this.#options;
    return clipNorm === undefined ? {} : { gradNorm: clipGradNorm_(model.parameters(), clipNorm) };
  }

  #optimize(): void {
    const { optimizer, scaler, clipNorm } = this.#options;
    if (clipNorm !== undefined) scaler?.unscale_(optimizer);
    this.#running.update(this.#clip());
    if (scaler === undefined) optimizer.step();
    else {
      scaler.step(optimizer);
      scaler.update();
    }
    this.#endStep();
  }

  #endStep(): void {
    const { model, ema, scheduler, schedulerInterval } = this.#options;
    ema?.updateParameters(model);
    if (schedulerInterval === 'step') scheduler?.step();
    this.#step++;
    this.#pending = 0;
  }

  /** Logs the means since the last time. */
  async #log(epoch: number): Promise<Record<string, number>> {
    const values = this.#running.take();
    const { lr } = (this.#options.optimizer.paramGroups[0] ?? {}) as { lr?: unknown };
    if (typeof lr === 'number') values.lr = lr;
    if (this.#options.checkFinite !== false && !Number.isFinite(values.loss))
      checkFinite(this.#options.model, values.loss, `the loss, in the steps up to ${this.#step}`);
    await this.#enter({ step: this.#step, epoch, values });
    return values;
  }

  async #enter(entry: HistoryEntry): Promise<void> {
    this.history.add(entry);
    await this.#options.onLog?.(entry);
  }

  async #endEpoch(validation: Batches<Batch> | undefined): Promise<void> {
    const { scheduler, schedulerInterval = 'epoch', monitor, onEpoch } = this.#options;
    const logged: Record<string, number> = this.#running.isEmpty ? {} : await this.#log(this.#epoch);
    const judged = validation === undefined ? {} : await this.evaluate(validation, 'validation.');
    const values = { ...logged, ...judged };
    const entry = { step: this.#step, epoch: this.#epoch, values: judged };
    if (validation !== undefined) await this.#enter(entry);
    const name = monitor ?? (validation === undefined ? 'loss' : 'validation.loss');
    const monitored = values[name] ?? this.history.last(name);
    if (monitor !== undefined && monitored === undefined)
      throw new Error(`Expected a value named ${monitor} to monitor but there are ${this.history.names.join(', ')}`);
    if (monitored !== undefined) this.#stopping.update(monitored);
    if (schedulerInterval === 'epoch') {
      if (!(scheduler instanceof ReduceLROnPlateau)) scheduler?.step();
      else if (monitored !== undefined) scheduler.step(monitored);
    }
    this.#save(monitored);
    await onEpoch?.(this.#epoch, { ...entry, values });
  }

  #save(metric?: number): void {
    this.#checkpoints?.save(this.#step, { trainer: this }, { metric });
  }

  /** Goes on from the latest checkpoint; false when there is none. */
  resume(): boolean {
    if (this.#checkpoints === null) throw new Error('Expected checkpoints among the options of Trainer to resume from but received none');
    const latest = this.#checkpoints.latest();
    if (latest !== null) loadCheckpoint(latest, { trainer: this });
    return latest !== null;
  }

  /** Judges the model on data: the mean of the losses and all metrics, by name. */
  async evaluate(loader: Batches<Batch>, prefix = ''): Promise<Record<string, number>> {
    const { model, metrics = {} as Measured, loss: compute } = this.#options;
    const judge = this.#options.evaluate?.bind(this.#options) ?? compute;
    const wasTraining = model.training;
    const means = new Means();
    for (const metric of Object.values(metrics)) metric.reset();
    model.eval();
    try {
      for await (const batch of this.#shown(loader, prefix.replace(/\.$/, ''), 0).batches) {
        scope(() => noGrad(() => means.update(valuesOf(judge(batch, metrics)), sizeOf(batch))));
        await this.#breathe();
      }
    } finally {
      model.train(wasTraining);
    }
    const values = Object.fromEntries(Object.entries(means.take()).map(([name, value]) => [`${prefix}${name}`, value]));
    for (const [name, metric] of Object.entries(metrics)) {
      const value = metric.compute();
      if (typeof value === 'number') values[`${prefix}${name}`] = value;
      else for (const [k, one] of value.entries()) values[`${prefix}${name}.${k}`] = one;
    }
    return values;
  }

  #shown(loader: Batches<Batch>, label: string, initial: number) {
    if (this.#options.progress === false) return { batches: loader, status: () => {} };
    const bar = progress(loader, { label, initial });
    return { batches: bar, status: (values: Record<string, number>) => bar.status(values) };
  }

  /**
   * All that is needed to go on from here; the tensors share the memory of the model's and the optimizer's own.
   *
   * @throws between batches whose gradients are added up
   */
  stateDict(): TrainerState {
    if (!this.isBetweenSteps) throw new Error('Expected stateDict between optimizer steps but gradients are being added up');
    const { model, optimizer, scheduler, scaler, ema } = this.#options;
    return {
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      scheduler: scheduler?.stateDict() ?? null,
      scaler: (scaler as Stateful | undefined)?.stateDict() ?? null,
      ema: ema?.stateDict() ?? null,
      loader: this.#position ?? this.#loader?.stateDict?.() ?? null,
      stopping: this.#stopping.stateDict(),
      epoch: this.#epoch,
      batch: this.#batch,
      step: this.#step,
      history: this.history.entries,
      running: this.#running.stateDict(),
    };
  }

  /**
   * Goes on from a saved state: `fit` continues where it was taken.
   *
   * @throws when a part of the state does not fit its counterpart here
   */
  loadStateDict(state: TrainerState): void {
    checkedState(state, 'Trainer');
    const { model, optimizer, scheduler, scaler, ema } = this.#options;
    for (const [name, part, saved] of [
      ['scheduler', scheduler, state.scheduler],
      ['scaler', scaler, state.scaler],
      ['ema', ema, state.ema],
    ] as const) {
      if ((part === undefined) !== (saved === null))
        throw new Error(
          `Expected a state ${part === undefined ? 'without' : 'with'} a ${name} but received one ${saved === null ? 'without' : 'with'}`,
        );
    }
    model.loadStateDict(state.model as never);
    optimizer.loadStateDict(state.optimizer as never);
    scheduler?.loadStateDict(state.scheduler as never);
    scaler?.loadStateDict(state.scaler as never);
    ema?.loadStateDict(state.ema as never);
    this.#stopping.loadStateDict(state.stopping);
    this.#position = state.loader;
    this.#isRestored = true;
    this.#pending = 0;
    this.#epoch = state.epoch;
    this.#batch = state.batch;
    this.#step = state.step;
    this.#running.loadStateDict(state.running);
    this.history.replace(state.history);
  }
}

/** What divides or scales one gradient makes no sense where the step computes as many as it likes. */
function refuseWithClosure(optimizer: TrainerOptimizer, accumulate: number, scaler: GradScaler | undefined): void {
  const reason = `since the step of ${optimizer.constructor.name} computes the loss itself`;
  if (accumulate !== 1) throw expected(`1, ${reason},`, 'accumulate', accumulate);
  if (scaler?.enabled) throw expected(`no scaler, ${reason},`, 'scaler', scaler);
}

/** Samples in a batch, so that a last smaller one weighs less: the first dimension of its first tensor. */
function sizeOf(batch: unknown): number {
  if (batch instanceof Tensor) return batch.dim() === 0 ? 1 : batch.size(0);
  if (typeof batch !== 'object' || batch === null) return 1;
  const first = Object.values(batch).find((part) => part instanceof Tensor);
  return first === undefined ? 1 : sizeOf(first);
}

function endingOf(signal: AbortSignal | undefined, interrupts: Interrupts | null, enough: boolean): Ending | null {
  if (signal?.aborted) return 'aborted';
  if (interrupts?.requested) return 'interrupted';
  return enough ? 'maxSteps' : null;
}
