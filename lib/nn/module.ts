import { zeroGrads } from '../autograd/gradients';
import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { isComplexDType, isDevice, isDType, isFloatingDType } from '../tensor/dtype';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import { type HookHandle, Tensor } from '../tensor/tensor';
import type { DeviceLike, DType } from '../tensor/types';
import { type BackwardHook, type ForwardHook, type ForwardHookOptions, type ForwardPreHook, registerHook } from './hooks';
import { Buffer, isPersistent, Parameter } from './parameter';
import { dataReplaced } from './placement';
import { stateKey } from './state-key';
import { type ModuleSummary, type SummaryOptions, summarize } from './summary';

/** Tensors by their place in a module, named as PyTorch names them: `'features.0.weight'`. */
export type StateDict = Record<string, Tensor>;

export interface LoadStateDictOptions {
  /** Throw when a key is missing or not known. Default true. Shapes must fit in any case. */
  strict?: boolean;
}

/** Keys that were on one side only. */
export interface LoadStateDictResult {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

export interface ModuleToOptions {
  device?: DeviceLike;
  /** Applies to floating-point and complex tensors only. */
  dtype?: DType;
  /** Return before a copy between pinned memory and a GPU has ended. Default false. */
  nonBlocking?: boolean;
}

/**
 * The base of every layer and network: parameters, buffers and sub-modules are what its fields hold.
 *
 * ```ts
 * class Net extends nn.Module {
 *   readonly fc1 = new nn.Linear(784, 128);
 *   readonly fc2 = new nn.Linear(128, 10);
 *   forward(x: Tensor): Tensor {
 *     return this.fc2.forward(this.fc1.forward(x).relu());
 *   }
 * }
 * ```
 *
 * A field belongs to the module when it holds a `Parameter`, a `Buffer`, a `Module`, or an array of these; other fields, plain
 * tensors too, do not, nor do `#private` ones. State dict keys are the field's name in PyTorch's spelling: `runningMean` becomes `running_mean`, the
 * second element of `blocks` is `blocks.1`.
 */
export abstract class Module {
  /** Whether the module trains: dropout and batch normalisation behave differently then. Set by `train` and `eval`. */
  training = true;

  /** Computes the module's output. */
  abstract forward(...inputs: never[]): unknown;

  /**
   * The parameters, buffers and sub-modules of this module alone, each under its key, in the order of the fields. Containers
   * that name their content otherwise override it.
   */
  *members(): IterableIterator<[key: string, member: Tensor | Module]> {
    for (const [field, value] of Object.entries(this)) {
      if (isMember(value)) yield [stateKey(field), value];
      else if (Array.isArray(value)) {
        for (const [position, element] of value.entries()) if (isMember(element)) yield [`${stateKey(field)}.${position}`, element];
      }
    }
  }

  /** The modules directly in this one, each once. */
  *children(): IterableIterator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  *namedChildren(): IterableIterator<[name: string, child: Module]> {
    const seen = new Set<Module>();
    for (const [name, member] of this.members()) {
      if (!(member instanceof Module) || seen.has(member)) continue;
      seen.add(member);
      yield [name, member];
    }
  }

  /** This module and all below it, each once, parents first. */
  *modules(): IterableIterator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** This module, named `''`, and all below it, each once, parents first. */
  namedModules(): IterableIterator<[name: string, module: Module]> {
    return walk(this, '', new Set());
  }

  /** What is trained: the parameters of this module and of all below it, each once. */
  *parameters(options?: { recurse?: boolean }): IterableIterator<Parameter> {
    for (const [, parameter] of this.namedParameters(options)) yield parameter;
  }

