/** The dtype of a result from those of the operands: the whole table, and what numbers do to it. */

import type { DType, Scalar, Tensor } from '../../lib';
import * as torch from '../../lib';
import { camelCase } from '../../lib/tensor/names';
import { readTable, withTitles } from '../reference/tables';

const DTYPES: readonly DType[] = [
  'bool',
  'uint8',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'complex64',
  'complex128',
];
/** true, 2, 2.5, 1+2i: in the order of promotion.py. */
const SCALARS: readonly Scalar[] = [true, 2, 2.5, { re: 1, im: 2 }];

type Operator = (...args: unknown[]) => Tensor | DType | boolean;

const cases = withTitles(readTable('promotion'), ({ op, a, b }) => `${op} of ${a} and each ${b}`);

test.each(cases)('%s', (_, { op, a, b, result }) => {
  torch.scope(() => {
    const call = (torch as unknown as Record<string, Operator>)[camelCase(op)] as Operator;
    const dtype = a as DType;
    const self = op === 'promote_types' || op === 'can_cast' ? dtype : torch.ones([2], { dtype });
    const others = othersOf(op, b);
    expect(others.map((other) => dtypeOf(() => call(self, ...other)))).toEqual(result);
  });
});

function othersOf(op: string, kind: string): unknown[][] {
  if (kind === 'none') return [op === 'cumsum' ? [0] : []];
  if (kind === 'scalar') return SCALARS.map((value) => [value]);
  if (op === 'promote_types' || op === 'can_cast') return DTYPES.map((dtype) => [dtype]);
  return DTYPES.map((dtype) => [torch.ones(kind === 'vector' ? [2] : [], { dtype })]);
}

/** Null where the operator refuses. */
function dtypeOf(run: () => Tensor | DType | boolean): string | boolean | null {
  let result: Tensor | DType | boolean;
  try {
    result = run();
  } catch {
    return null;
  }
  return typeof result === 'object' ? result.dtype : result;
}
