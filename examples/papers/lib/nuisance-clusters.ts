/** Clusters in a few directions, among many in which nothing is to be seen: for losses that learn what is alike, tested on classes they never saw. */

import * as torch from 'torchwright';
import { data } from 'torchwright';

export interface NuisanceClusters {
  /** float32 [1200, 32] and int64 [1200]: 20 samples of each of 60 classes. */
  readonly train: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  /** 40 other classes: [800, 32] and [800]. */
  readonly test: readonly [inputs: torch.Tensor, labels: torch.Tensor];
  /** Classes to learn from. */
  readonly numClasses: number;
}

const [SIGNAL, NUISANCE] = [8, 24];
const [TRAIN, TEST, SAMPLES] = [60, 40, 20];

export interface ClusterDeviations {
  /** Of the samples around the centre of their class. */
  readonly within: number;
  /** Of the dimensions in which there is nothing to be seen. */
  readonly nuisance: number;
}

const DEVIATIONS: ClusterDeviations = { within: 0.35, nuisance: 2 };

/** What the generator does, for the notes below a table. */
export function aboutClusters({ within, nuisance }: ClusterDeviations = DEVIATIONS): string {
  return `Generated: class centres normal in 8 dimensions, samples around them with deviation ${within}, 24 more dimensions of noise with deviation ${nuisance}, all mixed by a random matrix; 60 classes to learn from, 40 others to test with, 20 samples each.`;
}

/** The data of one seed. */
export function nuisanceClusters(
  seed: number,
  device: torch.DeviceLike = 'cpu',
  { within, nuisance }: ClusterDeviations = DEVIATIONS,
): NuisanceClusters {
  const generator = new torch.Generator().manualSeed(seed);
  const normal = (...shape: number[]): torch.Tensor => torch.randn(shape, { generator });
  const mixing = normal(SIGNAL + NUISANCE, SIGNAL + NUISANCE).div(Math.sqrt(SIGNAL + NUISANCE));
  const clusters = (classes: number): [torch.Tensor, torch.Tensor] => {
    const labels = torch.arange(classes).repeatInterleave(SAMPLES);
    const signal = normal(classes, SIGNAL)
      .indexSelect(0, labels)
      .add(normal(labels.size(0), SIGNAL).mul(within));
    const noise = normal(labels.size(0), NUISANCE).mul(nuisance);
    return [torch.cat([signal, noise], 1).mm(mixing).to(device), labels.to(device)];
  };
  return { train: new data.TensorDataset(...clusters(TRAIN)), test: clusters(TEST), numClasses: TRAIN };
}
