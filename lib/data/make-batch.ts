/** How batches are made of a dataset: on the calling thread and in workers alike. */

import type { Tensor } from '../tensor/tensor';
import { collate as collateByDefault } from './collate';
import { type Dataset, isBatched } from './dataset';

/** What a batch is made with; missing parts are the defaults. */
export interface Making {
  readonly collate?: ((samples: unknown[]) => unknown) | undefined;
  readonly transform?: ((batch: unknown) => unknown) | undefined;
}

/** Called with the position of each sample that is read by itself, for messages. */
export type Watch = (index: number | undefined) => void;

/** What makes the batch of some positions. */
export function batchMaker(dataset: Dataset<unknown>, making: Making, watch?: Watch): (indices: Tensor) => unknown {
  const { collate, transform } = making;
  const made =
    collate === undefined && isBatched(dataset) ? (indices: Tensor) => dataset.getBatch(indices) : oneByOne(dataset, collate, watch);
  return transform === undefined ? made : (indices) => transform(made(indices));
}

function oneByOne(dataset: Dataset<unknown>, collate = collateAny, watch?: Watch): (indices: Tensor) => unknown {
  return (indices) => {
    const samples: unknown[] = [];
    for (const position of indices.toTypedArray() as BigInt64Array) {
      watch?.(Number(position));
      samples.push(dataset.get(Number(position)));
    }
    watch?.(undefined);
    return collate(samples);
  };
}

function collateAny(samples: unknown[]): unknown {
  return collateByDefault(samples);
}

/** What makes a batch of samples that are at hand. */
export function sampleMaker({ collate = collateAny, transform }: Making): (samples: unknown[]) => unknown {
  return transform === undefined ? collate : (samples) => transform(collate(samples));
}
