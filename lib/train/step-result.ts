import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';

/** What a step computes: the loss, alone or with more values to be logged. */
export type StepResult = Tensor | ({ readonly loss: Tensor } & Readonly<Record<string, Tensor | number>>);

/** The values of a step by name; a loss alone is called `loss`, nothing has none. */
export function valuesOf(result: StepResult | undefined): Readonly<Record<string, Tensor | number>> {
  return result instanceof Tensor ? { loss: result } : (result ?? {});
}

/** @throws when there is none */
export function lossOf(result: StepResult): Tensor {
  const { loss } = valuesOf(result);
  if (!(loss instanceof Tensor)) throw expected('a loss', 'the result of loss', result);
  return loss;
}
