/** A page about a training. */

import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeAtomically } from '../io/atomic';
import { addon } from '../native';
import { checkedOptions } from '../tensor/checked';
import { type CurvesOptions, learningCurves } from './curves';
import type { History } from './history';

export interface ReportOptions extends CurvesOptions {
  /** What the run was about, in a sentence or two. */
  description?: string;
  /** What should be remembered of it, such as hyperparameters: a table. */
  settings?: Readonly<Record<string, unknown>>;
  /** What came out: a table. Default: the last value of all that was measured. */
  results?: Readonly<Record<string, unknown>>;
  /** More pictures, as SVG text or as PNG bytes, each with its title. */
  pictures?: readonly { readonly title: string; readonly image: string | Uint8Array }[];
}

/**
 * A report of a run as one HTML page that needs nothing else: learning curves, settings, results, pictures, the machine.
 *
 * @throws when the package `echarts` is not installed
 */
export function htmlReport(history: History, options?: ReportOptions): string {
  const given = checkedOptions(options, 'htmlReport');
  const { title = 'Training', description = '', settings = {}, pictures = [], ...curves } = given;
  const results = given.results ?? Object.fromEntries(history.names.map((name) => [name, history.last(name)]));
  const last = history.entries.at(-1);
  const machine = {
    steps: last?.step ?? 0,
    epochs: last === undefined ? 0 : Number(last.epoch.toFixed(3)),
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    machine: `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} cores, ${os.type()} ${os.arch()}`,
    'Node.js': process.version,
    libtorch: addon.libtorchVersion,
  };
  const sections = [
    history.entries.length === 0 ? '' : figure('Learning curves', learningCurves(history, curves)),
    ...pictures.map(({ title: name, image }) => figure(name, image)),
    table('Results', results),
    table('Settings', settings),
    table('Run', machine),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 920px; margin: 2rem auto; padding: 0 1rem; color: #1f2937; }
figure { margin: 1rem 0; } figure svg, figure img { max-width: 100%; height: auto; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.25rem 1.5rem 0.25rem 0; border-bottom: 1px solid #e5e7eb; }
th { font-weight: 600; } td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${description === '' ? '' : `<p>${escaped(description)}</p>\n`}${sections.filter((section) => section !== '').join('\n')}
</body>
</html>
`;
}

/** Writes `htmlReport` to a file. */
export function saveReport(file: string, history: History, options?: ReportOptions): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeAtomically(file, (descriptor) => writeFileSync(descriptor, htmlReport(history, checkedOptions(options, 'saveReport'))));
}

function figure(title: string, image: string | Uint8Array): string {
  // Inside a page the picture must be able to shrink: a viewBox keeps its proportions.
  const content =
    typeof image === 'string'
      ? image
      : `<img alt="${escaped(title)}" src="data:image/png;base64,${Buffer.from(image).toString('base64')}">`;
  return `<h2>${escaped(title)}</h2>\n<figure>${content}</figure>`;
}

function table(title: string, values: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(values).map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(shown(value))}</td></tr>`);
  return rows.length === 0 ? '' : `<h2>${escaped(title)}</h2>\n<table>\n${rows.join('\n')}\n</table>`;
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);
}
