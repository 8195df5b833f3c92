/** `torch.optim.swaUtils`: averages of weights. */

export { AveragedModel, type AveragedModelOptions } from './averaged-model';
export { getEmaMultiAvgFn, getSwaMultiAvgFn, type MultiAvgFn } from './averaging';
export { SWALR, type SWALROptions } from './swa-lr';
export { updateBn } from './update-bn';
