/** Calls the functions of golden cases and compares: `npm run golden`, or `npm run golden -- FOLDER` for cases of another folder. */

import path from 'node:path';
import { Command } from 'commander';
import { readCaseFiles } from './golden/cases';
import { NOT_SINGLE } from './golden/not-single';
import { runFile } from './golden/run';
import { rowsOf } from './golden/table';
import { printTable } from './table.mjs';

const command = new Command('npm run golden --')
  .description('Calls the functions of golden cases and compares values, gradients and refusals; exits 1 when a case fails in float64.')
  .argument('[folder]', 'where the cases are, files that end in .json', path.join(__dirname, '..', 'test', 'golden'))
  .parse();

const [folder] = command.processedArgs as [string];
try {
  const outcomes = readCaseFiles(folder).flatMap(runFile);
  const failed = outcomes.filter(({ problem }) => problem !== null);
  for (const { method, function: name, name: which, check, problem } of failed)
    console.error(`${method} ${name} ${which} (${check}): ${problem}`);
  printTable(rowsOf(outcomes));
  for (const [which, reason] of Object.entries(NOT_SINGLE)) console.log(`not in float32: ${which}, because ${reason}`);
  // A case is what its file says, in double precision; the other checks are about the package.
  const cases = outcomes.filter(({ check }) => check === 'float64' || check === 'throws');
  const wrong = cases.filter(({ problem }) => problem !== null).length;
  console.log(`${cases.length - wrong} passed, ${wrong} failed`);
  process.exitCode = wrong > 0 ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
