/** What a run gave, in Markdown. */

import type { Outcome } from './recipe';
import { markdown } from './table';

export function told(outcome: Outcome): string {
  return `## ${String(outcome.paper).padStart(2, '0')} · ${outcome.title}\n\n${measuredParts(outcome)}`;
}

/** Tables, notes, claims, and how it was run. */
export function measuredParts({ size, seeds, device, seconds, notes, tables, claims }: Outcome): string {
  return [
    ...tables.flatMap((table) => [`**${table.title}**`, markdown(table, table.digits)]),
    ...notes,
    claims.map(({ text, shows, measured }) => `- ${shows ? 'Shows' : '**Does not show**'}: ${text} (${measured})`).join('\n'),
    `${seeds.length === 1 ? 'One seed' : `${seeds.length} seeds`}, ${device}, ${seconds} s${size === 'usual' ? '' : `, ${size} size`}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
