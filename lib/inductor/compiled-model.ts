import type { NativeCompiled } from '../tensor/addon';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import {
  compiledCallSpec,
  compiledConstants,
  loadCompiledConstants,
  runCompiled,
  swapCompiledConstants,
  unloadCompiled,
} from '../tensor/compiled';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { flatten, type Nested, parseSpec, unflatten } from './call-spec';

/** How a compiled model is called. */
export type CompiledForward = (...inputs: never[]) => unknown;

export interface LoadConstantsOptions {
  /** Whether every constant must be given. Default false. */
  checkFullUpdate?: boolean;
  /** Fill the second set of constants, which `swapConstants` puts in use, so that a running model is changed at once. Default false. */
  useInactive?: boolean;
}

/** A model of machine code, PyTorch's `AOTICompiledModel`. Made by `inductor.aotiLoadPackage`; computes without gradients. */
export class CompiledModel<Forward extends CompiledForward = (...inputs: Nested[]) => Tensor> implements Disposable {
  readonly #native: NativeCompiled;
  readonly #inputs: ReturnType<typeof parseSpec>;
  readonly #outputs: ReturnType<typeof parseSpec>;
  /** What the compiler wrote about itself: `AOTI_DEVICE_KEY` and, in newer packages, the machine. */
  readonly metadata: Readonly<Record<string, string>>;

  /** `inductor.aotiLoadPackage` makes these. */
  constructor(native: NativeCompiled, metadata: Readonly<Record<string, string>>) {
    this.#native = native;
    this.metadata = metadata;
    const [inputs = '', outputs = ''] = compiledCallSpec(native);
    this.#inputs = parseSpec(inputs);
    this.#outputs = parseSpec(outputs);
  }

  /**
   * Computes. Inputs are what the exported module's `forward` takes, nested in the same way; what it takes by name comes in one object
   * at the end.
   *
   * @throws when number, dtype, shape, strides or device of an input are not those that the model was compiled for
   */
  run(...inputs: Parameters<Forward>): ReturnType<Forward> {
    return unflatten(this.#outputs, runCompiled(this.#native, flatten(this.#inputs, inputs))) as ReturnType<Forward>;
  }

  /** The same as `run`, as modules call it. */
  forward(...inputs: Parameters<Forward>): ReturnType<Forward> {
    return this.run(...inputs);
  }

  /** How inputs and outputs are nested, in the JSON of Python's pytree. @throws when the model was disposed */
  callSpec(): string[] {
    return compiledCallSpec(this.#native);
  }

  /** The names of the model's parameters and buffers in its state dict; those that the compiler folded away are not among them. */
  getConstantFqns(): string[] {
    return compiledConstants(this.#native);
  }

  /**
   * Changes parameters and buffers: the model has copies of these tensors from then on.
   *
   * @throws when a name is none of `getConstantFqns()`, a tensor has another shape, dtype or device than the constant, and, with
   * `checkFullUpdate`, when one is missing
   */
  loadConstants(stateDict: Readonly<Record<string, Tensor>>, options?: LoadConstantsOptions): void {
    const { checkFullUpdate = false, useInactive = false } = checkedOptions(options, 'loadConstants');
    if (typeof stateDict !== 'object' || stateDict === null) throw expected('an object of tensors', 'loadConstants', stateDict);
    for (const [name, tensor] of Object.entries(stateDict)) checkedTensor(tensor, `${name} in loadConstants`);
    loadCompiledConstants(this.#native, stateDict, useInactive, checkFullUpdate);
  }

  /** Puts the constants in use that `loadConstants` filled with `useInactive`; those in use so far can be filled next. */
  swapConstants(): void {
    swapCompiledConstants(this.#native);
  }

  /** Frees the model and its unpacked files at once; garbage collection and the end of the process do it else. */
  dispose(): void {
    unloadCompiled(this.#native);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
