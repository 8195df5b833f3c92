/** The safetensors format: a JSON header that names dtype, shape and place of each tensor, then their bytes. */

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { checkedBytes, checkedOptions } from '../tensor/checked';
import { fromBlob } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import type { DeviceLike, DType } from '../tensor/types';
import { writeAtomically } from './atomic';

/** The format's names of the dtypes, with the bytes of one element, in the order that the reference implementation writes them. */
const DTYPES = [
  ['uint64', 'U64', 8],
  ['int64', 'I64', 8],
  ['float64', 'F64', 8],
  ['complex64', 'C64', 8],
  ['float32', 'F32', 4],
  ['uint32', 'U32', 4],
  ['int32', 'I32', 4],
  ['bfloat16', 'BF16', 2],
  ['float16', 'F16', 2],
  ['uint16', 'U16', 2],
  ['int16', 'I16', 2],
  ['float8_e8m0fnu', 'F8_E8M0', 1],
  ['float8_e4m3fn', 'F8_E4M3', 1],
  ['float8_e5m2', 'F8_E5M2', 1],
  ['int8', 'I8', 1],
  ['uint8', 'U8', 1],
  ['bool', 'BOOL', 1],
] as const satisfies readonly (readonly [DType, string, number])[];

interface Encoding {
  readonly dtype: DType;
  readonly name: string;
  readonly bytes: number;
}
const ENCODINGS: readonly Encoding[] = DTYPES.map(([dtype, name, bytes]) => ({ dtype, name, bytes }));
const BY_DTYPE: ReadonlyMap<DType, Encoding> = new Map(ENCODINGS.map((encoding) => [encoding.dtype, encoding]));
const BY_NAME: ReadonlyMap<string, Encoding> = new Map(ENCODINGS.map((encoding) => [encoding.name, encoding]));

// The reference implementation's limit.
const MAX_HEADER_BYTES = 100_000_000;
const ALIGNMENT = 8;

export interface SaveOptions {
  /** Texts to keep beside the tensors, such as the name of the model. */
  metadata?: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  /** Where the tensors are put. Default `'cpu'`. */
  device?: DeviceLike;
}

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

/**
 * The tensors as the bytes of a safetensors file.
 *
 * @throws for a dtype that the format lacks (complex128 among the common ones), and for tensors that are not dense
 */
export function save(tensors: Readonly<Record<string, Tensor>>, options?: SaveOptions): Buffer {
  const given = checkedOptions(options, 'save');
  const chunks: Uint8Array[] = [];
  encode(tensors, given, (bytes) => chunks.push(new Uint8Array(bytes)));
  return Buffer.concat(chunks);
}

/**
 * Writes the tensors to a safetensors file. The file appears under its name only when it is whole: a crash leaves the old
 * one, or none.
 *
 * @throws as `save` does, and when the file cannot be written
 */
export function saveFile(tensors: Readonly<Record<string, Tensor>>, path: string, options?: SaveOptions): void {
  const given = checkedOptions(options, 'saveFile');
  writeAtomically(path, (file) => encode(tensors, given, (bytes) => writeAll(file, bytes)));
}

/**
 * The tensors in the bytes of a safetensors file, by name.
 *
 * @throws when the bytes are no such file, or a tensor's place, shape and dtype do not fit each other
 */
export function load(bytes: Uint8Array, options?: LoadOptions): Record<string, Tensor> {
  const given = checkedOptions(options, 'load');
  checkedBytes(bytes, 'load');
  const copy = (target: Uint8Array, position: number): void => target.set(bytes.subarray(position, position + target.length));
  return decode({ size: bytes.length, name: 'the buffer', read: copy }, given);
}

/**
 * Reads the tensors of a safetensors file, by name.
 *
 * @throws as `load` does, and when the file cannot be read
 */
export function loadFile(path: string, options?: LoadOptions): Record<string, Tensor> {
  const given = checkedOptions(options, 'loadFile');
  return withFile(path, (source) => decode(source, given));
}

/** What is in a safetensors file, without reading the tensors. */
export function readHeader(path: string): SafetensorsHeader {
  return withFile(path, parse);
}

// --- writing

