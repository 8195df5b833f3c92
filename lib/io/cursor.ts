import { malformed, type Source } from './source';

const WINDOW = 64 << 10;

/** Reads part of a source from front to back, in small pieces without a system call for each. */
export class Cursor {
  readonly #source: Source;
  readonly #end: number;
  #window = Buffer.alloc(0);
  #at = 0;
  /** Position of the window's end in the source. */
  #next: number;

  constructor(source: Source, begin = 0, end = source.size) {
    this.#source = source;
    this.#next = begin;
    this.#end = end;
  }

  /** Position in the source of what is read next. */
  get position(): number {
    return this.#next - (this.#window.length - this.#at);
  }

  byte(): number {
    if (this.#at === this.#window.length) this.#fill(1);
    return this.#window[this.#at++] as number;
  }

  /** The next bytes, which nobody else writes to. @throws when there are fewer, before anything is allocated for them */
  bytes(count: number): Buffer {
    if (count > this.#window.length - this.#at) {
      if (count > WINDOW) return this.#direct(count);
      this.#fill(count);
    }
    this.#at += count;
    return this.#window.subarray(this.#at - count, this.#at);
  }

  /** Text up to the next line feed, without it. */
  line(longest: number): string {
    const start = this.position;
    const taken: number[] = [];
    for (let byte = this.byte(); byte !== 10; byte = this.byte()) {
      if (taken.length === longest) throw malformed(this.#source, `a line of at most ${longest} bytes`, `more at ${start}`);
      taken.push(byte);
    }
    return Buffer.from(taken).toString('utf8');
  }

  skip(count: number): void {
    this.#check(count);
    this.#next = this.position + count;
    this.#window = Buffer.alloc(0);
    this.#at = 0;
  }

  #check(count: number): void {
    const rest = this.#end - this.position;
    if (count > rest) throw malformed(this.#source, `${count} more bytes at ${this.position}`, rest <= 0 ? 'its end' : `${rest}`);
  }

  /** A new window from the current position on, with at least `count` bytes. */
  #fill(count: number): void {
    this.#check(count);
    const { position } = this;
    const window = Buffer.alloc(Math.min(WINDOW, this.#end - position));
    this.#source.read(window, position);
    this.#window = window;
    this.#at = 0;
    this.#next = position + window.length;
  }

  #direct(count: number): Buffer {
    this.#check(count);
    const bytes = Buffer.alloc(count);
    this.#source.read(bytes, this.position);
    this.skip(count);
    return bytes;
  }
}
