/** `torch.metrics`: values over many batches, as classes, and of one call, as functions. */

export { Accuracy, type AccuracyOptions, BinaryAccuracy, type BinaryAccuracyOptions } from './accuracy';
export { type AlignmentOptions, alignment, type UniformityOptions, uniformity } from './alignment';
export {
  type BinaryClassificationScores,
  type BinaryClassificationScoresOptions,
  binaryClassificationScores,
} from './binary-classification-scores';
export { confidenceBrierScore, multiclassBrierScore } from './brier-score';
export {
  adaptiveCalibrationError,
  type BinOptions,
  expectedCalibrationError,
  ksCalibrationError,
  maximumCalibrationError,
  type ReliabilityDiagram,
  reliabilityDiagram,
  staticCalibrationError,
} from './calibration-error';
export type { ClassOptions } from './classes';
export { confidenceRocAuc } from './confidence-roc-auc';
export {
  type Average,
  type AverageOptions,
  ConfusionMatrix,
  type ConfusionMatrixOptions,
  type FBetaOptions,
  FBetaScore,
  Precision,
  Recall,
} from './confusion';
export { type IcnnQuality, type IcnnQualityOptions, type IcnnScore, type IcnnScoreOptions, icnnQuality, icnnScore } from './icnn';
export { mapAtR, rPrecision } from './map-at-r';
export { Mean, type MeanState } from './mean';
export { Metric } from './metric';
export {
  type ClassConcentrationOptions,
  type ClassSpread,
  classConcentration,
  classSpread,
  type DisjointAccuracy,
  type NovelClassAccuracy,
  novelClassAccuracy,
} from './novel-classes';
export { type PairTarAtFar, type PairTarAtFarOptions, pairTarAtFar } from './pair-tar-at-far';
export { Perplexity } from './perplexity';
export {
  type PresentationAttackErrors,
  type PresentationAttackErrorsOptions,
  presentationAttackErrors,
} from './presentation-attack-errors';
export { AUROC, AveragePrecision } from './ranking';
export { type RecallAtKOptions, recallAtK } from './recall-at-k';
export { MeanAbsoluteError, MeanSquaredError, R2Score } from './regression';
export type { RetrievalOptions } from './retrieval';
export { separationMargin } from './separation-margin';
export { type TopKAccuracyOptions, topKAccuracy } from './top-k-accuracy';
export { type UtilizationOptions, utilization } from './utilization';
export {
  type EqualErrorRate,
  equalErrorRate,
  type RocCurve,
  rocAuc,
  rocCurve,
  type TarAtFar,
  type TarAtFarOptions,
  tarAtFar,
  type VerificationAccuracy,
  verificationAccuracy,
} from './verification';
export { wdfsGap } from './wdfs-gap';
