/** Sets that come in one part, made two. */

import { randperm } from '../tensor/generated/root';
import { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { LabelledImages } from './labelled-images';
import { TensorDataset } from './tensor-dataset';

const TRAINING_PERCENT = 85;

/**
 * 85 % of the samples for training, the rest for testing, at random: some sets come sorted by class. The seed is fixed, so
 * that results compare.
 */
export function divide(images: Tensor, labels: Tensor): { train: LabelledImages; test: LabelledImages } {
  const [train, test] = scope(() => {
    const count = labels.numel();
    const order = randperm(count, { generator: new Generator().manualSeed(0) });
    const cut = Math.floor((TRAINING_PERCENT * count) / 100);
    const pick = (indices: Tensor): [Tensor, Tensor] => [images.indexSelect(0, indices), labels.indexSelect(0, indices)];
    return [pick(order.narrow(0, 0, cut)), pick(order.narrow(0, cut, count - cut))] as const;
  });
  return { train: new TensorDataset(...train), test: new TensorDataset(...test) };
}
