/** One training step of three networks. */

import * as torch from 'torchwright';
import { convNet, smoothedCrossEntropy } from '../../examples/conv-net';
import type { Batch } from './batch';
import { TransformerBlock } from './transformer';

const { data, nn, optim } = torch;

interface Training {
  readonly model: { forward(x: torch.Tensor): torch.Tensor };
  readonly optimizer: { zeroGrad(): void; step(): void };
  readonly x: torch.Tensor;
  readonly target: torch.Tensor;
  readonly criterion: (output: torch.Tensor, target: torch.Tensor) => torch.Tensor;
  readonly tell?: (loss: torch.Tensor) => void;
}

function step({ model, optimizer, x, target, criterion, tell }: Training): void {
  const loss = criterion(model.forward(x), target);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  tell?.(loss);
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

/** The demo: its network, its loss, its optimizer. */
function demo(size: number): Training {
  const model = convNet(28, 10);
  return {
    model,
    optimizer: new optim.AdamW(model.parameters(), { lr: 5e-3 }),
    x: torch.randn(size, 1, 28, 28),
    target: torch.randint(10, [size], { dtype: 'int64' }),
    criterion: (logits, labels) => smoothedCrossEntropy(logits, labels),
  };
}

export const cnnStep = (size: number): Batch => scoped(demo(size));

/** Prints the loss of each step, from which one sees that the languages do the same. */
export const cnnLosses = (size: number): Batch => scoped({ ...demo(size), tell: (loss) => console.log(loss.item()) });

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
