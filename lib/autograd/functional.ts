/** Derivatives of functions of tensors: jacobian, hessian, and products with them that never build the matrix. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { operators } from '../tensor/operators';
import { Tensor } from '../tensor/tensor';
import { grad, listOf } from './grad';
import { enableGrad } from './modes';

type Inputs = Tensor | readonly Tensor[];
type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

export interface FunctionalOptions {
  /** Make the result differentiable. Default false. */
  createGraph?: boolean;
}

/** Fresh leaves with the values of the inputs; with `createGraph` connected to them. */
function leaves(inputs: Inputs, createGraph: boolean): Tensor[] {
  return listOf(inputs, 'inputs').map((input) =>
    createGraph && input.requiresGrad ? input.viewAs(input) : input.detach().requiresGrad_(),
  );
}

function evaluate(fn: Fn, inputs: readonly Tensor[], where: string): { outputs: readonly Tensor[]; single: boolean } {
  if (typeof fn !== 'function') throw expected('a function', where, fn);
  const result: unknown = fn(...inputs);
  if (result instanceof Tensor) return { outputs: [result], single: true };
  if (Array.isArray(result) && Array.from(result).every((output) => output instanceof Tensor)) return { outputs: result, single: false };
  throw expected('a function that returns a tensor or an array of tensors', where, result);
}

/** The outputs as the function gave them, outside the graph unless it is asked for. */
function presented(outputs: readonly Tensor[], single: boolean, createGraph: boolean): Tensor | readonly Tensor[] {
  const shown = createGraph ? outputs : outputs.map((output) => output.detach());
  return single ? (shown[0] as Tensor) : shown;
}

/** Gradients with zeros where an input does not matter. */
function gradOrZeros(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: readonly Tensor[] | null,
  createGraph: boolean,
  retainGraph: boolean,
): Tensor[] {
  const recorded = outputs.map((output, i) => ({ output, gradient: gradOutputs?.[i] ?? null })).filter(({ output }) => output.requiresGrad);
  if (recorded.length === 0) return inputs.map((input) => operators.zerosLike(input));
  const gradients = grad(
    recorded.map(({ output }) => output),
    inputs,
    {
      gradOutputs: gradOutputs === null ? null : recorded.map(({ gradient }) => gradient),
      createGraph,
      retainGraph: retainGraph || createGraph,
      allowUnused: true,
    },
  );
  return gradients.map((gradient, i) => gradient ?? operators.zerosLike(inputs[i] as Tensor));
}

/**
 * Vector-Jacobian product: `v^T J` of `fn` at `inputs`, one tensor for each input, with the outputs.
 * @param v of the shape of the output; may be left out for an output of one element
 */
export function vjp(
  fn: Fn,
  inputs: Inputs,
  v?: Inputs | null,
  options?: FunctionalOptions,
): [output: Tensor | readonly Tensor[], product: Tensor | Tensor[]] {
  const { createGraph = false } = checkedOptions(options, 'vjp');
  return enableGrad(() => {
    const at = leaves(inputs, createGraph);
    const { outputs, single } = evaluate(fn, at, 'vjp');
    const weights = weightsFor(outputs, v, 'vjp');
    const product = gradOrZeros(outputs, at, weights, createGraph, false);
    return [presented(outputs, single, createGraph), inputs instanceof Tensor ? (product[0] as Tensor) : product];
  });
}

function weightsFor(outputs: readonly Tensor[], v: Inputs | null | undefined, where: string): readonly Tensor[] | null {
  if (v === null || v === undefined) {
    if (outputs.length === 1 && (outputs[0] as Tensor).numel() === 1) return null;
    throw expected('v, because the output has more than one element,', where, undefined);
  }
  const list = listOf(v, 'v');
  for (const [i, output] of outputs.entries()) {
    if (list[i]?.shape.join() !== output.shape.join()) throw expected(`a tensor of shape [${output.shape.join(', ')}]`, `v[${i}]`, list[i]);
  }
  return list;
}

/**
 * Jacobian-vector product: `J v` of `fn` at `inputs`, one tensor for each output, with the outputs. By differentiating the
 * vector-Jacobian product with respect to its vector, so it works for every operator that can be differentiated twice.
 */
