/** What is measured, and what each result should reach. */

import os from 'node:os';
import type { Language } from './languages';

/** A result that is compared: one language's value over another's, or one language's value itself. */
export interface Target {
  readonly of: Language;
  /** Missing: the value itself counts, in MiB. */
  readonly over?: Language;
  readonly atMost?: number;
}

interface Base {
  readonly name: string;
  readonly title: string;
  readonly targets: readonly Target[];
}

interface Work {
  readonly workload: string;
  readonly threads: number;
  readonly size: number;
}

/** How long a workload takes. */
export interface Duration extends Base, Work {
  readonly kind: 'duration';
  /** Of work that takes seconds: rounds that are enough on a machine that is busy with other things. Default 10. */
  readonly fewestRounds?: number;
}

/** How long a process takes that only imports the library. */
export interface ImportTime extends Base {
  readonly kind: 'import';
}

/** The highest resident memory of a process that runs a workload so often. */
export interface PeakMemory extends Base, Work {
  readonly kind: 'peak';
  readonly iterations: number;
}

/** By how much resident memory is above what it was after `settled` iterations, at its highest until `iterations`. */
export interface MemoryGrowth extends Base, Work {
  readonly kind: 'growth';
  readonly settled: number;
  readonly iterations: number;
}

/** How the time of one work grows with its size, in TypeScript and in C++, which may do it by other means. */
export interface Scaling {
  readonly kind: 'scaling';
  readonly name: string;
  readonly title: string;
  readonly workload: string;
  readonly threads: number;
  readonly sizes: readonly number[];
  /** What the sizes count. */
  readonly of: string;
  /** What each language does. */
  readonly ways: Readonly<Record<'typescript' | 'cpp', string>>;
  /** TypeScript's time at each size over that at the first one. */
  readonly growthAtMost?: number;
  /** TypeScript's time over that of C++ at the last size. */
  readonly ratioAtMost: number;
}

export type Measure = Duration | ImportTime | PeakMemory | MemoryGrowth;

const CORES = os.availableParallelism();
const ONE_AND_A_HALF_TIMES_THE_THROUGHPUT = 0.667;

/** TypeScript over C++ and over Python. */
function targets(cpp?: number, python?: number): Target[] {
  return [
    { of: 'typescript', over: 'cpp', atMost: cpp },
    { of: 'typescript', over: 'cpp-same-memory' },
    { of: 'typescript', over: 'python', atMost: python },
  ];
}

export const MEASURES: readonly Measure[] = [
  {
    kind: 'duration',
    name: 'add',
    title: '4x4 add, no grad, in a scope',
    workload: 'add',
    threads: 1,
    size: 4,
    targets: targets(1.15, 0.6),
  },
  {
    kind: 'duration',
    name: 'mul-backward',
    title: '4x4 mul with grad and backward',
    workload: 'mul-backward',
    threads: 1,
    size: 4,
    targets: targets(1.15),
  },
  {
    kind: 'duration',
    name: 'mlp-step',
    title: 'MLP step (64 x 784-256-10, SGD)',
    workload: 'mlp-step',
    threads: CORES,
    size: 64,
    targets: targets(1.05),
  },
  {
    kind: 'duration',
    name: 'cnn-step',
    title: 'CNN step of the demo (32 images of 28 x 28, AdamW)',
    workload: 'cnn-step',
    threads: CORES,
    size: 32,
    targets: targets(1.03, 1.03),
  },
  {
    kind: 'duration',
    name: 'transformer-step',
    title: 'Transformer block step (8 x 64 x 128, 4 heads)',
    workload: 'transformer-step',
    threads: CORES,
    size: 8,
    targets: targets(),
  },
  {
    kind: 'duration',
    name: 'adamw-resnet18',
    title: 'AdamW step over the 62 parameters of ResNet-18',
    workload: 'adamw-resnet18',
    threads: CORES,
    size: 0,
    targets: [...targets(undefined, 1.05), { of: 'typescript', over: 'python-foreach', atMost: 1.05 }],
  },
  {
    kind: 'duration',
    name: 'data-epoch',
    title: 'Data epoch (10,000 images, shuffled batches of 64)',
    workload: 'data-epoch',
    threads: 1,
    size: 10_000,
    targets: targets(),
  },
  {
    kind: 'duration',
    name: 'mnist-augmented-epoch',
    title: 'MNIST epoch (60,000 images, batches of 256, random crop and flip)',
    workload: 'augmented-epoch',
    threads: 1,
    size: 60_000,
    fewestRounds: 3,
    targets: targets(undefined, ONE_AND_A_HALF_TIMES_THE_THROUGHPUT),
  },
  {
    kind: 'duration',
    name: 'mnist-augmented-epoch-in-workers',
    title: 'MNIST epoch as above, made by 2 workers',
    workload: 'augmented-epoch-in-workers',
    threads: 1,
    size: 60_000,
    fewestRounds: 3,
    targets: [{ of: 'typescript', over: 'python', atMost: ONE_AND_A_HALF_TIMES_THE_THROUGHPUT }],
  },
  {
    kind: 'import',
    name: 'import',
    title: 'Import of the package, warm, whole process',
    targets: [{ of: 'typescript', over: 'python', atMost: 0.25 }],
  },
  {
    kind: 'peak',
    name: 'mlp-memory',
    title: 'Peak RSS of 2,000 MLP steps',
    workload: 'mlp-step',
    threads: 1,
    size: 64,
    iterations: 2_000,
    targets: targets(undefined, 0.6),
  },
  {
    kind: 'growth',
    name: 'mlp-growth',
    title: 'Growth of RSS from MLP step 2,000 to 100,000, loop over a DataLoader',
    workload: 'mlp-loop',
    threads: 1,
    size: 64,
    settled: 2_000,
    iterations: 100_000,
    targets: [{ of: 'typescript', atMost: 5 }],
  },
  {
    kind: 'growth',
    name: 'mlp-growth-free',
    title: 'Growth of RSS from MLP step 2,000 to 100,000, plain loop, no scope',
    workload: 'mlp-step-free',
    threads: 1,
    size: 64,
    settled: 2_000,
    iterations: 100_000,
    targets: [{ of: 'typescript', atMost: 5 }],
  },
  {
    kind: 'peak',
    name: 'loop-memory',
    title: 'Peak RSS of a loop over 20,000 tensors of 1 MiB, no scope',
    workload: 'tensor-loop',
    threads: 1,
    size: 262_144,
    iterations: 20_000,
    targets: [{ of: 'typescript', atMost: 400 }],
  },
];

