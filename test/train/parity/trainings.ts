/** The trainings of `reference.py`, line by line. */

import * as torch from '../../../lib';
import { data, nn, optim, type Tensor, type train } from '../../../lib';

/** How many samples each of them has. */
export const SAMPLES = 160;

/** Inputs, and targets where they are not made of them. */
export type Batch = [Tensor, ...Tensor[]];

/** What a training consists of, in the order in which PyTorch draws its random numbers. */
export type Training = Pick<train.TrainerOptions<Batch>, 'model' | 'optimizer' | 'loss' | 'clipNorm'> & {
  readonly dataset: data.TensorDataset<Batch>;
};

const { functional } = nn;

function mlp(): Training {
  const x = torch.randn(SAMPLES, 8);
  const y = x
    .narrow(1, 0, 1)
    .mul(x.narrow(1, 1, 1))
    .add(x.narrow(1, 2, 1).sin());
  const model = new nn.Sequential(new nn.Linear(8, 32), new nn.ReLU(), new nn.Linear(32, 32), new nn.Tanh(), new nn.Linear(32, 1));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3, weightDecay: 0.05 });
  return { model, optimizer, dataset: pairs(x, y), loss: pairLoss((a, b) => functional.mseLoss(model.forward(a), b)) };
}

function cnn(): Training {
  const x = torch.randn(SAMPLES, 2, 10, 10);
  const upper = x.select(1, 0).narrow(1, 0, 5).mean([1, 2]);
  const lower = x.select(1, 1).narrow(1, 5, 5).mean([1, 2]);
  const y = upper.gt(lower).long();
  const model = new nn.Sequential(
    new nn.Conv2d(2, 8, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 12, 3),
    new nn.BatchNorm2d(12),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(12, 2),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.02, momentum: 0.9, weightDecay: 1e-3 });
  return { model, optimizer, dataset: pairs(x, y), loss: pairLoss((a, b) => functional.crossEntropy(model.forward(a), b)) };
}

/** A class for a sequence of tokens. */
class Recurrent extends nn.Module {
  readonly embedding = new nn.Embedding(6, 8);
  readonly lstm = new nn.LSTM(8, 16, { numLayers: 2, batchFirst: true });
  readonly head = new nn.Linear(16, 3);

  override forward(tokens: Tensor): Tensor {
    const [output] = this.lstm.forward(this.embedding.forward(tokens));
    return this.head.forward(output.select(1, -1));
  }
}

function lstm(): Training {
  const x = torch.randint(6, [SAMPLES, 12]);
  const y = x.narrow(1, -4, 4).sum(1).floorDivide(7);
  const model = new Recurrent();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const loss = pairLoss((a, b) => functional.crossEntropy(model.forward(a), b));
  return { model, optimizer, dataset: pairs(x, y), loss, clipNorm: 0.25 };
}

/** Tells the next token from those before it. */
class Language extends nn.Module {
  readonly tokens = new nn.Embedding(7, 16);
  readonly positions = new nn.Embedding(10, 16);
  readonly block = new nn.TransformerEncoderLayer(16, 4, {
    dimFeedforward: 32,
    dropout: 0,
    activation: 'gelu',
    batchFirst: true,
    normFirst: true,
  });
  readonly norm = new nn.LayerNorm(16);
  readonly head = new nn.Linear(16, 7);

  override forward(tokens: Tensor): Tensor {
    const length = tokens.size(1);
    const mask = torch.full([length, length], Number.NEGATIVE_INFINITY).triu(1);
    const x = this.tokens.forward(tokens).add(this.positions.forward(torch.arange(length)));
    return this.head.forward(this.norm.forward(this.block.forward(x, { srcMask: mask, isCausal: true })));
  }
}

function transformer(): Training {
  const x = torch.randint(7, [SAMPLES, 11]);
  // From the third token on, each is the sum of the two before it.
  for (let k = 2; k < 11; k++)
    x.select(1, k).copy_(
      x
        .select(1, k - 1)
        .add(x.select(1, k - 2))
        .remainder(7),
    );
  const model = new Language();
  const optimizer = new optim.Adam(model.parameters(), { lr: 5e-3 });
  const loss = ([tokens]: Batch): Tensor =>
    functional.crossEntropy(model.forward(tokens.narrow(1, 0, 10)).flatten(0, 1), tokens.narrow(1, 1, 10).flatten());
  return { model, optimizer, dataset: new data.TensorDataset<Batch>(x), loss };
}

function pairs(x: Tensor, y: Tensor): data.TensorDataset<Batch> {
  return new data.TensorDataset<Batch>(x, y);
}

function pairLoss(loss: (x: Tensor, y: Tensor) => Tensor): (batch: Batch) => Tensor {
  return ([x, y]) => loss(x, y as Tensor);
}

export const TRAININGS: Readonly<Record<string, () => Training>> = { mlp, cnn, lstm, transformer };