export function jvp(
  fn: Fn,
  inputs: Inputs,
  v?: Inputs | null,
  options?: FunctionalOptions,
): [output: Tensor | readonly Tensor[], product: Tensor | Tensor[]] {
  const { createGraph = false } = checkedOptions(options, 'jvp');
  return enableGrad(() => {
    const at = leaves(inputs, createGraph);
    const { outputs, single } = evaluate(fn, at, 'jvp');
    const directions = weightsFor(at, v, 'jvp') ?? at.map((input) => operators.onesLike(input));
    const dummies = outputs.map((output) => operators.zerosLike(output).detach().requiresGrad_());
    const pulled = gradOrZeros(outputs, at, dummies, true, true);
    const product = gradOrZeros(pulled, dummies, directions, createGraph, false);
    return [presented(outputs, single, createGraph), single ? (product[0] as Tensor) : product];
  });
}

/** Hessian-vector product `H v` of a function with one output element, with the output. */
export function hvp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: Inputs,
  v?: Inputs | null,
  options?: FunctionalOptions,
): [output: Tensor, product: Tensor | Tensor[]] {
  const { createGraph = false } = checkedOptions(options, 'hvp');
  return enableGrad(() => {
    const at = leaves(inputs, createGraph);
    const output = scalarOutput(fn, at, 'hvp');
    const first = gradOrZeros([output], at, null, true, true);
    const directions = weightsFor(at, v, 'hvp') ?? at.map((input) => operators.onesLike(input));
    const product = gradOrZeros(first, at, directions, createGraph, false);
    return [createGraph ? output : output.detach(), inputs instanceof Tensor ? (product[0] as Tensor) : product];
  });
}

function scalarOutput(fn: (...inputs: Tensor[]) => Tensor, at: readonly Tensor[], where: string): Tensor {
  const { outputs } = evaluate(fn, at, where);
  const output = outputs[0] as Tensor;
  if (outputs.length !== 1 || output.numel() !== 1) throw expected('a function with one output element', where, output);
  return output;
}

/** One row of a jacobian for each output element: a host loop, because each row is a backward pass of its own. */
function jacobianOf(output: Tensor, inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const { shape } = output;
  const rows: Tensor[][] = inputs.map(() => []);
  const flat = output.reshape(-1);
  const count = flat.numel();
  for (let i = 0; i < count; i++) {
    const gradients = gradOrZeros([flat.select(0, i)], inputs, null, createGraph, true);
    for (const [k, gradient] of gradients.entries()) (rows[k] as Tensor[]).push(gradient);
  }
  return inputs.map((input, k) => {
    if (count === 0) return operators.zeros([...shape, ...input.shape], { dtype: input.dtype, device: input.device });
    return operators.stack(rows[k] as Tensor[]).reshape([...shape, ...input.shape]);
  });
}

/**
 * Jacobian of `fn` at `inputs`: shape output.shape + input.shape; an array for several inputs, an array of those for several
 * outputs.
 */
export function jacobian(fn: (...inputs: Tensor[]) => Tensor, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function jacobian(fn: Fn, inputs: Inputs, options?: FunctionalOptions): Tensor | Tensor[] | Tensor[][];
export function jacobian(fn: Fn, inputs: Inputs, options?: FunctionalOptions): Tensor | Tensor[] | Tensor[][] {
  const { createGraph = false } = checkedOptions(options, 'jacobian');
  return enableGrad(() => {
    const at = leaves(inputs, createGraph);
    const { outputs, single } = evaluate(fn, at, 'jacobian');
    const perOutput = outputs.map((output) => {
      const parts = jacobianOf(output, at, createGraph);
      return inputs instanceof Tensor ? (parts[0] as Tensor) : parts;
    });
    return (single ? perOutput[0] : perOutput) as Tensor | Tensor[] | Tensor[][];
  });
}

/** Hessian of a function with one output element: shape input.shape + input.shape; for several inputs a matrix of such blocks. */
export function hessian(fn: (...inputs: Tensor[]) => Tensor, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function hessian(fn: (...inputs: Tensor[]) => Tensor, inputs: Inputs, options?: FunctionalOptions): Tensor | Tensor[][];
export function hessian(fn: (...inputs: Tensor[]) => Tensor, inputs: Inputs, options?: FunctionalOptions): Tensor | Tensor[][] {
  const { createGraph = false } = checkedOptions(options, 'hessian');
  return enableGrad(() => {
    const at = leaves(inputs, createGraph);
    const first = gradOrZeros([scalarOutput(fn, at, 'hessian')], at, null, true, true);
    const blocks = first.map((gradient) => jacobianOf(gradient, at, createGraph));
    return inputs instanceof Tensor ? ((blocks[0] as Tensor[])[0] as Tensor) : blocks;
  });
}