  *namedParameters(options?: { recurse?: boolean }): IterableIterator<[name: string, parameter: Parameter]> {
    const { recurse = true } = checkedOptions(options, 'namedParameters');
    for (const [name, member] of this.#namedTensors(recurse)) if (member instanceof Parameter) yield [name, member];
  }

  /** State that is not trained, such as running means. */
  *buffers(options?: { recurse?: boolean }): IterableIterator<Buffer> {
    for (const [, buffer] of this.namedBuffers(options)) yield buffer;
  }

  *namedBuffers(options?: { recurse?: boolean }): IterableIterator<[name: string, buffer: Buffer]> {
    const { recurse = true } = checkedOptions(options, 'namedBuffers');
    for (const [name, member] of this.#namedTensors(recurse)) if (member instanceof Buffer) yield [name, member];
  }

  *#namedTensors(recurse: boolean): IterableIterator<[name: string, tensor: Tensor]> {
    const seen = new Set<Tensor>();
    const modules: Iterable<[string, Module]> = recurse ? this.namedModules() : [['', this]];
    for (const [path, module] of modules) {
      for (const [name, member] of module.members()) {
        if (member instanceof Module || seen.has(member)) continue;
        seen.add(member);
        yield [join(path, name), member];
      }
    }
  }

  /**
   * The parameters and persistent buffers by name, each under all its names, in PyTorch's order. They share the memory of
   * the module's own.
   */
  stateDict(): StateDict {
    return Object.fromEntries(Array.from(stateEntries(this, '', []), ([key, tensor]) => [key, tensor.detach()]));
  }

  /**
   * Copies values into the module's own parameters and buffers, from any device and dtype.
   *
   * @throws one error that lists all missing, unexpected (when strict) and mis-shaped keys; nothing is copied then
   */
  loadStateDict(given: Readonly<StateDict>, options?: LoadStateDictOptions): LoadStateDictResult {
    const { strict = true } = checkedOptions(options, 'loadStateDict');
    if (typeof given !== 'object' || given === null) throw expected('a state dict', 'loadStateDict', given);
    let state = given;
    for (const [path, module] of this.namedModules()) state = module.upgradeState(state, path);
    const own = new Map(stateEntries(this, '', []));
    for (const [key, value] of Object.entries(state))
      if (!(value instanceof Tensor)) throw expected('a tensor', `state dict key ${key}`, value);
    const missingKeys = [...own.keys()].filter((key) => !Object.hasOwn(state, key));
    const unexpectedKeys = Object.keys(state).filter((key) => !own.has(key));
    const pairs = [...own].flatMap(([key, target]) => {
      const source = Object.hasOwn(state, key) ? state[key] : undefined;
      return source === undefined ? [] : [{ key, target, source }];
    });
    const misshaped = pairs
      .map(({ key, target, source }) => ({ key, own: `[${target.shape.join(', ')}]`, given: `[${source.shape.join(', ')}]` }))
      .filter(({ own, given }) => own !== given)
      .map(({ key, own, given }) => `${key} expected ${own} but received ${given}`);
    const problems = [
      ...(strict && missingKeys.length > 0 ? [`missing keys: ${missingKeys.join(', ')}`] : []),
      ...(strict && unexpectedKeys.length > 0 ? [`unexpected keys: ${unexpectedKeys.join(', ')}`] : []),
      ...(misshaped.length > 0 ? [`other shapes: ${misshaped.join(', ')}`] : []),
    ];
    if (problems.length > 0)
      throw new Error(`Expected the state dict of a ${this.constructor.name} but received one with ${problems.join('; ')}`);
    scope(() =>
      noGrad(() => {
        for (const { target, source } of pairs) target.copy_(source);
      }),
    );
    return { missingKeys, unexpectedKeys };
  }

  /** The state dict with the keys of today for those that the layer, at this path, had in older versions. */
  protected upgradeState(state: Readonly<StateDict>, _path: string): Readonly<StateDict> {
    return state;
  }

  /** Switches this module and all below it to training. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Switches this module and all below it to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Moves the parameters and buffers to a device, or converts the floating-point ones, in place: optimizers go on with the
   * same parameters.
   *
   * ```ts
   * model.to('cuda'); model.to('float64'); model.to('cuda', 'float16'); model.to({ device: 'cuda', dtype: 'float16' });
   * ```
   */
  to(device: DeviceLike, dtype?: DType): this;
  to(dtype: DType): this;
  to(options: ModuleToOptions): this;
  to(first: DeviceLike | DType | ModuleToOptions, second?: DType): this {
    const { device, dtype, nonBlocking } = placement(first, second);
    if (dtype !== undefined && !isFloatingDType(dtype) && !isComplexDType(dtype))
      throw expected('a floating-point or complex dtype', 'to', dtype);
    return this.#convert((tensor) => {
      const converts = dtype !== undefined && (isFloatingDType(tensor.dtype) || isComplexDType(tensor.dtype));
      return tensor.to({ device, nonBlocking, ...(converts ? { dtype } : {}) });
    });
  }

