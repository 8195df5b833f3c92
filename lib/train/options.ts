import type { AutocastDevice, AutocastOptions } from '../amp/autocast';
import type { GradScaler } from '../amp/grad-scaler';
import type { CheckpointsOptions } from '../io';
import type { Metric } from '../metrics/metric';
import type { Module } from '../nn/module';
import type { AveragedModel } from '../optim/swa-utils/averaged-model';
import type { Tensor } from '../tensor/tensor';
import type { EarlyStoppingOptions } from './early-stopping';
import type { HistoryEntry } from './history';
import type { StepResult } from './step-result';

/** What a checkpoint saves and brings back. */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): unknown;
}

/** A schedule of the learning rate; `optim.lrScheduler` has PyTorch's. */
export interface Schedule extends Stateful {
  step(): void;
}

/** Batches, pass after pass. A `DataLoader` can also tell where it is, which resuming within a pass needs. */
export type Batches<Batch> = (Iterable<Batch> | AsyncIterable<Batch>) & { readonly length?: number } & Partial<Stateful>;

/** Metrics by name. */
export type Metrics = Readonly<Record<string, Metric<never, number | number[]>>>;

/** What a training needs of an optimizer: one of `optim`, or one's own. */
export interface TrainerOptimizer extends Stateful {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
  /**
   * Whether `step` computes the loss and its gradients itself, once or several times, with the closure that it is given; all
   * others find the gradients there. Default false.
   */
  readonly needsClosure?: boolean;
  step(closure?: () => Tensor): unknown;
  zeroGrad(): void;
}

export interface TrainerOptions<Batch, Measured extends Metrics = Metrics> {
  model: Module;
  /** One that needs a closure, such as LBFGS and SAM, gets one: it clears the gradients and computes loss and gradients of the batch anew. */
  optimizer: TrainerOptimizer;
  /** The loss of a batch; with more values beside it they are logged too. */
  loss(batch: Batch): StepResult;
  /**
   * Judges a batch of the validation data, in evaluation mode and without recording: updates the metrics, and returns a loss
   * when there is one. Default: `loss`.
   */
  evaluate?(batch: Batch, metrics: Measured): StepResult | undefined;
  /** What `evaluate` fills, by name: logged as `validation.<name>`. */
  metrics?: Measured;
  /** Default: none. */
  scheduler?: Schedule;
  /** When the scheduler steps: after each optimizer step, or after each epoch with the monitored value. Default `'epoch'`. */
  schedulerInterval?: 'step' | 'epoch';
  /** Computes the loss in a lower precision where that is safe. Default: not. */
  autocast?: { readonly device: AutocastDevice } & Pick<AutocastOptions, 'dtype'>;
  /** Scales the loss, for float16; not with an optimizer that needs a closure. Default: none. */
  scaler?: GradScaler;
  /** Averages of the weights, which follow after each optimizer step. Default: none. */
  ema?: AveragedModel<Module>;
  /**
   * Batches whose gradients are added up, and divided by this number, for one optimizer step; a rest at the end of an epoch makes a
   * step too. 1 with an optimizer that needs a closure. Default 1.
   */
  accumulate?: number;
  /** Largest norm of all gradients together; larger ones are scaled down. Default: no limit. */
  clipNorm?: number;
  /** Which value tells how good the model is. Default `'validation.loss'`, without validation `'loss'`. */
  monitor?: string;
  /** Whether it should fall or rise. Default `'min'`. */
  mode?: 'min' | 'max';
  /** Ends the training when the monitored value improves no more. Default: never. */
  earlyStopping?: Omit<EarlyStoppingOptions, 'mode'>;
  /** Where the state is kept: after each epoch, and when the training is ended before its time. Default: nowhere. */
  checkpoints?: CheckpointPolicy;
  /** Steps between two log entries. Default 10. */
  logEvery?: number;
  /** Throw at a loss that is NaN or infinite, naming the parameters; looked at whenever there is a log entry. Default true. */
  checkFinite?: boolean;
  /** Called with each log entry. */
  onLog?(entry: HistoryEntry): void | Promise<void>;
  /** Called after each optimizer step with the number of steps so far. */
  onStep?(step: number): void | Promise<void>;
  /** Called after each epoch, its validation included, with the number of epochs so far. */
  onEpoch?(epoch: number, entry: HistoryEntry): void | Promise<void>;
  /** A progress bar on stderr. Default true. */
  progress?: boolean;
  /** Finish the step at the first Ctrl-C or SIGTERM, and stop at once at the second. Default true. */
  interrupts?: boolean;
}

export interface CheckpointPolicy extends CheckpointsOptions {
  /** Made when it is not there. Holds `checkpoint-<step>.pt`, and `best.pt` by the monitored value. */
  readonly folder: string;
  /** Also after every so many optimizer steps. Default: at the ends of epochs only. */
  readonly everySteps?: number;
}

export interface FitOptions<Batch> {
  /** Passes over the data in all, those before a resume included. */
  epochs: number;
  /** Optimizer steps in all. Default: no limit. */
  maxSteps?: number;
  /** Judged after each epoch. Default: none. */
  validation?: Batches<Batch>;
  /** Go on from the latest checkpoint when there is one. Default false. */
  resume?: boolean;
  /** Stops after the step at which it is aborted. */
  signal?: AbortSignal;
}

/** Why a training ended. */
export type Ending = 'completed' | 'maxSteps' | 'earlyStopping' | 'interrupted' | 'aborted';
