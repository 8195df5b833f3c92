/** Gradients of some tensors with respect to others. */

import { addon } from '../native';
import { checkedOptions } from '../tensor/checked';
import { callingBack, prepare } from '../tensor/context';
import { expected } from '../tensor/expected';
import { operators } from '../tensor/operators';
import { beginSide, cellAt, putBool, putNone, putTensors, takeTensors } from '../tensor/runtime';
import { type BackwardOptions, runBackward, Tensor } from '../tensor/tensor';

export interface GradOptions {
  /** Gradients of some scalar with respect to each output; may be left out for outputs of one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  /** Keep the graph for another backward. Default: `createGraph`. */
  retainGraph?: boolean;
  /** Make the gradients differentiable in turn. Default false. */
  createGraph?: boolean;
  /** Give null for an input that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean;
  /** Give zeros for such an input. Default false. */
  materializeGrads?: boolean;
}

/**
 * Gradients of the sum of `outputs`, weighted with `gradOutputs`, with respect to `inputs`: one for each input.
 *
 * ```ts
 * const [dx] = torch.autograd.grad(x.pow(2).sum(), [x]);
 * ```
 * @throws when an output is not a scalar and has no gradient, or an input is not used (see `allowUnused`)
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[];
export function grad(outputs: Tensor | readonly Tensor[], inputs: Tensor | readonly Tensor[], options?: GradOptions): Tensor[];
export function grad(outputs: Tensor | readonly Tensor[], inputs: Tensor | readonly Tensor[], options?: GradOptions): (Tensor | null)[] {
  const {
    gradOutputs = null,
    retainGraph,
    createGraph = false,
    materializeGrads = false,
    allowUnused = materializeGrads,
  } = checkedOptions(options, 'grad');
  const from = listOf(outputs, 'outputs');
  const to = listOf(inputs, 'inputs');
  prepare();
  beginSide();
  putTensors(cellAt(0), from);
  putTensors(cellAt(1), to);
  if (gradOutputs === null) putNone(cellAt(2));
  else putTensors(cellAt(2), gradOutputs instanceof Tensor ? [gradOutputs] : optionalList(gradOutputs, 'gradOutputs'));
  if (retainGraph === undefined) putNone(cellAt(3));
  else putBool(cellAt(3), retainGraph);
  putBool(cellAt(4), createGraph);
  putBool(cellAt(5), allowUnused);
  callingBack(addon.grad);
  const gradients = takeTensors();
  if (!materializeGrads) return gradients;
  return gradients.map((gradient, i) => gradient ?? operators.zerosLike(to[i] as Tensor));
}

/** Adds to `grad` of every leaf the gradient of the sum of `tensors`, weighted with `gradTensors`. */
export function backward(
  tensors: Tensor | readonly Tensor[],
  options?: Omit<BackwardOptions, 'gradient'> & { gradTensors?: Tensor | readonly (Tensor | null)[] | null },
): void {
  const given = checkedOptions(options, 'backward');
  const { gradTensors = null } = given;
  const gradients = gradTensors === null ? null : gradTensors instanceof Tensor ? [gradTensors] : optionalList(gradTensors, 'gradTensors');
  runBackward(listOf(tensors, 'tensors'), gradients, given);
}

/** One tensor or several as a list. */
export function listOf(value: Tensor | readonly Tensor[], where: string): readonly Tensor[] {
  if (value instanceof Tensor) return [value];
  if (!Array.isArray(value)) throw expected('a tensor or an array of tensors', where, value);
  for (const [i, element] of value.entries()) if (!(element instanceof Tensor)) throw expected('a tensor', `${where}[${i}]`, element);
  return value;
}

function optionalList(value: readonly (Tensor | null)[], where: string): readonly (Tensor | null)[] {
  if (!Array.isArray(value)) throw expected('a tensor or an array of tensors', where, value);
  for (const [i, element] of value.entries()) {
    if (element !== null && !(element instanceof Tensor)) throw expected('a tensor or null', `${where}[${i}]`, element);
  }
  return value;
}
