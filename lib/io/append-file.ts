import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { writeAll } from './atomic';

/** A file that grows by whole pieces: one that could not be written wholly, on a full disk say, is taken back. */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #size: number;
  #open = true;

  /** @param flags `'a'` goes on with a file or makes one, `'ax'` makes one and refuses a name that is taken */
  constructor(path: string, flags: 'a' | 'ax') {
    this.path = path;
    this.#file = openSync(path, flags);
    this.#size = fstatSync(this.#file).size;
  }

  /** Hands the piece to the system: from then on it outlives this process. */
  append(bytes: Uint8Array): void {
    if (!this.#open) throw new Error(`Expected an open file but ${this.path} was closed`);
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      try {
        ftruncateSync(this.#file, this.#size);
      } catch {
        // What went wrong first says more.
      }
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Waits until all is on the disk: from then on it outlives a power failure. */
  sync(): void {
    if (this.#open) fsyncSync(this.#file);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }
}
