/** The score of inter- and intra-class nearest neighbours in plain numbers, step by step as the paper's authors compute it. */

import { sum } from './metric-batches';

export interface ByHandOptions {
  k?: number;
  neighborhood?: number;
  dropNearest?: boolean;
  eps?: number;
}

/** `sqrt(|a - b|^2 + 1e-6)` */
export function smooth(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(sum(a.map((value, k) => (value - (b[k] as number)) ** 2)) + 1e-6);
}

const mean = (values: readonly number[]): number => sum(values) / values.length;

export function icnnByHand(
  x: readonly number[][],
  y: readonly number[],
  target: readonly number[][] | null,
  targetLabels: readonly number[] | null,
  { k = 4, neighborhood, dropNearest, eps = 1e-7 }: ByHandOptions,
): { score: number; lambda: number; gamma: number } {
  const [points, labels] = [target ?? x, targetLabels ?? y];
  const small = k + 2 >= points.length;
  const nearest = small ? points.length - 2 : k;
  const drop = dropNearest ?? target === null;
  const most = drop ? points.length - 1 : points.length;
  const count = Math.min(Math.max(neighborhood ?? nearest + 1, nearest), most);
  const found = x.map((row, i) => {
    const sorted = points
      .map((point, j) => ({ d: smooth(row, point), same: labels[j] === y[i] }))
      .sort((a, b) => a.d - b.d)
      .slice(drop ? 1 : 0);
    const searched = sorted.slice(0, count);
    const other = Math.min(Number.POSITIVE_INFINITY, ...searched.filter(({ same }) => !same).map(({ d }) => d));
    const relative = searched.slice(0, nearest).map(({ d }) => d / (other + eps));
    const top = Math.max(1, ...relative);
    return searched.slice(0, nearest).map(({ d, same }, j) => ({ d, same, relative: (relative[j] as number) / top }));
  });
  const intra = found.map((row) => row.filter(({ same }) => same)).filter((row) => row.length > 0);
  const inter = found.map((row) => row.filter(({ same }) => !same)).filter((row) => row.length > 0);
  const most_ = Math.max(0, ...inter.flat().map(({ d }) => d));
  const within = 1 - sum(intra.map((row) => sum(row.map(({ relative }) => relative)) / (row.length + eps))) / (intra.length + eps);
  const between =
    inter.length === 0
      ? 1
      : sum(inter.map((row) => sum(row.map(({ d }) => d / (most_ + eps))) / (row.length + eps))) / (inter.length + eps);
  const lambda = (within + between) / 2;
  const gamma = small ? 1 : mean(found.map((row) => row.filter(({ same }) => same).length / nearest));
  return { score: (lambda + gamma) / 2, lambda, gamma };
}
