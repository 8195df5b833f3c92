import { noGrad } from '../autograd/modes';
import { shownSteps } from '../data/progress';
import {
  checkSearch,
  type Gallery,
  halfSquares,
  NONE,
  SEARCH_METRICS,
  type SearchMetric,
  similarities,
  split,
} from '../nn/metric-learning/gallery';
import { checkedOptions } from '../tensor/checked';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { cat, searchsorted, zeros } from '../tensor/generated/root';
import { checkChoice, checkClosedShare } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { ordered, type RetrievalOptions, type Search } from './retrieval';
import type { TarAtFar, TarAtFarOptions } from './verification';

export interface PairTarAtFarOptions extends RetrievalOptions, TarAtFarOptions {}

export interface PairTarAtFar extends TarAtFar {
  /** Pairs of one label. */
  readonly positives: number;
  /** Pairs of two labels. */
  readonly negatives: number;
}

/**
 * The share of true acceptances at given shares of false ones over all pairs of embeddings: `tarAtFar` of their similarities, exactly, without
 * ever holding them. Pairs are of each query with each row of a gallery, or with null for both of each two embeddings.
 *
 * The thresholds are found digit by digit, as in a radix sort: each of the two passes over all pairs (four of float64) counts 16 bits of their
 * similarities. It takes tiles of pairs, and of memory some 200 MiB beside the inputs and a copy of them.
 *
 * Shapes: embeddings [Q, D], labels int64 [Q], gallery [N, D] and galleryLabels int64 [N], or null for both; tar float64 [F], thresholds [F]: the
 * cosine, or the squared distance below 0. No gradient flows.
 *
 * @throws for no pairs of one label, or of two; embeddings that are not finite; another shape, a share outside [0, 1], or none, an unknown metric
 */
export function pairTarAtFar(
  embeddings: Tensor,
  labels: Tensor,
  gallery: Tensor | null = null,
  galleryLabels: Tensor | null = null,
  options?: PairTarAtFarOptions,
): PairTarAtFar {
  const { fars = [1e-3, 1e-2, 1e-1], metric = 'cosine', progress = false } = checkedOptions(options, 'pairTarAtFar');
  if (!Array.isArray(fars) || fars.length === 0) throw expected('an array of one or more shares', 'fars', fars);
  for (const far of fars as readonly number[]) checkClosedShare(far, 'fars');
  checkChoice(metric, 'metric', SEARCH_METRICS);
  checkSearch(embeddings, labels, gallery, galleryLabels);
  for (const [name, rows] of [['embeddings', embeddings], ['gallery', gallery]] as const) // biome-ignore format: a table
    if (rows !== null && !allFinite(rows)) throw expected('finite numbers', name, rows);
  return scope(() =>
    noGrad(() => {
      const pairs = pairsOf([embeddings, labels, gallery, galleryLabels], metric);
      const { bits, tiles } = pairs;
      const last = tiles.length - 1;
      const all = Array.from({ length: (bits / DIGIT) * tiles.length }, (_, step) => ({
        depth: DIGIT * Math.floor(step / tiles.length),
        tile: step % tiles.length,
      }));
      let counts = new Map<bigint, Counts>([[0n, noCounts(embeddings)]]);
      let paths: Path[] = [];
      let [positives, negatives] = [0, 0];
      for (const { depth, tile } of shownSteps(all, progress, 'pairs')) {
        scope(() => {
          const { own, others } = pairs.similarities(tiles[tile] as Tile);
          countDigits(own, depth, counts, 'own');
          countDigits(others, depth, counts, 'others');
        });
        if (tile < last) continue;
        if (depth === 0) {
          const first = finiteOf(counts.get(0n) as Counts, bits);
          [positives, negatives] = [sumOf(first.own), sumOf(first.others)];
          if (positives + negatives !== pairs.count)
            throw expected('embeddings whose squares are finite numbers', 'embeddings', embeddings);
          if (positives === 0) throw expected('two or more embeddings of one label', 'labels', labels);
          if (negatives === 0) throw expected('embeddings of two or more labels', 'labels', labels);
          paths = (fars as readonly number[]).map((far) => begun(first, allowed(far, negatives)));
        } else paths = paths.map((path) => descended(path, counts));
        const prefixes = paths.flatMap(({ at, next }) => [at, next]).filter((prefix) => prefix !== null);
        counts = new Map([...new Set(prefixes)].map((prefix) => [prefix, noCounts(embeddings)]));
      }
      const [dtype, device] = [pairs.dtype, embeddings.device];
      return {
        tar: tensor(
          paths.map(({ above }) => above / positives),
          { dtype: 'float64', device },
        ),
        thresholds: tensor(
          paths.map(({ next }) => (next === null ? Number.POSITIVE_INFINITY : numberOf(next, bits, bits))),
          { dtype, device },
        ),
        positives,
        negatives,
      };
    }),
  );
}

