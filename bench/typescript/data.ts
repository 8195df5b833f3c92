/** Epochs over images in memory. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

const { data } = torch;
const { transforms } = data;

type LabelledImages = [images: torch.Tensor, labels: torch.Tensor];

function labelledImages(size: number): torch.data.TensorDataset<LabelledImages> {
  const images = torch.randint(256, [size, 1, 28, 28], { dtype: 'uint8' });
  return new data.TensorDataset<LabelledImages>(images, torch.randint(10, [size], { dtype: 'int64' }));
}

/** Shuffled, in batches of 64, made floats in [0, 1]. */
export function dataEpoch(size: number): Batch {
  const loader = new data.DataLoader(labelledImages(size), { batchSize: 64, shuffle: true });
  return (n) => {
    for (let i = 0; i < n; i++) {
      for (const [x] of loader) x.float().div_(255);
    }
  };
}

const augmentation = new transforms.Compose([
  new transforms.RandomCrop(28, { padding: 2 }),
  new transforms.RandomHorizontalFlip(),
  new transforms.ConvertDtype('float32'),
]);

/** A batch with each image cropped and mirrored at random; exported for the workers, which find it by its name. */
export function augment([images, labels]: LabelledImages): LabelledImages {
  return [augmentation.forward(images), labels];
}

/** Shuffled, in batches of 256, augmented. */
export function augmentedEpoch(size: number): Batch {
  const loader = new data.DataLoader(labelledImages(size), { batchSize: 256, shuffle: true, transform: augment });
  return (n) => {
    for (let i = 0; i < n; i++) {
      for (const _ of loader);
    }
  };
}

/** The same, made by two worker threads. */
export function augmentedEpochInWorkers(size: number): Batch {
  const loader = new data.DataLoader(labelledImages(size), {
    batchSize: 256,
    shuffle: true,
    numWorkers: 2,
    persistentWorkers: true,
    worker: { module: __filename, transform: 'augment' },
  });
  return async (n) => {
    for (let i = 0; i < n; i++) {
      for await (const _ of loader);
    }
  };
}
