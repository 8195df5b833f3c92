/** `torch.methods`: algorithms, update rules, estimators and schedules of the papers. */

export { type CompSumAttackOptions, compSumAttack } from './comp-sum-attack';
export { type HConsistencyOptions, hConsistencyBound, hConsistencyTransform } from './h-consistency';
export { type ProjectedSignStepOptions, projectedSignStep } from './projected-sign-step';
