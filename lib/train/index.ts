/** `torch.train`: trainings, and the pieces of which one is made. */

export { type CurvesOptions, learningCurves, saveLearningCurves } from './curves';
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping';
export { checkFinite, type NonFinite, NonFiniteError, nonFinite } from './finite';
export { History, type HistoryEntry } from './history';
export { type Interrupts, listenForInterrupts } from './interrupts';
export type { Batches, Ending, FitOptions, Metrics, Schedule, Stateful, TrainerOptimizer, TrainerOptions } from './options';
export { htmlReport, type ReportOptions, saveReport } from './report';
export type { StepResult } from './step-result';
export { type FitResult, Trainer, type TrainerState } from './trainer';
