/** Optimizers, schedules of the learning rate, averages of weights. */

export { Adadelta, type AdadeltaSettings, type AdadeltaState } from './adadelta';
export { Adagrad, type AdagradSettings, type AdagradState } from './adagrad';
export { Adam, type AdamSettings, type AdamState, AdamW } from './adam';
export { Adamax, type AdamaxSettings, type AdamaxState } from './adamax';
export { ASGD, type ASGDSettings, type ASGDState } from './asgd';
export { ExponentiatedGradient, type ExponentiatedGradientSettings } from './exponentiated-gradient';
export { LBFGS, type LBFGSSettings, type LBFGSState } from './lbfgs';
export * as lrScheduler from './lr-scheduler';
export { NAdam, type NAdamSettings, type NAdamState } from './nadam';
export { Optimizer, type ParamGroup, type Params } from './optimizer';
export { RAdam, type RAdamSettings, type RAdamState } from './radam';
export { RMSprop, type RMSpropSettings, type RMSpropState } from './rmsprop';
export { Rprop, type RpropSettings, type RpropState } from './rprop';
export { SAM, type SAMOptions } from './sam';
export { SGD, type SGDSettings, type SGDState } from './sgd';
export { SGLD, type SGLDSettings } from './sgld';
export { SparseAdam, type SparseAdamSettings, type SparseAdamState } from './sparse-adam';
export type { OptimizerStateDict, StateValue } from './state-dict';
export * as swaUtils from './swa-utils';
