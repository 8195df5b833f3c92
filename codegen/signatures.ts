/**
 * The TypeScript signatures of one JavaScript name.
 *
 * A schema has required positional arguments, positional arguments with defaults, and keyword arguments. The first stand
 * in place, the last in an options object, and those in between where the caller likes. Overloads that differ only in
 * `Tensor` against a number become one signature with a union, and an `out` overload becomes an option of its functional
 * form, so that a value of the union's type can be passed on and an editor shows a short list.
 */

import { camelCase } from '../lib/tensor/names';
import { hasTensorOptions, TENSOR_OPTIONS } from './derive';
import type { Operator } from './operators';
import type { ResultTypes } from './results';
import { returnsSelf, type SchemaArgument } from './schema';
import { argumentType } from './types';

/** One signature before it is spelled out in its calling forms. */
export interface Signature {
  /** The schemas behind it. */
  readonly operators: Operator[];
  readonly required: Parameter[];
  readonly defaulted: Parameter[];
  readonly keywords: Parameter[];
  /** dtype, layout, device, pinMemory, requiresGrad. */
  readonly tensorOptions: boolean;
  /** Type of `out`, empty without. */
  out: string;
  outRequired: boolean;
  readonly returns: string;
  /** The first argument is a list of integers that may be spread: `x.view(2, 3)`. */
  readonly spread: boolean;
}

export interface Parameter {
  readonly name: string;
  /** A keyword without a default must be given. */
  readonly optional: boolean;
  /** Types of which one is enough; more than one after merging. */
  readonly types: readonly string[];
  readonly default: string;
}

export type Target = 'function' | 'method';

/** The signatures of one name; `operators` in resolution order. */
export function signaturesOf(operators: readonly Operator[], target: Target, results: ResultTypes): Signature[] {
  const plain: Signature[] = [];
  const withOut: Signature[] = [];
  for (const operator of operators) {
    const signature = signatureOf(operator, target, results);
    merge(operator.form === 'out' ? withOut : plain, signature);
  }
  const alone = withOut.filter((signature) => {
    const home = plain.find((candidate) => sameButOut(candidate, signature));
    if (home === undefined) return true;
    home.out = signature.out;
    home.operators.push(...signature.operators);
    return false;
  });
  return [...plain, ...alone];
}

function signatureOf(operator: Operator, target: Target, results: ResultTypes): Signature {
  const { schema } = operator;
  const args = target === 'method' ? schema.args.filter((arg) => arg.name !== 'self') : schema.args;
  const positional = args.filter((arg) => !arg.kwargOnly);
  const required = positional.filter((arg) => !arg.hasDefault);
  const defaulted = positional.filter((arg) => arg.hasDefault);
  const tensorOptions = hasTensorOptions(schema);
  const keywords = args.filter((arg) => arg.kwargOnly && !arg.isOut && !(tensorOptions && TENSOR_OPTIONS.includes(arg.name)));
  const outs = args.filter((arg) => arg.isOut);
  return {
    operators: [operator],
    required: required.map(parameter),
    defaulted: defaulted.map(parameter),
    keywords: keywords.map(parameter),
    tensorOptions,
    out: outs.length === 0 ? '' : results.outType(schema),
    outRequired: outs.length > 0,
    returns: target === 'method' && returnsSelf(schema) ? 'this' : results.returnType(schema),
    // As in PyTorch: an unsized list that is the only positional argument.
    spread: positional.length === 1 && required.length === 1 && isPlainIntList(required[0]),
  };
}

function parameter(arg: SchemaArgument): Parameter {
  return { name: camelCase(arg.name), optional: arg.hasDefault, types: [argumentType(arg.type)], default: arg.default };
}

function isPlainIntList(arg: SchemaArgument | undefined): boolean {
  return arg?.type.kind === 'int' && arg.type.list && arg.type.listSize === undefined && !arg.type.nullable;
}

/** Adds `next` to the list, or unites it with one that differs in one argument that takes a tensor or a number. */
function merge(list: Signature[], next: Signature): void {
  for (const [i, candidate] of list.entries()) {
    const united = unite(candidate, next);
    if (united === null) continue;
    list.splice(i, 1);
    // The wider signature may fit another one now: where(c, Tensor | Scalar, Tensor) and where(c, Tensor | Scalar, Scalar).
    merge(list, united);
    if (list.at(-1) === united) list.splice(i, 0, ...list.splice(-1));
    return;
  }
  list.push(next);
}

const INTERCHANGEABLE: ReadonlySet<string> = new Set(['Tensor', 'Scalar', 'number', 'Int']);

