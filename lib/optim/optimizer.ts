import { getGrads, zeroGrads } from '../autograd/gradients';
import { enableGrad, noGrad } from '../autograd/modes';
import { replacementCount } from '../nn/placement';
import { stateKey } from '../nn/state-key';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { zeros, zerosLike } from '../tensor/generated/root';
import { camelCase } from '../tensor/names';
import { scope, scopedNoGrad } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { type Lane, lanesOf } from './lanes';
import type { AsReal } from './real';
import { loadedState, type OptimizerStateDict, type StateLayout, savedState } from './state-dict';
import { StateMap } from './state-map';

/** Parameters that share settings. */
export type ParamGroup<Settings> = Settings & {
  readonly params: readonly Tensor[];
  /** The learning rate that schedules start from; they set it. */
  initialLr?: number;
};

/** What optimizers take: parameters, or groups of them with settings of their own. */
export type Params<Settings> = Iterable<Tensor> | Iterable<Partial<Settings> & { params: Iterable<Tensor> | Tensor }>;

/** Lists of state tensors, one for each name, in the order of the parameters. */
export type Columns<Name extends string> = Readonly<Record<Name, readonly Tensor[]>>;

/** Parameters whose scalar states, such as the number of steps, have equal values. */
export interface Alike<Name extends string> {
  readonly params: readonly Tensor[];
  readonly grads: readonly Tensor[];
  /** The scalar states as numbers, before the step; `update` writes the new ones. */
  readonly values: Record<Name, number>;
}

interface RememberedColumns {
  readonly version: number;
  readonly names: readonly string[];
  readonly columns: Columns<string>;
}

interface RememberedParts {
  readonly version: number;
  readonly parts: readonly {
    readonly params: readonly Tensor[];
    readonly at: readonly number[];
    readonly values: Record<string, number>;
  }[];
}

/** Where scalar states live: libtorch's fused steps want counts beside the parameters, all others read them on the CPU. */
const CPU = 'cpu';

/**
 * The base of optimizers: parameter groups, the state of each parameter, gradients.
 *
 * A step reads all gradients in one native call and updates each group in a few more, whatever the number of parameters:
 * `update` gets parameters of one device and dtype together with their gradients.
 */
export abstract class Optimizer<Settings extends object, State extends object> {
  /** Parameters and their settings, which may be changed between steps. */
  readonly paramGroups: ParamGroup<Settings>[] = [];
  /** What is remembered about each parameter. Change its tensors in place, or give a parameter a new state with `set`. */
  readonly state = new StateMap<State>();
  /** Settings of groups that have none of their own. */
  readonly defaults: Readonly<Settings>;
  readonly #lanes = new WeakMap<object, { readonly lanes: readonly Lane[]; readonly version: number }>();
  readonly #columns = new WeakMap<readonly Tensor[], RememberedColumns>();
  readonly #parts = new WeakMap<readonly Tensor[], RememberedParts>();

  /** @param defaults settings of groups that have none of their own */
  protected constructor(params: Params<Settings>, defaults: Settings) {
    this.defaults = defaults;
    if (params instanceof Tensor || typeof params !== 'object' || params === null || !(Symbol.iterator in params)) {
      throw expected('parameters, such as model.parameters(), or parameter groups', this.constructor.name, params);
    }
    const all = [...params] as (Tensor | (Partial<Settings> & { params: Iterable<Tensor> | Tensor }))[];
    if (all.length === 0) throw expected('at least one parameter', this.constructor.name, all);
    if (all.every((entry) => entry instanceof Tensor)) this.addParamGroup({ params: all } as Partial<Settings> & { params: Tensor[] });
    else for (const group of all) this.addParamGroup(group as Partial<Settings> & { params: Iterable<Tensor> | Tensor });
  }

  /** Refuses settings that make no sense. */
  protected abstract check(settings: Settings): void;

