/** The switches of CUDA's libraries, which can be set on every machine. */

import * as torch from '../../lib';

test.each<[string, { allowTf32: boolean }]>([
  ['matrix products', torch.backends.cuda.matmul],
  ['convolutions', torch.backends.cudnn],
])('TF32 in %s keeps what it is told', (_, library) => {
  const before = library.allowTf32;
  for (const on of [!before, before]) {
    library.allowTf32 = on;
    expect(library.allowTf32).toBe(on);
  }
  expect(() => {
    (library as { allowTf32: unknown }).allowTf32 = 1;
  }).toThrow('Expected a boolean for allowTf32 but received number 1');
  expect(library.allowTf32).toBe(before);
});

test.each(['enabled', 'benchmark', 'deterministic'] as const)('cudnn.%s keeps what it is told', (name) => {
  const before = torch.backends.cudnn[name];
  torch.backends.cudnn[name] = !before;
  expect(torch.backends.cudnn[name]).toBe(!before);
  torch.backends.cudnn[name] = before;
});

test('the precision of float32 matrix products decides about TF32', () => {
  const seen = (['highest', 'high', 'medium', 'highest'] as const).map((precision) => {
    torch.setFloat32MatmulPrecision(precision);
    return [torch.getFloat32MatmulPrecision(), torch.backends.cuda.matmul.allowTf32];
  });
  expect(seen).toEqual([
    ['highest', false],
    ['high', true],
    ['medium', true],
    ['highest', false],
  ]);
  // @ts-expect-error no such precision
  expect(() => torch.setFloat32MatmulPrecision('low')).toThrow(/Expected 'highest', 'high' or 'medium'/);
});
