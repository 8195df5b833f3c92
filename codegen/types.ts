/** From schema types to TypeScript types. */

import type { SchemaType } from './schema';

/** What an argument accepts. */
export function argumentType(type: SchemaType): string {
  return type.nullable ? `${notNull(type)} | null` : notNull(type);
}

function notNull(type: SchemaType): string {
  if (!type.list) return scalarType(type);
  // One number stands for a list of a fixed size; a mask of booleans must be spelled out.
  if (type.listSize !== undefined && type.kind === 'int') return 'IntList1';
  const element = scalarType(type);
  if (type.elementNullable) return `readonly (${element} | null)[]`;
  return `readonly ${element}[]`;
}

function scalarType(type: SchemaType): string {
  switch (type.kind) {
    case 'Tensor':
    case 'Scalar':
    case 'Layout':
    case 'MemoryFormat':
    case 'Generator':
      return type.kind;
    case 'int':
      return 'Int';
    case 'float':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'str':
      return 'string';
    case 'ScalarType':
      return 'DType';
    case 'Device':
      return 'DeviceLike';
    case 'other':
      throw new Error(`Expected a type with a JavaScript form but received ${type.raw}`);
  }
}

/** What a result is. */
export function resultType(type: SchemaType): string {
  const element = type.kind === 'int' ? 'number' : scalarType(type);
  if (!type.list) return type.nullable ? `${element} | null` : element;
  const list = type.elementNullable ? `(${element} | null)[]` : `${element}[]`;
  return type.nullable ? `${list} | null` : list;
}

/** The names that generated files import from `../types`. */
export const TYPE_NAMES = [
  'DeviceLike',
  'DType',
  'Generator',
  'Int',
  'IntList1',
  'Layout',
  'MemoryFormat',
  'Scalar',
  'Tensor',
  'TensorOptions',
] as const;
