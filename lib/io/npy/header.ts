/** The header of a .npy file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

import type { DType } from '../../tensor/types';
import { Cursor } from '../cursor';
import { malformed, type Source } from '../source';
import { descriptionOf, dtypeOf, NUMPY_DTYPES } from './dtypes';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const ALIGNMENT = 64;
/** numpy leaves room for the first size to grow to so many digits. */
const MOST_DIGITS = 21;
const LONGEST = 1 << 20;
const MOST_DIMENSIONS = 64;

export interface NpyHeader {
  /** Null when the file holds bytes of no known meaning. */
  readonly dtype: DType | null;
  /** Bytes of an element. */
  readonly width: number;
  readonly bigEndian: boolean;
  /** Columns and not rows lie together. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** First byte of the elements, counted from where the header begins. */
  readonly begin: number;
}

export function encodeHeader(dtype: DType, shape: readonly number[], fortranOrder: boolean): Buffer {
  const sizes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const growing = fortranOrder ? shape.at(-1) : shape[0];
  const room = growing === undefined ? 0 : MOST_DIGITS - String(growing).length;
  const text = `{'descr': '${descriptionOf(dtype)}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': ${sizes}, }${' '.repeat(room)}`;
  // 64 dimensions of 16 digits stay below the 65,535 bytes of version 1.
  const fixed = MAGIC.length + 4;
  const length = text.length + 1;
  const padding = ALIGNMENT - ((fixed + length) % ALIGNMENT);
  const header = Buffer.alloc(fixed + length + padding, ' ');
  MAGIC.copy(header);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(length + padding, 8);
  header.write(text, fixed, 'latin1');
  header[header.length - 1] = 10;
  return header;
}

/** Reads the header that begins at `position`. @throws for versions, dtypes and headers that are not known */
export function parseHeader(source: Source, position: number, end: number): NpyHeader {
  const fail = (what: string, received: string): Error => malformed(source, what, received);
  const cursor = new Cursor(source, position, end);
  if (end - position < 10) throw fail('a .npy file of at least 10 bytes', `${end - position}`);
  if (!cursor.bytes(MAGIC.length).equals(MAGIC)) throw fail('a .npy file, which begins with \\x93NUMPY,', 'another one');
  const [major, minor] = [cursor.byte(), cursor.byte()];
  if (major < 1 || major > 3 || minor !== 0) throw fail('a .npy file of version 1.0, 2.0 or 3.0', `version ${major}.${minor}`);
  const length = major === 1 ? cursor.bytes(2).readUInt16LE() : cursor.bytes(4).readUInt32LE();
  if (length > LONGEST) throw fail(`a .npy header of at most ${LONGEST} bytes`, `${length}`);
  const text = cursor.bytes(length).toString(major === 3 ? 'utf8' : 'latin1');
  const fields = fieldsOf(text);
  if (fields === null) throw fail("a .npy header with 'descr', 'fortran_order' and 'shape'", JSON.stringify(text.trim().slice(0, 80)));
  const { description, fortranOrder, shape } = fields;
  if (/^'[<>|=]?O\d*'$/.test(description))
    throw fail('an array of numbers', `one of Python objects (${description}), which only Python can read`);
  const match = /^'([<>|=]?)([a-zA-Z]\d+)'$/.exec(description);
  const dtype = match === null ? undefined : dtypeOf(match[2] as string);
  if (match === null || dtype === undefined) throw fail(`one of the dtypes ${NUMPY_DTYPES.join(', ')}`, description.slice(0, 60));
  if (!shape.every(Number.isSafeInteger) || shape.length > MOST_DIMENSIONS)
    throw fail('a shape of whole numbers', `(${shape.slice(0, 8).join(', ')})`);
  return {
    dtype,
    width: Number((match[2] as string).slice(1)),
    bigEndian: match[1] === '>',
    fortranOrder,
    shape,
    begin: cursor.position - position,
  };
}

const FIELD = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(True|False|'[^'\\]*'|"[^"\\]*"|\([\dL,\s]*\)|\[[^\]]*\])\s*(,|(?=\}))/y;

/** The three fields of the dictionary, in any order; null when it is not one with exactly these. */
function fieldsOf(text: string): { description: string; fortranOrder: boolean; shape: number[] } | null {
  const dictionary = /^\s*\{([\s\S]*)\}\s*$/.exec(text);
  if (dictionary === null) return null;
  const body = `${dictionary[1]}}`;
  const fields = new Map<string, string>();
  FIELD.lastIndex = 0;
  for (let match = FIELD.exec(body); match !== null; match = FIELD.exec(body)) {
    const at = FIELD.lastIndex;
    fields.set((match[1] ?? match[2]) as string, match[3] as string);
    if (/^\s*\}$/.test(body.slice(at))) break;
  }
  const [description, order, shape] = [fields.get('descr'), fields.get('fortran_order'), fields.get('shape')];
  if (
    fields.size !== 3 ||
    description === undefined ||
    shape === undefined ||
    !shape.startsWith('(') ||
    (order !== 'True' && order !== 'False')
  )
    return null;
  const sizes = shape.slice(1, -1).replaceAll('L', '').trim().replace(/,$/, ''); // Python 2 marked long integers
  if (!/^(\d+(\s*,\s*\d+)*)?$/.test(sizes)) return null;
  return {
    description: description.replace(/^"(.*)"$/, "'$1'"),
    fortranOrder: order === 'True',
    shape: sizes === '' ? [] : sizes.split(',').map(Number),
  };
}
