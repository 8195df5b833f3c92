/** Runs golden cases in all variants. */

import * as torch from '../../lib';
import { functionOf, gradientsOf, MissingFunction, type Results, resultsOf } from './call';
import type { Case, CaseFile, CaseTensor } from './cases';
import { difference, type Tolerance } from './compare';
import { NOT_SINGLE } from './not-single';
import { type Argument, argumentOf, tensorOf, type Variant, variants, withoutRows } from './variants';

/**
 * What is looked at: the case as it stands; a second call with the same tensors; tensors with gaps in memory; single precision; a
 * GPU; a refusal; a batch without rows.
 */
export type Check = Variant | 'twice' | 'throws' | 'empty';

export interface Outcome {
  readonly method: string;
  readonly function: string;
  readonly name: string;
  readonly check: Check;
  /** Null when all is well. */
  readonly problem: string | null;
}

/** Where a case does not say: as exact as double precision makes most functions. */
const EXACT: Tolerance = { rtol: 1e-7, atol: 1e-9 };

/** All outcomes of a file, in its order. */
export function runFile(file: CaseFile): Outcome[] {
  const emptied = new Set<string>();
  return file.cases.flatMap((one) => {
    const checks: Check[] = one.throws
      ? ['throws']
      : [...variants().filter((variant) => variant !== 'float32' || !isNotSingle(one)), 'twice'];
    if (!one.throws && !emptied.has(one.function)) {
      emptied.add(one.function);
      checks.push('empty');
    }
    return checks.map((check) => ({
      method: file.method,
      function: one.function,
      name: one.name,
      check,
      problem: torch.scope(() => problemOf(one, check)),
    }));
  });
}

function isNotSingle(one: Case): boolean {
  return Object.hasOwn(NOT_SINGLE, `${one.function} ${one.name}`);
}

/** What is wrong, in a sentence. */
function problemOf(one: Case, check: Check): string | null {
  try {
    switch (check) {
      case 'throws':
        return refusal(one);
      case 'twice':
        return twice(one);
      case 'empty':
        return empty(one);
      default:
        return values(one, check);
    }
  } catch (error) {
    return `threw ${(error as Error).message}`;
  }
}

function call(one: Case, args: readonly Argument[]): Results {
  return resultsOf(functionOf(one.function)(...args, { ...one.params }));
}

function argumentsOf(one: Case, variant: Variant): Argument[] {
  return one.args.map((name) => argumentOf(one.inputs[name] ?? null, variant));
}

function values(one: Case, variant: Variant): string | null {
  const args = argumentsOf(one, variant);
  const before = args.map(copied);
  const results = call(one, args);
  for (const [name, wanted] of Object.entries(one.outputs ?? {})) {
    const received = results[name];
    if (received === undefined) return `gave no ${name}`;
    const problem = compared(received, wanted, one, variant);
    if (problem !== null) return `${name}: ${problem}`;
  }
  if (one.grads !== undefined) {
    const of = one.gradOf ?? 'value';
    const gradients = gradientsOf(results[of] as torch.Tensor, one.args, args);
    for (const [name, wanted] of Object.entries(one.grads)) {
      const received = gradients[name];
      if (received === undefined) return `gave no gradient of ${name}`;
      const problem = compared(received, wanted, one, variant);
      if (problem !== null) return `gradient of ${name}: ${problem}`;
    }
  }
  return args.every((arg, k) => same(arg, before[k] as Argument)) ? null : 'changed its arguments';
}

function compared(received: torch.Tensor, wanted: CaseTensor, one: Case, variant: Variant): string | null {
  const tensor = tensorOf({ ...wanted, requiresGrad: false }, 'float64');
  const exact = { rtol: one.rtol ?? EXACT.rtol, atol: one.atol ?? EXACT.atol };
  return difference(received, tensor, variant === 'float32' ? single(tensor, exact) : exact);
}

/** In single precision every step may lose the seventh digit, of the largest number rather than of each. */
function single(wanted: torch.Tensor, exact: Tolerance): Tolerance {
  const finite = wanted.to('float64').abs().nanToNum({ nan: 0, posinf: 0 });
  const largest = finite.numel() === 0 ? 0 : Number(finite.max().item());
  return { rtol: Math.max(1e-3, exact.rtol), atol: Math.max(1e-4 * Math.max(1, largest), exact.atol) };
}

/** Nothing is kept between calls. */
function twice(one: Case): string | null {
  const args = argumentsOf(one, 'float64');
  const first = call(one, args);
  const second = call(one, args);
  for (const [name, tensor] of Object.entries(first)) {
    if (!same(tensor, second[name] as torch.Tensor)) return `${name}: another value the second time`;
  }
  return null;
}

function refusal(one: Case): string | null {
  try {
    call(one, argumentsOf(one, 'float64'));
  } catch (error) {
    if (error instanceof MissingFunction) throw error;
    return error instanceof Error ? null : `threw ${String(error)}, which is no Error`;
  }
  return 'did not throw';
}

/** Without rows a function refuses in one of the package's own sentences, or gives numbers. */
function empty(one: Case): string | null {
  let results: Results;
  try {
    results = call(one, withoutRows(argumentsOf(one, 'float64')));
  } catch (error) {
    if (error instanceof MissingFunction) throw error;
    return /^Expected /.test((error as Error).message) ? null : `without rows threw ${(error as Error).message}`;
  }
  const bad = Object.entries(results).find(([, tensor]) => tensor.isFloatingPoint() && tensor.isnan().any().item());
  return bad === undefined ? null : `without rows gave NaN for ${bad[0]}`;
}

function copied(arg: Argument): Argument {
  if (arg === null) return null;
  return Array.isArray(arg) ? arg.map((tensor) => tensor.detach().clone()) : arg.detach().clone();
}

function same(a: Argument, b: Argument): boolean {
  if (a === null || b === null) return a === b;
  if (Array.isArray(a)) return a.every((tensor, k) => same(tensor, (b as torch.Tensor[])[k] as torch.Tensor));
  return difference(a, b as torch.Tensor, { rtol: 0, atol: 0 }) === null;
}