function unite(a: Signature, b: Signature): Signature | null {
  if (a.returns !== b.returns || a.tensorOptions !== b.tensorOptions || a.out !== b.out || a.spread || b.spread) return null;
  // `add.Scalar` takes alpha in place and `add.Tensor` only by name: what both take is the name.
  const [left, right] = alignKeywords(a, b);
  if (!sameParameters(left.keywords, right.keywords) || !sameParameters(left.defaulted, right.defaulted)) return null;
  if (left.required.length !== right.required.length) return null;
  const different = left.required.flatMap((p, i) => (sameParameter(p, right.required[i]) ? [] : [i]));
  if (different.length > 1) return null;
  const operators = [...a.operators, ...b.operators];
  const at = different[0];
  if (at === undefined) return { ...left, operators }; // the same call for both: the runtime takes the first
  const [p, q] = [left.required[at], right.required[at]];
  if (p === undefined || q === undefined || p.name !== q.name) return null;
  if (![...p.types, ...q.types].every((type) => INTERCHANGEABLE.has(type))) return null;
  const types = [...new Set([...p.types, ...q.types])];
  // A scalar holds every number.
  const kept = types.includes('Scalar') ? types.filter((type) => type === 'Tensor' || type === 'Scalar') : types;
  return { ...left, operators, required: left.required.with(at, { ...p, types: kept }) };
}

function alignKeywords(a: Signature, b: Signature): [Signature, Signature] {
  const demote = (s: Signature, other: Signature): Signature => {
    const isKeyword = (p: Parameter) => other.keywords.some((q) => q.name === p.name);
    const moved = s.defaulted.filter(isKeyword);
    if (moved.length === 0) return s;
    return { ...s, defaulted: s.defaulted.filter((p) => !isKeyword(p)), keywords: [...moved, ...s.keywords] };
  };
  return [demote(a, b), demote(b, a)];
}

function sameButOut(a: Signature, out: Signature): boolean {
  return (
    a.returns === out.returns &&
    !a.tensorOptions &&
    sameParameters(a.required, out.required) &&
    sameParameters(a.defaulted, out.defaulted) &&
    sameParameters(a.keywords, out.keywords)
  );
}

function sameParameters(a: readonly Parameter[], b: readonly Parameter[]): boolean {
  return a.length === b.length && a.every((p, i) => sameParameter(p, b[i]));
}

function sameParameter(a: Parameter, b: Parameter | undefined): boolean {
  return a.name === b?.name && a.optional === b.optional && a.default === b.default && a.types.join() === b.types.join();
}

/** How many arguments with a default may stand in place while the rest is given by name. */
const MIXED = 3;

/** The calling forms of a signature: the text between the name and the end, `(dim: Int, options?: {...}): Tensor`. */
export function callingForms(signature: Signature): string[] {
  const { required, defaulted } = signature;
  const forms: string[] = [];
  const push = (inPlace: readonly Parameter[], named: readonly Parameter[], from: number): void => {
    const { text, optional } = options(signature, named);
    const list = inPlace.map((p, i) => {
      const mark = i >= from && (text === '' || optional) ? '?' : '';
      return `${safeName(p.name)}${mark}: ${p.types.join(' | ')}`;
    });
    if (text !== '') list.push(`options${optional ? '?' : ''}: ${text}`);
    forms.push(`(${list.join(', ')}): ${signature.returns}`);
  };

  const { text: full } = options(signature, []);
  // Without anything to give by name in the end, the longest forms are one with trailing optional arguments.
  for (let j = 0; j < defaulted.length && j <= MIXED; j++) {
    push([...required, ...defaulted.slice(0, j)], defaulted.slice(j), Number.POSITIVE_INFINITY);
  }
  push([...required, ...defaulted], [], required.length + Math.min(defaulted.length, MIXED + 1));
  if (signature.spread) forms.push(...spreadForms(signature, full));
  return [...new Set(forms)];
}

function spreadForms(signature: Signature, full: string): string[] {
  const name = safeName(signature.required[0]?.name ?? 'size');
  const forms: string[] = [];
  const { optional } = options(signature, []);
  if (full === '' || optional) forms.push(`(${name}0: Int, ...${name}: Int[]): ${signature.returns}`);
  if (full !== '') forms.push(`(...args: [${name}0: Int, ...${name}: Int[], options: ${full}]): ${signature.returns}`);
  return forms;
}

/** The type of the options object; empty when there is nothing to put in. */
function options(signature: Signature, named: readonly Parameter[]): { text: string; optional: boolean } {
  const all = [...named, ...signature.keywords];
  const fields = all.map((p) => `${p.name}${p.optional ? '?' : ''}: ${p.types.join(' | ')}`);
  if (signature.out !== '') fields.push(`out${signature.outRequired ? '' : '?'}: ${signature.out}`);
  const literal = fields.length === 0 ? '' : `{ ${fields.join('; ')} }`;
  const text = [signature.tensorOptions ? 'TensorOptions' : '', literal].filter((part) => part !== '').join(' & ');
  const optional = all.every((p) => p.optional) && !(signature.out !== '' && signature.outRequired);
  return { text, optional };
}

/** Parameter names that TypeScript does not allow. */
const RESERVED: ReadonlySet<string> = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield options'.split(
    ' ',
  ),
);

export function safeName(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

export function isReserved(name: string): boolean {
  return RESERVED.has(name) && name !== 'options';
}
