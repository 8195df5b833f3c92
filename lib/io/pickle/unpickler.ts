/**
 * Reads Python's pickles without Python and without executing anything: the machine knows containers, numbers and texts, and asks
 * `PickleNames` about every class and function that a pickle names, which refuses all but a few.
 *
 * The format: https://docs.python.org/3/library/pickletools.html
 */

import type { Cursor } from '../cursor';
import { Op } from './opcodes';

/** What a pickle may call: a function of ours under a Python name. */
export interface PickleFunction {
  readonly call: (args: readonly unknown[]) => unknown;
}

/** The meaning of the names in a pickle. */
export interface PickleNames {
  /** The value or function of a Python name such as `collections.OrderedDict`. @throws for all that are not known to be harmless */
  find(name: string): unknown;
  /** The object behind a persistent id, which lies outside the pickle. */
  persistent(id: unknown): unknown;
  /** The error for a pickle that is damaged. */
  malformed(what: string, received: string): Error;
}

/** What came of a class that only keeps attributes, such as an OrderedDict: a state set on it is passed over. */
const MOST_MARKS = 1000;
const LONGEST_NAME = 1000;
const LONGEST_NUMBER = 1024; // bytes of an integer; parsing a longer one takes quadratic time

export function isPickleFunction(value: unknown): value is PickleFunction {
  return typeof value === 'object' && value !== null && 'call' in value && typeof value.call === 'function';
}

/**
 * The value in the pickle at the cursor, which then stands behind it. Dictionaries come as maps, lists and tuples as arrays,
 * integers as numbers or, beyond 2^53, bigints.
 */
export function unpickle(cursor: Cursor, names: PickleNames): unknown {
  return new Machine(cursor, names).run();
}

