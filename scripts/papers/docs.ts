/** What is written from the registry and from measured runs: the README's table, the list of pages, and parts of each page. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../../examples/papers/lib/recipe';
import { aligned } from '../../examples/papers/lib/table';
import { measuredParts } from '../../examples/papers/lib/told';
import type { Paper } from '../../lib/papers/paper';
import { foundations, papers } from '../../lib/papers/registry';
import { picturesOf } from './pictures';

export const ROOT = path.join(__dirname, '..', '..');

/** Where the last run of a recipe at its usual size is kept. */
export function measuredFile(paper: Paper): string {
  return path.join(ROOT, 'docs', 'papers', 'measured', `${paper.slug}.json`);
}

/** The files that are wholly or partly generated, with what they should contain. */
export function generatedFiles(): Map<string, string> {
  const files = new Map([['README.md', replaced(read('README.md'), 'papers', readmeTable())]]);
  files.set('docs/papers/README.md', index());
  for (const paper of [...foundations, ...papers].filter(({ status }) => status === 'done')) {
    const outcome = measuredOf(paper);
    const pictures = picturesOf(paper.slug, outcome);
    files.set(
      paper.page,
      page(
        paper,
        outcome,
        pictures.map(([file]) => `measured/${file}`),
      ),
    );
    for (const [file, svg] of pictures) files.set(`docs/papers/measured/${file}`, svg);
  }
  return files;
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** The text between `<!-- name:start -->` and `<!-- name:end -->` made anew. */
function replaced(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Expected the marks ${start} and ${end}, in this order`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function readmeTable(): string {
  const done = papers.filter(({ status }) => status === 'done');
  const rows = done.map(({ number, title, authors, published, page: file }) => [`[${two(number)}](${file})`, title, authors, published]);
  return `${done.length} of ${papers.length} are there; [all of them](docs/papers/README.md).\n\n${aligned([['', 'Paper', 'Authors', 'Published'], ...rows])}`;
}

function index(): string {
  const rows = papers.map(({ number, slug, title, authors, published, status }) => [
    status === 'done' ? `[${two(number)}](${slug}.md)` : two(number),
    title,
    authors,
    published,
    status,
  ]);
  return `# Papers

What each paper's methods are for, how they are used, and what its recipe measured. \`npm run paper -- 05\` runs one recipe, \`npm run papers\` all.

${aligned([['', 'Paper', 'Authors', 'Published', 'Status'], ...rows])}

## Foundations

What several of the papers stand on, in the same form.

${foundations.map(({ slug, title }) => `- [${title}](${slug}.md)`).join('\n')}
`;
}

function measuredOf(paper: Paper): Outcome {
  const file = measuredFile(paper);
  if (!existsSync(file)) throw new Error(`Expected what the recipe of paper ${nameOf(paper)} measured in ${file}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
}

function page(paper: Paper, outcome: Outcome, pictures: readonly string[]): string {
  const { title, authors, published, exports, example, golden } = paper;
  const head = [
    `_${authors}: ${title}. ${published}_`,
    `Functions: ${exports.map((name) => `\`${name}\``).join(', ')}`,
    `[Recipe](../../${example}) (\`npm run paper -- ${nameOf(paper)}\`), [golden cases](../../${golden})`,
  ].join('\n\n');
  return replaced(replaced(read(paper.page), 'paper', head), 'measured', measuredParts(outcome, pictures));
}

/** What a recipe is asked for by: the number of a paper, the file name of a foundation. */
export function nameOf({ number, slug }: Paper): string {
  return number === 0 ? slug : two(number);
}

export function two(number: number): string {
  return String(number).padStart(2, '0');
}
