/** `torch.amp`: automatic mixed precision. */

export { type AutocastDevice, type AutocastOptions, autocast } from './autocast';
export { GradScaler, type GradScalerOptions, type GradScalerState, type ScaledOptimizer } from './grad-scaler';
