import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readMaybeGzip } from '../../lib/data/read-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('files that are compressed or not, told by their content, large ones too', () => {
  // More than a 1032nd part of the largest buffer of Node 20.
  const content = randomBytes(5_000_000);
  const path = join(folder, 'a');
  for (const bytes of [content, gzipSync(content, { level: 0 }), Buffer.of(0x1f), Buffer.alloc(0)]) {
    writeFileSync(path, bytes);
    expect(readMaybeGzip(path).equals(bytes.length > content.length ? content : bytes)).toBe(true);
  }
});

test('a damaged one is refused', () => {
  writeFileSync(join(folder, 'a.gz'), gzipSync('abc').subarray(0, 15));
  expect(() => readMaybeGzip(join(folder, 'a.gz'))).toThrow('Expected a whole gzip file in a.gz but unpacking it failed');
});
