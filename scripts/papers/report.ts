/** The report of a run of recipes, in Markdown, and as a page with pictures of the curves. */

import os from 'node:os';
import { marked } from 'marked';
import { train } from 'torchwright';
import type { Outcome } from '../../examples/papers/lib/recipe';
import { scatterSvg } from '../../examples/papers/lib/scatter';
import { told } from '../../examples/papers/lib/told';
import { picturesOf } from './pictures';

/** What the recipe of a paper measured, and the paper's slug. */
export interface Measured {
  readonly slug: string;
  readonly outcome: Outcome;
}

/** With the pictures in files beside it: those of `picturesOf`. */
export function reportOf(all: readonly Measured[]): string {
  const sections = all.map(({ slug, outcome }) => {
    const pictures = picturesOf(slug, outcome).map(([file]) => file);
    return told(outcome, pictures);
  });
  return `${[head(all), ...sections].join('\n\n')}\n`;
}

export function htmlOf(all: readonly Measured[]): string {
  const sections = all.map(({ outcome }) => `${html(told(outcome))}${figuresOf(outcome)}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recipes of the papers</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 920px; margin: 2rem auto; padding: 0 1rem; color: #1f2937; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 0.25rem 1.5rem 0.25rem 0; border-bottom: 1px solid #e5e7eb; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
${html(head(all))}
${sections.join('\n')}
</body>
</html>
`;
}

function head(all: readonly Measured[]): string {
  const claims = all.flatMap(({ outcome }) => outcome.claims);
  const shown = claims.filter(({ shows }) => shows).length;
  const machine = `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.availableParallelism()} cores, Node.js ${process.version}`;
  const date = new Date().toISOString().slice(0, 10);
  return `# Recipes of the papers\n\n${shown} of ${claims.length} claims of ${all.length} papers show. ${date}, ${machine}.`;
}

function html(markdown: string): string {
  return marked.parse(markdown, { async: false });
}

function figuresOf({ curves, scatters = [] }: Outcome): string {
  const lines = curves
    .filter(({ entries }) => entries.length > 0)
    .map(({ title, entries }) => train.learningCurves(new train.History(entries), { title }));
  return [...scatters.map(scatterSvg), ...lines].map((svg) => `<figure>${svg}</figure>`).join('\n');
}
