import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { bufferSource } from '../../../lib/io/source';
import { ZipArchive } from '../../../lib/io/zip/archive';
import { ZipWriter } from '../../../lib/io/zip/writer';
import { findPython, runPython } from '../../python';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zip-'));
  path = join(folder, 'x.zip');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(entries: Readonly<Record<string, Uint8Array>>, options?: { wide?: boolean }): Buffer {
  const file = openSync(path, 'w');
  try {
    const zip = new ZipWriter(file, options);
    for (const [name, bytes] of Object.entries(entries)) {
      zip.add(name, bytes.length, (put) => {
        put(bytes.subarray(0, 2));
        put(bytes.subarray(2));
      });
    }
    zip.end();
  } finally {
    closeSync(file);
  }
  return readFileSync(path);
}

function contents(bytes: Uint8Array): Record<string, Buffer> {
  const archive = new ZipArchive(bufferSource(bytes));
  return Object.fromEntries(
    archive.names().map((name) => {
      const { source, begin, size } = archive.open(name);
      const target = Buffer.alloc(size);
      source.read(target, begin);
      return [name, target];
    }),
  );
}

const ENTRIES = { 'a/ü': Buffer.from('hello'), empty: Buffer.alloc(0), large: Buffer.alloc(5000, 'abc') };

describe.each([false, true])('an archive with 64-bit fields %s', (wide) => {
  test('is read as it was written, its entries aligned', () => {
    const bytes = write(ENTRIES, { wide });
    expect(contents(bytes)).toEqual(ENTRIES);
    const archive = new ZipArchive(bufferSource(bytes));
    expect(archive.names().map((name) => archive.open(name).begin % 64)).toEqual([0, 0, 0]);
    expect([archive.has('large'), archive.has('small')]).toEqual([true, false]);
  });

  const python = findPython(['zipfile'], "reading an archive with Python's zipfile");
  (python === null ? test.skip : test)("is sound for Python's zipfile", () => {
    write(ENTRIES, { wide });
    const code =
      'import sys, zipfile, json\nz = zipfile.ZipFile(sys.argv[1])\nprint(json.dumps([z.testzip(), {n: z.read(n).decode() for n in z.namelist()}]))';
    expect(JSON.parse(runPython(python as string, code, [path]))).toEqual([
      null,
      Object.fromEntries(Object.entries(ENTRIES).map(([name, bytes]) => [name, bytes.toString()])),
    ]);
  });
});

test('deflated entries of another program are inflated', () => {
  const bytes = zipSync({ a: [strToU8('x'.repeat(10_000)), { level: 9 }], b: [strToU8('y'), { level: 0 }] });
  expect(contents(bytes)).toEqual({ a: Buffer.alloc(10_000, 'x'), b: Buffer.from('y') });
});

describe('damaged archives are refused with a clear sentence', () => {
  const bytes = write0();
  /** Where the directory's entry of `name` begins. */
  const central = (name: string): number => bytes.lastIndexOf(name) - 46;

  function write0(): Buffer {
    folder = mkdtempSync(join(tmpdir(), 'zip-'));
    path = join(folder, 'x.zip');
    const made = write({ first: Buffer.from('12345678'), third: Buffer.from('abcdefgh') });
    rmSync(folder, { recursive: true });
    return made;
  }
  const damaged = (change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };
  test.each<[string, Buffer, string]>([
    ['cut off', bytes.subarray(0, 100), 'Expected a sound zip archive in the buffer but received one where it has no zip directory'],
    ['no zip at all', Buffer.alloc(3), 'one where it has no zip directory'],
    [
      'an encrypted entry',
      damaged((copy) => copy.writeUInt16LE(1, central('third') + 8)),
      'Expected plain bytes for the zip entry "third" in the buffer but received encrypted ones',
    ],
    [
      'another method',
      damaged((copy) => copy.writeUInt16LE(99, central('third') + 10)),
      'for the zip entry "third" in the buffer but received packing method 99',
    ],
    [
      'no deflated bytes',
      damaged((copy) => copy.writeUInt16LE(8, central('third') + 10)),
      'Expected deflated bytes for the zip entry "third" in the buffer but received',
    ],
    [
      'an entry of another size',
      damaged((copy) => copy.writeUInt32LE(9, central('third') + 24)),
      'Expected 8 bytes, as many as are stored, for the zip entry "third" in the buffer but received a size of 9',
    ],
    [
      'an entry that claims to be a thousand times as large',
      damaged((copy) => {
        copy.writeUInt16LE(8, central('third') + 10);
        copy.writeUInt32LE(9000, central('third') + 24);
      }),
      'Expected at most 8256 bytes for the zip entry "third" in the buffer but received a size of 9000',
    ],
    ['an entry beyond the end', damaged((copy) => copy.writeUInt32LE(4000, central('third') + 20)), 'Expected 4000 bytes at'],
    [
      'an entry twice',
      damaged((copy) => copy.write('first', central('third') + 46)),
      'Expected each zip entry once in the buffer but received one of the 2 twice',
    ],
    [
      'an entry inside another',
      damaged((copy) => copy.writeUInt32LE(200, central('first') + 20)),
      'Expected zip entries behind each other in the buffer but received "third" inside "first"',
    ],
    ['an entry where none is', damaged((copy) => copy.writeUInt32LE(200, central('third') + 42)), 'one where its entry third is damaged'],
  ])('%s', (_, copy, message) => {
    expect(() => contents(copy)).toThrow(message);
  });

  test('and an entry that is not there', () => {
    expect(() => new ZipArchive(bufferSource(bytes)).open('fourth')).toThrow(
      'Expected a zip entry "fourth" in the buffer but received none',
    );
  });
});
