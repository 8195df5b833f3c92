import { noGrad } from '../autograd/modes';
import { tensor } from '../tensor/creation';
import { stack } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { signedFeatures } from './signed-margins';

/** What a search for a separating theta ends with. */
export interface SeparationResult {
  /** [d] */
  readonly theta: Tensor;
  /** Updates that were made, an int64 scalar. */
  readonly iterations: Tensor;
  /** 1 when all margins are above 0, else 0; an int64 scalar. */
  readonly solved: Tensor;
}

interface Steps {
  /** A scalar to be kept of the margins before each update and at the end. */
  seen?(margins: Tensor): Tensor;
  update(theta: Tensor, signed: Tensor, margins: Tensor, iteration: number): Tensor;
}

/** Updates theta until all margins are above 0, or for so many iterations. One number is read in each: whether it is solved. */
export function separate(
  start: Tensor,
  features: Tensor,
  labels: Tensor,
  iterations: number,
  stopWhenSolved: boolean,
  { seen, update }: Steps,
): SeparationResult & { readonly kept: Tensor | null } {
  return scope(() =>
    noGrad(() => {
      const signed = signedFeatures(features, labels);
      const kept: Tensor[] = [];
      let theta = start.detach().clone();
      for (let iteration = 0; ; iteration++) {
        // A scope for each update: there may be many of them, over many samples.
        const { solved, value, next } = scope(() => {
          const margins = signed.mv(theta);
          const solved = Number(margins.min().item()) > 0;
          const ends = (solved && stopWhenSolved) || iteration === iterations;
          return { solved, value: seen?.(margins), next: ends ? null : update(theta, signed, margins, iteration) };
        });
        if (value !== undefined) kept.push(value);
        if (next === null) {
          const result = { theta, iterations: tensor(iteration), solved: tensor(solved ? 1 : 0) };
          return { ...result, kept: kept.length > 0 ? stack(kept) : null };
        }
        theta.dispose();
        theta = next;
      }
    }),
  );
}
