import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tensor } from '../../lib';
import { data } from '../../lib';
import { png } from './support/png';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'images-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A grey picture of one brightness. */
function write(path: string, brightness: number, width = 2): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  const rows = [Array<number>(width).fill(brightness)];
  writeFileSync(join(root, path), png({ width, height: 1, colorType: 0, bitDepth: 8, rows }));
}

test('classes and pictures are in the order of their names; other files do not count', () => {
  write('dog/b.png', 4);
  write('dog/a.PNG', 3);
  write('cat/z.png', 1);
  write('cat/deep/a.png', 2);
  writeFileSync(join(root, 'dog', 'notes.txt'), '');
  writeFileSync(join(root, 'readme.md'), '');
  mkdirSync(join(root, '.hidden'));
  const folder = new data.ImageFolder(root);
  expect([folder.classes, folder.labels, folder.length]).toEqual([['cat', 'dog'], [0, 0, 1, 1], 4]);
  expect(folder.files[1]).toBe(join(root, 'cat', 'deep', 'a.png'));
  const read = Array.from({ length: 4 }, (_, k) => folder.get(k)).map(([image, label]) => [image.shape, image.max().item(), label]);
  expect(read).toEqual([
    [[3, 1, 2], 1, 0],
    [[3, 1, 2], 2, 0],
    [[3, 1, 2], 3, 1],
    [[3, 1, 2], 4, 1],
  ]);
});

test('a transform brings pictures to one size, so that a loader stacks them', () => {
  write('a/1.png', 5, 4);
  write('b/1.png', 6, 3);
  const transform = (image: Tensor): Tensor => image.narrow(-1, 0, 2).to('float32').div(2);
  const folder = new data.ImageFolder(root, { mode: 'grey', transform });
  const batches = Array.from(new data.DataLoader(folder, { batchSize: 2 }), ([images, labels]) => [
    images.shape,
    images.flatten().toArray(),
    labels.dtype,
    labels.toArray(),
  ]);
  expect(batches).toEqual([[[2, 1, 1, 2], [2.5, 2.5, 3, 3], 'int64', [0, 1]]]);
});

test('what does not fit is refused', () => {
  expect(() => new data.ImageFolder(root)).toThrow(`Expected folders of pictures in ${root} but found an empty folder`);
  expect(() => new data.ImageFolder(join(root, 'none'))).toThrow('but found none');
  write('a/1.png', 1);
  expect(() => new data.ImageFolder(join(root, 'a', '1.png'))).toThrow('but found a file');
  const folder = new data.ImageFolder(root);
  expect(() => folder.get(1)).toThrow('Expected a whole number in [0, 1) for index but received number 1');
  writeFileSync(join(root, 'a', '1.png'), 'damaged');
  expect(() => folder.get(0)).toThrow('Expected a whole PNG or JPEG file in 1.png but received something else');
  mkdirSync(join(root, 'b'));
  expect(() => new data.ImageFolder(root)).toThrow(`Expected PNG or JPEG files in ${root}/b but found an empty folder`);
  expect(() => new data.ImageFolder(root, { depth: 0 })).toThrow('Expected a whole number of at least 1 for depth');
  // @ts-expect-error no such mode
  expect(() => new data.ImageFolder(root, { mode: 'cmyk' })).toThrow("Expected 'rgb' or 'grey' for mode");
});
