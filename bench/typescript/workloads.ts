/** The workloads as a user of the package writes them. bench/cpp and bench/python hold the same. */

import type { Batch } from './batch';
import { augmentedEpoch, augmentedEpochInWorkers, dataEpoch } from './data';
import { add, mulBackward, tensorLoop } from './dispatch';
import { LOSS_WORKLOADS } from './losses';
import { adamwResnet18 } from './optimizers';
import { factoredOutput, sampledHead } from './output';
import { mapAtR, nearestNeighbors, pairTarAtFar, recallAtK } from './retrieval';
import { cnnLosses, cnnStep, mlpLoop, mlpStep, mlpStepFree, transformerStep } from './training';

/** Each makes its tensors once; `size` means something to those workloads that can grow. */
export const WORKLOADS: Readonly<Record<string, (size: number) => Batch>> = {
  add,
  'mul-backward': mulBackward,
  'mlp-step': mlpStep,
  'mlp-loop': mlpLoop,
  'mlp-step-free': mlpStepFree,
  'cnn-step': cnnStep,
  'cnn-losses': cnnLosses,
  'transformer-step': transformerStep,
  'adamw-resnet18': adamwResnet18,
  'data-epoch': dataEpoch,
  'augmented-epoch': augmentedEpoch,
  'augmented-epoch-in-workers': augmentedEpochInWorkers,
  'factored-output': factoredOutput,
  'sampled-head': sampledHead,
  'recall-at-k': recallAtK,
  'map-at-r': mapAtR,
  'nearest-neighbors': nearestNeighbors,
  'pair-tar-at-far': pairTarAtFar,
  'tensor-loop': tensorLoop,
  ...LOSS_WORKLOADS,
};
