import type { Module } from '../nn/module';
import { stack } from '../tensor/generated/root';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/** Where numbers that are none were found. */
export interface NonFinite {
  /** The parameter's name in the state dict. */
  readonly name: string;
  readonly where: 'gradient' | 'value';
}

/**
 * The first parameters, in the model's order, whose gradient or value has NaN or infinite elements: gradients first, since a
 * bad gradient spoils the value a step later. One wait for the device, whatever the number of parameters.
 */
export function nonFinite(model: Module): NonFinite[] {
  const named = [...model.namedParameters()];
  const gradients = named.flatMap(([name, { grad }]) => (grad === null ? [] : [{ name, where: 'gradient' as const, tensor: grad }]));
  const values = named.map(([name, tensor]) => ({ name, where: 'value' as const, tensor }));
  const all: (NonFinite & { tensor: Tensor })[] = [...gradients, ...values];
  if (all.length === 0) return [];
  let bad: boolean[] = [];
  scopedNoGrad(() => {
    bad = stack(all.map(({ tensor }) => tensor.isfinite().all().logicalNot().cpu())).toArray() as boolean[];
  });
  return all.filter((_, k) => bad[k]).map(({ name, where }) => ({ name, where }));
}

/**
 * Throws when a loss, or any gradient or value of the model's parameters, is NaN or infinite; the message names the parameters.
 *
 * ```ts
 * loss.backward();
 * train.checkFinite(model, loss.item());
 * optimizer.step();
 * ```
 */
export function checkFinite(model: Module, loss?: number, where = 'the loss'): void {
  const bad = nonFinite(model);
  const lossIsBad = loss !== undefined && !Number.isFinite(loss);
  if (!lossIsBad && bad.length === 0) return;
  const few = bad.slice(0, 3).map(({ name, where: part }) => `the ${part} of ${name}`);
  const places = bad.length > few.length ? `${few.join(', ')} and ${bad.length - few.length} more` : few.join(', ');
  const what = lossIsBad ? `${loss} for ${where}` : `NaN or infinite numbers`;
  throw new NonFiniteError(
    `Expected finite numbers but received ${what}${places === '' ? '; all parameters are finite' : lossIsBad ? `; also not finite: ${places}` : ` in ${places}`}`,
    bad,
  );
}

/** A training that left the numbers. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
  readonly parameters: readonly NonFinite[];

  constructor(message: string, parameters: readonly NonFinite[]) {
    super(message);
    this.parameters = parameters;
  }
}
