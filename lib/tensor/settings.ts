/** Settings of libtorch that hold for the whole process. */

import { addon } from '../native';
import { expected } from './expected';

/** Threads that one operator may use on the CPU. */
export function getNumThreads(): number {
  return addon.getNumThreads();
}

/** @param count from 1 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 4096) throw expected('a whole number from 1 to 4096', 'setNumThreads', count);
  addon.setNumThreads(count);
}

/** Threads for operators that run beside one another. */
export function getNumInteropThreads(): number {
  return addon.getNumInteropThreads();
}

/** How libtorch was built. */
export function showConfig(): string {
  return addon.showConfig();
}

/** Its threads and what they use. */
export function parallelInfo(): string {
  return addon.parallelInfo();
}

export type MatmulPrecision = 'highest' | 'high' | 'medium';

/** Precision of float32 matrix products: `'high'` allows TF32 on GPUs that have it, `'medium'` bfloat16. Default `'highest'`. */
export function setFloat32MatmulPrecision(precision: MatmulPrecision): void {
  if (!['highest', 'high', 'medium'].includes(precision)) throw expected("'highest', 'high' or 'medium'", 'precision', precision);
  addon.setPrecision(precision);
}

export function getFloat32MatmulPrecision(): MatmulPrecision {
  return addon.getPrecision() as MatmulPrecision;
}

/** Makes operators deterministic, or an error where they cannot be. */
export function useDeterministicAlgorithms(on: boolean): void {
  addon.setFlag('deterministic', checkedFlag('useDeterministicAlgorithms', on));
}

export function areDeterministicAlgorithmsEnabled(): boolean {
  return addon.getFlag('deterministic');
}

/** Treats denormal numbers as zero on the CPU. Returns whether the processor can. */
export function setFlushDenormal(on: boolean): boolean {
  return addon.setFlag('flushDenormal', checkedFlag('setFlushDenormal', on)) === true;
}

export function checkedFlag(where: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw expected('a boolean', where, value);
  return value;
}

/** Switches of the libraries behind libtorch's operators. */
export const backends = {
  cuda: {
    matmul: {
      /** TF32 in matrix products on the GPU. Default false. */
      get allowTf32(): boolean {
        return addon.getFlag('allowTf32Cublas');
      },
      set allowTf32(on: boolean) {
        addon.setFlag('allowTf32Cublas', checkedFlag('allowTf32', on));
      },
    },
  },
  cudnn: {
    get enabled(): boolean {
      return addon.getFlag('cudnn');
    },
    set enabled(on: boolean) {
      addon.setFlag('cudnn', checkedFlag('enabled', on));
    },
    /** TF32 in convolutions. Default true. */
    get allowTf32(): boolean {
      return addon.getFlag('allowTf32Cudnn');
    },
    set allowTf32(on: boolean) {
      addon.setFlag('allowTf32Cudnn', checkedFlag('allowTf32', on));
    },
    /** Tries algorithms and keeps the quickest: good for inputs of one size. Default false. */
    get benchmark(): boolean {
      return addon.getFlag('cudnnBenchmark');
    },
    set benchmark(on: boolean) {
      addon.setFlag('cudnnBenchmark', checkedFlag('benchmark', on));
    },
    get deterministic(): boolean {
      return addon.getFlag('cudnnDeterministic');
    },
    set deterministic(on: boolean) {
      addon.setFlag('cudnnDeterministic', checkedFlag('deterministic', on));
    },
  },
  mkldnn: {
    get enabled(): boolean {
      return addon.getFlag('onednn');
    },
    set enabled(on: boolean) {
      addon.setFlag('onednn', checkedFlag('enabled', on));
    },
  },
};
