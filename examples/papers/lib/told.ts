/** What a run gave, in Markdown. */

import type { Outcome } from './recipe';
import { markdown } from './table';

/** @param pictures files of the pictures, from where the text will be; none when it is read where there are no pictures */
export function told(outcome: Outcome, pictures: readonly string[] = []): string {
  return `## ${String(outcome.paper).padStart(2, '0')} · ${outcome.title}\n\n${measuredParts(outcome, pictures)}`;
}

/** Tables, pictures, notes, claims, and how it was run. */
export function measuredParts(outcome: Outcome, pictures: readonly string[] = []): string {
  const { size, seeds, device, seconds, notes, tables, claims, scatters = [] } = outcome;
  return [
    ...tables.flatMap((table) => [`**${table.title}**`, markdown(table, table.digits)]),
    ...pictures.map((file, k) => `![${scatters[k]?.title}](${file})`),
    ...notes,
    claims.map(({ text, shows, measured }) => `- ${shows ? 'Shows' : '**Does not show**'}: ${text} (${measured})`).join('\n'),
    `${seeds.length === 1 ? 'One seed' : `${seeds.length} seeds`}, ${device}, ${seconds} s${size === 'usual' ? '' : `, ${size} size`}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
