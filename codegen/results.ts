/** The types of results: one value, a tuple, or an object when the schema names its results. */

import { camelCase } from '../lib/tensor/names';
import type { Schema, SchemaReturn } from './schema';
import { resultType } from './types';

interface Shape {
  readonly name: string;
  readonly fields: readonly string[];
}

/** Collects the shapes of named results while signatures are made; equal ones share an interface. */
export class ResultTypes {
  readonly #shapes = new Map<string, Shape>();
  readonly #names = new Set<string>();

  returnType(schema: Schema): string {
    const { returns } = schema;
    const outs = schema.args.filter((arg) => arg.isOut);
    // An operator that returns nothing but writes to `out`: the call gives back `out`.
    if (returns.length === 0 && outs.length > 0) return listOf(outs.map(({ type }) => resultType(type)));
    if (returns.length === 0) return 'void';
    if (isNamed(returns)) return this.#interface(schema, returns);
    return listOf(returns.map(({ type }) => resultType(type)));
  }

  /** What `out` accepts: a tensor, a list of them in order, or an object with the names of the results. */
  outType(schema: Schema): string {
    const outs = schema.args.filter((arg) => arg.isOut);
    const types = outs.map(({ type }) => (type.list ? 'readonly Tensor[]' : 'Tensor'));
    if (outs.length === 1) return types[0] ?? 'Tensor';
    const list = `readonly [${types.join(', ')}]`;
    const named = isNamed(schema.returns) && schema.returns.length === outs.length;
    return named ? `${list} | ${this.#interface(schema, schema.returns)}` : list;
  }

  /** The interfaces, by name. */
  get interfaces(): readonly Shape[] {
    return [...this.#shapes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #interface(schema: Schema, returns: readonly SchemaReturn[]): string {
    const fields = returns.map((result) => `${camelCase(result.name)}: ${resultType(result.type)}`);
    const key = fields.join('; ');
    const known = this.#shapes.get(key);
    if (known !== undefined) return known.name;
    const name = this.#freeName(schema, returns);
    this.#names.add(name);
    this.#shapes.set(key, { name, fields });
    return name;
  }

  #freeName(schema: Schema, returns: readonly SchemaReturn[]): string {
    const joined = returns.map((result) => capital(camelCase(result.name))).join('');
    const short = returns.length <= 3 && joined.length <= 32;
    const base = short ? joined : `${capital(camelCase(schema.name.replace(/^_+|_+$/g, '')))}Result`;
    let name = base;
    for (let i = 2; this.#names.has(name); i++) name = `${base}${i}`;
    return name;
  }
}

/** Several results that all have a name. One result is given back as it is, whatever its name. */
function isNamed(returns: readonly SchemaReturn[]): boolean {
  const names = new Set(returns.map((result) => result.name));
  return returns.length > 1 && !names.has('') && names.size === returns.length;
}

function listOf(types: readonly string[]): string {
  return types.length === 1 && types[0] !== undefined ? types[0] : `[${types.join(', ')}]`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
