/** `torch.optim.lrScheduler`: schedules of the learning rate. */

export { ChainedScheduler, SequentialLR } from './composed';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts, type CosineOptions, type WarmRestartsOptions } from './cosine';
export { CyclicLR, type CyclicOptions } from './cyclic';
export { LambdaLR, type LrLambda, MultiplicativeLR } from './lambda';
export { LRScheduler, type RateGroup, type Schedulable, type SchedulerOptions, type SchedulerState } from './lr-scheduler';
export { OneCycleLR, type OneCycleOptions } from './one-cycle';
export { type PlateauOptions, ReduceLROnPlateau } from './plateau';
export { ConstantLR, type ConstantOptions, LinearLR, type LinearOptions, PolynomialLR, type PolynomialOptions } from './ramps';
export { type DecayOptions, ExponentialLR, MultiStepLR, StepLR } from './steps';
