/** Operators grouped by the JavaScript name they are reached by. */

import type { NamespaceConfig } from '../config';
import type { Operator } from '../operators';
import { resolutionOrder } from '../order';

/** Name and overloads in resolution order, sorted by name. */
export type NameTable = readonly (readonly [name: string, operators: readonly Operator[]])[];

export function methodTable(operators: readonly Operator[]): NameTable {
  return group(operators, (op) => op.methodName);
}

export function functionTable(operators: readonly Operator[], namespace: NamespaceConfig): NameTable {
  return group(operators, (op) => (op.namespace === namespace ? op.functionName : null));
}

function group(operators: readonly Operator[], nameOf: (operator: Operator) => string | null): NameTable {
  const byName = new Map<string, Operator[]>();
  for (const operator of operators) {
    const name = nameOf(operator);
    if (name === null) continue;
    const list = byName.get(name) ?? [];
    if (list[0] !== undefined && list[0].schema.name !== operator.schema.name) {
      throw new Error(`Expected one operator for the name ${name} but received ${list[0].fullName} and ${operator.fullName}`);
    }
    list.push(operator);
    byName.set(name, list);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, resolutionOrder(list)] as const);
}
