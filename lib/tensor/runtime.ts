/**
 * The memory that JavaScript shares with the native core, and what every native call needs: cells to write arguments to,
 * results to read, the side block for lists and strings, and garbage collection when enough was made outside scopes.
 */

import v8 from 'node:v8';
import vm from 'node:vm';
import { addon } from '../native';
import { CELL_BYTES, CELL_WORDS, FIRST_CELL, Header, PROTOCOL, Tag } from './protocol';
import type { Tensor } from './tensor';
import type { Complex } from './types';

const theirs = addon.protocol();
for (const [name, value] of Object.entries(PROTOCOL)) {
  if (theirs[name] !== value) {
    throw new Error(
      `Expected the addon's ${name} to be ${value} but it is ${theirs[name]}: the addon is of another torchwright; run \`npm run setup\`.`,
    );
  }
}

const block = addon.block();
/** The block as 32-bit words, doubles and 64-bit integers. */
export const words = new Int32Array(block);
export const doubles = new Float64Array(block);
const bigints = new BigInt64Array(block);

let side = addon.side();
let sideWords = new Int32Array(side);
let sideDoubles = new Float64Array(side);
let sideBytes = new Uint8Array(side);
let sideBigints = new BigInt64Array(side);
let sideUsed = 0;

/** Position, in words, of cell `index`. */
export function cellAt(index: number): number {
  return FIRST_CELL + CELL_WORDS * index;
}

function refreshSide(): void {
  side = addon.side();
  sideWords = new Int32Array(side);
  sideDoubles = new Float64Array(side);
  sideBytes = new Uint8Array(side);
  sideBigints = new BigInt64Array(side);
}

/** Starts the arguments of a new call. */
export function beginSide(): void {
  sideUsed = 0;
}

const LARGEST_SIDE = 2 ** 30;

/** Room in the side block; the byte offset, a multiple of 8. */
function allocate(bytes: number): number {
  const at = sideUsed;
  const end = at + 8 * Math.ceil(bytes / 8);
  if (end > LARGEST_SIDE) throw new RangeError(`Expected lists and strings below 1 GiB in all but received ${end} bytes`);
  if (end > side.byteLength || words[Header.sideGrown] !== 0) {
    if (end > side.byteLength) addon.growSide(end);
    refreshSide();
  }
  sideUsed = end;
  return at;
}

// --- arguments. `at` is a position in words: of a cell of the block, or of a list's element in the side block.

/** Writes a tensor's handle. */
export function putTensor(at: number, tensor: Tensor): void {
  words[at] = Tag.tensor;
  words[at + 1] = tensor._generation;
  words[at + 2] = tensor._slot;
}

export function putNone(at: number): void {
  words[at] = Tag.none;
}

export function putAbsent(at: number): void {
  words[at] = Tag.absent;
}

export function putNumber(at: number, value: number): void {
  words[at] = Tag.number;
  doubles[(at >> 1) + 1] = value;
}

export function putBool(at: number, value: boolean): void {
  words[at] = Tag.bool;
  words[at + 2] = value ? 1 : 0;
}

export function putBigInt(at: number, value: bigint): void {
  words[at] = Tag.bigint;
  bigints[(at >> 1) + 1] = value;
}

/** A dtype, layout or memory format by its code. */
export function putCode(at: number, tag: Tag, code: number): void {
  words[at] = tag;
  words[at + 2] = code;
}

export function putDevice(at: number, type: number, index: number): void {
  words[at] = Tag.device;
  words[at + 1] = index;
  words[at + 2] = type;
}

