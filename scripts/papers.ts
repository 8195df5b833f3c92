/** Runs all recipes and writes one report, every figure of which this run computed: `npm run papers`. */

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import type { Outcome } from '../examples/papers/lib/recipe';
import { generatedFiles, measuredFile, nameOf, ROOT } from './papers/docs';
import { picturesOf } from './papers/pictures';
import { htmlOf, type Measured, reportOf } from './papers/report';
import { paperOf, runRecipe, withRecipe } from './papers/run';

const command = new Command('npm run papers --')
  .description("Runs the papers' recipes one after the other and writes report.md and report.html, with tables, claims and curves.")
  .argument('[papers...]', 'numbers of papers (default: all that have a recipe)')
  .option('--quick', 'one seed and short trainings: that they run, no results')
  .option('--full', "as large as the papers', as far as one machine goes")
  .option('--data <folder>', 'where datasets are')
  .option('--out <folder>', 'where the report is written', 'build/papers')
  .option('--keep', 'also keep the measurements for docs/papers, and write its pages anew')
  .parse();
const { quick, full, data, out, keep } = command.opts<{ quick?: boolean; full?: boolean; data?: string; out: string; keep?: boolean }>();

async function main(): Promise<void> {
  if (keep && (quick || full)) throw new Error('Expected runs of the usual size for --keep but received --quick or --full');
  const chosen = command.args.length === 0 ? withRecipe() : command.args.map(paperOf);
  const shared = [...(quick ? ['--quick'] : []), ...(full ? ['--full'] : []), ...(data === undefined ? [] : ['--data', data])];
  mkdirSync(out, { recursive: true });
  const measured: Measured[] = [];
  const failed: string[] = [];
  for (const paper of chosen) {
    const file = path.resolve(out, `${paper.slug}.json`);
    rmSync(file, { force: true });
    const code = await runRecipe(paper, [...shared, '--json', file]);
    if (code === 0) measured.push({ slug: paper.slug, outcome: JSON.parse(readFileSync(file, 'utf8')) as Outcome });
    else failed.push(nameOf(paper));
    if (code === 0 && keep) copyFileSync(file, measuredFile(paper));
  }
  for (const { slug, outcome } of measured) for (const [file, svg] of picturesOf(slug, outcome)) writeFileSync(path.join(out, file), svg);
  writeFileSync(path.join(out, 'report.md'), reportOf(measured));
  writeFileSync(path.join(out, 'report.html'), htmlOf(measured));
  if (keep) for (const [file, content] of generatedFiles()) writeFileSync(path.join(ROOT, file), content);
  console.log(`Report: ${path.join(out, 'report.html')}`);
  if (failed.length > 0) throw new Error(`Expected all recipes to end well but these did not: ${failed.join(', ')}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
