/** Doc comments: a line in words and the schemas. */

import { camelCase } from '../lib/tensor/names';
import type { Operator } from './operators';
import { returnsView } from './schema';
import type { Signature } from './signatures';

/** The doc comment of a signature, indented by two blanks. */
export function docComment(signature: Signature): string {
  const [first] = signature.operators;
  if (first === undefined) return '';
  const words = describe(first);
  const schemas = signature.operators.map((op) => `\`${op.text}\``);
  if (schemas.length === 1) return `  /** ${[words, schemas[0]].filter(Boolean).join(' ')} */\n`;
  const lines = [words, ...schemas.map((schema) => `- ${schema}`)].filter(Boolean);
  return `  /**\n${lines.map((line) => `   * ${line}\n`).join('')}   */\n`;
}

/** What name, form and tags tell about an operator; empty when that is nothing. */
export function describe(operator: Operator): string {
  return [kind(operator), ...notes(operator)].filter(Boolean).join(' ');
}

function kind({ schema: { name }, form, tags }: Operator): string {
  const quoted = (part: string) => `\`${camelCase(part)}\``;
  const foreach = /^_foreach_(\w+?)(_?)$/.exec(name);
  if (foreach?.[1] !== undefined) {
    return `${quoted(foreach[1])} of every tensor of a list${foreach[2] === '' ? '' : ', in place'}.`;
  }
  if (form === 'inplace') return `In-place version of ${quoted(name.replace(/^__i(\w+)__$/, '__$1__').replace(/([^_])_$/, '$1'))}.`;
  if (form === 'out') return 'Writes to `out`.';
  const backward = /^_?(\w+?)(?:_backward\w*)$/.exec(name);
  if (backward?.[1] !== undefined) return `Gradient of ${quoted(backward[1])}.`;
  if (tags.includes('view_copy')) return `${quoted(name.replace(/_copy$/, ''))} as a copy in place of a view.`;
  const like = /^(\w+)_like$/.exec(name);
  if (like?.[1] !== undefined) return `${quoted(like[1])} with the size, dtype and device of \`self\`.`;
  const fresh = /^new_(\w+)$/.exec(name);
  if (fresh?.[1] !== undefined) return `${quoted(fresh[1])} with the dtype and device of \`self\`.`;
  if (tags.includes('pointwise')) return 'Elementwise.';
  if (tags.includes('reduction')) return 'Reduction.';
  return '';
}

function notes({ schema, form, tags }: Operator): string[] {
  const list: string[] = [];
  if (form === 'mutable') {
    const written = schema.args.filter((arg) => arg.type.alias?.write === true).map((arg) => `\`${camelCase(arg.name)}\``);
    list.push(`Writes to ${written.join(', ')}.`);
  }
  if (form === 'functional' && returnsView(schema)) list.push('The result may share memory.');
  if (tags.includes('nondeterministic_seeded')) list.push('Random.');
  if (tags.includes('dynamic_output_shape')) list.push('The size of the result depends on values.');
  return list;
}
