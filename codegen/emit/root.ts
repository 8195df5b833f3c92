/** The root functions as named exports, so that `import { add } from 'torchwright'` is typed. */

import { NAMESPACES } from '../config';
import type { Operator } from '../operators';
import { isReserved } from '../signatures';
import { HEADER } from './header';
import { functionTable } from './names';

export function emitRoot(operators: readonly Operator[]): string {
  const root = NAMESPACES.find(({ module }) => module === '');
  if (root === undefined) return '';
  const lines: string[] = [];
  const renamed: string[] = [];
  for (const [name] of functionTable(operators, root)) {
    const local = isReserved(name) ? `${name}_` : name;
    const keyword = local === name ? 'export const' : 'const';
    lines.push(`${keyword} ${local}: Functions['${name}'] = operators.${name};\n`);
    if (local !== name) renamed.push(`${local} as ${name}`);
  }
  const tail = renamed.length === 0 ? '' : `\nexport { ${renamed.join(', ')} };\n`;
  return `${HEADER}
import { operators } from '../operators';
import type { Functions } from './functions';

${lines.join('')}${tail}`;
}
