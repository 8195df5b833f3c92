import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { checkCount } from '../../tensor/numbers';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';
import { dropout } from './dropout';
import { pad } from './padding';

export interface AttentionOptions {
  /** Which keys nobody may look at: [N, S], or [S] for one sample. True, or minus infinity, hides one. Default: none. */
  keyPaddingMask?: Tensor | null;
  /** Give the attention weights too. Without them a fused kernel is used. Default true. */
  needWeights?: boolean;
  /**
   * Which keys a query may not look at: [L, S], or [N numHeads, L, S]. True hides one; numbers are added to the scores.
   * Default: none.
   */
  attnMask?: Tensor | null;
  /** The mean of the weights over the heads, and not those of each. Default true. */
  averageAttnWeights?: boolean;
  /** A hint that `attnMask`, which must be given, is the causal one. Default false. */
  isCausal?: boolean;
}

export interface MultiHeadAttentionForwardOptions extends AttentionOptions {
  /** Apply dropout. Default true. */
  training?: boolean;
  /** Project with the three weights that follow, and not with `inProjWeight`. Default false. */
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  /** Keys of the heads, [N numHeads, S, E / numHeads], instead of those projected from `key`. Default: none. */
  staticK?: Tensor | null;
  /** Values of the heads, [N numHeads, S, E / numHeads], instead of those projected from `value`. Default: none. */
  staticV?: Tensor | null;
}

/**
 * Attention with several heads: `concat(softmax(Q_h K_h^T / sqrt(E / heads) + mask) V_h) W_o`, with Q, K and V projected from the
 * inputs (Vaswani et al., 2017). What `nn.MultiheadAttention` computes.
 *
 * Shapes: query [L, N, E], key [S, N, kdim], value [S, N, vdim], without N for one sample; output as query, weights [N, L, S], or
 * [N, numHeads, L, S] when not averaged.
 *
 * @throws for shapes that do not fit each other, and for `isCausal` without a mask
 */
export function multiHeadAttentionForward(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embedDimToCheck: number,
  numHeads: number,
  inProjWeight: Tensor | null,
  inProjBias: Tensor | null,
  biasK: Tensor | null,
  biasV: Tensor | null,
  addZeroAttn: boolean,
  dropoutP: number,
  outProjWeight: Tensor,
  outProjBias: Tensor | null,
  options: MultiHeadAttentionForwardOptions = {},
): [output: Tensor, weights: Tensor | null] {
  checkedTensor(query, 'query');
  const {
    training = true,
    keyPaddingMask = null,
    needWeights = true,
    attnMask = null,
    averageAttnWeights = true,
  } = checkedOptions(options, 'multiHeadAttentionForward');
  const { isCausal = false, useSeparateProjWeight = false, staticK = null, staticV = null } = options;
  if (isCausal && attnMask === null) throw expected('the causal mask, for isCausal is only a hint,', 'attnMask', attnMask);
  checkInputs(query, key, value, embedDimToCheck, numHeads, useSeparateProjWeight);
  const single = query.dim() === 2;
  const batched = single ? withBatch(query, key, value) : ([query, key, value] as const);
  const [length, batch, width] = batched[0].shape as [number, number, number];
  const keys = batched[1].size(0);
  const inWeights = useSeparateProjWeight ? ([options.qProjWeight, options.kProjWeight, options.vProjWeight] as const) : inProjWeight;
  let [q, k, v] = projected(batched, inWeights, inProjBias);

  // A causal mask that stands alone is left to the fused kernel.
  const fusedCausal = isCausal && keyPaddingMask === null && !needWeights;
  let mask = fusedCausal || attnMask === null ? null : attentionMask(attnMask, length, keys, batch * numHeads, query.dtype);
  let padding = keyPaddingMask === null ? null : paddingMask(keyPaddingMask, batch, keys, single, query.dtype);
  const extend = (): void => {
    if (mask !== null) mask = pad(mask, [0, 1]);
    if (padding !== null) padding = pad(padding, [0, 1]);
  };

  if (biasK !== null && biasV !== null) {
    if (staticK !== null || staticV !== null) throw expected('none with biasK and biasV', 'staticK or staticV', staticK ?? staticV);
    k = root.cat([k, biasK.repeat([1, batch, 1])]);
    v = root.cat([v, biasV.repeat([1, batch, 1])]);
    extend();
  } else if (biasK !== null || biasV !== null) throw expected('both or none', 'biasK and biasV', biasK ?? biasV);

  const headWidth = width / numHeads;
  const heads = (x: Tensor): Tensor => x.reshape([x.size(0), batch * numHeads, headWidth]).transpose(0, 1);
  q = heads(q);
  k = staticK ?? heads(k);
  v = staticV ?? heads(v);
  if (addZeroAttn) {
    const zero = root.zeros([batch * numHeads, 1, headWidth], { dtype: k.dtype, device: k.device });
    k = root.cat([k, zero], 1);
    v = root.cat([v, zero], 1);
    extend();
  }
  const sources = k.size(1);
  if (padding !== null) {
    const perHead = padding
      .reshape([batch, 1, 1, sources])
      .expand([-1, numHeads, -1, -1])
      .reshape([batch * numHeads, 1, sources]);
    mask = mask === null ? perHead : mask.add(perHead);
  }

  const share = training ? dropoutP : 0;
  const finish = (joined: Tensor): Tensor => {
    const output = nnFunctional.linear(joined.reshape([length, batch, width]), outProjWeight, outProjBias);
    return single ? output.squeeze(1) : output;
  };
  if (needWeights) {
    const scaled = q.mul(Math.sqrt(1 / headWidth));
    const turned = k.transpose(-2, -1);
    let attention = (mask === null ? scaled.bmm(turned) : root.baddbmm(mask, scaled, turned)).softmax(-1);
    if (share > 0) attention = dropout(attention, { p: share });
    const perHead = attention.view([batch, numHeads, length, sources]);
    const weights = averageAttnWeights ? perHead.mean(1) : perHead;
    return [finish(attention.bmm(v).transpose(0, 1)), single ? weights.squeeze(0) : weights];
  }
  if (mask !== null) mask = mask.size(0) === 1 ? mask.unsqueeze(0) : mask.view([batch, numHeads, -1, sources]);
  const split = (x: Tensor): Tensor => x.reshape([batch, numHeads, -1, headWidth]);
  const joined = nnFunctional.scaledDotProductAttention(split(q), split(k), split(v), mask, share, fusedCausal);
  return [finish(joined.permute([2, 0, 1, 3])), null];
}

