/** The typed side: one interface for the methods of `Tensor` and one for each namespace of functions. */

import { NAMESPACES } from '../config';
import { docComment } from '../docs';
import type { Operator } from '../operators';
import type { ResultTypes } from '../results';
import { callingForms, signaturesOf, type Target } from '../signatures';
import { TYPE_NAMES } from '../types';
import { HEADER } from './header';
import { functionTable, methodTable, type NameTable } from './names';

export function emitMethods(operators: readonly Operator[], results: ResultTypes): string {
  const body = members(methodTable(operators), 'method', results);
  return `${HEADER}
${imports(body, results)}
/** The methods of \`Tensor\` that are operators of libtorch. */
export interface TensorOperators {
${body}}
`;
}

export function emitFunctions(operators: readonly Operator[], results: ResultTypes): string {
  const interfaces = NAMESPACES.map((namespace) => {
    const body = members(functionTable(operators, namespace), 'function', results);
    const place = namespace.module === '' ? 'at the root of the package' : `in \`${namespace.key}\``;
    return `/** The operators of libtorch that are functions ${place}. */\nexport interface ${namespace.interface} {\n${body}}\n`;
  }).join('\n');
  return `${HEADER}\n${imports(interfaces, results)}\n${interfaces}`;
}

export function emitResults(results: ResultTypes): string {
  const interfaces = results.interfaces.map(({ name, fields }) => {
    const lines = fields.map((field) => `  ${field};\n`).join('');
    return `export interface ${name} {\n${lines}}\n`;
  });
  const body = interfaces.join('\n');
  return `${HEADER}\n${imports(body, null)}\n${body}`;
}

function members(table: NameTable, target: Target, results: ResultTypes): string {
  let text = '';
  for (const [name, operators] of table) {
    const seen = new Set<string>();
    for (const signature of signaturesOf(operators, target, results)) {
      const forms = callingForms(signature).filter((form) => !seen.has(form));
      for (const form of forms) seen.add(form);
      const doc = docComment(signature);
      text += forms.map((form) => `${doc}  ${name}${form};\n`).join('');
    }
  }
  return text;
}

/** Imports of just the names that the text uses. */
function imports(text: string, results: ResultTypes | null): string {
  const code = text.replace(/\/\*\*[\s\S]*?\*\//g, '');
  const words = new Set(code.match(/\b[A-Za-z]\w*\b/g) ?? []);
  const named = (names: readonly string[], from: string): string => {
    const used = names.filter((name) => words.has(name));
    return used.length === 0 ? '' : `import type { ${used.join(', ')} } from '${from}';\n`;
  };
  const shapes =
    results === null
      ? ''
      : named(
          results.interfaces.map(({ name }) => name),
          './results',
        );
  return named(TYPE_NAMES, '../types') + shapes;
}