/** Evaluation of embeddings: its time at a size that many rounds can take, its memory at a large one. */
const EVALUATIONS = [
  ['recall-at-k', 'Recall at 1, 2, 4, 8'],
  ['map-at-r', 'Mean average precision at R'],
  ['nearest-neighbors', 'Nearest 10 neighbours'],
  ['pair-tar-at-far', 'TAR at FAR over all pairs'],
] as const;

/** Measured by `evaluation`: the large ones take minutes each. */
export const EVALUATION_MEASURES: readonly Measure[] = EVALUATIONS.flatMap(([workload, title]): Measure[] => [
  {
    kind: 'duration',
    name: workload,
    title: `${title}, 8,000 x 512`,
    workload,
    threads: CORES,
    size: 8_000,
    targets: [{ of: 'typescript', over: 'cpp', atMost: 1.1 }],
  },
  {
    kind: 'peak',
    name: `${workload}-memory`,
    title: `${title}, 100,000 x 512: peak RSS`,
    workload,
    threads: CORES,
    size: 100_000,
    iterations: 1,
    targets: [{ of: 'typescript', atMost: 1024 }],
  },
]);

/** Measured by `heads`: they take gigabytes. */
export const HEAD_MEASURES: readonly Measure[] = [
  {
    kind: 'peak',
    name: 'sampled-head-memory',
    title: 'ArcFace steps over 1,000,000 classes of 512, a tenth of them against all: peak RSS',
    workload: 'sampled-head',
    threads: CORES,
    size: 1_000_000,
    iterations: 5,
    targets: [
      { of: 'typescript', over: 'cpp', atMost: 0.5 },
      { of: 'typescript', atMost: 4096 },
    ],
  },
];

/** Measured when named: they take gigabytes and minutes. */
export const SCALING_MEASURES: readonly Scaling[] = [
  {
    kind: 'scaling',
    name: 'factored-output',
    title: 'Output layer step (128 x 300 to D classes, SGD)',
    workload: 'factored-output',
    threads: CORES,
    sizes: [1_000, 10_000, 100_000, 793_471],
    of: 'classes',
    ways: { typescript: 'TypeScript, factored', cpp: 'C++, log-softmax' },
    growthAtMost: 1.2,
    ratioAtMost: 1 / 40,
  },
  {
    kind: 'scaling',
    name: 'sampled-head',
    title: 'ArcFace step (128 x 512 to C classes, SGD)',
    workload: 'sampled-head',
    threads: CORES,
    sizes: [10_000, 100_000, 1_000_000],
    of: 'classes',
    ways: { typescript: 'TypeScript, a tenth of the classes', cpp: 'C++, all classes' },
    ratioAtMost: 0.2,
  },
];

/** The languages that a measure needs. */
export function languagesOf(measure: Measure): Language[] {
  return [...new Set(measure.targets.flatMap(({ of, over }) => (over === undefined ? [of] : [of, over])))];
}
