import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { mutations } from '../mutations';

/** Bytes of all tensors in a value. Each is read too: one that lies outside of its memory would end the process. */
function bytesOf(value: unknown): number {
  if (value instanceof torch.Tensor) {
    if (value.numel() > 1 << 20) return 0; // an expanded one, which has no memory of this size
    value.toTypedArray({ copy: true });
    return value.nbytes;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  const parts = value instanceof Map ? [...value.values()] : value instanceof Set ? [...value] : Object.values(value);
  return parts.reduce((sum: number, part) => sum + bytesOf(part), 0);
}

test.each([
  ['dtypes.pt', 1500, 0.2],
  ['views.pt', 1500, 0.2],
  ['values.pt', 1500, 0.2],
  ['values.protocol-4.pt', 1000, 0.2],
  ['views.legacy.pt', 1500, 0.2],
  ['values.legacy.pt', 1500, 0.2],
  ['training.legacy.pt', 500, 0.1],
  ['big-endian.pt', 1000, 0.2],
])('%s, damaged %i times: an error, or values that fit the file', (name, count, refused) => {
  const whole = readFileSync(join(__dirname, name));
  let errors = 0;
  for (const bytes of mutations(whole, count, 7)) {
    try {
      torch.scope(() => {
        const before = torch.memory().bytes;
        const value = io.loadPt<unknown>(bytes);
        expect(torch.memory().bytes - before).toBeLessThanOrEqual(bytes.length);
        bytesOf(value);
      });
    } catch (error) {
      errors++;
      if (!/^Expected .* but received /s.test((error as Error).message)) throw error;
    }
  }
  expect(errors).toBeGreaterThan(count * refused);
});