  /**
   * Updates parameters of one device and dtype in place, without recording. What goes to a kernel goes through `asReal`, which
   * complex numbers need.
   */
  protected abstract update(settings: Settings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void;

  /** Updates parameters with sparse gradients, as an embedding may give them; most methods would change all rows, and refuse. */
  protected updateSparse(_settings: Settings, _params: readonly Tensor[], grads: readonly Tensor[]): void {
    const others = 'SGD, Adagrad and SparseAdam take sparse ones';
    throw expected(`dense gradients (${others})`, this.constructor.name, grads[0]);
  }

  /** Settings that PyTorch's groups have and that mean nothing here; saved so that PyTorch finds all it knows. */
  protected get foreignSettings(): Readonly<Record<string, unknown>> {
    return { foreach: null, capturable: false, differentiable: false };
  }

  /** Whether the steps are counted beside the parameters, as libtorch's fused steps want it. */
  protected get countsOnDevice(): boolean {
    return false;
  }

  /** The first value of a state: zero. */
  protected start(name: string, param: Tensor, _settings: Settings): Tensor {
    return name === 'step' ? this.scalar(param) : zerosLike(param);
  }

  /** A zero for a scalar state of a parameter. */
  protected scalar(param: Tensor): Tensor {
    return zeros([], { dtype: 'float32', device: this.countsOnDevice ? param.device : CPU });
  }

  /**
   * The states of the parameters as lists, one for each name; states that are not there yet are made. The lists are remembered
   * while the same parameters come.
   * @param names always the same array
   */
  protected columns<Name extends string & keyof State>(
    params: readonly Tensor[],
    names: readonly Name[],
    settings: Settings,
  ): Columns<Name> {
    const known = this.#columns.get(params);
    if (known !== undefined && known.version === this.state.version && known.names === names) return known.columns as Columns<Name>;
    const columns = Object.fromEntries(names.map((name) => [name, [] as Tensor[]])) as Record<Name, Tensor[]>;
    for (const param of params) {
      let state = this.state.get(param) as Record<Name, Tensor | undefined> | undefined;
      if (state === undefined) {
        state = {} as Record<Name, Tensor | undefined>;
        this.state.set(param, state as State);
      }
      for (const name of names) {
        state[name] ??= this.start(name, param, settings).keep();
        columns[name].push(state[name]);
      }
    }
    this.#columns.set(params, { version: this.state.version, names, columns });
    return columns;
  }

  /**
   * Splits parameters into those whose scalar states are equal, which can be updated with the same numbers. The numbers are
   * read from the tensors once, and when the parameters that have a gradient change.
   * @param names the scalar states
   */
  protected alike<Name extends string & keyof State>(
    params: readonly Tensor[],
    grads: readonly Tensor[],
    names: readonly Name[],
    settings: Settings,
  ): readonly Alike<Name>[] {
    const columns = this.columns(params, names, settings);
    let known = this.#parts.get(params);
    if (known?.version !== this.state.version) {
      known = { version: this.state.version, parts: partsOf(params, columns, names) };
      this.#parts.set(params, known);
    }
    const values = (part: { readonly values: Record<string, number> }): Record<Name, number> => part.values as Record<Name, number>;
    if (known.parts.length === 1) return known.parts.map((part) => ({ params, grads, values: values(part) }));
    return known.parts.map((part) => ({ params: part.params, grads: part.at.map((k) => grads[k] as Tensor), values: values(part) }));
  }

  /**
   * Adds parameters, with settings of their own where given: for layers that are unfrozen later, say.
   *
   * @throws when a parameter is not a leaf, or is in a group already
   */
  addParamGroup(group: Partial<Settings> & { params: Iterable<Tensor> | Tensor }): void {
    const params = paramsOf(group);
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const [position, param] of params.entries()) {
      const where = `parameter ${position} of ${this.constructor.name}`;
      if (!(param instanceof Tensor)) throw expected('a tensor', where, param);
      if (!param.isLeaf) throw expected('a leaf, which no recorded operation made,', where, param);
      if (known.has(param)) throw new Error(`Expected every parameter once but ${where} is in a group already`);
      known.add(param);
    }
    const settings: ParamGroup<Settings> = { ...this.defaults, ...group, params };
    this.check(settings);
    this.paramGroups.push(settings);
  }

