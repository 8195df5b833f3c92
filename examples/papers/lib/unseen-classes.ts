/** How well an embedding tells classes apart that it has not learnt from: retrieval, and verification over all pairs. */

import * as torch from 'torchwright';
import { metrics, samplers } from 'torchwright';

export interface Unseen {
  /** The share of samples whose nearest neighbour is of their class. */
  readonly recall: number;
  /** Equal error rate of the cosine. */
  readonly eer: number;
  /** Shares of pairs of one class that are accepted when so many of two classes are: 0.1 %, 1 %. */
  readonly tar: readonly [number, number];
}

/** Judges embeddings [N, D] of classes [N]; on the CPU. */
export function judged(embeddings: torch.Tensor, labels: torch.Tensor): Unseen {
  return torch.noGrad(() =>
    torch.scope(() => {
      const [x, y] = [embeddings.cpu(), labels.cpu()];
      const { positive, negative } = samplers.pairSimilarities(x, y);
      const scores = torch.cat([positive, negative]);
      const same = torch.arange(scores.size(0)).lt(positive.size(0)).long();
      const tar = metrics.tarAtFar(scores, same, { fars: [1e-3, 1e-2] }).tar.toArray() as [number, number];
      return {
        recall: Number(metrics.recallAtK(x, y, null, null, { ks: [1] }).item()),
        eer: Number(metrics.equalErrorRate(scores, same).eer.item()),
        tar,
      };
    }),
  );
}
