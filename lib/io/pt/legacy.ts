/** The format of `torch.save` before PyTorch 1.6: pickles behind each other, then the storages' bytes. */

import { dtypeBytes } from '../../tensor/dtype';
import { empty } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { DeviceLike, DType } from '../../tensor/types';
import { swapBytes } from '../byte-order';
import { Cursor } from '../cursor';
import { type PickleNames, unpickle } from '../pickle/unpickler';
import { malformed, type Source } from '../source';
import { torchNames } from './names';
import { plain } from './plain';
import { isCount, Storage } from './storage';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
const PICKLE = 0x80;

/** Whether a file begins as a pickle and not as a zip archive does. @throws for files that begin as neither */
export function isLegacy(source: Source): boolean {
  const start = Buffer.alloc(Math.min(4, source.size));
  source.read(start, 0);
  if (start.length === 4 && start.readUInt32LE() === 0x04034b50) return false;
  if (start[0] === PICKLE) return true;
  throw malformed(
    source,
    'a file of torch.save',
    start.length === 0 ? 'an empty one' : `one that begins with the bytes ${start.toString('hex')}`,
  );
}

interface Unread {
  readonly raw: Tensor;
  readonly dtype: DType;
}

export function loadLegacy(source: Source, device: DeviceLike | undefined): unknown {
  const cursor = new Cursor(source);
  const refused = torchNames(source, () => {
    throw malformed(source, 'the head of a file of torch.save', 'a tensor');
  });
  const head = (what: string, names: PickleNames = refused): unknown => {
    const value = unpickle(cursor, names);
    if (value instanceof Map || Array.isArray(value) || typeof value === 'number' || typeof value === 'bigint') return value;
    throw malformed(source, `${what} at the head of a file of torch.save`, String(value).slice(0, 60));
  };
  const magic = head('the magic number');
  if (magic !== MAGIC) throw malformed(source, 'the magic number of torch.save', 'another pickle');
  const version = head('the version');
  if (version !== VERSION) throw malformed(source, `version ${VERSION} of the format of torch.save`, String(version));
  const system = head('the system');
  const swapped = system instanceof Map && system.get('little_endian') === false;

  const storages = new Map<string, Unread>();
  let claimed = 0;
  const names = torchNames(source, ({ dtype }, key, count, [, , , , , part]) => {
    if (dtype === null) throw malformed(source, 'a storage with a dtype', 'one without');
    const known = storages.get(key);
    const bytes = count * dtypeBytes(dtype);
    if (known === undefined) {
      claimed += bytes;
      if (!(claimed <= source.size)) throw malformed(source, `storages of at most ${source.size} bytes`, `${claimed}`);
      storages.set(key, { raw: empty([bytes], { dtype: 'uint8', ...(device === undefined ? {} : { device }) }), dtype });
    } else if (known.raw.numel() !== bytes) throw malformed(source, `${known.raw.numel()} bytes in storage ${key}`, `${bytes}`);
    const { raw } = storages.get(key) as Unread;
    return new Storage({ raw: part === null || part === undefined ? raw : partOf(raw, dtype, part, source) }, dtype);
  });
  const value = plain(unpickle(cursor, names), source);

  const keys = head('the list of storages');
  if (!Array.isArray(keys)) throw malformed(source, 'the list of storages', String(keys));
  for (const key of keys) {
    const storage = storages.get(String(key));
    const count = Number(cursor.bytes(8).readBigUInt64LE());
    if (storage === undefined) throw malformed(source, 'storages that tensors use', `storage ${String(key)}`);
    fill(storage, count, cursor, source, swapped);
    storages.delete(String(key));
  }
  const [missing] = storages.keys();
  if (missing !== undefined) throw malformed(source, `the bytes of storage ${missing}`, 'none');
  return value;
}

/** A storage that is a part of another one: `(key, offset, count)`. */
function partOf(raw: Tensor, dtype: DType, part: unknown, source: Source): Tensor {
  const [, offset, count] = Array.isArray(part) ? (part as unknown[]) : [];
  const width = dtypeBytes(dtype);
  if (!isCount(offset) || !isCount(count) || !((offset + count) * width <= raw.numel()))
    throw malformed(source, 'a part of a storage', `${String(offset)} and ${String(count)}`);
  return raw.narrow(0, offset * width, count * width);
}

function fill({ raw, dtype }: Unread, count: number, cursor: Cursor, source: Source, swapped: boolean): void {
  const bytes = raw.numel();
  if (count * dtypeBytes(dtype) !== bytes) throw malformed(source, `a storage of ${bytes / dtypeBytes(dtype)} numbers`, `${count}`);
  const read = source.tensor(cursor.position, bytes);
  cursor.skip(bytes);
  if (swapped) swapBytes(read, dtype);
  raw.copy_(read);
}
