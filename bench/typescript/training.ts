/** One training step of three networks, each with SGD. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

const { nn, optim } = torch;

/** A step is what a loop over a `DataLoader` makes of its body: one scope. */
function training(
  model: { forward(x: torch.Tensor): torch.Tensor; parameters(): Iterable<torch.Tensor> },
  x: torch.Tensor,
  target: torch.Tensor,
  loss: (output: torch.Tensor, target: torch.Tensor) => torch.Tensor,
  sgd: { lr: number; momentum?: number },
): Batch {
  const optimizer = new optim.SGD(model.parameters(), sgd);
  return (n) => {
    for (let i = 0; i < n; i++) {
      torch.scope(() => {
        optimizer.zeroGrad();
        loss(model.forward(x), target).backward();
        optimizer.step();
      });
    }
  };
}

function perceptron(): torch.nn.Sequential {
  return new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10));
}

export function mlpStep(size: number): Batch {
  const x = torch.randn(size, 784);
  const y = torch.randint(10, [size], { dtype: 'int64' });
  return training(perceptron(), x, y, nn.functional.crossEntropy, { lr: 0.01 });
}

/** The same step without a scope: garbage collection frees. */
export function mlpStepFree(size: number): Batch {
  const x = torch.randn(size, 784);
  const y = torch.randint(10, [size], { dtype: 'int64' });
  const model = perceptron();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
  return (n) => {
    for (let i = 0; i < n; i++) {
      optimizer.zeroGrad();
      const loss = nn.functional.crossEntropy(model.forward(x), y);
      loss.backward();
      optimizer.step();
    }
  };
}

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
  const x = torch.randn(size, 1, 28, 28);
  const y = torch.randint(10, [size], { dtype: 'int64' });
  return training(model, x, y, nn.functional.crossEntropy, { lr: 0.01, momentum: 0.9 });
}

/** A pre-norm transformer block. */
class Block extends nn.Module {
  readonly scale1: torch.nn.Parameter;
  readonly shift1: torch.nn.Parameter;
  readonly scale2: torch.nn.Parameter;
  readonly shift2: torch.nn.Parameter;
  readonly qkv: torch.nn.Linear;
  readonly out: torch.nn.Linear;
  readonly up: torch.nn.Linear;
  readonly down: torch.nn.Linear;

  constructor(
    private readonly width: number,
    private readonly heads: number,
  ) {
    super();
    this.scale1 = new nn.Parameter(torch.ones(width));
    this.shift1 = new nn.Parameter(torch.zeros(width));
    this.scale2 = new nn.Parameter(torch.ones(width));
    this.shift2 = new nn.Parameter(torch.zeros(width));
    this.qkv = new nn.Linear(width, 3 * width);
    this.out = new nn.Linear(width, width);
    this.up = new nn.Linear(width, 4 * width);
    this.down = new nn.Linear(4 * width, width);
  }

  forward(x: torch.Tensor): torch.Tensor {
    const { width, heads } = this;
    const [batch, length] = x.shape as [number, number];
    const normed = torch.layerNorm(x, [width], { weight: this.scale1, bias: this.shift1 });
    const split = this.qkv.forward(normed).reshape(batch, length, 3, heads, width / heads);
    const [q, k, v] = split.permute(2, 0, 3, 1, 4).unbind(0) as [torch.Tensor, torch.Tensor, torch.Tensor];
    const mixed = torch.scaledDotProductAttention(q, k, v);
    const y = x.add(this.out.forward(mixed.transpose(1, 2).reshape(batch, length, width)));
    const hidden = this.up.forward(torch.layerNorm(y, [width], { weight: this.scale2, bias: this.shift2 }));
    return y.add(this.down.forward(nn.functional.gelu(hidden)));
  }
}

export function transformerStep(size: number): Batch {
  const x = torch.randn(size, 64, 128);
  const target = torch.randn(size, 64, 128);
  return training(new Block(128, 4), x, target, nn.functional.mseLoss, { lr: 0.01 });
}
