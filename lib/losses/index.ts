/** `torch.losses`: the differentiable objectives of the papers. */

export { type CompSumOptions, compSumLoss, type MarginCompSumOptions, marginCompSumLoss } from './comp-sum';
export { type GeneralizedCrossEntropyOptions, generalizedCrossEntropyLoss, softmaxMaeLoss } from './generalized-cross-entropy';
export { type SmoothAdversarialCompSumOptions, smoothAdversarialCompSumLoss } from './smooth-adversarial-comp-sum';
