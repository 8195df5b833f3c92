/** The 1,797 handwritten digits, shuffled by a seed: 1,200 to learn from and 597 to test with, as rows of 64 pixels in [0, 1]. */

import * as torch from 'torchwright';
import { data } from 'torchwright';

export interface Split {
  /** float32 [n, 64] and int64 [n]. */
  readonly train: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  readonly test: readonly [inputs: torch.Tensor, labels: torch.Tensor];
}

export function splitDigits(seed: number, device: torch.DeviceLike): Split {
  const { train, test } = data.digits();
  const [images, labels] = [0, 1].map((k) => torch.cat([train.tensors[k] as torch.Tensor, test.tensors[k] as torch.Tensor]));
  const order = torch.randperm((labels as torch.Tensor).size(0), { generator: new torch.Generator().manualSeed(seed) });
  const [inputs, targets] = [(images as torch.Tensor).flatten(1).indexSelect(0, order), (labels as torch.Tensor).indexSelect(0, order)];
  const part = (tensor: torch.Tensor, from: number, to: number) => tensor.narrow(0, from, to - from).to(device);
  const count = order.size(0);
  return {
    train: new data.TensorDataset(part(inputs, 0, 1200), part(targets, 0, 1200)),
    test: [part(inputs, 1200, count), part(targets, 1200, count)],
  };
}
