import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { AppendFile } from '../append-file';
import { fileVersion } from './messages';
import { encodeRecord } from './record';

let files = 0;

/** A file of events in a folder, under a name of its own: each run of a program adds one. */
export class EventFile {
  readonly #file: AppendFile;

  constructor(folder: string, suffix: string) {
    mkdirSync(folder, { recursive: true });
    const now = Date.now() / 1000;
    const seconds = String(Math.floor(now)).padStart(10, '0');
    // TensorBoard takes every file with "tfevents" in its name, in the order of the names.
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${threadId}.${files++}${suffix}`;
    this.#file = new AppendFile(join(folder, name), 'ax');
    this.add(fileVersion({ step: 0, wallTime: now }));
  }

  add(event: Uint8Array): void {
    this.#file.append(encodeRecord(event));
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}
