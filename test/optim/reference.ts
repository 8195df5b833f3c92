/** The stored trajectories of PyTorch's optimizers, and the problem that they were recorded on. */

import * as torch from '../../lib';
import type { Adam, AdamW, OptimizerStateDict, SGD } from '../../lib/optim';
import * as optim from '../../lib/optim';
import reference from './reference.json';

type Kind = 'SGD' | 'Adam' | 'AdamW';

export interface Case {
  readonly optimizer: Kind;
  readonly name: string;
  readonly options: object;
  /** [weight, bias] after each step. */
  readonly trajectory: readonly (readonly [number[][], number[]])[];
  readonly stateDict: { state: Record<string, Record<string, number[] | number[][] | number>>; param_groups: Record<string, unknown>[] };
}

export const cases = reference.cases as unknown as readonly Case[];
export const { steps, saved } = reference;

/** A regression whose bias takes part from a later step on. */
export class Problem {
  readonly weight: torch.Tensor;
  readonly bias: torch.Tensor;
  readonly #x = torch.tensor(reference.inputs.x, { dtype: 'float64' });
  readonly #y = torch.tensor(reference.inputs.y, { dtype: 'float64' });

  constructor() {
    this.weight = torch.tensor(reference.inputs.weight, { dtype: 'float64', requiresGrad: true });
    this.bias = torch.tensor(reference.inputs.bias, { dtype: 'float64', requiresGrad: true });
  }

  backward(step: number): void {
    const out = this.#x.matmul(this.weight);
    const shifted = step >= reference.late ? out.add(this.bias) : out;
    shifted.tanh().sub(this.#y).pow(2).mean().backward();
  }

  /** The case's optimizer, with a second group of another learning rate. */
  optimizer({ optimizer, options }: Case): SGD | Adam | AdamW {
    return new optim[optimizer]([{ params: this.weight }, { params: [this.bias], lr: 0.07 }], options);
  }
}

/** The stored state with tensors in place of numbers. */
export function storedState({ stateDict }: Case): OptimizerStateDict {
  const state = Object.fromEntries(
    Object.entries(stateDict.state).map(([number, values]) => [
      number,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, torch.tensor(value, { dtype: name === 'step' ? 'float32' : 'float64' })]),
      ),
    ]),
  );
  return { state, param_groups: stateDict.param_groups };
}
