/** `String(tensor)` and `console.log(tensor)` against Python's `repr`. */

import { inspect } from 'node:util';
import type { DType } from '../../lib';
import * as torch from '../../lib';
import { decodeTensor } from '../reference/decode';
import { readTable, withTitles } from '../reference/tables';

/** Booleans and the names behind the values are written as in TypeScript; everything else is Python's text. */
function translated(text: string): string {
  const named = text.replace(/dtype=torch\.(\w+)/, 'dtype=$1').replace('requires_grad', 'requiresGrad');
  return named.replaceAll('True', 'true').replaceAll('False', 'false');
}

const cases = withTitles(readTable('printing'), ({ text }) => (text.length > 100 ? `${text.slice(0, 100)}...` : text));

test.each(cases)('%s', (_, one) => {
  torch.scope(() => {
    const x =
      'x' in one
        ? decodeTensor({ ...one.x, requiresGrad: one.requiresGrad })
        : torch
            .arange(one.arange, { dtype: 'float64' })
            .mul(one.scale)
            .reshape(one.shape)
            .to(one.dtype as DType);
    expect(String(x)).toBe(translated(one.text));
    expect(inspect(x)).toBe(translated(one.text));
  });
});

test('a result of a recorded operation names it', () => {
  torch.scope(() => {
    const x = torch.tensor([1, 2.5], { requiresGrad: true });
    expect(String(x.mul(x))).toBe('tensor([1.0000, 6.2500], gradFn=<MulBackward0>)');
  });
});
