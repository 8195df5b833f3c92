import { expected } from '../tensor/expected';
import { checkShare } from '../tensor/numbers';

/** Refuses what is no pair of shares in [0, 1). */
export function checkBetas(betas: readonly [number, number]): void {
  if (!Array.isArray(betas) || betas.length !== 2) throw expected('two numbers in [0, 1)', 'betas', betas);
  checkShare(betas[0], 'betas[0]');
  checkShare(betas[1], 'betas[1]');
}
