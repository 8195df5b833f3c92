import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { data } from '../../lib';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'diabetes-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const rows = [
    [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87],
    [48, 1, 21.6, 87, 183, 103.2, 70, 3, 3.8918, 69],
  ];
  writeFileSync(join(folder, 'diabetes_data_raw.csv.gz'), gzipSync(rows.map((row) => `${row.join(' ')}\n`).join('')));
  writeFileSync(join(folder, 'diabetes_target.csv.gz'), gzipSync('1.51e+02\n7.5e+01\n'));
}

test.each(['', 'diabetes', 'sklearn'])('patients are found in a folder, and in one below it: %p', async (name) => {
  write(join(root, name));
  const { samples, names, source } = await data.diabetes({ dir: root });
  const [features, target] = samples.tensors;
  expect([samples.length, names.length, source]).toEqual([2, 10, join(root, name)]);
  expect([features.dtype, features.shape, target.dtype]).toEqual(['float64', [2, 10], 'float64']);
  expect(features.select(0, 1).toArray()).toEqual([48, 1, 21.6, 87, 183, 103.2, 70, 3, 3.8918, 69]);
  expect(target.toArray()).toEqual([151, 75]);
  expect(names[2]).toBe('body mass index');
});

test('a folder without them is refused with what is there', async () => {
  await expect(data.diabetes({ dir: root })).rejects.toThrow(`Expected the files of diabetes in ${root} but found an empty folder`);
});
