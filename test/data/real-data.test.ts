/** The loaders on the real files, where `TORCHWRIGHT_DATA` names a folder that has them. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { data } from '../../lib';

const root = process.env.TORCHWRIGHT_DATA === undefined ? undefined : resolve(process.env.TORCHWRIGHT_DATA);

/** A test that needs the folder `name` of the data. */
function testWith(name: string, title: string, body: (folder: string) => Promise<void> | void): void {
  const folder = root === undefined ? undefined : join(root, name);
  if (folder === undefined || !existsSync(folder)) {
    console.log(`${title}: not tried, TORCHWRIGHT_DATA names no folder with a folder ${name} in it.`);
    test.skip(title, () => {});
  } else test(title, () => body(folder));
}

testWith('mnist', 'MNIST, its test part', async (dir) => {
  const { train, test: held, source } = await data.mnist({ dir });
  // All 70,000, or the part of 10,000 divided in two.
  expect([train.length, held.length]).toEqual(source.includes('divided') ? [8500, 1500] : [60000, 10000]);
  expect(train.tensors[0].shape.slice(1)).toEqual([1, 28, 28]);
});