/** Hands the file's bytes on piece by piece; a piece may be the tensor's own memory, so it must be used at once. */
function encode(tensors: Readonly<Record<string, Tensor>>, { metadata }: SaveOptions, put: (bytes: Uint8Array) => void): void {
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    if (!(tensor instanceof Tensor)) throw expected('a tensor', JSON.stringify(name), tensor);
    if (tensor.layout !== 'strided') throw expected('a dense tensor', JSON.stringify(name), tensor);
    const encoding = BY_DTYPE.get(tensor.dtype);
    if (encoding === undefined)
      throw expected(`a tensor of a dtype that safetensors has (${[...BY_DTYPE.keys()].join(', ')})`, JSON.stringify(name), tensor);
    return { name, tensor, encoding };
  });
  entries.sort((a, b) => ENCODINGS.indexOf(a.encoding) - ENCODINGS.indexOf(b.encoding) || compareNames(a.name, b.name));
  const header = new Map<string, unknown>();
  if (metadata !== undefined) {
    for (const [key, text] of Object.entries(metadata))
      if (typeof text !== 'string') throw expected('a string', `metadata ${JSON.stringify(key)}`, text);
    header.set('__metadata__', metadata);
  }
  let end = 0;
  for (const { name, tensor, encoding } of entries) {
    if (name === '__metadata__') throw new TypeError('Expected another name than __metadata__ for a tensor: the format keeps it for texts');
    const begin = end;
    end += tensor.numel() * encoding.bytes;
    header.set(name, { dtype: encoding.name, shape: tensor.shape, data_offsets: [begin, end] });
  }
  const json = Buffer.from(toJson(header));
  const padded = Buffer.alloc(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  put(length);
  put(padded);
  for (const { tensor } of entries) {
    scope(() => {
      const { buffer, byteOffset, byteLength } = tensor.detach().toTypedArray();
      put(new Uint8Array(buffer, byteOffset, byteLength));
    });
  }
}

/** An object's JSON in the order of a map: plain objects would put names that are whole numbers first. */
function toJson(fields: ReadonlyMap<string, unknown>): string {
  return `{${[...fields].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, Math.min(bytes.length - done, LARGEST_TRANSFER));
}

// --- reading

/** Bytes at positions. `read` fills its target. */
interface Source {
  readonly size: number;
  /** What the source is called in errors. */
  readonly name: string;
  readonly read: (target: Uint8Array, position: number) => void;
}

const LARGEST_TRANSFER = 1 << 30;

function withFile<R>(path: string, use: (source: Source) => R): R {
  const file = openSync(path, 'r');
  try {
    const read = (target: Uint8Array, position: number): void => {
      for (let done = 0; done < target.length; ) {
        const count = readSync(file, target, done, Math.min(target.length - done, LARGEST_TRANSFER), position + done);
        if (count === 0) throw new Error(`Expected ${target.length} bytes at ${position} of ${path} but it ended`);
        done += count;
      }
    };
    return use({ size: fstatSync(file).size, name: path, read });
  } finally {
    closeSync(file);
  }
}

function decode(source: Source, { device }: LoadOptions): Record<string, Tensor> {
  const { tensors } = parse(source);
  return scope(() =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, entry]) => {
        const tensor = readTensor(source, entry);
        return [name, device === undefined ? tensor : tensor.to(device)];
      }),
    ),
  );
}

function readTensor(source: Source, { dtype, shape, begin, bytes }: SafetensorsEntry): Tensor {
  if (bytes === 0) return empty(shape, { dtype });
  const raw = new Uint8Array(bytes);
  source.read(raw, begin);
  return fromBlob(raw.buffer, shape, { dtype });
}

function parse(source: Source): SafetensorsHeader {
  const fail = (what: string, received: string): Error => new Error(`Expected ${what} in ${source.name} but received ${received}`);
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
  const bytes = shape.reduce((product, length) => product * length, encoding.bytes);
  if (bytes !== end - begin) throw fail(`${bytes} bytes for ${quoted}, ${encoding.name} [${shape.join(', ')}],`, `${end - begin}`);
  return { dtype: encoding.dtype, shape, begin: first + begin, bytes };
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
