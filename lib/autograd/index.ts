/** `torch.autograd`. */

export { type CheckpointOptions, checkpoint } from './checkpoint';
export { CustomFunction as Function, type FunctionClass, FunctionContext } from './function';
export { type FunctionalOptions, hessian, hvp, jacobian, jvp, vjp } from './functional';
export { backward, type GradOptions, grad } from './grad';
export { type GradcheckOptions, gradcheck, gradgradcheck } from './gradcheck';
export {
  detectAnomaly,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  type ModeGuard,
  noGrad,
  setDetectAnomaly,
  setGradEnabled,
} from './modes';
