/** `torch.nn.utils`. */

export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm, type NormOptions } from './clip-grad';
export * as parametrizations from './parametrizations';
export * as parametrize from './parametrize';
export * as rnn from './rnn';
export { parametersToVector, vectorToParameters } from './vector';
