/** The 1,797 handwritten digits as rows of 64 pixels in [0, 1]. */

import path from 'node:path';
import * as torch from 'torchwright';
import { data } from 'torchwright';

export interface Split {
  /** float32 [n, 64] and int64 [n]. */
  readonly train: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  readonly test: readonly [inputs: torch.Tensor, labels: torch.Tensor];
}

/** Shuffled by a seed: 1,200 to learn from, or `known`, and the rest to test with. */
export function splitDigits(seed: number, device: torch.DeviceLike, { known = 1200 } = {}): Split {
  const { train, test } = data.digits();
  const [images, labels] = [0, 1].map((k) => torch.cat([train.tensors[k] as torch.Tensor, test.tensors[k] as torch.Tensor]));
  const order = torch.randperm((labels as torch.Tensor).size(0), { generator: new torch.Generator().manualSeed(seed) });
  const [inputs, targets] = [(images as torch.Tensor).flatten(1).indexSelect(0, order), (labels as torch.Tensor).indexSelect(0, order)];
  const part = (tensor: torch.Tensor, from: number, to: number) => tensor.narrow(0, from, to - from).to(device);
  const count = order.size(0);
  return {
    train: new data.TensorDataset(part(inputs, 0, known), part(targets, 0, known)),
    test: [part(inputs, known, count), part(targets, known, count)],
  };
}

/** All in the order of their files, for what must be the same without a seed. */
export function digitsInOrder(): [inputs: torch.Tensor, labels: torch.Tensor] {
  const folder = path.join(__dirname, '..', '..', '..', 'assets', 'digits');
  const [images, labels] = ['images-idx3', 'labels-idx1'].map((name) => {
    const { shape, data: values } = data.readIdx(path.join(folder, `${name}-ubyte.gz`));
    return torch.fromTypedArray(values).reshape([...shape]);
  }) as [torch.Tensor, torch.Tensor];
  return [images.flatten(1).double().div(16), labels.long()];
}
