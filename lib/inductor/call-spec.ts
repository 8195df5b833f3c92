/** How the inputs and outputs of a compiled model are nested: Python's pytree in JSON. */

import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';

/** What goes into a model and comes out: tuples and lists are arrays, dictionaries plain objects. */
export type Nested = Tensor | number | bigint | boolean | string | null | readonly Nested[] | { readonly [key: string]: Nested };

interface Spec {
  /** Python's type; null for a leaf. */
  readonly type: string | null;
  readonly context: unknown;
  readonly children_spec: readonly Spec[];
}

/** @throws when this is no such JSON */
export function parseSpec(text: string): Spec {
  const [version, spec] = JSON.parse(text) as [number, Spec];
  if (version !== 1) throw expected('version 1', 'the call specification of the compiled model', version);
  return spec;
}

/** The tensors of a call in the model's order: other leaves are compiled into it. @throws when the inputs are nested in another way */
export function flatten(spec: Spec, inputs: readonly unknown[]): Tensor[] {
  const [positional, named] = spec.children_spec as [Spec, Spec];
  const count = positional.children_spec.length;
  const withNames = named.children_spec.length > 0;
  const most = count + (withNames ? 1 : 0);
  if (inputs.length !== most) {
    const names = withNames ? ` and an object of named ones (${keysOf(named)?.join(', ')})` : '';
    throw new TypeError(`Expected ${count} ${count === 1 ? 'input' : 'inputs'}${names} for run but received ${inputs.length}`);
  }
  const out: Tensor[] = [];
  for (const [k, child] of positional.children_spec.entries()) collect(child, inputs[k], `input ${k}`, out);
  if (withNames) collect(named, inputs[count], 'the named inputs', out);
  return out;
}

function collect(spec: Spec, value: unknown, where: string, out: Tensor[]): void {
  if (spec.type === null) {
    if (value instanceof Tensor) out.push(value);
    else if (value !== null && ['object', 'function', 'symbol'].includes(typeof value)) throw expected('a tensor', where, value);
    return;
  }
  const keys = keysOf(spec);
  if (keys === null) {
    if (!Array.isArray(value) || value.length !== spec.children_spec.length)
      throw expected(`an array of ${spec.children_spec.length}`, where, value);
    for (const [k, child] of spec.children_spec.entries()) collect(child, value[k], `${where}[${k}]`, out);
    return;
  }
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tensor);
  if (!plain || Object.keys(value).length !== keys.length || !keys.every((key) => Object.hasOwn(value, key)))
    throw expected(`an object with ${keys.join(', ')}`, where, value);
  for (const [k, key] of keys.entries())
    collect(spec.children_spec[k] as Spec, (value as Record<string, unknown>)[key], `${where}.${key}`, out);
}

/** What came out, nested as in Python. */
export function unflatten(spec: Spec, tensors: readonly (Tensor | null)[]): Nested {
  let at = 0;
  const build = (part: Spec): Nested => {
    if (part.type === null) return tensors[at++] ?? null;
    const children = part.children_spec.map(build);
    const keys = keysOf(part);
    return keys === null ? children : Object.fromEntries(keys.map((key, k) => [key, children[k] as Nested]));
  };
  return build(spec);
}

/** The keys of a dictionary; null for what is a sequence. */
function keysOf({ type, context }: Spec): string[] | null {
  if (type !== 'builtins.dict' && type !== 'collections.OrderedDict') return null;
  return (JSON.parse(context as string) as unknown[]).map(String);
}
