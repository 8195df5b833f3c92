/** Writes pickles of plain data that Python's restricted unpicklers accept. */

import { Op } from './opcodes';

/** Writes one pickle, of protocol 2, which every Python 3 reads. The caller walks the data; the order of calls is the order of the machine. */
export class Pickler {
  readonly #parts: Buffer[] = [Buffer.from([Op.PROTO, 2])];

  /** A lone instruction. */
  op(op: Op): void {
    this.#parts.push(Buffer.from([op]));
  }

  none(): void {
    this.op(Op.NONE);
  }

  bool(value: boolean): void {
    this.op(value ? Op.NEWTRUE : Op.NEWFALSE);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    const head = Buffer.alloc(5);
    head[0] = Op.BINUNICODE;
    head.writeUInt32LE(bytes.length, 1);
    this.#parts.push(head, bytes);
  }

  /** Whole numbers as integers of Python, others as floats. */
  number(value: number | bigint): void {
    if (typeof value === 'bigint') this.#integer(value);
    else if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.float(value);
    else if (value === (value | 0)) {
      const part = Buffer.alloc(5);
      part[0] = Op.BININT;
      part.writeInt32LE(value, 1);
      this.#parts.push(part);
    } else this.#integer(BigInt(value));
  }

  float(value: number): void {
    const part = Buffer.alloc(9);
    part[0] = Op.BINFLOAT;
    part.writeDoubleBE(value, 1);
    this.#parts.push(part);
  }

  /** A class or function of Python. */
  global(module: string, name: string): void {
    this.#parts.push(Buffer.from([Op.GLOBAL]), Buffer.from(`${module}\n${name}\n`));
  }

  /** Calls a function of Python when the pickle is read: it and its arguments are written by `args`, one after the other. */
  call(module: string, name: string, args: () => void): void {
    this.global(module, name);
    this.tuple(args);
    this.op(Op.REDUCE);
  }

  tuple(items: () => void): void {
    this.op(Op.MARK);
    items();
    this.op(Op.TUPLE);
  }

  list(items: () => void): void {
    this.op(Op.EMPTY_LIST);
    this.op(Op.MARK);
    items();
    this.op(Op.APPENDS);
  }

  /** `items` writes keys and values in turn. */
  dictionary(items: () => void): void {
    this.op(Op.EMPTY_DICT);
    this.op(Op.MARK);
    items();
    this.op(Op.SETITEMS);
  }

  end(): Buffer {
    this.op(Op.STOP);
    return Buffer.concat(this.#parts);
  }

  /** The shortest little-endian two's complement. */
  #integer(value: bigint): void {
    let count = 1;
    while (BigInt.asIntN(8 * count, value) !== value) count++;
    const digits = BigInt.asUintN(8 * count, value)
      .toString(16)
      .padStart(2 * count, '0');
    const bytes = Buffer.from(digits, 'hex').reverse();
    if (count < 256) this.#parts.push(Buffer.from([Op.LONG1, count]));
    else {
      const head = Buffer.alloc(5);
      head[0] = Op.LONG4;
      head.writeUInt32LE(count, 1);
      this.#parts.push(head);
    }
    this.#parts.push(bytes);
  }
}
