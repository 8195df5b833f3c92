/** `torch.nn.utils`. */

export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm, type NormOptions } from './clip-grad';
export { parametersToVector, vectorToParameters } from './vector';
export * as rnn from './rnn';
