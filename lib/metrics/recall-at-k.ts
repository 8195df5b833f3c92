import { type ProgressOptions, progress as shown } from '../data/progress';
import type { Metric } from '../nn/metric-learning/distances';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { arange, cat, where } from '../tensor/generated/root';
import { checkWhole } from '../tensor/labels';
import { checkChoice, checkCount } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface RecallAtKOptions {
  /** Numbers of neighbours, each from 1. Default [1, 2, 4, 8]. */
  ks?: readonly number[];
  /** How rows are compared. Default `'cosine'`. */
  metric?: Exclude<Metric, 'squaredEuclidean'>;
  /** Show a progress bar over the blocks of queries. Default false. */
  progress?: boolean | ProgressOptions;
}

/**
 * The share of queries that have a row of their label among their k nearest. Exactly: those of which fewer than k rows of other labels are more
 * similar than the most similar of their own, so that ties favour the right one. A query without any row of its label is a miss.
 *
 * It takes blocks of queries, and of memory some 200 MiB beside the inputs, however many there are.
 *
 * Shapes: embeddings [Q, D], labels int64 [Q], gallery [N, D] and galleryLabels int64 [N], or null for both: each query among all the others;
 * float64 [ks]. No gradient flows; a row with NaN is never found and never finds.
 *
 * @throws for no queries, an empty gallery, another shape, rows that are not floating-point, a `k` below 1, an unknown metric
 */
export function recallAtK(
  embeddings: Tensor,
  labels: Tensor,
  gallery: Tensor | null = null,
  galleryLabels: Tensor | null = null,
  options?: RecallAtKOptions,
): Tensor {
  const { ks = [1, 2, 4, 8], metric = 'cosine', progress = false } = checkedOptions(options, 'recallAtK');
  if (!Array.isArray(ks) || ks.length === 0) throw expected('an array of one or more whole numbers', 'ks', ks);
  for (const k of ks as readonly number[]) checkCount(k, 'ks', 1);
  checkChoice(metric, 'metric', ['cosine', 'euclidean']);
  const { D } = checkShapes(['embeddings', embeddings, 'Q', 'D'], ['labels', labels, 'Q']);
  checkNotEmpty(embeddings, 'embeddings');
  checkWhole(labels);
  checkFloating(embeddings, 'embeddings');
  if ((gallery === null) !== (galleryLabels === null))
    throw expected('both or none', 'gallery and galleryLabels', gallery ?? galleryLabels);
  if (gallery !== null && galleryLabels !== null) {
    checkShapes(['gallery', gallery, 'N', D], ['galleryLabels', galleryLabels, 'N']);
    checkNotEmpty(gallery, 'gallery');
    checkWhole(galleryLabels, 'galleryLabels');
    checkFloating(gallery, 'gallery');
  }
  return scopedNoGrad(() => {
    const rows = metric === 'cosine' ? unitRows : widened;
    const queries = rows(embeddings);
    const known: Known = {
      rows: gallery === null ? queries : rows(gallery),
      labels: galleryLabels ?? labels,
      self: gallery === null,
      shift: null,
    };
    // A query's own length does not change the order of its distances.
    const ranked = metric === 'cosine' ? known : { ...known, shift: known.rows.square().sum(1).div(-2) };
    const blocks = blocksOf(queries.size(0), Math.max(1, Math.floor(BLOCK / known.rows.size(0))));
    const steps = progress === false ? blocks : shown(blocks, progress === true ? { label: 'recall' } : progress);
    const ahead: Tensor[] = [];
    for (const [from, count] of steps)
      ahead.push(scopedNoGrad(() => nearerOthers(queries.narrow(0, from, count), labels.narrow(0, from, count), ranked, from)));
    return cat(ahead)
      .unsqueeze(1)
      .lt(tensor([...ks], { dtype: 'int64', device: queries.device }))
      .double()
      .mean(0);
  });
}

function checkFloating(rows: Tensor, name: string): void {
  if (!rows.isFloatingPoint()) throw expected('a floating-point dtype', name, rows);
}

/** Similarities at a time. */
const BLOCK = 2 ** 24;

const NONE = Number.NEGATIVE_INFINITY;

/** More than any k. */
const NEVER = Number.MAX_SAFE_INTEGER;

interface Known {
  readonly rows: Tensor;
  readonly labels: Tensor;
  /** Whether the queries are the gallery: each is not to find itself. */
  readonly self: boolean;
  /** What is added to the products with each row, [N]. */
  readonly shift: Tensor | null;
}

function blocksOf(count: number, size: number): [from: number, count: number][] {
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => [k * size, Math.min(size, count - k * size)]);
}

/** For each query how many rows of other labels are more similar than the best of its own, int64; beyond all when it has none. */
function nearerOthers(queries: Tensor, labels: Tensor, { rows, labels: known, self, shift }: Known, from: number): Tensor {
  const similarity = shift === null ? queries.mm(rows.t()) : shift.addmm(queries, rows.t());
  if (self) similarity.scatter_(1, arange(from, from + queries.size(0), { device: queries.device }).unsqueeze(1), NONE);
  const same = labels.unsqueeze(1).eq(known);
  const best = where(same, similarity, NONE).amax([1], true);
  // Counted is what is not more similar: NaN is not among it.
  const notAhead = similarity.maskedFill_(same, NONE).le(best).sum(1);
  const ahead = notAhead.neg().add(rows.size(0));
  return ahead.maskedFill(best.squeeze(1).gt(NONE).logicalNot(), NEVER);
}