  cpu(): this {
    return this.to('cpu');
  }
  cuda(index?: number): this {
    return this.to(index === undefined ? 'cuda' : `cuda:${index}`);
  }
  float(): this {
    return this.to('float32');
  }
  double(): this {
    return this.to('float64');
  }
  half(): this {
    return this.to('float16');
  }
  bfloat16(): this {
    return this.to('bfloat16');
  }

  #convert(convert: (tensor: Tensor) => Tensor): this {
    scope(() =>
      noGrad(() => {
        for (const [, tensor] of this.#namedTensors(true)) {
          const { grad } = tensor;
          tensor.data = convert(tensor.detach());
          if (grad !== null) tensor.grad = convert(grad);
        }
      }),
    );
    dataReplaced();
    return this;
  }

  /** Forgets the gradients of the parameters, or fills them with zeros. */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone = true } = checkedOptions(options, 'zeroGrad');
    zeroGrads([...this.parameters()], setToNone);
  }

  /** Starts or stops recording operations on the parameters. */
  requiresGrad_(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(on);
    return this;
  }

  /** Stops training the parameters: no operation on them is recorded, and an optimizer that finds no gradient leaves them. */
  freeze(): this {
    return this.requiresGrad_(false);
  }

  /** Trains the parameters again. */
  unfreeze(): this {
    return this.requiresGrad_(true);
  }

  /**
   * The module at a path such as `'encoder.layers.0'`, spelled as in state dict keys; `''` is this one.
   *
   * @throws when there is none
   */
  getSubmodule(path: string): Module {
    return path === '' ? this : lookUp(this, path, (member): member is Module => member instanceof Module, 'module');
  }

  /** The parameter at a path such as `'encoder.layers.0.weight'`. @throws when there is none */
  getParameter(path: string): Parameter {
    return lookUp(this, path, (member): member is Parameter => member instanceof Parameter, 'parameter');
  }

  /** The buffer at a path such as `'norm.running_mean'`. @throws when there is none */
  getBuffer(path: string): Buffer {
    return lookUp(this, path, (member): member is Buffer => member instanceof Buffer, 'buffer');
  }

  /**
   * Calls `hook` before each `forward` of this module, with the inputs in an array. An array that it returns is passed to
   * `forward` instead.
   *
   * Hooks are called wherever `forward` is, by the user or by another module. A module without hooks has the cost of none.
   */
  registerForwardPreHook<M extends Module>(this: M, hook: ForwardPreHook<M>, options?: ForwardHookOptions): HookHandle {
    return registerHook(this, 'before', hook, checkedOptions(options, 'registerForwardPreHook'));
  }

  /** Calls `hook` after each `forward` of this module with inputs and output. What it returns is the output instead. */
  registerForwardHook<M extends Module>(this: M, hook: ForwardHook<M>, options?: ForwardHookOptions): HookHandle {
    return registerHook(this, 'after', hook, checkedOptions(options, 'registerForwardHook'));
  }

  /**
   * Calls `hook` each time the gradients for the inputs of this module are computed: with them (null for an input that needs
   * none) and with the gradients for its outputs. An array that it returns replaces the gradients for the inputs.
   *
   * Sees the tensors among the arguments of `forward` and those of its output (a tensor, or arrays of them). They must not be
   * changed in place then.
   */
  registerFullBackwardHook<M extends Module>(this: M, hook: BackwardHook<M>, options?: ForwardHookOptions): HookHandle {
    return registerHook(this, 'backward', hook, checkedOptions(options, 'registerFullBackwardHook'));
  }

  /**
   * What is in the module: a row for each module with its output's shape, parameters and memory, and the totals. Prints as a
   * table. The shapes come from a forward pass in evaluation mode over the given inputs, or over zeros of `inputShape`; with
   * neither they are left out.
   *
   * ```ts
   * console.log(model.summary({ inputShape: [1, 3, 32, 32] }));
   * ```
   */
  summary<M extends Module>(this: M, ...example: Parameters<M['forward']> | [] | [options: SummaryOptions]): ModuleSummary {
    return summarize(this, example);
  }

  /** Calls `fn` with this module and all below it, children first: for initialisation by a rule of one's own. */
  apply(fn: (module: Module) => void): this {
    if (typeof fn !== 'function') throw expected('a function', 'apply', fn);
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** What `toString` shows behind the class name, such as `'784, 128'`. */
  protected extraRepr(): string {
    return '';
  }

  /** The class name that `toString` shows. */
  protected typeName(): string {
    return this.constructor.name;
  }

  /** The module tree, as PyTorch prints it. */
  toString(): string {
    const extra = this.extraRepr();
    const children = this.childrenRepr();
    if (children.length === 0 && !extra.includes('\n')) return `${this.typeName()}(${extra})`;
    const lines = extra === '' ? children : [extra, ...children];
    return `${this.typeName()}(\n${lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n')}\n)`;
  }

  /** What `toString` shows for each child. */
  protected childrenRepr(): string[] {
    return Array.from(this.namedChildren(), ([name, child]) => `(${name}): ${child}`);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function isMember(value: unknown): value is Tensor | Module {
  return value instanceof Module || value instanceof Parameter || value instanceof Buffer;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The member at a path. Keys of members may have dots in them: the elements of a list in a field do. */
function lookUp<M extends Tensor | Module>(module: Module, path: string, fits: (member: Tensor | Module) => member is M, kind: string): M {
  const search = (from: Module, rest: string): M | undefined => {
    for (const [key, member] of from.members()) {
      if (key === rest && fits(member)) return member;
      if (!(member instanceof Module) || !rest.startsWith(`${key}.`)) continue;
      const found = search(member, rest.slice(key.length + 1));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = typeof path === 'string' ? search(module, path) : undefined;
  if (found === undefined) throw expected(`the path of a ${kind} of ${module.constructor.name}`, 'path', path);
  return found;
}

function* walk(module: Module, path: string, seen: Set<Module>): IterableIterator<[string, Module]> {
  if (seen.has(module)) return;
  seen.add(module);
  yield [path, module];
  for (const [name, member] of module.members()) if (member instanceof Module) yield* walk(member, join(path, name), seen);
}

/** Parameters, then buffers, then sub-modules: PyTorch's order. A field that points back to an ancestor is passed over. */
function* stateEntries(module: Module, path: string, ancestors: readonly Module[]): IterableIterator<[string, Tensor]> {
  const members = [...module.members()];
  const taken = new Set<string>();
  for (const [name] of members) {
    if (taken.has(name))
      throw new Error(`Expected one field for the state dict key ${join(path, name)} of ${module.constructor.name} but found two`);
    taken.add(name);
  }
  for (const [name, member] of members) if (member instanceof Parameter) yield [join(path, name), member];
  for (const [name, member] of members) if (member instanceof Buffer && isPersistent(member)) yield [join(path, name), member];
  for (const [name, member] of members) {
    if (member instanceof Module && member !== module && !ancestors.includes(member))
      yield* stateEntries(member, join(path, name), [...ancestors, module]);
  }
}

function placement(first: unknown, dtype: DType | undefined): ModuleToOptions {
  if (typeof first === 'object' && first !== null) return first;
  if (isDType(first) && dtype === undefined) return { dtype: first };
  if (!isDevice(first)) throw expected("a device such as 'cuda:0', a dtype such as 'float64', or options", 'to', first);
  return { device: first, dtype };
}