/** Inputs with a batch of one; those that are the same stay the same. */
function withBatch(query: Tensor, key: Tensor, value: Tensor): readonly [Tensor, Tensor, Tensor] {
  const q = query.unsqueeze(1);
  const k = key === query ? q : key.unsqueeze(1);
  return [q, k, value === key ? k : value.unsqueeze(1)];
}

/** Queries, keys and values of all heads side by side. Inputs that are the same are projected together. */
function projected(
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  weights: Tensor | null | readonly [q: Tensor | null | undefined, k: Tensor | null | undefined, v: Tensor | null | undefined],
  bias: Tensor | null,
): [Tensor, Tensor, Tensor] {
  const { linear } = nnFunctional;
  if (weights === null) throw expected('a tensor', 'inProjWeight', weights);
  const [a, b, c] = bias?.chunk(3) ?? [];
  if (Array.isArray(weights)) {
    for (const [position, name] of ['qProjWeight', 'kProjWeight', 'vProjWeight'].entries())
      if (!weights[position]) throw expected('a tensor', name, weights[position]);
    const [q, k, v] = weights as [Tensor, Tensor, Tensor];
    return [linear(query, q, a), linear(key, k, b), linear(value, v, c)];
  }
  const joint = weights as Tensor;
  const width = query.size(-1);
  const parts = (projection: Tensor, count: number): Tensor[] =>
    projection
      .unflatten(-1, [count, width])
      .unsqueeze(0)
      .transpose(0, -2)
      .squeeze(-2)
      .contiguous() // each part then is
      .unbind(0);
  if (query === key && key === value) return parts(linear(query, joint, bias), 3) as [Tensor, Tensor, Tensor];
  if (key === value) {
    const [first, rest] = joint.split([width, 2 * width]) as [Tensor, Tensor];
    const rests = bias?.split([width, 2 * width])[1] ?? null;
    return [linear(query, first, a), ...(parts(linear(key, rest, rests), 2) as [Tensor, Tensor])];
  }
  const [q, k, v] = joint.chunk(3) as [Tensor, Tensor, Tensor];
  return [linear(query, q, a), linear(key, k, b), linear(value, v, c)];
}

/** A mask of booleans as numbers to add: minus infinity where it is true. */
function additive(mask: Tensor, where: string, dtype: DType): Tensor {
  if (mask.isFloatingPoint()) return mask;
  if (mask.dtype !== 'bool') throw expected('a mask of booleans or floating-point numbers', where, mask);
  return root.zerosLike(mask, { dtype }).maskedFill_(mask, Number.NEGATIVE_INFINITY);
}

/** Numbers to add, [1 or heads, length, keys]. */
function attentionMask(mask: Tensor, length: number, keys: number, heads: number, dtype: DType): Tensor {
  const shape = mask.shape.join();
  if (shape === `${heads},${length},${keys}`) return additive(mask, 'attnMask', dtype);
  if (shape !== `${length},${keys}`) throw expected(`a tensor [${length}, ${keys}] or [${heads}, ${length}, ${keys}]`, 'attnMask', mask);
  return additive(mask, 'attnMask', dtype).unsqueeze(0);
}

/** Numbers to add, [batch, keys]. */
function paddingMask(mask: Tensor, batch: number, keys: number, single: boolean, dtype: DType): Tensor {
  const shape = single ? [keys] : [batch, keys];
  if (mask.shape.join() !== shape.join()) throw expected(`a tensor [${shape.join(', ')}]`, 'keyPaddingMask', mask);
  const numbers = additive(mask, 'keyPaddingMask', dtype);
  return single ? numbers.unsqueeze(0) : numbers;
}

function checkInputs(query: Tensor, key: Tensor, value: Tensor, width: number, heads: number, separate: boolean): void {
  checkedTensor(key, 'key');
  checkedTensor(value, 'value');
  checkCount(width, 'embedDimToCheck', 1);
  checkCount(heads, 'numHeads', 1);
  const dims = query.dim();
  if (dims !== 2 && dims !== 3) throw expected('a tensor of two or three dimensions', 'query', query);
  if (query.size(-1) !== width) throw expected(`${width} features`, 'the last dimension of query', query);
  if (width % heads !== 0) throw expected(`a number that ${heads} heads divide`, 'embedDim', width);
  if (key.dim() !== dims) throw expected(`a tensor of ${dims} dimensions, as the query,`, 'key', key);
  if (dims === 3 && key.size(1) !== query.size(1)) throw expected(`a batch of ${query.size(1)}, as the query,`, 'key', key);
  const shared = separate ? dims - 1 : dims;
  if (value.dim() !== dims || key.shape.slice(0, shared).join() !== value.shape.slice(0, shared).join())
    throw expected(`a tensor [${key.shape.slice(0, shared).join(', ')}${separate ? ', vdim' : ''}]`, 'value', value);
}
