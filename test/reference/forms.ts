/** The forms in which one case can be called: as a function, as a method, in place, into `out`, by schema name, ... */

import * as torch from '../../lib';
import { Tensor } from '../../lib';
import { nnFunctional } from '../../lib/tensor/operators';
import type { Case } from './case';
import { decode, type Encoded, isEncodedTensor } from './decode';

/** One way to call the operator of a case. */
export interface Form {
  readonly title: string;
  /** Calls it with arguments that it may write to, and gives back what is compared with the stored result. */
  run(args: unknown[]): unknown;
  /** The inputs lie otherwise in memory. */
  readonly strided?: boolean;
  /** It writes to tensors, so that nothing is recorded for backward. */
  readonly noGrad?: boolean;
}

type Callable = (...args: unknown[]) => unknown;

export function formsOf(one: Case): Form[] {
  const forms = [
    ...callsOf(one).map(({ title, run, strided }) => ({ title, strided, run: (args: unknown[]) => written(one, args, run(args)) })),
  ];
  return [...forms, ...outForms(one), ...inPlaceForms(one), rawForm(one)];
}

/** The plain call: as a function if there is one. */
export function call(one: Case, args: unknown[], options: Record<string, unknown>): unknown {
  const given = withOptions(options);
  const result = one.as.includes('function') ? functionOf(one.name)(...args, ...given) : onSelf(one, args)(...others(one, args), ...given);
  return written(one, args, result);
}

export function decodeOptions(options: Record<string, Encoded> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, decode(value)]));
}

function callsOf(one: Case): Form[] {
  const forms: Form[] = [];
  const hasPositional = one.positional !== undefined;
  const spread = (args: unknown[]): unknown[] => [...args.slice(0, -1), ...(args.at(-1) as unknown[])];
  const strided = one.contiguousOnly !== true;
  if (one.as.includes('function')) {
    const fn = functionOf(one.name);
    const withNames: Form['run'] = (args) => fn(...args, ...byName(one));
    forms.push({ title: 'function', run: withNames });
    if (hasPositional) forms.push({ title: 'function, all in place', run: (args) => fn(...args, ...inPlace(one)) });
    if (one.spread === true) forms.push({ title: 'function, spread', run: (args) => fn(...spread(args), ...byName(one)) });
    if (strided) forms.push({ title: 'function on other strides', run: withNames, strided });
  }
  if (one.as.includes('method')) {
    const withNames: Form['run'] = (args) => onSelf(one, args)(...others(one, args), ...byName(one));
    forms.push({ title: 'method', run: withNames });
    if (hasPositional)
      forms.push({ title: 'method, all in place', run: (args) => onSelf(one, args)(...others(one, args), ...inPlace(one)) });
    if (one.spreadMethod === true) {
      forms.push({ title: 'method, spread', run: (args) => onSelf(one, args)(...spread(others(one, args)), ...byName(one)) });
    }
    if (strided && !one.as.includes('function')) forms.push({ title: 'method on other strides', run: withNames, strided });
  }
  return forms;
}

/** Everything that is not required in the options. */
function byName(one: Case): unknown[] {
  return withOptions(decodeOptions(one.options));
}

/** What may stand in place stands there, the rest in the options. */
function inPlace(one: Case): unknown[] {
  const { options = {}, positional = {} } = one;
  const rest = Object.fromEntries(Object.entries(options).filter(([key]) => !(key in positional)));
  return [...Object.values(positional).map(decode), ...withOptions(decodeOptions(rest))];
}

function withOptions(options: Record<string, unknown>): unknown[] {
  return Object.keys(options).length > 0 ? [options] : [];
}

/** What is compared: the result, or what was written to. An operator that writes to a tensor gives that very object back. */
function written(one: Case, args: readonly unknown[], result: unknown): unknown {
  if (one.writes === undefined) return result;
  const values = one.writes.map((at) => args[at]);
  if (values[0] instanceof Tensor && result !== values[0]) throw new Error('expected the object it was called on as the result');
  return values.length === 1 ? values[0] : values;
}

