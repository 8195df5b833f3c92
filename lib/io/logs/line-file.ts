import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expected } from '../../tensor/expected';
import { AppendFile } from '../append-file';
import { writeAll, writeAtomically } from '../atomic';

/** A file of lines, each handed to the system whole. */
export class LineFile {
  readonly path: string;
  #file: AppendFile;

  /**
   * @param keep which of the lines that a file there has stay, and in what form; the last one, if it was cut short when its writer
   * was killed, does not
   * @throws when the file can be neither read nor written
   */
  constructor(path: string, keep: (lines: readonly string[]) => readonly string[]) {
    if (typeof path !== 'string' || path === '') throw expected('a path', 'the log', path);
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) {
      const text = readFileSync(path, 'utf8');
      const kept = keep(linesOf(text));
      const content = contentOf(kept);
      if (content !== text) replace(path, content);
    }
    this.#file = new AppendFile(path, 'a');
  }

  append(line: string): void {
    this.#file.append(Buffer.from(`${line}\n`));
  }

  /** Puts others in the place of all lines: either all or none, also when the process is killed. */
  rewrite(change: (lines: readonly string[]) => readonly string[]): void {
    replace(this.path, contentOf(change(linesOf(readFileSync(this.path, 'utf8')))));
    this.#file.close();
    this.#file = new AppendFile(this.path, 'a');
  }

  close(): void {
    this.#file.close();
  }
}

/** Without what stands behind the last line's end. */
const linesOf = (text: string): string[] => text.split(/\r?\n/).slice(0, -1);
const contentOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function replace(path: string, content: string): void {
  writeAtomically(path, (file) => writeAll(file, Buffer.from(content)));
}
