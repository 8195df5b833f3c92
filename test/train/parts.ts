/** A small training that is quick and draws random numbers: shuffled batches, dropout. */

import * as torch from '../../lib';
import { data, nn, optim, type train } from '../../lib';

export type Batch = [torch.Tensor, torch.Tensor];

/** 120 points in two classes that a line divides. */
export function points(): Batch {
  torch.manualSeed(0);
  const x = torch.randn(120, 4);
  return [x, x.sum(1).gt(0).to('int64')];
}

/** What a training needs. */
export interface Parts {
  readonly model: nn.Sequential<[nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]>;
  readonly optimizer: optim.AdamW;
  readonly loader: data.DataLoader<data.TensorDataset<Batch>>;
  readonly options: train.TrainerOptions<Batch>;
}

/** The same at each call, and the same random numbers after it. */
export function parts(): Parts {
  torch.setNumThreads(1); // the tensors are small, and tests run beside each other
  torch.manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Dropout({ p: 0.2 }), new nn.Linear(16, 2));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 });
  const loader = new data.DataLoader(new data.TensorDataset(...points()), { batchSize: 8, shuffle: true });
  torch.manualSeed(2);
  const loss = ([x, y]: Batch): torch.Tensor => nn.functional.crossEntropy(model.forward(x), y);
  return { model, optimizer, loader, options: { model, optimizer, loss, progress: false, interrupts: false } };
}

export const weightsOf = (model: nn.Module): unknown => Object.entries(model.stateDict()).map(([name, tensor]) => [name, tensor.toArray()]);
