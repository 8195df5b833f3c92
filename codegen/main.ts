/**
 * npm run codegen [-- --yaml FILE] [--check]
 *
 * Writes the generated files, or with `--check` compares them and exits with 1 when one differs.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from './generate';
import { findYaml, readYaml } from './source';

const ROOT = join(__dirname, '..');

function main(): number {
  const { values } = parseArgs({ options: { yaml: { type: 'string' }, check: { type: 'boolean', default: false } } });
  const { files, counts } = generate(readYaml(values.yaml ?? findYaml()));

  const stale: string[] = [];
  for (const [path, text] of files) {
    const absolute = join(ROOT, path);
    if (existsSync(absolute) && readFileSync(absolute, 'utf8') === text) continue;
    stale.push(path);
    if (values.check) continue;
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }

  console.log(`overloads reached as functions  ${counts.functions}`);
  console.log(`overloads reached as methods    ${counts.methods}`);
  console.log(`distinct overloads              ${counts.overloads}`);
  console.log(`left out (codegen/skipped.md)   ${counts.skipped}`);
  if (stale.length === 0) console.log('all files are up to date');
  else console.log(`${values.check ? 'out of date' : 'written'}: ${stale.join(', ')}`);
  return values.check && stale.length > 0 ? 1 : 0;
}

process.exitCode = main();
