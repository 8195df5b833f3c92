/** Writes what is generated of the README and of docs/papers: `npm run papers:docs`; with `--check` it only compares. */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { generatedFiles, ROOT } from './papers/docs';

const { check } = new Command('npm run papers:docs --')
  .description("Writes the generated parts of the README and of docs/papers from the papers' registry and the recipes' measurements.")
  .option('--check', 'change nothing; exit 1 when a file is not as it would be written')
  .parse()
  .opts<{ check?: boolean }>();

const stale = [...generatedFiles()].filter(([file, content]) => current(file) !== content);
if (check) for (const [file] of stale) console.error(`${file} is not as generated: run npm run papers:docs`);
else for (const [file, content] of stale) writeFileSync(path.join(ROOT, file), content);
process.exitCode = check && stale.length > 0 ? 1 : 0;

function current(file: string): string | undefined {
  try {
    return readFileSync(path.join(ROOT, file), 'utf8');
  } catch {
    return undefined;
  }
}