/** Calls with tensors for the results, which the call fills and gives back. */
function outForms(one: Case): Form[] {
  const { out: dropped } = one;
  if (dropped === undefined) return [];
  const run = (args: unknown[]): unknown => {
    const tensors = tensorsFor(one.result);
    const out = one.outUnnamed === true ? Object.values(tensors as object) : tensors;
    const options = Object.fromEntries(Object.entries(decodeOptions(one.options)).filter(([key]) => !dropped.includes(key)));
    const result = functionOf(one.name)(...args, { ...options, out });
    if (!sameTensors(result, out)) throw new Error('expected the tensors of `out` as the result');
    return named(one, result);
  };
  return [{ title: 'function with out', run, noGrad: true }];
}

/** An array of results under the names of the stored ones. */
function named({ result: stored }: Case, result: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || !('named' in stored) || !Array.isArray(result)) return result;
  return Object.fromEntries(Object.keys(stored.named).map((key, i) => [key, result[i]]));
}

/** Empty tensors, which the call resizes; operators on lists want them of the right size. */
function tensorsFor(result: Encoded, sized = false): unknown {
  if (isEncodedTensor(result)) return torch.empty(sized ? result.shape : [0], { dtype: result.dtype });
  if (Array.isArray(result)) return result.map((value) => tensorsFor(value, true));
  const { named } = result as { named: Record<string, Encoded> };
  return Object.fromEntries(Object.entries(named).map(([key, value]) => [key, tensorsFor(value)]));
}

function sameTensors(got: unknown, out: unknown): boolean {
  if (out instanceof Tensor) return got === out;
  return Object.entries(out as object).every(([key, value]) => sameTensors((got as Record<string, unknown>)[key], value));
}

/** `add_` gives back the object it was called on; operators on lists give back nothing. */
function inPlaceForms(one: Case): Form[] {
  if (one.inPlace === undefined) return [];
  const { name, as } = one.inPlace;
  const method = one.inPlace.method ?? lastPart(name);
  const check = (result: unknown, self: unknown): unknown => {
    if (result !== (Array.isArray(self) ? undefined : self)) throw new Error('expected the object it was called on as the result');
    return self;
  };
  const forms: Form[] = [];
  if (as.includes('function')) {
    forms.push({ title: `function ${name}`, run: (args) => check(functionOf(name)(...args, ...byName(one)), args[0]), noGrad: true });
  }
  if (as.includes('method')) {
    const run: Form['run'] = (args) => check(methodOf(args[0], method)(...args.slice(1), ...byName(one)), args[0]);
    forms.push({ title: `method ${method}`, run, noGrad: true });
  }
  return forms;
}

/** By schema name: positional arguments in order, results as an array without names. */
function rawForm(one: Case): Form {
  const [name = '', overload = 'default'] = one.op.split('.');
  const run: Form['run'] = (args) => named(one, written(one, args, functionOf(`ops.aten.${name}.${overload}`)(...args, ...inPlace(one))));
  return { title: `ops.aten.${name}.${overload}`, run };
}

const FUNCTIONAL = 'nn.functional.';

/** The function of a dotted name. */
function functionOf(name: string): Callable {
  // `torch.nn.functional` puts friendlier forms before some operators; the operators themselves are meant here.
  const path = name.startsWith(FUNCTIONAL) ? [name.slice(FUNCTIONAL.length)] : name.split('.');
  let owner: unknown = name.startsWith(FUNCTIONAL) ? nnFunctional : torch;
  let value = owner;
  for (const part of path) {
    owner = value;
    value = (value as Record<string, unknown> | undefined)?.[part];
  }
  if (typeof value !== 'function') throw new Error(`Expected a function torch.${name} but received ${String(value)}`);
  return (value as Callable).bind(owner);
}

function onSelf(one: Case, args: readonly unknown[]): Callable {
  return methodOf(args[one.self ?? 0], one.method ?? lastPart(one.name));
}

function others(one: Case, args: readonly unknown[]): unknown[] {
  return args.filter((_, i) => i !== (one.self ?? 0));
}

function methodOf(self: unknown, name: string): Callable {
  const method = (self as Record<string, unknown>)[name];
  if (typeof method !== 'function') throw new Error(`Expected a method ${name} but received ${String(method)}`);
  return (method as Callable).bind(self);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