class Machine {
  readonly #cursor: Cursor;
  readonly #names: PickleNames;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(cursor: Cursor, names: PickleNames) {
    this.#cursor = cursor;
    this.#names = names;
  }

  run(): unknown {
    for (;;) {
      const op = this.#cursor.byte();
      if (op === Op.STOP) return this.#pop();
      this.#step(op);
    }
  }

  #step(op: number): void {
    const cursor = this.#cursor;
    switch (op) {
      case Op.PROTO: {
        const version = cursor.byte();
        if (version > 5) throw this.#fail('a pickle protocol up to 5', `${version}`);
        return;
      }
      case Op.FRAME:
        cursor.bytes(8);
        return;

      case Op.MARK:
        if (this.#marks.length === MOST_MARKS) throw this.#fail(`at most ${MOST_MARKS} levels`, 'more');
        this.#marks.push(this.#stack.length);
        return;
      case Op.POP:
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop();
        return;
      case Op.POP_MARK:
        this.#popMark();
        return;
      case Op.DUP:
        this.#push(this.#top());
        return;

      case Op.NONE:
        return this.#push(null);
      case Op.NEWTRUE:
        return this.#push(true);
      case Op.NEWFALSE:
        return this.#push(false);
      case Op.BININT:
        return this.#push(cursor.bytes(4).readInt32LE());
      case Op.BININT1:
        return this.#push(cursor.byte());
      case Op.BININT2:
        return this.#push(cursor.bytes(2).readUInt16LE());
      case Op.LONG1:
        return this.#push(this.#long(cursor.byte()));
      case Op.LONG4:
        return this.#push(this.#long(cursor.bytes(4).readUInt32LE()));
      case Op.INT:
        return this.#push(this.#decimal());
      case Op.LONG:
        return this.#push(this.#decimal());
      case Op.BINFLOAT:
        return this.#push(cursor.bytes(8).readDoubleBE());
      case Op.FLOAT:
        return this.#push(Number.parseFloat(cursor.line(LONGEST_NAME)));

      case Op.SHORT_BINUNICODE:
        return this.#push(cursor.bytes(cursor.byte()).toString('utf8'));
      case Op.BINUNICODE:
        return this.#push(cursor.bytes(cursor.bytes(4).readUInt32LE()).toString('utf8'));
      case Op.BINUNICODE8:
        return this.#push(cursor.bytes(this.#length8()).toString('utf8'));
      case Op.SHORT_BINSTRING:
        return this.#push(cursor.bytes(cursor.byte()).toString('latin1'));
      case Op.BINSTRING:
        return this.#push(cursor.bytes(cursor.bytes(4).readUInt32LE()).toString('latin1'));
      case Op.SHORT_BINBYTES:
        return this.#push(copyOf(cursor.bytes(cursor.byte())));
      case Op.BINBYTES:
        return this.#push(copyOf(cursor.bytes(cursor.bytes(4).readUInt32LE())));
      case Op.BINBYTES8:
      case Op.BYTEARRAY8:
        return this.#push(copyOf(cursor.bytes(this.#length8())));

      case Op.EMPTY_TUPLE:
      case Op.EMPTY_LIST:
        return this.#push([]);
      case Op.EMPTY_DICT:
        return this.#push(new Map());
      case Op.EMPTY_SET:
        return this.#push(new Set());
      case Op.TUPLE:
      case Op.LIST:
        return this.#push(this.#popMark());
      case Op.TUPLE1:
        return this.#push([this.#pop()]);
      case Op.TUPLE2: {
        const b = this.#pop();
        return this.#push([this.#pop(), b]);
      }
      case Op.TUPLE3: {
        const c = this.#pop();
        const b = this.#pop();
        return this.#push([this.#pop(), b, c]);
      }
      case Op.DICT: {
        const items = this.#popMark();
        const map = new Map();
        this.#setItems(map, items);
        return this.#push(map);
      }
      case Op.FROZENSET:
        return this.#push(new Set(this.#popMark()));

      case Op.APPEND: {
        const item = this.#pop();
        this.#list().push(item);
        return;
      }
      case Op.APPENDS: {
        const items = this.#popMark();
        const list = this.#list();
        for (const item of items) list.push(item);
        return;
      }
      case Op.SETITEM: {
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems(this.#top(), [key, value]);
        return;
      }
      case Op.SETITEMS: {
        const items = this.#popMark();
        this.#setItems(this.#top(), items);
        return;
      }
      case Op.ADDITEMS: {
        const items = this.#popMark();
        const set = this.#top();
        if (!(set instanceof Set)) throw this.#fail('a set to add to', shown(set));
        for (const item of items) set.add(item);
        return;
      }

      case Op.BINGET:
        return this.#push(this.#remembered(cursor.byte()));
      case Op.LONG_BINGET:
        return this.#push(this.#remembered(cursor.bytes(4).readUInt32LE()));
      case Op.GET:
        return this.#push(this.#remembered(Number(cursor.line(LONGEST_NAME))));
      case Op.BINPUT:
        this.#memo.set(cursor.byte(), this.#top());
        return;
      case Op.LONG_BINPUT:
        this.#memo.set(cursor.bytes(4).readUInt32LE(), this.#top());
        return;
      case Op.PUT:
        this.#memo.set(Number(cursor.line(LONGEST_NAME)), this.#top());
        return;
      case Op.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top());
        return;

      case Op.GLOBAL: {
        const module = cursor.line(LONGEST_NAME);
        return this.#push(this.#find(module, cursor.line(LONGEST_NAME)));
      }
      case Op.STACK_GLOBAL: {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw this.#fail('the name of a class', shown(name));
        return this.#push(this.#find(module, name));
      }
      case Op.REDUCE:
      case Op.NEWOBJ: {
        const args = this.#pop();
        const callee = this.#pop();
        if (!isPickleFunction(callee)) throw this.#fail('a function to call', shown(callee));
        if (!Array.isArray(args)) throw this.#fail('arguments of a function', shown(args));
        return this.#push(callee.call(args));
      }
      case Op.BUILD: {
        // Attributes of a dictionary, such as the _metadata of a state dict; nothing else here has a state to set.
        const state = this.#pop();
        const target = this.#top();
        if (!(target instanceof Map)) throw this.#fail('no state to set', `one for ${shown(target)}: ${shown(state)}`);
        return;
      }
      case Op.BINPERSID:
        return this.#push(this.#names.persistent(this.#pop()));
      default:
        throw this.#fail('an instruction that plain data needs', `0x${op.toString(16).padStart(2, '0')} at ${cursor.position - 1}`);
    }
  }

  #find(module: string, name: string): unknown {
    // Protocols up to 2 name builtins as Python 2 did.
    return this.#names.find(`${module === '__builtin__' ? 'builtins' : module}.${name}`);
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#fail('a value on the stack', 'none');
    return this.#stack.pop();
  }

  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#fail('a value on the stack', 'none');
    return this.#stack.at(-1);
  }

  #popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#fail('a mark on the stack', 'none');
    return this.#stack.splice(mark);
  }

  #list(): unknown[] {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#fail('a list to append to', shown(list));
    return list;
  }

  #setItems(target: unknown, items: readonly unknown[]): void {
    if (!(target instanceof Map)) throw this.#fail('a dictionary to set items of', shown(target));
    if (items.length % 2 !== 0) throw this.#fail('keys and values in pairs', `${items.length} of them`);
    for (let k = 0; k < items.length; k += 2) target.set(items[k], items[k + 1]);
  }

  #remembered(key: number): unknown {
    if (!this.#memo.has(key)) throw this.#fail('a value that was remembered', `number ${key}`);
    return this.#memo.get(key);
  }

  #length8(): number {
    return Number(this.#cursor.bytes(8).readBigUInt64LE());
  }

  /** A little-endian integer in two's complement. */
  #long(count: number): number | bigint {
    if (count === 0) return 0;
    if (count > LONGEST_NUMBER) throw this.#fail(`an integer of at most ${LONGEST_NUMBER} bytes`, `${count}`);
    const hex = copyOf(this.#cursor.bytes(count)).reverse().toString('hex');
    return plainInteger(BigInt.asIntN(8 * count, BigInt(`0x${hex}`)));
  }

  /** An integer in decimal digits, as protocol 0 writes it; 00 and 01 are booleans. */
  #decimal(): number | bigint | boolean {
    const text = this.#cursor.line(LONGEST_NUMBER);
    if (text === '00' || text === '01') return text === '01';
    const digits = text.replace(/L$/, '');
    if (!/^[+-]?\d+$/.test(digits)) throw this.#fail('an integer', JSON.stringify(text));
    return plainInteger(BigInt(digits));
  }

  #fail(what: string, received: string): Error {
    return this.#names.malformed(`${what} in the pickle`, received);
  }
}

function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The bytes in memory of their own: a piece of the cursor's window would hold on to all of it. */
function copyOf(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

function shown(value: unknown): string {
  if (value instanceof Map) return 'a dictionary';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
}
