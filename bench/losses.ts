/** The losses of the papers, forward and backward, against PyTorch as its user writes them. bench/typescript/losses.ts and bench/python/losses.py hold them. */

import { spawnSync } from 'node:child_process';
import { NAMES, type Toolbox } from './languages';
import type { Measure } from './measures';
import { environment } from './worker';

interface LossWork {
  /** Of the workload. */
  readonly name: string;
  readonly title: string;
  /** The shape of its input at the small and at the large size, in words. */
  readonly sizes: readonly [small: string, large: string];
}

/** 32 samples of 10 classes; 1,024 samples of 1,000 classes. */
const CLASSIFIED = ['32 x 10', '1,024 x 1,000'] as const;

/** Samples of two classes. */
const BINARY = ['64', '65,536'] as const;

/** Samples in bags. */
const BAGGED = ['64 in 16 bags', '65,536 in 4,096 bags'] as const;

const WORK: readonly LossWork[] = [
  { name: 'comp-sum', title: 'comp-sum, tau 1.5', sizes: CLASSIFIED },
  { name: 'generalized-cross-entropy', title: 'generalized cross-entropy, truncated', sizes: CLASSIFIED },
  { name: 'margin-comp-sum', title: 'comp-sum with margin', sizes: CLASSIFIED },
  { name: 'correctness-aware', title: 'correctness-aware calibration', sizes: CLASSIFIED },
  { name: 'correctness-aware-balanced', title: 'correctness-aware calibration, balanced', sizes: CLASSIFIED },
  { name: 'smooth-adversarial-comp-sum', title: 'smooth adversarial comp-sum', sizes: CLASSIFIED },
  { name: 'ldr-kl', title: 'LDR-KL, softplus', sizes: CLASSIFIED },
  { name: 'aldr-kl', title: 'ALDR-KL, l1', sizes: CLASSIFIED },
  { name: 'crammer-singer', title: 'Crammer-Singer hinge', sizes: CLASSIFIED },
  { name: 'weston-watkins', title: 'Weston-Watkins hinge', sizes: CLASSIFIED },
  { name: 'normalized-cross-entropy', title: 'normalized cross-entropy', sizes: CLASSIFIED },
  { name: 'asymmetric-unhinged', title: 'asymmetric unhinged', sizes: CLASSIFIED },
  { name: 'symmetric-cross-entropy', title: 'symmetric cross-entropy', sizes: CLASSIFIED },
  { name: 'jensen-shannon', title: 'Jensen-Shannon', sizes: CLASSIFIED },
  { name: 'any-loss-f-beta', title: 'AnyLoss F1', sizes: BINARY },
  { name: 'any-loss-g-mean', title: 'AnyLoss G-mean', sizes: BINARY },
  { name: 'ens-loss', title: 'EnsLoss', sizes: BINARY },
  { name: 'binary-margin-focal', title: 'focal loss of the margin', sizes: BINARY },
  { name: 'bag-level', title: 'bag level', sizes: BAGGED },
  { name: 'bag-level-logistic', title: 'bag level, logistic', sizes: BAGGED },
  { name: 'instance-level', title: 'instance level', sizes: BAGGED },
  { name: 'instance-level-logistic', title: 'instance level, logistic', sizes: BAGGED },
  { name: 'interpolated-aggregate', title: 'between bag and instance level', sizes: BAGGED },
  { name: 'within-bag-spread', title: 'spread within bags', sizes: BAGGED },
  { name: 'logistic-regression', title: 'logistic regression', sizes: ['64 x 20', '20,000 x 200'] },
  { name: 'z-loss', title: 'Z-loss', sizes: CLASSIFIED },
  { name: 'taylor-softmax', title: 'Taylor softmax', sizes: CLASSIFIED },
  { name: 'spherical-softmax', title: 'spherical softmax', sizes: CLASSIFIED },
  { name: 'spherical-mse', title: 'squared error from the one-hot vector', sizes: CLASSIFIED },
  { name: 'spherical-family', title: 'Z-loss from sums', sizes: ['32', '1,024'] },
];

/** Dispatch counts at the small size, kernels at the large one. */
const AT_MOST = [1, 1.02] as const;

export const LOSS_MEASURES: readonly Measure[] = WORK.flatMap(({ name, title, sizes }) =>
  sizes.map(
    (shape, size): Measure => ({
      kind: 'duration',
      name: `loss-${name}-${size === 0 ? 'small' : 'large'}`,
      title: `${title}, ${shape}`,
      workload: `loss-${name}`,
      threads: 1,
      size,
      targets: [{ of: 'typescript', over: 'python', atMost: AT_MOST[size] }],
    }),
  ),
);

/**
 * Looks at the value of each loss and its gradients' sum of squares at the small size.
 *
 * @throws naming the loss where the languages differ
 */
export function checkLosses({ command }: Toolbox, names: readonly string[]): void {
  const languages = (['typescript', 'python'] as const).filter((language) => command.has(language));
  for (const workload of new Set(LOSS_MEASURES.filter(({ name }) => names.includes(name)).map((measure) => workloadOf(measure)))) {
    const values = languages.map((language) => {
      const { program, args } = (command.get(language) as NonNullable<ReturnType<Toolbox['command']['get']>>)(`${workload}-told`, 1, 0);
      const { stdout, stderr } = spawnSync(program, args, { input: '1\n', env: environment(1), encoding: 'utf8' });
      const numbers = stdout.trim().split('\n').slice(1, 3).map(Number);
      if (numbers.some((value) => !Number.isFinite(value))) throw new Error(`${NAMES[language]} gave no value of ${workload}: ${stderr}`);
      return numbers;
    });
    const [first, second] = values;
    if (first === undefined || second === undefined) continue;
    if (first.some((value, k) => Math.abs(value - (second[k] as number)) > 1e-4 * Math.abs(value) + 1e-7))
      throw new Error(`Expected the same value and gradient of ${workload} in all languages but received ${values.join(' and ')}`);
  }
}

function workloadOf(measure: Measure): string {
  return 'workload' in measure ? measure.workload : '';
}
