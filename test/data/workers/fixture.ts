/** What the worker threads of the tests load. */

import * as torch from '../../../lib';
import { data } from '../../../lib';

export const tens = { length: 10, get: (index: number) => ({ x: torch.full([2], index), name: `n${index}` }) };

/** Sample i is i, and fails at `bad`. */
export function failingAt(bad: number) {
  return {
    length: 10,
    get(index: number): number {
      if (index === bad) throw new RangeError('unreadable');
      return index;
    },
  };
}

export async function rows(values: torch.Tensor, delay: number) {
  await new Promise((resolve) => setTimeout(resolve, delay));
  return new data.TensorDataset(values);
}

/** Each sample with noise of its own. */
export function noisy(length: number) {
  return { length, get: (index: number) => torch.randn(3, { generator: data.generator() }).add(index) };
}

export const flip = ([x]: [torch.Tensor]) => [torch.rand(x.shape, { generator: data.generator() }), x] as const;

export const joinNames = (samples: { name: string }[]) => samples.map(({ name }) => name).join('+');

export const info = { length: 4, get: () => [data.workerInfo()?.id ?? -1, torch.getNumThreads()] };

/** 0, 1, ... without positions; each worker its share. */
export function* counted(): Generator<number> {
  const { id, numWorkers } = data.workerInfo() ?? { id: 0, numWorkers: 1 };
  for (let k = id; k < 11; k += numWorkers) yield k;
}
export const stream = { [Symbol.iterator]: counted };

export function* noise(): Generator<torch.Tensor> {
  for (let k = 0; k < 7; k++) yield torch.rand(2, { generator: data.generator() });
}
export const noiseStream = { [Symbol.iterator]: noise };

export const notDataset = 5;

export const crash = {
  length: 4,
  get(index: number): number {
    if (index === 2) process.exit(3);
    return index;
  },
};

/** Takes 5 ms for a sample, and counts those it makes. */
export function counting(made: torch.Tensor) {
  return {
    length: 1000,
    get(index: number): torch.Tensor {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      made.add_(1);
      return torch.full([1000], index);
    },
  };
}
