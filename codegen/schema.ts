/** Operator schemas as the generator sees them: the runtime's parser, and what only the generator asks. */

import type { Schema, SchemaArgument, SchemaReturn } from '../lib/tensor/schema';

export type { Schema, SchemaArgument, SchemaReturn, SchemaType } from '../lib/tensor/schema';
export { parseSchema, parseType } from '../lib/tensor/schema';

/** How an operator gives its result: as a new value, in its first argument, in `out`, or in other arguments too. */
export type Form = 'functional' | 'inplace' | 'out' | 'mutable';

export function formOf(schema: Schema): Form {
  if (schema.args.some((arg) => arg.isOut)) return 'out';
  if (isInplaceName(schema.name)) return 'inplace';
  return schema.args.some((arg) => arg.type.alias?.write === true) ? 'mutable' : 'functional';
}

/** `add_` and `__iadd__`, not `__and__`. */
export function isInplaceName(name: string): boolean {
  return /^__i\w+__$/.test(name) || (name.endsWith('_') && !name.endsWith('__'));
}

/** `add.Tensor`, or `relu` for the default overload: how the table names an operator of `aten`. */
export function fullName(schema: Schema): string {
  return schema.overload === '' ? schema.name : `${schema.name}.${schema.overload}`;
}

/** The result is `self` itself. */
export function returnsSelf(schema: Schema): boolean {
  const self = schema.args.find((arg) => arg.name === 'self');
  const [first, second] = schema.returns;
  return (
    self?.type.alias?.write === true &&
    second === undefined &&
    first?.type.alias?.write === true &&
    first.type.alias.set === self.type.alias.set &&
    !first.type.list
  );
}

/** The result shares the memory of an argument that is not written to. */
export function returnsView(schema: Schema): boolean {
  return schema.returns.some((result) => result.type.alias?.write === false);
}

/** The schema as text, in the dispatcher's spelling but with the defaults as they were read. */
export function printSchema(schema: Schema): string {
  const args: string[] = [];
  let starred = false;
  for (const arg of schema.args) {
    if (arg.kwargOnly && !starred) {
      args.push('*');
      starred = true;
    }
    args.push(printArgument(arg));
  }
  const returns = schema.returns.map(printReturn);
  const tail = returns.length === 1 && schema.returns[0]?.name === '' ? returns[0] : `(${returns.join(', ')})`;
  return `${fullName(schema)}(${args.join(', ')}) -> ${tail}`;
}

function printArgument(arg: SchemaArgument): string {
  return `${printType(arg.type)} ${arg.name}${arg.hasDefault ? `=${arg.default}` : ''}`;
}

function printReturn(result: SchemaReturn): string {
  return `${printType(result.type)}${result.name === '' ? '' : ` ${result.name}`}`;
}

function printType({ raw, alias }: SchemaArgument['type']): string {
  if (alias === undefined) return raw;
  const base = /^\w+/.exec(raw)?.[0] ?? raw;
  return `${base}(${alias.set}${alias.write ? '!' : ''})${raw.slice(base.length)}`;
}
