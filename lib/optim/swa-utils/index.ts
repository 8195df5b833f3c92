/** `torch.optim.swaUtils`: averages of weights. */

export { SWALR, type SWALROptions } from './swa-lr';
