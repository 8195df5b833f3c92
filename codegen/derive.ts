/**
 * The operators that libtorch derives from others and that native_functions.yaml only names (`autogen: bernoulli.out`).
 * Their schemas follow from the base operator's, by the rules of libtorch's own generator.
 */

import { formOf, fullName, isInplaceName, parseType, type Schema, type SchemaArgument, type SchemaReturn, type SchemaType } from './schema';

/** The schema of the derived operator `name`, or null when it is not one of the known derivations. */
export function derive(base: Schema, name: string): Schema | null {
  const candidates = [toOut(base), toFunctional(base)];
  return candidates.find((schema) => schema !== null && fullName(schema) === name) ?? null;
}

/** `add_.Scalar` -> `add.Scalar_out`, `bernoulli` -> `bernoulli.out`: the result goes into new arguments. */
function toOut(base: Schema): Schema | null {
  const form = formOf(base);
  const overload = base.overload === '' ? 'out' : `${base.overload}_out`;
  if (form === 'inplace') {
    const self = base.args.find((arg) => arg.name === 'self');
    if (self === undefined) return null;
    const out = { ...self, name: 'out', kwargOnly: true, isOut: true };
    const args = base.args.map((arg) => (arg === self ? withoutAlias(arg) : arg));
    return { ...base, name: functionalName(base.name), overload, args: [...args, out] };
  }
  if (form === 'out') return null;

  const outs = outsFor(base);
  if (outs.length === 0) return null;
  const args = form === 'functional' ? base.args.filter((arg) => !isTensorOption(base, arg)).map(withoutAlias) : [...base.args];
  const allTensors = base.returns.every((result) => isTensorLike(result.type) && !result.type.list);
  const returns = allTensors
    ? outs.map((out) => ({ name: '', type: out.type }))
    : base.returns.filter((result) => !isTensorLike(result.type));
  return { ...base, overload, args: [...args, ...outs], returns };
}

/** `random_.to` -> `random.to`: every argument that was written to becomes a result. */
function toFunctional(base: Schema): Schema | null {
  const form = formOf(base);
  if (form !== 'inplace' && form !== 'mutable') return null;
  const returned = new Set(base.returns.map((result) => result.type.alias?.set));
  const extra = base.args
    .filter(({ type }) => type.alias?.write === true && !returned.has(type.alias.set))
    .map((arg) => ({ name: `${arg.name}_out`, type: plain(arg.type) }));
  return {
    ...base,
    name: form === 'inplace' ? functionalName(base.name) : `${base.name}_functional`,
    args: base.args.map(withoutAlias),
    returns: [...base.returns.map(plainReturn), ...extra],
  };
}

function outsFor(base: Schema): SchemaArgument[] {
  const used = new Set(base.args.map((arg) => arg.type.alias?.set));
  const letters = [...'abcdefghijklmnopqrstuvwxyz'].filter((letter) => !used.has(letter));
  return base.returns.flatMap((result, i) => {
    if (!isTensorLike(result.type)) return [];
    const name = base.returns.length === 1 ? 'out' : `out${i}`;
    const alias = { set: letters[i] ?? 'z', write: true };
    return [{ name, type: { ...result.type, alias }, kwargOnly: true, hasDefault: false, default: '', isOut: true }];
  });
}

/** dtype, layout, device and pin_memory: `out` brings them along. */
function isTensorOption(schema: Schema, arg: SchemaArgument): boolean {
  return hasTensorOptions(schema) && arg.kwargOnly && TENSOR_OPTIONS.includes(arg.name);
}

export const TENSOR_OPTIONS: readonly string[] = ['dtype', 'layout', 'device', 'pin_memory'];

export function hasTensorOptions(schema: Schema): boolean {
  return TENSOR_OPTIONS.every((name) => schema.args.some((arg) => arg.kwargOnly && arg.name === name));
}

function functionalName(name: string): string {
  if (!isInplaceName(name)) return name;
  return name.startsWith('__i') ? `__${name.slice(3)}` : name.slice(0, -1);
}

function isTensorLike(type: SchemaType): boolean {
  return type.kind === 'Tensor';
}

function plain(type: SchemaType): SchemaType {
  return type.alias === undefined ? type : parseType(type.raw);
}

function withoutAlias(arg: SchemaArgument): SchemaArgument {
  return arg.type.alias === undefined ? arg : { ...arg, type: plain(arg.type), isOut: false };
}

function plainReturn(result: SchemaReturn): SchemaReturn {
  return { ...result, type: plain(result.type) };
}
