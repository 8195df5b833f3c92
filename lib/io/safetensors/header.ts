/** The header of a safetensors file: what is in it and where. */

import type { DType } from '../../tensor/types';
import { malformed, type Source } from '../source';
import { BY_NAME, shapeInMemory } from './dtypes';

// The reference implementation's limit.
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor in a file: what it is and where its bytes lie. */
export interface SafetensorsEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** Number of bytes. */
  readonly bytes: number;
}

/** What a file says about itself. */
export interface SafetensorsHeader {
  readonly tensors: Readonly<Record<string, SafetensorsEntry>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws when the source is no such file, or a tensor's place, shape and dtype do not fit each other */
export function parseHeader(source: Source): SafetensorsHeader {
  const fail = (what: string, received: string): Error => malformed(source, what, received);
  if (source.size < 8) throw fail('a safetensors file of at least 8 bytes', `${source.size}`);
  const prefix = Buffer.alloc(8);
  source.read(prefix, 0);
  const length = Number(prefix.readBigUInt64LE());
  if (length > MAX_HEADER_BYTES) throw fail(`a safetensors header of at most ${MAX_HEADER_BYTES} bytes`, `${length}`);
  if (8 + length > source.size) throw fail(`a safetensors header of ${length} bytes, as its length says,`, `${source.size - 8}`);
  const raw = new Uint8Array(length);
  source.read(raw, 8);

  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch (error) {
    throw fail('a safetensors header in JSON', (error as Error).message);
  }
  if (!isObject(json)) throw fail('a JSON object for a safetensors header', JSON.stringify(json).slice(0, 60));

  const first = 8 + length;
  const tensors = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string'))
        throw fail('texts for __metadata__', JSON.stringify(value).slice(0, 60));
      metadata = value as Record<string, string>;
      continue;
    }
    tensors.set(name, parseEntry(name, value, first, source.size, fail));
  }
  checkCoverage(tensors, first, source.size, fail);
  return { tensors: Object.fromEntries(tensors), metadata };
}

type Fail = (what: string, received: string) => Error;

function parseEntry(name: string, value: unknown, first: number, size: number, fail: Fail): SafetensorsEntry {
  const quoted = JSON.stringify(name);
  const shown = (part: unknown): string => (JSON.stringify(part) ?? 'nothing').slice(0, 60);
  if (!isObject(value)) throw fail(`dtype, shape and data_offsets for ${quoted}`, shown(value));
  const { dtype, shape, data_offsets: offsets } = value;
  const encoding = typeof dtype === 'string' ? BY_NAME.get(dtype) : undefined;
  if (encoding === undefined) throw fail(`one of the dtypes ${[...BY_NAME.keys()].join(', ')} for ${quoted}`, shown(dtype));
  if (!isSizes(shape)) throw fail(`a shape of whole numbers for ${quoted}`, shown(shape));
  if (!isSizes(offsets) || offsets.length !== 2) throw fail(`two data_offsets for ${quoted}`, shown(offsets));
  const [begin, end] = offsets as [number, number];
  if (begin > end || first + end > size) throw fail(`data_offsets from 0 to ${size - first} for ${quoted}`, `[${begin}, ${end}]`);
  const inMemory = shapeInMemory(encoding.dtype, shape);
  if (inMemory === null) throw fail(`an even last size for ${quoted}, ${encoding.name},`, shown(shape));
  const bytes = inMemory.reduce((product, length) => product * length, encoding.bytes);
  if (bytes !== end - begin) throw fail(`${bytes} bytes for ${quoted}, ${encoding.name} [${shape.join(', ')}],`, `${end - begin}`);
  return { dtype: encoding.dtype, shape: inMemory, begin: first + begin, bytes };
}

/** Every byte after the header belongs to exactly one tensor: a file cannot hide anything. */
function checkCoverage(tensors: ReadonlyMap<string, SafetensorsEntry>, first: number, size: number, fail: Fail): void {
  let at = first;
  for (const [name, { begin, bytes }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.bytes - b.bytes)) {
    if (begin !== at)
      throw fail(`the bytes of ${JSON.stringify(name)} to start at ${at - first}, where those before end,`, `${begin - first}`);
    at += bytes;
  }
  if (at !== size) throw fail(`${at - first} bytes of tensors, as the header says,`, `${size - first}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}
