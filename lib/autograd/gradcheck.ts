/** Gradients against finite differences. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { operators } from '../tensor/operators';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { grad, listOf } from './grad';
import { enableGrad, noGrad } from './modes';

export interface GradcheckOptions {
  /** Step of the central differences. Default 1e-6, as PyTorch's. */
  eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  atol?: number;
  /** Relative tolerance. Default 1e-3. */
  rtol?: number;
  /** Return false instead of throwing. Default true: throw. */
  raiseException?: boolean;
}

type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

function outputsOf(fn: Fn, inputs: readonly Tensor[]): Tensor[] {
  if (typeof fn !== 'function') throw expected('a function', 'gradcheck', fn);
  const list = listOf(fn(...inputs), "the function's outputs");
  // Real and imaginary parts are outputs of their own.
  return list.map((output) => (output.isComplex() ? operators.viewAsReal(output) : output)).filter((output) => output.isFloatingPoint());
}

/**
 * Compares the gradients that `backward` gives with central differences, for every input that requires gradients and every
 * output element. Inputs should be float64.
 * @returns true; throws with the first difference (`raiseException`)
 */
export function gradcheck(fn: Fn, inputs: Tensor | readonly Tensor[], options?: GradcheckOptions): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = checkedOptions(options, 'gradcheck');
  const at = listOf(inputs, 'inputs');
  const checked = at.filter((input) => input.requiresGrad);
  if (checked.length === 0) throw expected('at least one input that requires gradients', 'gradcheck', undefined);
  for (const input of checked)
    if (input.dtype !== 'float64') throw expected('float64 inputs, because differences need the digits,', 'gradcheck', input);
  const problem = scope(() => {
    const outputs = enableGrad(() => outputsOf(fn, at));
    for (const [o, output] of outputs.entries()) {
      for (const [k, input] of checked.entries()) {
        const analytic = analyticJacobian(output, input);
        const numeric = numericJacobian(fn, at, input, o, eps);
        if (operators.allclose(analytic, numeric, rtol, { atol })) continue;
        const difference = analytic.sub(numeric).abs().max().item();
        return `gradcheck: expected the gradient of output ${o} for input ${k} to equal the differences but the largest difference is ${difference}\nbackward:\n${analytic}\ndifferences:\n${numeric}`;
      }
    }
    return null;
  });
  if (problem !== null && raiseException) throw new Error(problem);
  return problem === null;
}

/** d output / d input as a matrix, a row for each output element. */
function analyticJacobian(output: Tensor, input: Tensor): Tensor {
  const count = output.numel();
  const width = input.numel();
  const zeros = operators.zeros([width], { dtype: 'float64', device: input.device });
  const rows: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const weight = operators.zerosLike(output).reshape(-1);
    weight.select(0, i).fill_(1);
    const [gradient] = output.requiresGrad
      ? grad([output], [input], { gradOutputs: [weight.reshape(output.shape)], retainGraph: true, allowUnused: true })
      : [null];
    rows.push(gradient === null || gradient === undefined ? zeros : gradient.detach().reshape(-1).to('float64'));
  }
  return count === 0 ? operators.zeros([0, width], { dtype: 'float64', device: input.device }) : operators.stack(rows);
}

function numericJacobian(fn: Fn, inputs: readonly Tensor[], input: Tensor, o: number, eps: number): Tensor {
  const columns: Tensor[] = [];
  const width = input.numel();
  const values = input.detach().clone().reshape(-1);
  // Fresh copies at each step: an input that fn changes in place must not carry over.
  const evaluate = (i: number, step: number): Tensor =>
    noGrad(() => {
      const moved = values.clone();
      moved.select(0, i).add_(step);
      const replaced = inputs.map((other) => (other === input ? moved.reshape(input.shape) : other.detach().clone()));
      return (outputsOf(fn, replaced)[o] as Tensor).detach().reshape(-1).to('float64');
    });
  for (let i = 0; i < width; i++)
    columns.push(
      scope(() =>
        evaluate(i, eps)
          .sub(evaluate(i, -eps))
          .div(2 * eps),
      ),
    );
  return operators.stack(columns, 1);
}

/** `gradcheck` of the gradients: that they can be differentiated again. */
export function gradgradcheck(
  fn: Fn,
  inputs: Tensor | readonly Tensor[],
  options?: GradcheckOptions & { gradOutputs?: Tensor | readonly Tensor[] },
): boolean {
  const at = listOf(inputs, 'inputs');
  const checked = at.filter((input) => input.requiresGrad);
  const outputs = noGrad(() => outputsOf(fn, at));
  const { gradOutputs: given } = checkedOptions(options, 'gradgradcheck');
  // Arbitrary weights, the same in every run: a sum alone would hide errors that cancel.
  const weights =
    given === undefined
      ? outputs.map((output, o) =>
          operators
            .linspace(0.5 + o, 1.5 + o, output.numel(), { dtype: output.dtype, device: output.device })
            .reshape(output.shape)
            .requiresGrad_(),
        )
      : listOf(given, 'gradOutputs');
  const first: Fn = (...all) => {
    const moved = all.slice(0, at.length);
    const gradOutputs = all.slice(at.length);
    const wanted = moved.filter((_, i) => (at[i] as Tensor).requiresGrad);
    return enableGrad(() => {
      // Differences are taken under noGrad: the gradients themselves still have to be recorded.
      const leaves = moved.map((input, i) =>
        (at[i] as Tensor).requiresGrad && !input.requiresGrad ? input.detach().requiresGrad_() : input,
      );
      const targets = leaves.filter((_, i) => (at[i] as Tensor).requiresGrad);
      const recorded = outputsOf(fn, leaves);
      return grad(recorded, targets.length === wanted.length ? targets : wanted, {
        gradOutputs,
        createGraph: true,
        materializeGrads: true,
      });
    });
  };
  if (checked.length === 0) throw expected('at least one input that requires gradients', 'gradgradcheck', undefined);
  return gradcheck(first, [...at, ...weights], options);
}
