/** Which overload a call means, and where its arguments go. */

import { addon } from '../native';
import { describe } from './expected';
import { Generator } from './generator';
import type { Operation } from './operation';
import { describeAll, fits, isComplex, type Overload, type Parameter, wordsFor } from './overload';
import { Tensor } from './tensor';

export type Options = Readonly<Record<string, unknown>>;

/** The last argument when it is an options object. */
export function optionsOf(args: readonly unknown[]): Options | null {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last) || ArrayBuffer.isView(last)) return null;
  if (last instanceof Tensor || last instanceof Generator || isComplex(last)) return null;
  const prototype: unknown = Object.getPrototypeOf(last);
  // Of another realm, a plain object has another Object.prototype, whose own prototype is null all the same.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return plain ? (last as Options) : null;
}

/** Where each argument of an overload comes from, in schema order. */
export interface Arrangement {
  readonly overload: Overload;
  /** A position among the given arguments, the name of an option, `SPREAD`, or undefined for the default. */
  readonly sources: readonly (number | string | undefined)[];
}

/** The list that was spread over the arguments: `x.view(2, 3)`. */
export const SPREAD = -1;

/** The arguments that an arrangement picks. */
export function gather(operation: Operation, { overload, sources }: Arrangement, given: readonly unknown[], options: Options): unknown[] {
  const filled: unknown[] = [];
  for (const source of sources) {
    if (typeof source === 'string') filled.push(options[source]);
    else if (source === SPREAD) filled.push(operation.method ? given.slice(1) : given);
    else filled.push(source === undefined ? undefined : given[source]);
  }
  if (overload.outs > 0) filled.push(...outsOf(overload, options.out));
  return filled;
}

/** Where the arguments go, or the reason why they do not fit. */
export function arrange(operation: Operation, overload: Overload, given: readonly unknown[], options: Options): Arrangement | string {
  const { parameters, selfIndex } = overload;
  const sources: (number | string | undefined)[] = [];
  let next = operation.method ? 1 : 0;
  const positional = operation.method ? given.slice(1) : given;
  if (operation.method) sources[selfIndex] = 0;
  const places = parameters.slice(0, overload.positional).map((_, i) => i);
  const free = operation.method ? places.filter((i) => i !== selfIndex) : places;

  // x.view(2, 3), zeros(2, 3): an unsized list of integers that stands alone may be spread.
  const only = parameters[free[0] ?? -1];
  if (free.length === 1 && only !== undefined && isSpreadable(only.type) && positional.length > 0 && !fits(positional[0], only.type)) {
    if (!fits(positional, only.type))
      return `expected ${wordsFor(only.type)}, spread or in an array, for ${only.name} but received ${describeAll(positional)}`;
    sources[free[0] as number] = SPREAD;
    next = given.length;
  }
  if (next < given.length && positional.length > free.length) return `at most ${free.length} positional arguments`;

  for (const place of free) {
    if (next >= given.length) break;
    const parameter = parameters[place] as Parameter;
    const value = given[next++];
    if (value === undefined && parameter.hasDefault) continue;
    if (!fits(value, parameter.type)) return `expected ${wordsFor(parameter.type)} for ${parameter.name} but received ${describe(value)}`;
    sources[place] = next - 1;
  }

  for (const name of Object.keys(options)) {
    const value = options[name];
    if (value === undefined || name === 'out') continue;
    const place = parameters.findIndex((parameter) => parameter.name === name && !parameter.isOut);
    if (place < 0) {
      if (name === 'requiresGrad' && hasTensorOptions(overload)) {
        if (typeof value !== 'boolean') return `expected a boolean for requiresGrad but received ${describe(value)}`;
        continue;
      }
      return unknownOption(name, parameters);
    }
    if (sources[place] !== undefined) return `${name} was given twice, in place and among the options`;
    const { type } = parameters[place] as Parameter;
    if (!fits(value, type)) return `expected ${wordsFor(type)} for ${name} but received ${describe(value)}`;
    sources[place] = name;
  }
  const inputs = parameters.length - overload.outs;
  if (overload.outs > 0) {
    const outs = outsOf(overload, options.out);
    for (const [i, { type, name }] of parameters.slice(inputs).entries()) {
      if (!fits(outs[i], type) || outs[i] === null) return `expected ${wordsFor(type)} for ${name} but received ${describe(outs[i])}`;
    }
  }
  for (let i = 0; i < inputs; i++) {
    const { hasDefault, name, type } = parameters[i] as Parameter;
    if (sources[i] !== undefined || hasDefault) continue;
    return `expected ${wordsFor(type)} for ${name} but received nothing`;
  }
  // Trailing defaults need not be written, unless `out` stands behind them; holes in between must be there.
  const length = overload.outs > 0 ? inputs : sources.length;
  return { overload, sources: Array.from({ length }, (_, i) => sources[i]) };
}

function isSpreadable(type: Parameter['type']): boolean {
  return type.kind === 'int' && type.list && type.listSize === undefined && !type.nullable;
}

function hasTensorOptions(overload: Overload): boolean {
  return ['dtype', 'layout', 'device', 'pinMemory'].every((name) => overload.parameters.some((p) => p.kwargOnly && p.name === name));
}

/** `out` as one tensor, in order, or by the names of the results. */
function outsOf(overload: Overload, out: unknown): readonly unknown[] {
  if (overload.outs === 1) return [out];
  if (Array.isArray(out)) return out.slice(0, overload.outs);
  if (overload.resultNames === null || typeof out !== 'object' || out === null) return [];
  return overload.resultNames.map((name) => (out as Options)[name]);
}

function unknownOption(name: string, parameters: readonly Parameter[]): string {
  const names = parameters.map((parameter) => parameter.name);
  const near = names.find((candidate) => candidate.toLowerCase() === name.replaceAll('_', '').toLowerCase());
  return near === undefined ? `unknown option ${name}` : `unknown option ${name}: it is called ${near}`;
}

/** The error when no overload fits: for one overload the reason, for several the list of what there is. */
export function noOverload(operation: Operation, given: readonly unknown[], options: Options | null): TypeError {
  const { name } = operation;
  const candidates = operation.overloads.filter(({ needsOut }) => needsOut === (options?.out !== undefined && options.out !== null));
  if (candidates.length === 0) {
    const known = operation.overloads.length > 0;
    return new TypeError(known ? `${name}: it takes no \`out\`` : `${name}: this libtorch (${addon.libtorchVersion}) has no such operator`);
  }
  const reasons = candidates.map(({ overload }) => arrange(operation, overload, given, options ?? {}) as string);
  if (candidates.length === 1) return new TypeError(`${name}: ${reasons[0]}`);
  // When all but one fail for the number of arguments, that one is meant.
  const telling = reasons.filter((reason) => !/^at most|received nothing$/.test(reason));
  if (new Set(telling).size === 1) return new TypeError(`${name}: ${telling[0]}`);
  const received = `${describeAll(operation.method ? given.slice(1) : given)}${options === null ? '' : ` with {${Object.keys(options).join(', ')}}`}`;
  const forms = candidates.map(({ overload }, i) => `  ${overload.schemaText.replace(/^aten::/, '')}\n    ${reasons[i]}`);
  return new TypeError(`${name}: expected arguments of one of these forms but received ${received}\n${forms.join('\n')}`);
}
