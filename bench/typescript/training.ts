/** One training step of three networks. */

import * as torch from 'torchwright';
import type { Batch } from './batch';
import { TransformerBlock } from './transformer';

const { data, nn, optim } = torch;

interface Training {
  readonly model: { forward(x: torch.Tensor): torch.Tensor };
  readonly optimizer: { zeroGrad(): void; step(): void };
  readonly x: torch.Tensor;
  readonly target: torch.Tensor;
  readonly criterion: (output: torch.Tensor, target: torch.Tensor) => torch.Tensor;
}

function step({ model, optimizer, x, target, criterion }: Training): void {
  const loss = criterion(model.forward(x), target);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}

/** Each step in a scope, as a loop over a `DataLoader` has it. */
function scoped(training: Training): Batch {
  return (n) => {
    for (let i = 0; i < n; i++) torch.scope(() => step(training));
  };
}

/** Without a scope: garbage collection frees. */
function unscoped(training: Training): Batch {
  return (n) => {
    for (let i = 0; i < n; i++) step(training);
  };
}

function perceptron(size: number): Training {
  const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10));
  return {
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }),
    x: torch.randn(size, 784),
    target: torch.randint(10, [size], { dtype: 'int64' }),
    criterion: (logits, labels) => nn.functional.crossEntropy(logits, labels),
  };
}

export const mlpStep = (size: number): Batch => scoped(perceptron(size));

/** As a user writes it: passes over a loader until there were `n` steps. */
export function mlpLoop(size: number): Batch {
  const training = perceptron(size);
  const dataset = new data.TensorDataset(torch.randn(20 * size, 784), torch.randint(10, [20 * size], { dtype: 'int64' }));
  const loader = new data.DataLoader(dataset, { batchSize: size });
  return (n) => {
    for (let done = 0; done < n; ) {
      for (const [x, target] of loader) {
        if (done++ === n) break;
        step({ ...training, x, target });
      }
    }
  };
}

export const mlpStepFree = (size: number): Batch => unscoped(perceptron(size));

function smoothedCrossEntropy(logits: torch.Tensor, labels: torch.Tensor, smoothing = 0.05): torch.Tensor {
  const logProbabilities = logits.sub(logits.logsumexp(1, { keepdim: true }));
  const ofTarget = logProbabilities.gather(1, labels.unsqueeze(1)).mean();
  return ofTarget
    .mul(1 - smoothing)
    .add(logProbabilities.mean().mul(smoothing))
    .neg();
}

/** The demo: its network, its loss, its optimizer. */
export function cnnStep(size: number): Batch {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
  return scoped({
    model,
    optimizer: new optim.AdamW(model.parameters(), { lr: 5e-3 }),
    x: torch.randn(size, 1, 28, 28),
    target: torch.randint(10, [size], { dtype: 'int64' }),
    criterion: (logits, labels) => smoothedCrossEntropy(logits, labels),
  });
}

export function transformerStep(size: number): Batch {
  const model = new TransformerBlock(128, 4);
  return scoped({
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }),
    x: torch.randn(size, 64, 128),
    target: torch.randn(size, 64, 128),
    criterion: (output, target) => nn.functional.mseLoss(output, target),
  });
}
