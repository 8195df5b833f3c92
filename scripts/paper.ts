/** Runs one recipe: `npm run paper -- 05 --seeds 1`. What follows the number goes to the recipe; `--help` too. */

import { nameOf } from './papers/docs';
import { paperOf, runRecipe, withRecipe } from './papers/run';

const [number, ...args] = process.argv.slice(2);

async function main(): Promise<number> {
  if (number === undefined || number.startsWith('-')) {
    for (const paper of withRecipe()) console.log(`${nameOf(paper)}  ${paper.title}`);
    console.log('\nnpm run paper -- NUMBER runs one; npm run paper -- NUMBER --help tells its options.');
    return number === undefined ? 1 : 0;
  }
  return runRecipe(paperOf(number), args);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
