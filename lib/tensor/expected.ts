/** One form for every complaint about an argument: "Expected a whole number for dim but received string 'a'". */

import { Tensor } from './tensor';

/** The error for a value that does not fit: `throw expected('a tensor', 'input', value)`. */
export function expected(what: string, where: string, received: unknown): TypeError {
  return new TypeError(`Expected ${what} for ${where} but received ${describe(received)}`);
}

/** A value in a few words, for error messages. Never throws, whatever the value. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${shorten(JSON.stringify(value), 60)}`;
    case 'number':
      return `number ${value}`;
    case 'bigint':
      return `bigint ${value}`;
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'nothing';
    case 'function':
      return `function ${value.name}`.trimEnd();
    case 'symbol':
      return 'a symbol';
  }
  if (value === null) return 'null';
  if (value instanceof Tensor) return describeTensor(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${tagOf(value)} of ${value.byteLength} bytes`;
  const tag = tagOf(value as object);
  return tag === 'Object' ? 'an object' : `an object of ${tag}`;
}

function describeTensor(tensor: Tensor): string {
  try {
    return `tensor ${tensor.dtype}[${tensor.shape.join(', ')}] ${tensor.device}`;
  } catch {
    return 'a released tensor';
  }
}

function tagOf(value: object): string {
  try {
    const name = value.constructor?.name;
    return typeof name === 'string' && name !== '' ? name : 'Object';
  } catch {
    return 'Object'; // a proxy or a getter that throws
  }
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}...`;
}
