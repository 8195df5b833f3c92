import { noGrad } from '../autograd/modes';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import { checkAlike } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/** What `alignGradients` gives, of one tensor or of a list of them. */
export interface AlignedGradients<G> {
  /** The main gradient and the aligned one together: what the optimizer steps along. */
  readonly combined: G;
  /** The other gradient, without what goes against the main one. */
  readonly aligned: G;
  /** 1 when there was something against it, int64 []. */
  readonly conflict: Tensor;
}

/**
 * Takes out of a gradient what goes against another: when `<g2, g1> < 0`, `g2 - <g2, g1> / |g1|^2 g1` is used in place of g2. The main gradient stays as it
 * is. Without a main gradient there is no conflict.
 *
 * Gradients of a model are given as lists, one tensor for each parameter, null where a loss does not reach it, as `autograd.grad` gives them with
 * `allowUnused`; they count as one long vector, and null as zeros. Clip after it, not before.
 *
 * Shapes: both of one shape, or lists of the same length; so are the results.
 *
 * @throws for shapes that differ, lists of different lengths, an empty list
 *
 * Yang, Zong, Huang, Feng, An: Dual-Head Knowledge Distillation. KDD 2025, arXiv 2411.08937
 */
export function alignGradients(mainGrad: Tensor, auxGrad: Tensor, options?: Record<never, never>): AlignedGradients<Tensor>;
export function alignGradients(
  mainGrad: readonly (Tensor | null | undefined)[],
  auxGrad: readonly (Tensor | null | undefined)[],
  options?: Record<never, never>,
): AlignedGradients<(Tensor | null)[]>;
export function alignGradients(
  mainGrad: Tensor | readonly (Tensor | null | undefined)[],
  auxGrad: Tensor | readonly (Tensor | null | undefined)[],
  options?: Record<never, never>,
): AlignedGradients<Tensor> | AlignedGradients<(Tensor | null)[]> {
  checkedOptions(options, 'alignGradients');
  if (Array.isArray(mainGrad) || Array.isArray(auxGrad)) return ofList(pairsOf(mainGrad, auxGrad));
  const pair = [checkedTensor(mainGrad as Tensor, 'mainGrad'), checkedTensor(auxGrad as Tensor, 'auxGrad')] as const;
  checkAlike(['mainGrad', pair[0]], ['auxGrad', pair[1]]);
  const { combined, aligned, conflict } = ofList([pair]);
  return { combined: combined[0] as Tensor, aligned: aligned[0] as Tensor, conflict };
}

type Pair = readonly [main: Tensor | null, aux: Tensor | null];

function pairsOf(mainGrad: unknown, auxGrad: unknown): Pair[] {
  if (!Array.isArray(mainGrad) || mainGrad.length === 0) throw expected('a list of one or more gradients', 'mainGrad', mainGrad);
  const { length } = mainGrad;
  if (!Array.isArray(auxGrad) || auxGrad.length !== length) throw expected(`a list of ${length} gradients`, 'auxGrad', auxGrad);
  return mainGrad.map((given, k): Pair => {
    const main = given == null ? null : checkedTensor(given, `mainGrad[${k}]`);
    const aux = auxGrad[k] == null ? null : checkedTensor(auxGrad[k], `auxGrad[${k}]`);
    if (main !== null && aux !== null) checkAlike([`mainGrad[${k}]`, main], [`auxGrad[${k}]`, aux]);
    return [main, aux];
  });
}

function ofList(pairs: readonly Pair[]): AlignedGradients<(Tensor | null)[]> {
  return noGrad(() =>
    scope(() => {
      const like = pairs.flat().find((gradient) => gradient !== null);
      if (like === undefined) throw expected('at least one gradient', 'mainGrad', null);
      const zero = like.newZeros([]);
      let [product, square] = [zero, zero];
      for (const [main, aux] of pairs) {
        if (main === null) continue;
        square = square.add(main.square().sum());
        if (aux !== null) product = product.add(main.mul(aux).sum());
      }
      // NaN goes through. A main gradient of nothing has no product either.
      const share = product.clampMax(0).div(square.maskedFill(square.eq(0), 1));
      const aligned = pairs.map(([main, aux]): Tensor | null => {
        if (main === null) return aux?.clone() ?? null;
        return aux === null ? main.mul(share.neg()) : aux.sub(main.mul(share));
      });
      const combined = pairs.map(([main], k): Tensor | null => {
        const other = aligned[k] as Tensor | null;
        return main === null ? (other?.clone() ?? null) : main.add(other as Tensor);
      });
      return { combined, aligned, conflict: product.lt(0).long() };
    }),
  );
}
