/** One epoch over images in memory: shuffled, in batches of 64, made floats in [0, 1]. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

export function dataEpoch(size: number): Batch {
  const images = torch.randint(256, [size, 1, 28, 28], { dtype: 'uint8' });
  const labels = torch.randint(10, [size], { dtype: 'int64' });
  const loader = new torch.data.DataLoader(new torch.data.TensorDataset(images, labels), { batchSize: 64, shuffle: true });
  return (n) => {
    for (let i = 0; i < n; i++) {
      for (const [x] of loader) x.float().div_(255);
    }
  };
}
