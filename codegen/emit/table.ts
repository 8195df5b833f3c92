/** The runtime side: which overloads a name stands for. */

import { NAMESPACES } from '../config';
import type { Operator } from '../operators';
import { HEADER } from './header';
import { functionTable, methodTable, type NameTable } from './names';

export function emitTable(operators: readonly Operator[]): string {
  const namespaces = NAMESPACES.map((namespace) => {
    const key = /^\w+$/.test(namespace.key) ? namespace.key : `'${namespace.key}'`;
    return `  ${key}: {\n${rows(functionTable(operators, namespace), '    ')}  },\n`;
  }).join('');
  return `${HEADER}
/** The overloads of each name in resolution order, without \`aten::\`; \`>\` marks those reached through \`{ out }\`. */
export const methods: Readonly<Record<string, string>> = {
${rows(methodTable(operators), '  ')}};

export const functions: Readonly<Record<${NAMESPACES.map(({ key }) => `'${key}'`).join(' | ')}, Readonly<Record<string, string>>>> = {
${namespaces}};
`;
}

function rows(table: NameTable, indent: string): string {
  return table
    .map(([name, operators]) => {
      const overloads = operators.map((op) => (op.form === 'out' ? `>${op.fullName}` : op.fullName));
      return `${indent}${name}: '${overloads.join(' ')}',\n`;
    })
    .join('');
}
