/** `torch.methods`: algorithms, update rules, estimators and schedules of the papers. */

export { hyperbolicLogits } from '../nn/hyperbolic-mlr';
export { type Metric, type PairwiseDistancesOptions, pairwiseDistances } from '../nn/metric-learning/distances';
export {
  type ClassPrototypesOptions,
  classPrototypes,
  type PrototypicalOptions,
  prototypicalLogits,
} from '../nn/metric-learning/prototypes';
export { type SFaceRescaleOptions, type SFaceStrengths, sfaceRescale } from '../nn/metric-learning/sface';
export { type UnitNormConstraintOptions, unitNormConstraint } from '../nn/metric-learning/unit-norm';
export {
  type ClipFeaturesOptions,
  type CurvatureOptions,
  clipFeatures,
  mobiusAdd,
  type PoincareProjectOptions,
  poincareDistance,
  poincareDistanceMatrix,
  poincareExpMap,
  poincareExpMap0,
  poincareLogMap,
  poincareLogMap0,
  poincareProject,
} from '../nn/poincare-ball';
export { applyTemperature, type CalibratorFeaturesOptions, calibratorFeatures } from '../nn/temperature';
export { type ToPoincareOptions, toPoincare } from '../nn/to-poincare';
export { type AdaptiveMeanOptions, adaptiveMean } from './adaptive-mean';
export {
  type AggregateLeastSquaresOptions,
  type AggregateResponsesOptions,
  aggregateLeastSquares,
  aggregateResponses,
  laplaceNoise,
  type PrivatizeOptions,
  privatizeBagResponses,
  type RandomBagsOptions,
  randomBags,
} from './aggregate-responses';
export {
  type AggregateProblem,
  type AggregateRisk,
  type AggregateRiskOptions,
  aggregateRisk,
  type OptimalBagSize,
  type OptimalBagSizeOptions,
  type OptimalInterpolation,
  type OptimalInterpolationOptions,
  optimalBagSize,
  optimalInterpolation,
} from './aggregate-risk';
export { type AlignedGradients, alignGradients } from './align-gradients';
export {
  type CalibratedLossOptions,
  calibratedLossDerivatives,
  type InverseBoxCoxOptions,
  inverseBoxCox,
} from './calibrated-loss-derivatives';
export { type CompSumAttackOptions, compSumAttack } from './comp-sum-attack';
export { EnsLossSchedule, type EnsLossScheduleOptions } from './ens-loss-schedule';
export {
  type FaceHalves,
  type SplitFaceHalvesOptions,
  type SymmetricOrientation,
  type SymmetricOrientationOptions,
  splitFaceHalves,
  symmetricOrientation,
} from './face-symmetry';
export {
  type FactoredOutputStabilized,
  type FactoredOutputStepOptions,
  type FactoredOutputStepped,
  type FactoredOutputUpdated,
  type FactoredOutputUpdateOptions,
  factoredOutputForward,
  factoredOutputStabilize,
  factoredOutputStep,
  factoredOutputUpdate,
  factoredOutputWeights,
} from './factored-output';
export { type FitTemperatureOptions, fitTemperature } from './fit-temperature';
export { type HConsistencyOptions, hConsistencyBound, hConsistencyTransform } from './h-consistency';
export {
  type LogisticGradientDescentOptions,
  type LogisticGradientDescentResult,
  type LogisticStepOptions,
  logisticGradientDescent,
  logisticGradientDescentStep,
} from './logistic-gradient-descent';
export { type LinearClassifier, type LogisticRegressionFitOptions, logisticRegressionFit } from './logistic-regression-fit';
export { minMaxScale } from './min-max-scale';
export {
  type NaiveBayesFitOptions,
  type NaiveBayesLogitsOptions,
  type NaiveBayesModel,
  type NaiveBayesUpdateOptions,
  naiveBayesFit,
  naiveBayesLinear,
  naiveBayesLogits,
  naiveBayesUpdate,
} from './naive-bayes';
export {
  type KnnClassification,
  type KnnClassifyOptions,
  knnClassify,
  type NearestNeighbors,
  type NearestNeighborsOptions,
  nearestNeighbors,
} from './nearest-neighbors';
export {
  extendClassWeights,
  type HypersphericalPrediction,
  type HypersphericalPredictOptions,
  hypersphericalPredict,
  type NovelClassWeightsOptions,
  novelClassWeights,
} from './novel-classes';
export { type PairWeightKind, type PairWeightsOptions, pairWeights } from './pair-weights';
export { type BatchPerceptronOptions, batchPerceptron, type PerceptronOptions, perceptron } from './perceptron';
export { type ProjectedSignStepOptions, projectedSignStep } from './projected-sign-step';
export type { SeparationResult } from './separate';
export {
  type AmplifierOptions,
  anyLossAmplifier,
  type SoftConfusionMatrix,
  type SoftConfusionMatrixOptions,
  softConfusionMatrix,
} from './soft-confusion-matrix';
export { type CalibratorObjective, type TrainCalibratorOptions, trainCalibrator } from './train-calibrator';
