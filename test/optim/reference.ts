/** The stored trajectories of PyTorch's optimizers, and the problem that they were recorded on. */

import * as torch from '../../lib';
import type { Optimizer, OptimizerStateDict, ParamGroup, Params } from '../../lib/optim';
import * as optim from '../../lib/optim';
import reference from './reference.json';

interface WithRate {
  lr: number;
}

/** Optimizers that differ in their settings only. */
const KINDS = ['SGD', 'Adam', 'AdamW', 'NAdam', 'RAdam', 'Adamax', 'Adagrad', 'Adadelta', 'RMSprop', 'Rprop', 'ASGD'] as const;
type Kind = (typeof KINDS)[number];

/** What the trajectories need of an optimizer of any kind. */
export interface Stepper extends Pick<Optimizer<WithRate, object>, 'step' | 'zeroGrad' | 'stateDict' | 'loadStateDict'> {
  readonly paramGroups: readonly ParamGroup<WithRate>[];
}

export interface Case {
  readonly optimizer: Kind;
  readonly name: string;
  readonly options: object;
  /** [weight, bias] after each step. */
  readonly trajectory: readonly (readonly [number[][], number[]])[];
  /** The last of them in single precision. */
  readonly float32: readonly [number[][], number[]];
  readonly stateDict: {
    state: Record<string, Record<string, number[] | number[][] | number | null>>;
    param_groups: Record<string, unknown>[];
  };
}

export const cases = reference.cases as unknown as readonly Case[];
export const { steps, saved } = reference;

/** A regression whose bias takes part from a later step on. */
export class Problem {
  readonly weight: torch.Tensor;
  readonly bias: torch.Tensor;
  readonly #x: torch.Tensor;
  readonly #y: torch.Tensor;

  constructor(dtype: 'float64' | 'float32' = 'float64') {
    this.#x = torch.tensor(reference.inputs.x, { dtype });
    this.#y = torch.tensor(reference.inputs.y, { dtype });
    this.weight = torch.tensor(reference.inputs.weight, { dtype, requiresGrad: true });
    this.bias = torch.tensor(reference.inputs.bias, { dtype, requiresGrad: true });
  }

  backward(step: number): void {
    const out = this.#x.matmul(this.weight);
    const shifted = step >= reference.late ? out.add(this.bias) : out;
    shifted.tanh().sub(this.#y).pow(2).mean().backward();
  }

  /** The case's optimizer, with a second group of another learning rate. */
  optimizer({ optimizer, options }: Case): Stepper {
    const type = optim[optimizer] as unknown as new (params: Params<WithRate>, options: object) => Stepper;
    return new type([{ params: this.weight }, { params: [this.bias], lr: 0.07 }], options);
  }

  /** Steps from `from` up to and without `to`. */
  run(optimizer: Stepper, from: number, to: number, each: (step: number) => void = () => {}): void {
    for (let step = from; step < to; step++) {
      optimizer.zeroGrad();
      this.backward(step);
      optimizer.step();
      each(step);
    }
  }
}

/** The stored state with tensors in place of numbers. */
export function storedState({ stateDict }: Case): OptimizerStateDict {
  const state = Object.fromEntries(
    Object.entries(stateDict.state).map(([number, values]) => [
      number,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, value === null ? null : torch.tensor(value, { dtype: dtypeOf(name) })]),
      ),
    ]),
  );
  return { state, param_groups: stateDict.param_groups };
}

/** PyTorch keeps these in float32, whatever the parameter is. */
export function dtypeOf(name: string): 'float32' | 'float64' {
  return ['step', 'mu_product', 'eta', 'mu'].includes(name) ? 'float32' : 'float64';
}
