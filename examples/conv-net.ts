/** The network and the loss that the demo trains and the benchmark measures. */

import { nn, type Tensor } from 'torchwright';

/** Images [N, 1, size, size] to logits [N, classes]. */
export function convNet(size: number, classes: number) {
  return new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * Math.floor(size / 4) ** 2, 128), // each pooling halves the picture
    new nn.ReLU(),
    new nn.Linear(128, classes),
  );
}

/** Cross entropy with label smoothing: a part of the target goes to all classes alike, so that no logit must grow without end. */
export function smoothedCrossEntropy(logits: Tensor, labels: Tensor, smoothing = 0.05): Tensor {
  const logProbabilities = logits.sub(logits.logsumexp(1, { keepdim: true }));
  const ofTarget = logProbabilities.gather(1, labels.unsqueeze(1)).mean();
  return ofTarget
    .mul(1 - smoothing)
    .add(logProbabilities.mean().mul(smoothing))
    .neg();
}