export function putComplex(at: number, value: Complex): void {
  const offset = allocate(16);
  sideDoubles[offset >> 3] = value.re;
  sideDoubles[(offset >> 3) + 1] = value.im;
  words[at] = Tag.complex;
  words[at + 2] = offset;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function putString(at: number, value: string): void {
  const room = value.length * 3; // UTF-8 needs at most three bytes for a UTF-16 unit
  const offset = allocate(room);
  const { written } = encoder.encodeInto(value, sideBytes.subarray(offset, offset + room));
  words[at] = Tag.string;
  words[at + 1] = written;
  words[at + 2] = offset;
}

export function putTensors(at: number, tensors: readonly (Tensor | null)[]): void {
  const offset = allocate(8 * tensors.length);
  let word = offset >> 2;
  for (const tensor of tensors) {
    sideWords[word++] = tensor === null ? -1 : tensor._slot;
    sideWords[word++] = tensor === null ? 0 : tensor._generation;
  }
  words[at] = Tag.tensorList;
  words[at + 1] = tensors.length;
  words[at + 2] = offset;
}

export function putNumbers(at: number, values: ArrayLike<number>): void {
  const offset = allocate(8 * values.length);
  const start = offset >> 3;
  for (let i = 0; i < values.length; i++) sideDoubles[start + i] = values[i] as number;
  words[at] = Tag.numberList;
  words[at + 1] = values.length;
  words[at + 2] = offset;
}

/** A list of mixed values, each written by `put` into cell 0 of the block and moved from there. */
export function putList<T>(at: number, values: readonly T[], put: (at: number, value: T) => void): void {
  const offset = allocate(CELL_BYTES * values.length);
  // Through the last cell of the block, which no operator uses: elements may need room in the side block of their own.
  const spare = cellAt(63);
  for (const [i, value] of values.entries()) {
    put(spare, value);
    const to = (offset + CELL_BYTES * i) >> 2;
    for (let k = 0; k < CELL_WORDS; k++) sideWords[to + k] = words[spare + k] as number;
  }
  words[at] = Tag.list;
  words[at + 1] = values.length;
  words[at + 2] = offset;
}

// --- results

/** Makes the JavaScript object of a handle; set by tensor.ts. */
let adopt: (slot: number, generation: number) => Tensor = () => {
  throw new Error('the tensor class is not loaded');
};

export function setAdopt(fn: typeof adopt): void {
  adopt = fn;
}

/** The value in a cell of the block. `args` are the arguments, for results that are one of them. */
export function takeCell(index: number, args: ArrayLike<unknown> = []): unknown {
  const at = cellAt(index);
  return take(words, doubles, bigints, at, args);
}

function take(w: Int32Array, d: Float64Array, b: BigInt64Array, at: number, args: ArrayLike<unknown>): unknown {
  const aux = w[at + 1] as number;
  const value = w[at + 2] as number;
  switch (w[at]) {
    case Tag.tensor:
      return adopt(value, aux);
    case Tag.number:
      return d[(at >> 1) + 1];
    case Tag.bool:
      return value !== 0;
    case Tag.bigint:
      return b[(at >> 1) + 1];
    case Tag.same:
      return args[value];
    case Tag.string:
      fresh();
      return decoder.decode(sideBytes.slice(value, value + aux));
    case Tag.complex:
      fresh();
      return { re: sideDoubles[value >> 3], im: sideDoubles[(value >> 3) + 1] };
    case Tag.device:
      return { type: value, index: aux };
    case Tag.list: {
      fresh();
      const list: unknown[] = [];
      for (let i = 0; i < aux; i++) list.push(take(sideWords, sideDoubles, sideBigints, (value >> 2) + CELL_WORDS * i, args));
      return list;
    }
    case Tag.tensorList: {
      fresh();
      const list: (Tensor | null)[] = [];
      // Making a tensor outside of scopes may run a collection, which leaves the side block alone.
      for (let i = 0, at = value >> 2; i < aux; i++, at += 2) {
        const slot = sideWords[at] as number;
        list.push(slot < 0 ? null : adopt(slot, sideWords[at + 1] as number));
      }
      return list;
    }
    default:
      return null;
  }
}

function fresh(): void {
  if (words[Header.sideGrown] !== 0) refreshSide();
}

/** The list of tensors in cell 0, null where there is none. */
export function takeTensors(): (Tensor | null)[] {
  return takeCell(0) as (Tensor | null)[];
}

/** Up to 128 numbers from the first cell on: how shapes come back. */
export function takeNumbers(): number[] {
  const count = words[Header.results] as number;
  const start = FIRST_CELL >> 1;
  const out = new Array<number>(count);
  for (let i = 0; i < count; i++) out[i] = doubles[start + i] as number;
  return out;
}

// --- garbage collection

/** Without options a complete collection; with type 'major' the engine leaves some of the dead for later. */
type Collect = (options?: { type: 'minor'; execution: 'sync' }) => void;
let engineCollect: Collect | undefined;
const MEGABYTE = 1 << 20;
let majorAt = 64 * MEGABYTE;

/** The engine's own collector, which is behind a flag. */
function collector(): Collect {
  if (engineCollect === undefined) {
    v8.setFlagsFromString('--expose-gc');
    engineCollect = vm.runInNewContext('gc') as Collect;
  }
  return engineCollect;
}

/**
 * Frees what is no longer referenced, called when tensors outside scopes have taken enough memory since the last time, or scopes have
 * left many objects behind. A
 * minor collection reaches what is young, which is nearly everything in a loop. The little that it takes for alive each time
 * adds up, so when the live bytes have grown by some, a major collection tells what really is.
 */
export function collectGarbage(): void {
  const collect = collector();
  collect({ type: 'minor', execution: 'sync' });
  let live = addon.collectionDone();
  if (live <= majorAt) return;
  collect();
  live = addon.collectionDone();
  majorAt = 1.25 * live + 32 * MEGABYTE;
}

/** Everything that can be collected now: for measurements and after an allocation failed. */
export function collectAll(): void {
  collector()();
  addon.collectionDone();
}
