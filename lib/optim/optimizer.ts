import { getGrads, zeroGrads } from '../autograd/gradients';
import { enableGrad, noGrad } from '../autograd/modes';
import { replacementCount } from '../nn/placement';
import { stateKey } from '../nn/state-key';
import { expected } from '../tensor/expected';
import { camelCase } from '../tensor/names';
import { scope, scopedNoGrad } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { type AsReal, asTheyAre, pairsOfReals } from './real';

/** Parameters that share settings. */
export type ParamGroup<Settings> = Settings & {
  readonly params: readonly Tensor[];
  /** The learning rate that schedules start from; they set it. */
  initialLr?: number;
};

/** What optimizers take: parameters, or groups of them with settings of their own. */
export type Params<Settings> = Iterable<Tensor> | Iterable<Partial<Settings> & { params: Iterable<Tensor> | Tensor }>;

/** An optimizer's state in PyTorch's form: tensors by the parameter's number, and the groups' settings. */
export interface OptimizerStateDict {
  state: Record<string, Record<string, Tensor>>;
  param_groups: Record<string, unknown>[];
}

/** Parameters of one device and dtype: what one native call can take together. */
interface Lane {
  readonly params: readonly Tensor[];
  readonly asReal: AsReal;
}

/**
 * The base of optimizers: parameter groups, the state of each parameter, gradients.
 *
 * A step reads all gradients in one native call and updates each group in one or two more, whatever the number of parameters:
 * `update` gets parameters of one device and dtype together with their gradients.
 */
export abstract class Optimizer<Settings extends object, State extends object> {
  /** Parameters and their settings, which may be changed between steps. */
  readonly paramGroups: ParamGroup<Settings>[] = [];
  /** What is remembered about each parameter. */
  readonly state = new Map<Tensor, State>();
  readonly #defaults: Settings;
  readonly #lanes = new WeakMap<object, { readonly lanes: readonly Lane[]; readonly version: number }>();

  /** @param defaults settings of groups that have none of their own */
  protected constructor(params: Params<Settings>, defaults: Settings) {
    this.#defaults = defaults;
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

  /**
   * Adds parameters, with settings of their own where given: for layers that are unfrozen later, say.
   *
   * @throws when a parameter is not a leaf, or is in a group already
   */
  addParamGroup(group: Partial<Settings> & { params: Iterable<Tensor> | Tensor }): void {
    const params = group.params instanceof Tensor ? [group.params] : [...group.params];
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const [position, param] of params.entries()) {
      const where = `parameter ${position} of ${this.constructor.name}`;
      if (!(param instanceof Tensor)) throw expected('a tensor', where, param);
      if (!param.isLeaf) throw expected('a leaf, which no recorded operation made,', where, param);
      if (known.has(param)) throw new Error(`Expected every parameter once but ${where} is in a group already`);
      known.add(param);
    }
    const settings: ParamGroup<Settings> = { ...this.#defaults, ...group, params };
    this.check(settings);
    this.paramGroups.push(settings);
  }

  /** Forgets the gradients of all parameters, or fills them with zeros. Default: forget. */
  zeroGrad({ setToNone = true }: { setToNone?: boolean } = {}): void {
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
        const grads = getGrads(params);
        if (!grads.includes(null)) this.update(group, params, grads as Tensor[], asReal);
        else {
          const some = params.filter((_, k) => grads[k] !== null);
          if (some.length > 0) this.update(group, some, grads.filter((grad) => grad !== null) as Tensor[], asReal);
        }
      }
    }
  }

  #lanesOf(group: ParamGroup<Settings>): readonly Lane[] {
    const version = replacementCount();
    const known = this.#lanes.get(group);
    if (known?.version === version) return known.lanes;
    const byPlace = new Map<string, Tensor[]>();
    for (const param of group.params) {
      const place = `${param.device} ${param.dtype}`;
      const params = byPlace.get(place);
      if (params === undefined) byPlace.set(place, [param]);
      else params.push(param);
    }
    const lanes = [...byPlace.values()].map((params) => ({ params, asReal: params[0]?.isComplex() ? pairsOfReals : asTheyAre }));
    this.#lanes.set(group, { lanes, version });
    return lanes;
  }

  /** The state and settings in PyTorch's form. The tensors share the memory of the optimizer's own. */
  stateDict(): OptimizerStateDict {
    const numbers = new Map(this.paramGroups.flatMap(({ params }) => params).map((param, number) => [param, number]));
    const state = [...this.state].map(([param, values]): [string, Record<string, Tensor>] => {
      const entries = Object.entries(values as Record<string, Tensor>).map(([name, value]) => [stateKey(name), value.detach()]);
      return [String(numbers.get(param)), Object.fromEntries(entries)];
    });
    return {
      state: Object.fromEntries(state),
      param_groups: this.paramGroups.map(({ params, ...settings }) => ({
        ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [stateKey(name), structuredClone(value)])),
        params: params.map((param) => numbers.get(param)),
      })),
    };
  }

  /**
   * Takes over a state, ours or PyTorch's: copies of its tensors, on the parameters' devices, and its settings. Settings that
   * are not known here, such as PyTorch's `foreach`, are passed over.
   *
   * @throws when the groups differ in number or size, or a tensor does not fit its parameter
   */
  loadStateDict({ state, param_groups: groups }: OptimizerStateDict): void {
    const sizes = (list: readonly { params?: unknown }[]): string =>
      list.map(({ params }) => (Array.isArray(params) ? params.length : '?')).join(', ');
    if (sizes(groups) !== sizes(this.paramGroups)) {
      throw new Error(
        `Expected parameter groups of sizes [${sizes(this.paramGroups)}] for ${this.constructor.name} but received [${sizes(groups)}]`,
      );
    }
    const numbers = groups.flatMap(({ params }) => params as number[]);
    const params = this.paramGroups.flatMap((group) => group.params);
    const loaded = new Map<Tensor, State>();
    scope(() =>
      noGrad(() => {
        for (const [position, number] of numbers.entries()) {
          const values = state[String(number)];
          const param = params[position] as Tensor;
          if (values !== undefined) loaded.set(param, copyState(values, param, number) as State);
        }
      }),
    );
    this.state.clear();
    for (const [param, values] of loaded) this.state.set(param, values);
    for (const [position, group] of groups.entries()) {
      const own = this.paramGroups[position] as ParamGroup<Settings> & Record<string, unknown>;
      for (const [key, value] of Object.entries(group)) {
        const name = camelCase(key);
        if (name !== 'params' && (name in this.#defaults || name === 'initialLr')) Object.assign(own, { [name]: structuredClone(value) });
      }
      this.check(own);
    }
  }
}

/** Copies on the parameter's device, and of its dtype unless it is a count of steps. */
function copyState(values: Record<string, Tensor>, param: Tensor, number: number): Record<string, Tensor> {
  const shape = param.shape.join(', ');
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (!(value instanceof Tensor)) throw expected('a tensor', `${key} of parameter ${number}`, value);
      const isCount = key === 'step';
      if (!isCount && value.shape.join(', ') !== shape)
        throw expected(`a tensor of the parameter's shape [${shape}]`, `${key} of parameter ${number}`, value);
      return [
        camelCase(key),
        value
          .to({ device: param.device, dtype: isCount ? 'float32' : param.dtype, copy: true })
          .detach()
          .keep(),
      ];
    }),
  );
}
