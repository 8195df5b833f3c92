import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { findPython, runPython } from '../../python';
import { mutations } from '../mutations';

const { safetensors } = io;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tensors = { a: torch.arange(10), b: torch.ones(3, 4), '2': torch.zeros(100), c: torch.tensor([1.5]) };
const INDEX = 'model.safetensors.index.json';

describe('several files', () => {
  test('hold what was given, none more than it may but for a large tensor', () => {
    const path = safetensors.saveSharded(tensors, folder, { maxShardSize: 130, metadata: { format: 'pt' } });
    expect(path).toBe(join(folder, INDEX));
    expect(readdirSync(folder).sort()).toEqual([
      'model-00001-of-00003.safetensors',
      'model-00002-of-00003.safetensors',
      'model-00003-of-00003.safetensors',
      INDEX,
    ]);
    // The order of JavaScript's objects: names that are whole numbers come first.
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      metadata: { total_size: 80 + 48 + 400 + 4 },
      weight_map: {
        '2': 'model-00001-of-00003.safetensors',
        a: 'model-00002-of-00003.safetensors',
        b: 'model-00002-of-00003.safetensors',
        c: 'model-00003-of-00003.safetensors',
      },
    });
    expect(safetensors.readHeader(join(folder, 'model-00003-of-00003.safetensors')).metadata).toEqual({ format: 'pt' });
    for (const place of [path, folder]) {
      for (const mmap of [false, true]) {
        const loaded = safetensors.loadSharded(place, { mmap });
        expect(Object.keys(loaded).sort()).toEqual(['2', 'a', 'b', 'c']);
        for (const [name, tensor] of Object.entries(tensors)) expect(torch.equal(loaded[name] as torch.Tensor, tensor)).toBe(true);
      }
    }
  });

  test('one when one is enough, under another name when asked for', () => {
    const path = safetensors.saveSharded(tensors, folder, { name: 'weights' });
    expect(path).toBe(join(folder, 'weights.safetensors'));
    expect(readdirSync(folder)).toEqual(['weights.safetensors']);
    expect(safetensors.loadSharded(path).a?.toArray()).toEqual(tensors.a.toArray());
    safetensors.saveSharded(tensors, folder);
    expect(safetensors.loadSharded(folder).a?.toArray()).toEqual(tensors.a.toArray());
    safetensors.saveSharded({}, folder);
    expect(safetensors.loadSharded(folder)).toEqual({});
  });

  const python = findPython(['safetensors', 'torch'], 'reading shards with the package of the format');
  (python === null ? test.skip : test)("are read by the format's own package", () => {
    safetensors.saveSharded(tensors, folder, { maxShardSize: 130 });
    const code = `
import json, sys, os
from safetensors.torch import load_file
index = json.load(open(os.path.join(sys.argv[1], "${INDEX}")))
print(json.dumps({k: load_file(os.path.join(sys.argv[1], f))[k].tolist() for k, f in index["weight_map"].items()}))`;
    expect(JSON.parse(runPython(python as string, code, [folder]))).toEqual(
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.toArray()])),
    );
  });
});

describe('an index that is wrong is refused', () => {
  test.each<[string, string]>([
    ['{', 'Expected JSON in INDEX but received'],
    ['[]', 'Expected a weight_map in INDEX but received nothing'],
    ['{"weight_map":[1]}', 'Expected a weight_map in INDEX but received [1]'],
    ['{"weight_map":{"a":5}}', 'Expected the name of a file beside it for "a" in INDEX but received 5'],
    ['{"weight_map":{"a":"../x"}}', 'Expected the name of a file beside it for "a" in INDEX but received "../x"'],
    ['{"weight_map":{"a":".."}}', 'Expected the name of a file beside it for "a" in INDEX but received ".."'],
    ['{"weight_map":{"a":"none.safetensors"}}', 'ENOENT'],
    ['{"weight_map":{"z":"model.safetensors"}}', 'Expected "z" in FOLDER/model.safetensors, as INDEX says, but it is not there'],
  ])('%s', (text, message) => {
    safetensors.saveFile(tensors, join(folder, 'model.safetensors'));
    writeFileSync(join(folder, INDEX), text);
    expect(() => safetensors.loadSharded(folder)).toThrow(message.replaceAll('INDEX', join(folder, INDEX)).replaceAll('FOLDER', folder));
  });

  test('damaged at random: an error, or tensors of the files', () => {
    const path = safetensors.saveSharded(tensors, folder, { maxShardSize: 130 });
    let errors = 0;
    for (const bytes of mutations(readFileSync(path), 1000, 3)) {
      writeFileSync(path, bytes);
      try {
        torch.scope(() => void safetensors.loadSharded(path));
      } catch (error) {
        errors++;
        expect((error as Error).message).toMatch(/^(Expected .* but |ENOENT|EISDIR)/s);
      }
    }
    expect(errors).toBeGreaterThan(500);
  });
});

test.each([
  [() => safetensors.saveSharded({ a: 1 as never }, folder), 'Expected a tensor for "a" but received number 1'],
  [
    () => safetensors.saveSharded({}, folder, { maxShardSize: 0 }),
    'Expected a positive number of bytes for maxShardSize but received number 0',
  ],
  [() => safetensors.saveSharded({}, folder, { name: 'a/b' }), 'Expected the beginning of file names for name but received string "a/b"'],
  [() => safetensors.loadSharded(5 as never), 'Expected a path for safetensors.loadSharded but received number 5'],
  [() => safetensors.loadSharded(join(folder, 'none')), 'ENOENT'],
])('bad arguments get one clear sentence %#', (call, message) => {
  expect(call).toThrow(message);
});
