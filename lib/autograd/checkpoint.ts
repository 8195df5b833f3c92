/** Activation checkpointing: less memory for a second forward. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { defaultGenerator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { CustomFunction, type FunctionContext } from './function';
import { grad, listOf } from './grad';
import { enableGrad } from './modes';

type Outputs = Tensor | readonly Tensor[];

export interface CheckpointOptions {
  /** Use the same random numbers in the second forward as in the first (dropout). Default true. */
  preserveRngState?: boolean;
  /**
   * Tensors beside the arguments that `fn` uses and that need gradients: a module's parameters. Their gradients are
   * accumulated by the second forward's own backward.
   */
  parameters?: readonly Tensor[];
}

/**
 * Runs `fn` without keeping what its operations save for backward, and runs it again when backward needs them.
 *
 * ```ts
 * const y = torch.autograd.checkpoint((h) => block.forward(h), [x], { parameters: block.parameters() });
 * ```
 */
export function checkpoint<R extends Outputs>(
  fn: (...inputs: Tensor[]) => R,
  inputs: Tensor | readonly Tensor[],
  options?: CheckpointOptions,
): R {
  if (typeof fn !== 'function') throw expected('a function', 'checkpoint', fn);
  const args = listOf(inputs, 'inputs');
  const { parameters: given = [], preserveRngState: preserve = true } = checkedOptions(options, 'checkpoint');
  const parameters = [...given];

  class Checkpoint extends CustomFunction {
    static forward(ctx: FunctionContext, ...all: Tensor[]): R {
      if (preserve) ctx.rng = defaultGenerator().getState().keep();
      ctx.saveForBackward(...all.slice(0, args.length));
      return fn(...all.slice(0, args.length));
    }

    static backward(ctx: FunctionContext, ...gradients: Tensor[]): (Tensor | null)[] {
      const saved = ctx.savedTensors;
      const generator = defaultGenerator();
      const now = preserve ? generator.getState() : null;
      if (preserve) generator.setState(ctx.rng as Tensor);
      try {
        return enableGrad(() => {
          const again = saved.map((input) =>
            input.isFloatingPoint() || input.isComplex() ? input.detach().requiresGrad_(input.requiresGrad) : input.detach(),
          );
          const result = fn(...again);
          const outputs = (result instanceof Tensor ? [result] : result) as readonly Tensor[];
          const targets = [...again.filter((input) => input.requiresGrad), ...parameters];
          const pairs = outputs.map((output, i) => [output, gradients[i] as Tensor] as const).filter(([output]) => output.requiresGrad);
          const found = grad(
            pairs.map(([output]) => output),
            targets,
            { gradOutputs: pairs.map(([, gradient]) => gradient), allowUnused: true },
          );
          const forInputs = again.map((input) => (input.requiresGrad ? (found.shift() ?? null) : null));
          return [...forInputs, ...found];
        });
      } finally {
        if (now !== null) generator.setState(now);
      }
    }
  }
  return Checkpoint.apply(...args, ...parameters) as R;
}
