/**
 * Hooks around a module's `forward`. While a module has some, it has a `forward` of its own that calls them, which goes with the
 * last: so they see every call, also those by its parents, and modules without hooks pay nothing.
 */

import { CustomFunction, type FunctionContext } from '../autograd/function';
import { isGradEnabled } from '../autograd/modes';
import { expected } from '../tensor/expected';
import { type HookHandle, Tensor } from '../tensor/tensor';
import type { Module } from './module';

type Inputs<M extends Module> = Parameters<M['forward']>;
type Output<M extends Module> = ReturnType<M['forward']>;

/** Called with the inputs before `forward`; an array that it returns replaces them. */
export type ForwardPreHook<M extends Module> = (module: M, inputs: Inputs<M>) => [...Inputs<M>] | undefined;

/** Called with inputs and output after `forward`; what it returns replaces the output. */
export type ForwardHook<M extends Module> = (module: M, inputs: Inputs<M>, output: Output<M>) => Output<M> | undefined;

/** Called with the gradients for inputs and outputs; an array that it returns replaces those for the inputs. */
export type BackwardHook<M extends Module> = (
  module: M,
  gradInputs: readonly (Tensor | null)[],
  gradOutputs: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | undefined;

export interface ForwardHookOptions {
  /** Before the hooks that are there, instead of behind them. Default false. */
  prepend?: boolean;
}

type Kind = 'before' | 'after' | 'backward';
type Hook = (module: Module, ...rest: readonly unknown[]) => unknown;
type Forward = (this: Module, ...inputs: readonly unknown[]) => unknown;

interface Hooks {
  readonly before: Hook[];
  readonly after: Hook[];
  readonly backward: Hook[];
  /** A `forward` that the module had as a field of its own. */
  readonly own: PropertyDescriptor | undefined;
}

const hooked = new WeakMap<Module, Hooks>();

/** Adds a hook; the handle takes it away. */
export function registerHook(module: Module, kind: Kind, hook: object, { prepend = false }: ForwardHookOptions): HookHandle {
  if (typeof hook !== 'function') throw expected('a function', `a hook of ${module.constructor.name}`, hook);
  const hooks = hooked.get(module) ?? install(module);
  const entry: Hook = (...args) => (hook as Hook)(...args); // its own identity: one function may be there twice
  if (prepend) hooks[kind].unshift(entry);
  else hooks[kind].push(entry);
  return {
    remove: () => {
      const at = hooks[kind].indexOf(entry);
      if (at < 0) return;
      hooks[kind].splice(at, 1);
      if (hooks.before.length + hooks.after.length + hooks.backward.length === 0) uninstall(module, hooks);
    },
  };
}

function install(module: Module): Hooks {
  const hooks: Hooks = { before: [], after: [], backward: [], own: Object.getOwnPropertyDescriptor(module, 'forward') };
  function forward(this: Module, ...inputs: readonly unknown[]): unknown {
    const inner = (hooks.own?.value ?? Object.getPrototypeOf(module).forward) as Forward;
    return callWith(hooks, inner, this, inputs);
  }
  Object.defineProperty(module, 'forward', { value: forward, configurable: true, writable: true, enumerable: false });
  hooked.set(module, hooks);
  return hooks;
}

function uninstall(module: Module, hooks: Hooks): void {
  hooked.delete(module);
  if (hooks.own === undefined) Reflect.deleteProperty(module, 'forward');
  else Object.defineProperty(module, 'forward', hooks.own);
}

function callWith(hooks: Hooks, forward: Forward, module: Module, given: readonly unknown[]): unknown {
  let inputs = given;
  for (const hook of [...hooks.before]) {
    const answer = hook(module, inputs);
    if (answer === undefined) continue;
    if (!Array.isArray(answer)) throw expected('an array of all inputs, or nothing,', 'the result of a forward pre-hook', answer);
    inputs = answer;
  }
  const watch = hooks.backward.length > 0 && isGradEnabled() ? new BackwardWatch(hooks.backward, module) : null;
  if (watch !== null) inputs = watch.inputs(inputs);
  let output = forward.apply(module, inputs as unknown[]);
  if (watch !== null) output = watch.outputs(output);
  for (const hook of [...hooks.after]) {
    const answer = hook(module, inputs, output);
    if (answer !== undefined) output = answer;
  }
  return output;
}

type Gradients = readonly (Tensor | null)[];

/** Tensors as they are; `call` sees all their gradients together, and may give others. */
class Watched extends CustomFunction {
  static forward(ctx: FunctionContext, call: (gradients: Gradients) => Gradients, ...tensors: Tensor[]): Tensor[] {
    ctx.call = call;
    ctx.setMaterializeGrads(false);
    return tensors.map((tensor) => tensor.viewAs(tensor));
  }
  static backward(ctx: FunctionContext, ...gradients: (Tensor | null)[]): (Tensor | null)[] {
    return [null, ...(ctx.call as (gradients: Gradients) => Gradients)(gradients)];
  }
}

/** One call of a module whose gradients hooks look at. */
class BackwardWatch {
  #gradOutputs: Gradients = [];
  /** Where among the arguments the tensors are whose gradients are computed. */
  #positions: number[] = [];
  #count = 0;

  constructor(
    private readonly hooks: readonly Hook[],
    private readonly module: Module,
  ) {}

  inputs(given: readonly unknown[]): readonly unknown[] {
    this.#count = given.length;
    this.#positions = given.flatMap((value, position) => (value instanceof Tensor && value.requiresGrad ? [position] : []));
    if (this.#positions.length === 0) return given;
    const tensors = this.#positions.map((position) => given[position] as Tensor);
    const watched = Watched.apply((gradients: Gradients) => this.#call(gradients), ...tensors);
    return given.map((value, position) => watched[this.#positions.indexOf(position)] ?? value);
  }

  outputs(output: unknown): unknown {
    const tensors: Tensor[] = [];
    const collect = (value: unknown): void => {
      if (value instanceof Tensor) {
        if (value.requiresGrad) tensors.push(value);
      } else if (Array.isArray(value)) value.forEach(collect);
    };
    collect(output);
    if (tensors.length === 0) return output;
    const keep = (gradients: Gradients): Gradients => {
      this.#gradOutputs = gradients;
      // No gradient for an input comes later that would call the hooks.
      if (this.#positions.length === 0) this.#call([]);
      return gradients;
    };
    const watched = Watched.apply(keep, ...tensors);
    let next = 0;
    const replace = (value: unknown): unknown => {
      if (value instanceof Tensor) return value.requiresGrad ? watched[next++] : value;
      return Array.isArray(value) ? value.map(replace) : value;
    };
    return replace(output);
  }

  /** Calls the hooks; gradients at the positions that are watched in and out. */
  #call(watched: Gradients): Gradients {
    let all: Gradients = Array.from({ length: this.#count }, (_, position) => watched[this.#positions.indexOf(position)] ?? null);
    for (const hook of [...this.hooks]) {
      const answer = hook(this.module, all, this.#gradOutputs);
      if (answer === undefined) continue;
      if (!Array.isArray(answer) || answer.length !== this.#count)
        throw expected(`an array of ${this.#count} gradients, or nothing,`, 'the result of a backward hook', answer);
      all = answer;
    }
    return this.#positions.map((position) => all[position] ?? null);
  }
}
