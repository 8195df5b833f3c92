/** From the entries of native_functions.yaml to the operators that get a place in JavaScript, and those that do not. */

import { camelCase } from '../lib/tensor/names';
import { HANDWRITTEN_FUNCTIONS, HANDWRITTEN_METHODS, LEFT_OUT, NAMESPACES, type NamespaceConfig, UNSUPPORTED_TYPES } from './config';
import { derive } from './derive';
import { type Form, formOf, fullName, parseSchema, printSchema, type Schema } from './schema';
import type { NativeFunction } from './source';

export interface Operator {
  readonly schema: Schema;
  /** The schema's text, for doc comments. */
  readonly text: string;
  /** `add.Tensor`. */
  readonly fullName: string;
  readonly form: Form;
  readonly namespace: NamespaceConfig;
  /** Its JavaScript name: in its namespace as a function, and on `Tensor` as a method. */
  readonly functionName: string | null;
  readonly methodName: string | null;
  readonly tags: readonly string[];
}

export interface Skipped {
  readonly fullName: string;
  readonly reason: string;
}

export interface Collection {
  readonly operators: readonly Operator[];
  readonly skipped: readonly Skipped[];
}

export function collect(entries: readonly NativeFunction[]): Collection {
  const operators: Operator[] = [];
  const skipped: Skipped[] = [];
  const known = new Set(entries.map((entry) => entry.func.slice(0, entry.func.indexOf('('))));

  const add = (schema: Schema, text: string, entry: NativeFunction, isFunction: boolean, isMethod: boolean): void => {
    const reason = reasonToSkip(schema);
    if (reason !== null) {
      skipped.push({ fullName: fullName(schema), reason });
      return;
    }
    const operator = place(schema, text, entry, isFunction, isMethod);
    if (operator.functionName === null && operator.methodName === null) {
      const why = HANDWRITTEN_METHODS[camelCase(schema.name)] ?? HANDWRITTEN_FUNCTIONS[camelCase(schema.name)];
      skipped.push({ fullName: operator.fullName, reason: `hand-written: ${why}` });
      return;
    }
    operators.push(operator);
  };

  for (const entry of entries) {
    const schema = parseSchema(entry.func);
    add(schema, entry.func, entry, entry.isFunction, entry.isMethod);
    for (const name of entry.autogen) {
      if (known.has(name)) continue; // the file defines it too
      if (entry.composite) {
        skipped.push({ fullName: name, reason: 'named in the list but not registered: its base operator is composite' });
        continue;
      }
      const derived = derive(schema, name);
      if (derived === null) skipped.push({ fullName: name, reason: 'its schema cannot be derived' });
      else add(derived, printSchema(derived), entry, true, false);
    }
  }
  return { operators, skipped };
}

function place(schema: Schema, text: string, entry: NativeFunction, isFunction: boolean, isMethod: boolean): Operator {
  const namespace = NAMESPACES.find(({ module }) => module === entry.module);
  if (namespace === undefined) throw new Error(`Expected a known python_module but received ${entry.module} for ${entry.func}`);
  const { name } = schema;
  const form = formOf(schema);
  const functionName = camelCase(name.startsWith(namespace.prefix) ? name.slice(namespace.prefix.length) : name);
  const methodName = camelCase(name);
  // An in-place operator that is a method only stays one; its `out` twin is reached through the function.
  return {
    schema,
    text,
    fullName: fullName(schema),
    form,
    namespace,
    functionName: isFunction && !(namespace.module === '' && Object.hasOwn(HANDWRITTEN_FUNCTIONS, functionName)) ? functionName : null,
    methodName: isMethod && !Object.hasOwn(HANDWRITTEN_METHODS, methodName) ? methodName : null,
    tags: entry.tags,
  };
}

function reasonToSkip(schema: Schema): string | null {
  const left = LEFT_OUT.find(({ names }) => names.test(fullName(schema)));
  if (left !== undefined) return left.reason;
  for (const { type } of [...schema.args, ...schema.returns]) {
    if (type.kind !== 'other') continue;
    const known = UNSUPPORTED_TYPES.find((entry) => entry.type.test(type.raw));
    return known?.reason ?? `values of type ${type.raw} have no JavaScript form`;
  }
  return null;
}
