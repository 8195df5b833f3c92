/** Which shapes go together, and the strides of an expanded tensor. */

import * as torch from '../../lib';
import { difference } from '../reference/compare';
import { decodeTensor } from '../reference/decode';
import { readTable, withTitles } from '../reference/tables';

const cases = withTitles(readTable('broadcasting'), ({ a, b }) => `[${a.shape}] and [${b.shape}]`);

test.each(cases.filter(([, one]) => one.throws !== true))('%s', (_, { a, b, result, shape, stride }) => {
  torch.scope(() => {
    const [x, y] = [decodeTensor(a), decodeTensor(b)];
    expect(difference(x.add(y), result)).toBeNull();
    const expanded = x.expand(shape);
    expect(expanded.shape).toEqual(shape);
    expect(expanded.stride()).toEqual(stride);
    expect(difference(expanded.add(y), result)).toBeNull();
  });
});

test.each(cases.filter(([, one]) => one.throws === true))('%s do not go together', (_, { a, b }) => {
  torch.scope(() => {
    const sizes = new RegExp(`${a.shape.join(', ')}[\\s\\S]*${b.shape.join(', ')}`);
    expect(() => decodeTensor(a).add(decodeTensor(b))).toThrow(sizes);
  });
});
