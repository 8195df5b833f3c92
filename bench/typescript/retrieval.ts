/** Evaluation of embeddings, all against all: 512 features, 20 samples of each label. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

const { methods, metrics } = torch;

function evaluated(of: (x: torch.Tensor, labels: torch.Tensor) => void): (size: number) => Batch {
  return (size) => {
    const labels = torch.arange(size).remainder(size / 20);
    const x = torch
      .randn(size / 20, 512)
      .indexSelect(0, labels)
      .add_(torch.randn(size, 512));
    return (n) => {
      for (let i = 0; i < n; i++) torch.scope(() => of(x, labels));
    };
  };
}

export const recallAtK = evaluated((x, labels) => void metrics.recallAtK(x, labels));
export const mapAtR = evaluated((x, labels) => void metrics.mapAtR(x, labels));
export const nearestNeighbors = evaluated((x) => void methods.nearestNeighbors(x, null, { k: 10 }));
export const pairTarAtFar = evaluated((x, labels) => void metrics.pairTarAtFar(x, labels));
