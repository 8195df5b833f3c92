/** Clusters in a few directions, among many in which nothing is to be seen: for losses that learn what is alike, tested on classes they never saw. */

import * as torch from 'torchwright';
import { data } from 'torchwright';

export interface NuisanceClusters {
  /** float32 [N, 32] and int64 [N]: without options 20 samples of each of 60 classes. */
  readonly train: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  /** 40 other classes: [800, 32] and [800]. */
  readonly test: readonly [inputs: torch.Tensor, labels: torch.Tensor];
  /** Classes to learn from. */
  readonly numClasses: number;
}

export interface NuisanceClustersOptions {
  /** Default 60. */
  readonly trainClasses?: number;
  /** Of each class to learn from. Default 20. */
  readonly trainSamples?: number;
  /** Deviation of the samples around the centre of their class. Default 0.35. */
  readonly within?: number;
  /** Deviation of the dimensions in which nothing is to be seen. Default 2. */
  readonly nuisance?: number;
}

const [SIGNAL, NUISANCE] = [8, 24];
const [TEST, SAMPLES] = [40, 20];

const withDefaults = ({ trainClasses = 60, trainSamples = SAMPLES, within = 0.35, nuisance = 2 }: NuisanceClustersOptions) => ({
  trainClasses,
  trainSamples,
  within,
  nuisance,
});

/** What the generator does, for the notes below a table. */
export function nuisanceText(options: NuisanceClustersOptions = {}): string {
  const { trainClasses, trainSamples, within, nuisance } = withDefaults(options);
  const samples = trainSamples === SAMPLES ? `${SAMPLES} samples each` : `${trainSamples} and ${SAMPLES} samples each`;
  return `Generated: class centres normal in ${SIGNAL} dimensions, samples around them with deviation ${within}, ${NUISANCE} more dimensions of noise with deviation ${nuisance}, all mixed by a random matrix; ${trainClasses} classes to learn from, ${TEST} others to test with, ${samples}.`;
}

export const NUISANCE_CLUSTERS = nuisanceText();

/** The data of one seed. */
export function nuisanceClusters(seed: number, device: torch.DeviceLike = 'cpu', options: NuisanceClustersOptions = {}): NuisanceClusters {
  const { trainClasses, trainSamples, within, nuisance } = withDefaults(options);
  const generator = new torch.Generator().manualSeed(seed);
  const normal = (...shape: number[]): torch.Tensor => torch.randn(shape, { generator });
  const mixing = normal(SIGNAL + NUISANCE, SIGNAL + NUISANCE).div(Math.sqrt(SIGNAL + NUISANCE));
  const clusters = (classes: number, samples: number): [torch.Tensor, torch.Tensor] => {
    const labels = torch.arange(classes).repeatInterleave(samples);
    const signal = normal(classes, SIGNAL)
      .indexSelect(0, labels)
      .add(normal(labels.size(0), SIGNAL).mul(within));
    const noise = normal(labels.size(0), NUISANCE).mul(nuisance);
    return [torch.cat([signal, noise], 1).mm(mixing).to(device), labels.to(device)];
  };
  return {
    train: new data.TensorDataset(...clusters(trainClasses, trainSamples)),
    test: clusters(TEST, SAMPLES),
    numClasses: trainClasses,
  };
}