  /** Forgets the gradients of all parameters, or fills them with zeros. Default: forget. */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone = true } = checkedOptions(options, 'zeroGrad');
    for (const { params } of this.paramGroups) zeroGrads(params, setToNone);
  }

  /**
   * Moves the parameters along their gradients; those without one stay.
   *
   * @param closure computes the loss and its gradients first, and its result is returned
   */
  step(): void;
  step<Loss>(closure: () => Loss): Loss;
  step<Loss>(closure?: () => Loss): Loss | undefined {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    scopedNoGrad(() => this.#updateAll());
    return loss;
  }

  #updateAll(): void {
    for (const group of this.paramGroups) {
      for (const { params, asReal } of this.#lanesOf(group)) {
        const { grads, sparse } = getGrads(params);
        if (sparse) {
          this.#updateByLayout(group, params, grads, asReal);
          this.#parts.delete(params);
        } else if (!grads.includes(null)) this.update(group, params, grads as Tensor[], asReal);
        else {
          const some = params.filter((_, k) => grads[k] !== null);
          if (some.length > 0) this.update(group, some, grads.filter((grad) => grad !== null) as Tensor[], asReal);
          // The numbers that were remembered for all of them hold for some only.
          this.#parts.delete(params);
        }
      }
    }
  }

  #updateByLayout(group: ParamGroup<Settings>, params: readonly Tensor[], grads: readonly (Tensor | null)[], asReal: AsReal): void {
    const of = (isSparse: boolean) => grads.map((grad) => grad !== null && (grad.layout !== 'strided') === isSparse);
    const [dense, sparse] = [of(false), of(true)];
    this.updateSparse(
      group,
      params.filter((_, k) => sparse[k]),
      grads.filter((_, k) => sparse[k]) as Tensor[],
    );
    if (!dense.includes(true)) return;
    this.update(
      group,
      params.filter((_, k) => dense[k]),
      grads.filter((_, k) => dense[k]) as Tensor[],
      asReal,
    );
  }

  #lanesOf(group: ParamGroup<Settings>): readonly Lane[] {
    const version = replacementCount();
    const known = this.#lanes.get(group);
    if (known?.version === version) return known.lanes;
    const lanes = lanesOf(group.params);
    this.#lanes.set(group, { lanes, version });
    return lanes;
  }

  /** The state and settings in PyTorch's form. The tensors share the memory of the optimizer's own. */
  stateDict(): OptimizerStateDict {
    const numbers = new Map(this.paramGroups.flatMap(({ params }) => params).map((param, number) => [param, number]));
    return {
      state: Object.fromEntries([...this.state].map(([param, values]) => [String(numbers.get(param)), savedState(values)])),
      param_groups: this.paramGroups.map(({ params, ...settings }) => ({
        ...this.foreignSettings,
        ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [stateKey(name), structuredClone(value)])),
        params: params.map((param) => numbers.get(param)),
      })),
    };
  }

  /**
   * Takes over a state, ours or PyTorch's: copies of its tensors, on the parameters' devices, and its settings. Settings that
   * are not known here, such as PyTorch's `foreach`, are passed over.
   *
   * @throws when the groups differ in number or size, or a tensor does not fit its parameter; nothing is taken over then
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const { state, param_groups: groups } = checkedOptions(dict, 'loadStateDict');
    if (typeof state !== 'object' || state === null) throw expected('an object', 'state of the state dict', state);
    if (!Array.isArray(groups)) throw expected('an array', 'param_groups of the state dict', groups);
    const sizes = (list: readonly { params?: unknown }[]): string =>
      list.map(({ params }) => (Array.isArray(params) ? params.length : '?')).join(', ');
    if (sizes(groups) !== sizes(this.paramGroups)) {
      throw new Error(
        `Expected parameter groups of sizes [${sizes(this.paramGroups)}] for ${this.constructor.name} but received [${sizes(groups)}]`,
      );
    }
    const settings = groups.map((group, position) => this.#loadedSettings(group, position));
    for (const own of settings) this.check(own);
    const numbers = groups.flatMap(({ params }) => params as number[]);
    const params = this.paramGroups.flatMap((group) => group.params);
    const loaded = new Map<Tensor, State>();
    scope(() =>
      noGrad(() => {
        for (const [position, number] of numbers.entries()) {
          const values = state[String(number)];
          const param = params[position] as Tensor;
          if (values !== undefined) loaded.set(param, loadedState(values, param, number, this.#layoutFor(param)) as State);
        }
      }),
    );
    this.state.clear();
    for (const [param, values] of loaded) this.state.set(param, values);
    for (const [position, own] of settings.entries()) Object.assign(this.paramGroups[position] as object, own);
  }

  #layoutFor(param: Tensor): StateLayout {
    return { scalars: this.scalars, scalarDevice: this.countsOnDevice ? param.device : CPU, free: this.hasFreeState };
  }

  /** The states that are one number. */
  protected get scalars(): readonly string[] {
    return ['step'];
  }

  /** Whether states hold more than tensors of the parameter's shape and scalars. */
  protected get hasFreeState(): boolean {
    return false;
  }

  /** A group's settings with those of a state dict in their place. */
  #loadedSettings(group: Record<string, unknown>, position: number): ParamGroup<Settings> {
    const loaded = Object.entries(group).flatMap(([key, value]): [string, unknown][] => {
      const name = camelCase(key);
      const isOurs = name in this.defaults || name in SCHEDULED;
      return isOurs ? [[name, structuredClone(value)]] : [];
    });
    return { ...(this.paramGroups[position] as ParamGroup<Settings>), ...Object.fromEntries(loaded) };
  }
}

/** The parameters of a group that was given. */
export function paramsOf(group: { params: Iterable<Tensor> | Tensor }): Tensor[] {
  const params: unknown = checkedOptions(group, 'addParamGroup').params;
  if (params instanceof Tensor) return [params];
  if (typeof params !== 'object' || params === null || !(Symbol.iterator in params)) {
    throw expected('a parameter or several', 'params of the group', params);
  }
  return [...(params as Iterable<Tensor>)];
}

/** What schedules write into groups. */
const SCHEDULED = { initialLr: 0, maxLr: 0, minLr: 0, maxMomentum: 0, baseMomentum: 0, swaLr: 0 };

function partsOf<Name extends string>(params: readonly Tensor[], columns: Columns<Name>, names: readonly Name[]): RememberedParts['parts'] {
  const parts = new Map<string, { params: Tensor[]; at: number[]; values: Record<string, number> }>();
  for (const [k, param] of params.entries()) {
    const numbers = names.map((name) => Number((columns[name][k] as Tensor).item()));
    const key = numbers.join(' ');
    let part = parts.get(key);
    if (part === undefined) {
      part = { params: [], at: [], values: Object.fromEntries(names.map((name, i) => [name, numbers[i] as number])) };
      parts.set(key, part);
    }
    part.params.push(param);
    part.at.push(k);
  }
  return [...parts.values()];
}
