import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkLabels, checkWhole } from '../../tensor/labels';
import { checkChoice, checkCount, checkPositive } from '../../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { cosines, distances, METRICS, type Metric } from './distances';

export interface ClassPrototypesOptions {
  /** Number of classes, from 1. Default null: one more than the largest label, for which the labels are read. */
  numClasses?: number | null;
}

/**
 * The prototype of each class: the mean of its embeddings.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; [C, D]. Differentiable. The counts are looked at on the CPU only; elsewhere the prototype of a
 * class without samples is NaN.
 *
 * @throws for an empty batch, labels outside [0, numClasses), a class without samples, another shape
 *
 * Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning. NIPS 2017, arXiv 1703.05175
 */
export function classPrototypes(embeddings: Tensor, labels: Tensor, options?: ClassPrototypesOptions): Tensor {
  const { numClasses = null } = checkedOptions(options, 'classPrototypes');
  return prototypes(embeddings, labels, numClasses, 'embeddings', 'labels');
}

/** `classPrototypes` with other names in its refusals. */
export function prototypes(embeddings: Tensor, labels: Tensor, numClasses: number | null, name: string, labelName: string): Tensor {
  return meanRows(widened(embeddings), checkedClasses(embeddings, labels, numClasses, name, labelName));
}

/** Which class each row is of, and how many rows each class has. */
export interface Classes {
  /** int64 [B] */
  readonly labels: Tensor;
  /** int64 [C], none of them 0. */
  readonly counts: Tensor;
}

/** Refuses what are no embeddings [B, D] with at least one of each class; the labels are read when `numClasses` is null. */
export function checkedClasses(
  embeddings: Tensor,
  labels: Tensor,
  numClasses: number | null,
  name = 'embeddings',
  labelName = 'labels',
): Classes {
  checkShapes([name, embeddings, 'B', 'D'], [labelName, labels, 'B']);
  checkNotEmpty(embeddings, name);
  checkWhole(labels, labelName);
  if (numClasses !== null) checkCount(numClasses, 'numClasses', 1);
  const C = numClasses ?? Number(labels.max().item()) + 1;
  checkLabels(labels, C, labelName);
  const classes = labels.long();
  const counts = classes.bincount({ minlength: C });
  const empty = counts.device === 'cpu' ? Number(counts.argmin().item()) : -1;
  if (empty >= 0 && Number(counts.select(0, empty).item()) === 0)
    throw expected(`samples of each of the ${C} classes, of class ${empty} too,`, labelName, labels);
  return { labels: classes, counts };
}

/** The sum of the rows of each class, [C, D]. */
export function summedRows(x: Tensor, { labels, counts }: Classes): Tensor {
  return x.newZeros([counts.size(0), x.size(1)]).indexAdd(0, labels, x);
}

/** The mean of the rows of each class, [C, D]. */
export function meanRows(x: Tensor, classes: Classes): Tensor {
  return summedRows(x, classes).div(classes.counts.unsqueeze(1));
}

export interface PrototypicalOptions {
  /** How queries are compared with prototypes. Default `'squaredEuclidean'`, of the paper. */
  metric?: Metric;
  /** What negative distances, or cosines, are multiplied by, above 0. Default 1. */
  scale?: number;
}

/**
 * Logits of queries from prototypes: `-scale d(q, p_c)`, and `scale cos(q, p_c)` for the metric `'cosine'`.
 *
 * Shapes: query [Q, D], prototypes [C, D]; [Q, C].
 *
 * @throws for another shape, an unknown metric, a scale that is not above 0
 *
 * Snell, Swersky, Zemel, NIPS 2017, arXiv 1703.05175
 */
export function prototypicalLogits(query: Tensor, prototypes: Tensor, options?: PrototypicalOptions): Tensor {
  const { metric = 'squaredEuclidean', scale = 1 } = checkedOptions(options, 'prototypicalLogits');
  checkChoice(metric, 'metric', METRICS);
  checkPositive(scale, 'scale');
  checkShapes(['query', query, 'Q', 'D'], ['prototypes', prototypes, 'C', 'D']);
  return metric === 'cosine' ? cosines(query, prototypes).mul(scale) : distances(query, prototypes, metric).mul(-scale);
}
