/** Optimizers. */

export { Adam, type AdamSettings, type AdamState, AdamW } from './adam';
export { Optimizer, type OptimizerStateDict, type ParamGroup, type Params } from './optimizer';
export { SGD, type SGDSettings, type SGDState } from './sgd';
