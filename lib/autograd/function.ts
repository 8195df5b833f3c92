/** Functions whose forward and backward are written in TypeScript. */

import { addon } from '../native';
import { callingBack, inNativeModes, prepare } from '../tensor/context';
import { expected } from '../tensor/expected';
import { FIRST_CELL } from '../tensor/protocol';
import { beginSide, putTensors, takeTensors } from '../tensor/runtime';
import { Tensor } from '../tensor/tensor';

/** What `forward` and `backward` share, and how `forward` tells about its inputs and outputs. */
export class FunctionContext {
  /** Whether backward must give a gradient for each argument of forward; false for those that are no tensors. */
  readonly needsInputGrad: readonly boolean[];
  /** For values that are no tensors. */
  [field: string]: unknown;

  /** @internal */
  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps inputs and outputs for backward, where they are `savedTensors`. For other tensors use a field of `ctx`. */
  saveForBackward(...tensors: readonly (Tensor | null)[]): void {
    put(tensors, 'saveForBackward');
    addon.saveForBackward();
  }

  /** What `saveForBackward` kept. @throws when one of them was changed in place since */
  get savedTensors(): Tensor[] {
    prepare();
    addon.savedTensors();
    return takeTensors() as Tensor[];
  }

  /** Names the inputs that forward changed in place. They must be among its outputs. */
  markDirty(...tensors: readonly Tensor[]): void {
    put(tensors, 'markDirty');
    addon.markDirty();
  }

  /** Names the outputs that have no gradient. */
  markNonDifferentiable(...tensors: readonly Tensor[]): void {
    put(tensors, 'markNonDifferentiable');
    addon.markNonDifferentiable();
  }

  /** False: a missing gradient reaches backward as null and not as zeros. Default true. */
  setMaterializeGrads(on: boolean): void {
    if (typeof on !== 'boolean') throw expected('a boolean', 'setMaterializeGrads', on);
    addon.setMaterializeGrads(on);
  }
}

function put(tensors: readonly (Tensor | null)[], where: string): void {
  for (const [i, tensor] of tensors.entries()) {
    if (tensor !== null && !(tensor instanceof Tensor)) throw expected('a tensor', `${where}(${i})`, tensor);
  }
  beginSide();
  putTensors(FIRST_CELL, tensors);
}

/** What forward and backward give back: one tensor, or several. */
type Outputs = Tensor | readonly Tensor[];
type Gradients = Tensor | null | undefined | readonly (Tensor | null | undefined)[];

/** The static side of a class with a forward and a backward of its own. */
export interface FunctionClass<A extends readonly unknown[], R extends Outputs> {
  readonly name: string;
  forward(ctx: FunctionContext, ...args: A): R;
  backward(ctx: FunctionContext, ...gradients: Tensor[]): Gradients;
}

/**
 * Base of differentiable functions written in TypeScript: static `forward` computes, static `backward` gives one gradient
 * (or null) for each argument of `forward`. Called through `apply`.
 *
 * ```ts
 * class Cube extends torch.autograd.Function {
 *   static forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
 *     ctx.saveForBackward(x);
 *     return x.pow(3);
 *   }
 *   static backward(ctx: torch.autograd.FunctionContext, gradient: torch.Tensor) {
 *     const [x] = ctx.savedTensors;
 *     return gradient.mul(x.pow(2)).mul(3);
 *   }
 * }
 * const y = Cube.apply(x);
 * ```
 *
 * Operations in `forward` are not recorded. Those in `backward` are when the gradients themselves are to be differentiated
 * (`createGraph`), so that a backward made of operators can be differentiated again.
 */
export class CustomFunction {
  static apply<A extends readonly unknown[], R extends Outputs>(this: FunctionClass<A, R>, ...args: A): R {
    if (typeof this.forward !== 'function' || typeof this.backward !== 'function') {
      throw expected('static methods forward and backward', this.name || 'Function', undefined);
    }
    const inputs = args.filter((arg): arg is A[number] & Tensor => arg instanceof Tensor);
    const ctx = new FunctionContext(args.map((arg) => arg instanceof Tensor && arg.requiresGrad));
    let single = false;
    const run = (): void => {
      const outputs: unknown = inNativeModes(() => this.forward(ctx, ...args));
      single = outputs instanceof Tensor;
      const list = single ? [outputs as Tensor] : (outputs as readonly Tensor[]);
      if (!Array.isArray(list) || list.length === 0)
        throw expected('a tensor or an array of tensors', `the result of ${this.name}.forward`, outputs);
      put(list, `the result of ${this.name}.forward`);
    };
    const backward = (_: object, gradients: (object | null)[]): void => {
      const given = inNativeModes(() => this.backward(ctx, ...(gradients as Tensor[])));
      const list = given instanceof Tensor || given === null || given === undefined ? [given] : given;
      if (!Array.isArray(list) || list.length > args.length || (list.length < args.length && list.length !== inputs.length)) {
        throw new TypeError(
          `Expected one gradient for each of the ${args.length} arguments of forward from ${this.name}.backward but received ${Array.isArray(list) ? list.length : 'something else'}`,
        );
      }
      // One for each tensor: those of other arguments must be null and are dropped.
      const forTensors = list.length === args.length ? list.filter((_gradient, i) => args[i] instanceof Tensor) : list;
      put(
        forTensors.map((gradient) => gradient ?? null),
        `the result of ${this.name}.backward`,
      );
    };
    prepare();
    beginSide();
    putTensors(FIRST_CELL, inputs);
    callingBack(() => addon.applyFunction(run, ctx, backward, `${this.name}Backward`));
    const outputs = takeTensors() as Tensor[];
    return (single ? outputs[0] : outputs) as R;
  }
}
