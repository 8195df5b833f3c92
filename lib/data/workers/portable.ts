/** Datasets made of tensors, sent to workers without a copy. */

import { receive, revoke, share } from '../../tensor/share';
import type { Tensor } from '../../tensor/tensor';
import { ConcatDataset } from '../concat-dataset';
import type { Dataset } from '../dataset';
import { Subset } from '../subset';
import { TensorDataset } from '../tensor-dataset';
import type { Portable } from './protocol';

/** Whether a dataset is made of tensors. */
export function isPortable(dataset: unknown): boolean {
  if (dataset instanceof TensorDataset) return dataset.tensors.every((tensor: Tensor) => tensor.device === 'cpu');
  if (dataset instanceof Subset) return isPortable(dataset.dataset);
  return dataset instanceof ConcatDataset && dataset.datasets.every(isPortable);
}

export function toPortable(dataset: unknown): Portable {
  if (dataset instanceof Subset) return { kind: 'subset', dataset: toPortable(dataset.dataset), indices: share(dataset.indices) };
  if (dataset instanceof ConcatDataset) return { kind: 'concat', datasets: dataset.datasets.map(toPortable) };
  return { kind: 'tensors', tensors: (dataset as { tensors: readonly Tensor[] }).tensors.map((tensor) => share(tensor)) };
}

export function fromPortable(portable: Portable): Dataset<unknown> {
  switch (portable.kind) {
    case 'subset':
      return new Subset(fromPortable(portable.dataset), receive(portable.indices));
    case 'concat': {
      const [first, ...others] = portable.datasets.map(fromPortable);
      return new ConcatDataset(first as Dataset<unknown>, ...others);
    }
    case 'tensors': {
      const [first, ...others] = portable.tensors.map(receive);
      return new TensorDataset(first as NonNullable<typeof first>, ...others);
    }
  }
}

/** Gives up a dataset that no worker has taken. */
export function discardPortable(portable: Portable): void {
  if (portable.kind === 'subset') {
    revoke(portable.indices);
    discardPortable(portable.dataset);
  } else if (portable.kind === 'concat') portable.datasets.forEach(discardPortable);
  else portable.tensors.forEach(revoke);
}
