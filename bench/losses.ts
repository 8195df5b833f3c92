/**
 * The losses of the papers, forward and backward, against PyTorch as its user writes them, and those of metric learning against
 * pytorch-metric-learning. bench/typescript/losses.ts, metric-losses.ts and bench/python/losses.py, metric_losses.py hold them.
 */

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

/** Embeddings of samples, and weights for each class. */
const EMBEDDED = ['32 x 8, 10 classes', '1,024 x 128, 1,000 classes'] as const;
/** Samples of an episode, half of them the support set. */
const EPISODES = ['50 x 16, 5 classes', '400 x 64, 20 classes'] as const;

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
  {
    name: 'naive-bayes-logits',
    title: 'naive Bayes with a variance for each class, cross-entropy',
    sizes: ['32 x 8, 10 classes', '1,024 x 128, 100 classes'],
  },
  { name: 'unpg', title: 'UNPG with CosFace', sizes: ['32 x 8, 10 classes', '256 x 128, 1,000 classes'] },
  { name: 'metric-unpg', title: 'UNPG without class weights, 4 of each class', sizes: ['32 x 8', '1,024 x 128'] },
  { name: 'symmetry', title: 'symmetry of halves', sizes: ['32 x 8', '1,024 x 128'] },
  { name: 'ada-face', title: 'AdaFace', sizes: EMBEDDED },
  { name: 'sface', title: 'SFace', sizes: EMBEDDED },
  { name: 'distillation-kl', title: 'distillation, T = 4', sizes: CLASSIFIED },
  { name: 'knowledge-distillation', title: 'distillation with labels', sizes: CLASSIFIED },
  { name: 'feature-distillation', title: 'distillation of directions of features', sizes: CLASSIFIED },
  { name: 'binary-kl', title: 'BinaryKL', sizes: CLASSIFIED },
  { name: 'binary-kl-norm', title: 'BinaryKL-Norm', sizes: CLASSIFIED },
  { name: 'dual-head-distillation', title: 'dual-head distillation', sizes: CLASSIFIED },
  { name: 'proto-triplet', title: 'proto-triplet', sizes: ['25 x 16, 5 classes', '2,048 x 128, 100 classes'] },
  { name: 'icnn', title: 'ICNN', sizes: EPISODES },
  { name: 'susana-episode', title: 'episode with cross-entropy, proto-triplet and ICNN', sizes: EPISODES },
  { name: 'general-pair-weighting', title: 'general pair weighting, multi-similarity', sizes: ['32 x 8', '1,024 x 128'] },
  { name: 'soft-pair', title: 'soft pairs, multi-similarity', sizes: ['32 x 64', '1,024 x 1,024'] },
  { name: 'mixed-pair', title: 'ten mixed rows for each anchor', sizes: ['32 x 8', '1,024 x 128'] },
  { name: 'metrix', title: 'metric mix of embeddings, all tuples', sizes: ['32 x 8', '128 x 128'] },
  { name: 'hyp-oc', title: 'Hyp-OC, with the way into the ball', sizes: ['2 x 32 x 8', '2 x 1,024 x 128'] },
  { name: 'hyp-cross-entropy', title: 'hyperbolic cross-entropy, 100 classes', sizes: ['32 x 8', '1,024 x 128'] },
];

/** Samples in a batch of the losses of metric learning, with 128 features each. */
const BATCHES = [32, 256, 2048] as const;

/**
 * Against pytorch-metric-learning, the field's library. `until`: the largest batch that it can take, where it forms all pairs of pairs.
 */
const METRIC_WORK: readonly { readonly name: string; readonly title: string; readonly until?: number }[] = [
  { name: 'contrastive', title: 'contrastive, 4 of each class' },
  { name: 'batch-hard-triplet', title: 'batch-hard triplet, 4 of each class' },
  { name: 'batch-all-triplet', title: 'batch-all triplet, 4 of each class' },
  { name: 'n-pair', title: 'N-pair' },
  { name: 'lifted-structure', title: 'lifted structure, 4 of each class', until: 256 },
  { name: 'multi-similarity', title: 'multi-similarity, mined, 4 of each class' },
  { name: 'multi-similarity-all', title: 'multi-similarity of all pairs, 4 of each class' },
  { name: 'proxy-anchor', title: 'proxy-anchor, 1,000 classes' },
  { name: 'normalized-softmax', title: 'normalized softmax, 1,000 classes' },
  { name: 'constrained-softmax', title: 'constrained softmax, 1,000 classes' },
  { name: 'cos-face', title: 'CosFace, 1,000 classes' },
  { name: 'arc-face', title: 'ArcFace, 1,000 classes' },
];

const METRIC_MEASURES: readonly Measure[] = METRIC_WORK.flatMap(({ name, title, until = 2048 }) => {
  const workload = `loss-${name}`;
  const targets = [{ of: 'typescript', over: 'python', atMost: 1 }] as const;
  const sizes = BATCHES.filter((size) => size <= until);
  const times = sizes.map(
    (size): Measure => ({
      kind: 'duration',
      name: `${workload}-${size}`,
      title: `${title}, ${size.toLocaleString('en')} samples`,
      workload,
      threads: 1,
      size,
      targets,
    }),
  );
  const memory: Measure = {
    kind: 'peak',
    name: `${workload}-memory`,
    title: `${title}, ${until.toLocaleString('en')} samples: peak RSS`,
    workload,
    threads: 1,
    size: until,
    iterations: 10,
    targets,
  };
  return [...times, memory];
});

/** Whether a measure is against pytorch-metric-learning. */
function isMetric({ name }: { readonly name: string }): boolean {
  return METRIC_MEASURES.some((measure) => measure.name === name);
}

/** Of these measures those that this machine's Python can be measured in; says in a sentence what is left out. */
export function withLibraries<M extends { readonly name: string }>(measures: readonly M[], { command }: Toolbox): M[] {
  const start = command.get('python');
  if (start === undefined || !measures.some(isMetric)) return [...measures];
  const { program } = start('', 1, 0);
  if (spawnSync(program, ['-c', 'import pytorch_metric_learning']).status === 0) return [...measures];
  console.error('Python has no pytorch-metric-learning: the losses of metric learning are not measured.');
  return measures.filter((measure) => !isMetric(measure));
}

/** Dispatch counts at the small size, kernels at the large one. */
const AT_MOST = [1, 1.02] as const;

const PAPER_MEASURES: readonly Measure[] = WORK.flatMap(({ name, title, sizes }) =>
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

export const LOSS_MEASURES: readonly Measure[] = [...METRIC_MEASURES, ...PAPER_MEASURES];

/**
 * Looks at the value of each loss and its gradients' sum of squares at the small size.
 *
 * @throws naming the loss where the languages differ
 */
export function checkLosses({ command }: Toolbox, names: readonly string[]): void {
  const languages = (['typescript', 'python'] as const).filter((language) => command.has(language));
  const chosen = LOSS_MEASURES.filter(({ name }) => names.includes(name));
  for (const [workload, size] of new Map(chosen.map((measure) => [workloadOf(measure), isMetric(measure) ? BATCHES[0] : 0]))) {
    const values = languages.map((language) => {
      const { program, args } = (command.get(language) as NonNullable<ReturnType<Toolbox['command']['get']>>)(`${workload}-told`, 1, size);
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
