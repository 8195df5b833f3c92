/** Calls the function of a case. */

import * as torch from '../../lib';
import type { Argument } from './variants';

/** The results by name: `value` for a single one. */
export type Results = Record<string, torch.Tensor>;

type Callable = (...args: unknown[]) => unknown;

/** The package has no such function. */
export class MissingFunction extends Error {}

/** @throws when the package has no such function */
export function functionOf(dotted: string): Callable {
  let found: unknown = torch;
  for (const name of dotted.split('.')) found = (found as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== 'function') throw new MissingFunction(`Expected a function ${dotted} in the package but there is none`);
  return found as Callable;
}

/** What a call gave, as tensors; fields that are none and no numbers are left out. */
export function resultsOf(returned: unknown): Results {
  const one = asTensor(returned);
  if (one !== null) return { value: one };
  const results: Results = {};
  for (const [name, value] of Object.entries(returned as object)) {
    const tensor = asTensor(value);
    if (tensor !== null) results[name] = tensor;
  }
  return results;
}

function asTensor(value: unknown): torch.Tensor | null {
  if (value instanceof torch.Tensor) return value;
  if (typeof value === 'number') return torch.tensor(value, { dtype: 'float64' });
  if (typeof value === 'boolean') return torch.tensor(value);
  return null;
}

/** Gradients of the sum of a result with respect to the arguments that want one, by name; zeros where it does not depend on one. */
export function gradientsOf(result: torch.Tensor, names: readonly string[], args: readonly Argument[]): Results {
  const leaves = args.flatMap((arg, k): [string, torch.Tensor][] => {
    if (Array.isArray(arg)) return arg.map((tensor, i) => [`${names[k]}.${i}`, tensor]);
    return arg === null ? [] : [[names[k] as string, arg]];
  });
  const wanted = leaves.filter(([, tensor]) => tensor.requiresGrad);
  const gradients = torch.autograd.grad(
    result.sum(),
    wanted.map(([, tensor]) => tensor),
    { allowUnused: true },
  );
  return Object.fromEntries(wanted.map(([name, tensor], k) => [name, gradients[k] ?? torch.zerosLike(tensor)]));
}