/** Whether all are numbers and finite, without a copy of them. */
function allFinite(rows: Tensor): boolean {
  return scope(() => {
    const { min, max } = rows.detach().aminmax();
    return Number.isFinite(Number(min.item())) && Number.isFinite(Number(max.item()));
  });
}

/** The largest count of `negatives` whose share is not above `far`. */
function allowed(far: number, negatives: number): number {
  let count = Math.floor(far * negatives);
  // The product is rounded; the share, as it stands on the curve, is what counts.
  while (count < negatives && (count + 1) / negatives <= far) count++;
  while (count / negatives > far) count--;
  return count;
}

/** Rows of the queries and of the gallery. */
interface Tile {
  readonly from: number;
  readonly count: number;
  readonly first: number;
  readonly length: number;
}

/** Rows and columns of a tile: all but the last are of one size, so that each takes the memory of the one before. */
const EDGE = 2048;

/** All tiles; without those below the diagonal where the queries are the gallery, so that each pair is met once. */
function tilesOf(queries: number, rows: number, within: boolean): Tile[] {
  const starts = (size: number) => Array.from({ length: Math.ceil(size / EDGE) }, (_, k) => k * EDGE);
  return starts(queries).flatMap((from) =>
    starts(rows)
      .filter((first) => !within || first >= from)
      .map((first) => ({ from, count: Math.min(EDGE, queries - from), first, length: Math.min(EDGE, rows - first) })),
  );
}

/** Pairs, a tile of them at a time. */
interface Pairs {
  readonly dtype: 'float32' | 'float64';
  readonly bits: 32 | 64;
  /** How many there are. */
  readonly count: number;
  readonly tiles: readonly Tile[];
  /** Of pairs of one label and of two; -Infinity in place of what is no pair. */
  similarities(tile: Tile): { own: Tensor; others: Tensor };
}

function pairsOf(search: Search, metric: SearchMetric): Pairs {
  const { gallery, sorted, within, queries, labels } = ordered(search, metric);
  const [asked, rows] = [search[0].size(0), sorted.size(0)];
  const double = gallery.rows.dtype === 'float64';
  return {
    dtype: double ? 'float64' : 'float32',
    bits: double ? 64 : 32,
    count: within ? (asked * (asked - 1)) / 2 : asked * rows,
    tiles: tilesOf(asked, rows, within),
    similarities({ from, count, first, length }) {
      const block = queries(from, count);
      const known: Gallery = { rows: gallery.rows.narrow(0, first, length), shift: gallery.shift?.narrow(0, first, length) ?? null };
      const similarity = similarities(block, known);
      if (metric === 'euclidean') similarity.sub_(halfSquares(block).unsqueeze(1)).mul_(2).clampMax_(0);
      // -0 is 0.
      similarity.add_(0);
      if (within && first === from) similarity.maskedFill_(similarity.newOnes([count, count], { dtype: 'bool' }).tril_(), NONE);
      return split(similarity, labels(from, count), sorted.narrow(0, first, length), null);
    },
  };
}

/*
 * Numbers as whole numbers in the same order: the bits of a positive one with the first bit set, all bits of a negative one turned over. A prefix
 * is such a number's first bits.
 */

/** Bits that are counted at a time. */
const DIGIT = 16;
const DIGITS = 2 ** DIGIT;

/** How many numbers have which digit behind a prefix, float64 [2^16], in the order of the numbers. */
interface Counts {
  own: Tensor;
  others: Tensor;
}

function noCounts({ device }: Tensor): Counts {
  const none = () => zeros([DIGITS], { dtype: 'int64', device });
  return { own: none(), others: none() };
}

/** The first bits of numbers with this prefix, as a signed number. */
function bitsOf(prefix: bigint, depth: number): bigint {
  const sign = 1n << BigInt(depth - 1);
  return prefix >= sign ? prefix - sign : -1n - prefix;
}

/** The least number with this prefix. */
function numberOf(prefix: bigint, depth: number, bits: number): number {
  const whole = new DataView(new ArrayBuffer(8));
  whole.setBigInt64(0, bitsOf(prefix << BigInt(bits - depth), bits) << BigInt(64 - bits));
  return bits === 32 ? whole.getFloat32(0) : whole.getFloat64(0);
}

