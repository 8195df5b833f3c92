/** One forward and backward of each loss of metric learning, of a batch of `size` samples. bench/python/metric_losses.py holds the same. */

import * as torch from 'torchwright';
import { losses } from 'torchwright';
import type { Loss } from './losses';

const FEATURES = 128;
const CLASSES = 1000;

/** Numbers without randomness and without a period, so that all languages have the same: `sin(0.001 i^2 + phase)`. */
export function chirps(rows: number, phase = 0, features = FEATURES): torch.Tensor {
  const places = torch.arange(rows * features, { dtype: 'float64' });
  return places.square().mul(0.001).add(phase).sin().reshape([rows, features]).float().requiresGrad_();
}

/** Four samples of each class. */
function batch(size: number): { embeddings: torch.Tensor; labels: torch.Tensor } {
  return { embeddings: chirps(size), labels: torch.arange(size).floorDivide(4) };
}

/** Samples of a thousand classes, with a row of weights for each class. */
function classified(size: number): { embeddings: torch.Tensor; weights: torch.Tensor; labels: torch.Tensor } {
  return { embeddings: chirps(size), weights: chirps(CLASSES, 0.5), labels: torch.arange(size).mul(7).remainder(CLASSES) };
}

export const METRIC_LOSSES: Readonly<Record<string, (size: number) => Loss>> = {
  contrastive(size) {
    const { embeddings, labels } = batch(size);
    return { leaves: [embeddings], loss: () => losses.contrastiveLoss(embeddings, labels) };
  },
  'batch-hard-triplet'(size) {
    const { embeddings, labels } = batch(size);
    return { leaves: [embeddings], loss: () => losses.batchHardTripletLoss(embeddings, labels, { normalize: true }) };
  },
  'batch-all-triplet'(size) {
    const { embeddings, labels } = batch(size);
    return { leaves: [embeddings], loss: () => losses.batchAllTripletLoss(embeddings, labels, { normalize: true }) };
  },
  'n-pair'(size) {
    // Anchors and positives in turn.
    const embeddings = chirps(size);
    return {
      leaves: [embeddings],
      loss: () => {
        const pairs = embeddings.reshape([-1, 2, FEATURES]);
        return losses.nPairLoss(pairs.select(1, 0), pairs.select(1, 1));
      },
    };
  },
  'lifted-structure'(size) {
    const { embeddings, labels } = batch(size);
    return { leaves: [embeddings], loss: () => losses.liftedStructureLoss(embeddings, labels, { normalize: true }) };
  },
  'proxy-anchor'(size) {
    const { embeddings, weights, labels } = classified(size);
    return { leaves: [embeddings, weights], loss: () => losses.proxyAnchorLoss(embeddings, weights, labels) };
  },
  'normalized-softmax'(size) {
    const { embeddings, weights, labels } = classified(size);
    return { leaves: [embeddings, weights], loss: () => losses.normalizedSoftmaxLoss(embeddings, weights, labels) };
  },
  'constrained-softmax'(size) {
    const { embeddings, weights, labels } = classified(size);
    return { leaves: [embeddings, weights], loss: () => losses.constrainedSoftmaxLoss(embeddings, weights, labels) };
  },
  'cos-face'(size) {
    const { embeddings, weights, labels } = classified(size);
    return { leaves: [embeddings, weights], loss: () => losses.cosFaceLoss(embeddings, weights, labels) };
  },
  'arc-face'(size) {
    const { embeddings, weights, labels } = classified(size);
    return { leaves: [embeddings, weights], loss: () => losses.arcFaceLoss(embeddings, weights, labels) };
  },
};
