/** `setPrintOptions`. */

import * as torch from '../../lib';

afterEach(() => {
  torch.setPrintOptions({ precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: null });
});

const text = (make: () => torch.Tensor) => torch.scope(() => String(make()));

test('precision, sciMode', () => {
  torch.setPrintOptions({ precision: 2 });
  expect(text(() => torch.tensor([1.23456, 2]))).toBe('tensor([1.23, 2.00])');
  torch.setPrintOptions({ sciMode: true });
  expect(text(() => torch.tensor([1.23456, 2]))).toBe('tensor([1.23e+00, 2.00e+00])');
});

test('threshold and edgeItems', () => {
  torch.setPrintOptions({ threshold: 5, edgeItems: 1 });
  expect(text(() => torch.arange(6))).toBe('tensor([0,  ..., 5])');
});

test('settings come back; unknown and wrong ones are errors and change nothing', () => {
  expect(torch.setPrintOptions({ precision: 3 })).toMatchObject({ precision: 3, threshold: 1000 });
  expect(() => torch.setPrintOptions({ digits: 3 } as never)).toThrow(/Expected a print option/);
  expect(() => torch.setPrintOptions({ precision: -1 })).toThrow(/Expected a whole number from 0 for precision/);
  expect(torch.setPrintOptions().precision).toBe(3);
});