/** Adds the digits behind the first `depth` bits of the numbers with each prefix. */
function countDigits(values: Tensor, depth: number, counts: Map<bigint, Counts>, kind: keyof Counts): void {
  const bits = values.dtype === 'float64' ? 64 : 32;
  if (depth === 0) {
    // The last 16 bits in memory are the first.
    const parts = bits / DIGIT;
    const first = values
      .contiguous()
      .view('int16')
      .flatten()
      .unflatten(0, [-1, parts])
      .select(1, parts - 1);
    const places = first
      .int()
      .add_(DIGITS / 2)
      .bincount({ minlength: DIGITS });
    const [negative, positive] = places.chunk(2) as [Tensor, Tensor];
    (counts.get(0n) as Counts)[kind].add_(cat([negative.flip([0]), positive]));
    return;
  }
  let least = counts.keys().next().value as bigint;
  for (const prefix of counts.keys()) if (prefix < least) least = prefix;
  const keys = values.maskedSelect(values.ge(numberOf(least, depth, bits))).view(bits === 64 ? 'int64' : 'int32');
  const known = keys.bitwiseRightShift(bits - depth);
  for (const [prefix, sums] of counts) {
    const digits = keys
      .maskedSelect(known.eq(bitsOf(prefix, depth)))
      .bitwiseRightShift(bits - depth - DIGIT)
      .bitwiseAnd(DIGITS - 1);
    const places = digits.bincount({ minlength: DIGITS });
    sums[kind].add_(prefix >> BigInt(depth - 1) === 1n ? places : places.flip([0]));
  }
}

/** Without what is no number, and in place of no pair. */
function finiteOf(counts: Counts, bits: number): Counts {
  // The first bits of Infinity: sign, 8 or 11 bits of the exponent, the rest of the digit 0.
  const none = bits === 64 ? 2 ** 4 : 2 ** 7;
  for (const kind of ['own', 'others'] as const) for (const from of [0, DIGITS - none]) counts[kind].narrow(0, from, none).zero_();
  return counts;
}

function sumOf(counts: Tensor): number {
  return Number(counts.sum().item());
}

/** The way to a threshold: it is the least number above the first one that has too many others from it on. */
interface Path {
  /** Prefix of that number; null when none has too many. */
  readonly at: bigint | null;
  /** How many more others may stand above it among the numbers with its prefix. */
  readonly left: number;
  /** Own ones that are known to stand above it. */
  readonly above: number;
  /** Prefix of the threshold; null when nothing stands above. */
  readonly next: bigint | null;
}

function begun(counts: Counts, allowed: number): Path {
  if (allowed >= sumOf(counts.others)) return { at: null, left: 0, above: sumOf(counts.own), next: leastFrom(counts, 0) };
  return stepped({ at: 0n, left: allowed, above: 0, next: null }, counts, null);
}

function descended(path: Path, counts: ReadonlyMap<bigint, Counts>): Path {
  const { at, next } = path;
  // Above a number with another prefix comes the least with that one.
  const deeper = next === null ? null : (next << BigInt(DIGIT)) + (leastFrom(counts.get(next) as Counts, 0) as bigint);
  return at === null ? { ...path, next: deeper } : stepped(path, counts.get(at) as Counts, deeper);
}

/** One digit on. `otherwise`: what stands above all numbers with the prefix. */
function stepped({ at, left, above }: Path, counts: Counts, otherwise: bigint | null): Path {
  const fromAbove = counts.others.flip([0]).cumsum(0);
  const place = Number(searchsorted(fromAbove, tensor([left], { dtype: 'int64', device: fromAbove.device }), { right: true }).item());
  const digit = DIGITS - 1 - place;
  const prefix = (at as bigint) << BigInt(DIGIT);
  const next = leastFrom(counts, digit + 1);
  return {
    at: prefix + BigInt(digit),
    left: left - (place === 0 ? 0 : Number(fromAbove.select(0, place - 1).item())),
    above: above + sumOf(counts.own.narrow(0, digit + 1, DIGITS - digit - 1)),
    next: next === null ? otherwise : prefix + next,
  };
}

/** The least digit from `from` on that some number has. */
function leastFrom({ own, others }: Counts, from: number): bigint | null {
  const there = own
    .add(others)
    .narrow(0, from, DIGITS - from)
    .nonzero();
  return there.size(0) === 0 ? null : BigInt(Number(there.select(0, 0).item()) + from);
}
