import fs from 'node:fs';
import path from 'node:path';
import { unzip } from '../../lib/libtorch/unzip.cjs';
import { rejection, temporaryFolder, zip } from './support/fake';
import { bytes } from './support/server';

const folder = temporaryFolder();

function archive(data: Buffer): string {
  const file = path.join(folder(), 'a.zip');
  fs.writeFileSync(file, data);
  return file;
}

const target = () => path.join(folder(), 'out');
const read = (name: string) => fs.readFileSync(path.join(target(), name));

test.each([
  ['deflated', 6],
  ['stored', 0],
] as const)('%s entries come out as they went in, small, empty and larger than the buffer', async (_name, level) => {
  const large = bytes(5 << 20);
  const file = archive(zip({ 'small.txt': 'hello', 'deep/er/empty': '', 'large.bin': large }, level));
  const steps: number[] = [];
  const names = await unzip(file, target(), { onProgress: (done, total) => steps.push(done / total) });
  expect(names.sort()).toEqual(['deep/er/empty', 'large.bin', 'small.txt']);
  expect(read('small.txt').toString()).toBe('hello');
  expect(read('deep/er/empty')).toHaveLength(0);
  expect(read('large.bin').equals(large)).toBe(true);
  expect(steps.at(-1)).toBe(1);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test('only what is wanted is unpacked', async () => {
  const file = archive(zip({ 'a/keep': '1', 'b/drop': '2' }));
  expect(await unzip(file, target(), { want: (name) => name.startsWith('a/') })).toEqual(['a/keep']);
  expect(fs.existsSync(path.join(target(), 'b'))).toBe(false);
});

test.each(['../evil', 'a/../../evil', '/etc/evil', 'C:\\evil', '..\\evil', 'a\\..\\..\\evil'])(
  'an entry that leads out (%s) spoils the whole archive',
  async (name) => {
    const file = archive(zip({ 'good.txt': 'good', [name]: 'evil' }));
    const error = await rejection(unzip(file, target()));
    expect(error.message).toContain('leads out of the folder');
    expect(fs.existsSync(target())).toBe(false);
    expect(fs.readdirSync(folder())).toEqual(['a.zip']);
  },
);

test('a changed byte is noticed, in small and in large entries', async () => {
  const content = bytes(5 << 20);
  for (const data of [Buffer.from('some text that is stored'), content]) {
    const packed = zip({ entry: data }, 0);
    packed[packed.indexOf(data.subarray(0, 16)) + 10] ^= 1;
    const error = await rejection(unzip(archive(packed), target()));
    expect(error.message).toBe('Expected a.zip to be a sound zip file, but its entry entry has a wrong checksum (CRC-32).');
  }
});

test('what is no zip file, or only its beginning, is called so', async () => {
  const whole = zip({ entry: bytes(1000) }, 0);
  for (const data of [Buffer.from('<html>not found</html>'), Buffer.alloc(0), whole.subarray(0, 500)]) {
    expect((await rejection(unzip(archive(data), target()))).message).toBe(
      'Expected a.zip to be a sound zip file, but it has no zip directory.',
    );
  }
});

test('the size in the directory is a limit: a bomb does not fill the disk', async () => {
  const packed = zip({ bomb: Buffer.alloc(1 << 20) });
  const central = packed.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  packed.writeUInt32LE(10, central + 24); // says 10 bytes
  expect((await rejection(unzip(archive(packed), target()))).message).toContain('Expected a.zip to be a sound zip file');
});

test('zip64 numbers are read', async () => {
  // A stored entry whose sizes and offset stand in the zip64 field, as in archives over 4 GiB.
  const name = Buffer.from('entry');
  const data = Buffer.from('zip64 content');
  const plain = zip({ entry: data }, 0);
  const trueCrc = plain.readUInt32LE(14);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(trueCrc, 16);
  central.writeUInt32LE(0xffffffff, 20);
  central.writeUInt32LE(0xffffffff, 24);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(28, 30);
  central.writeUInt32LE(0xffffffff, 42);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(data.length), 4);
  extra.writeBigUInt64LE(BigInt(data.length), 12);
  extra.writeBigUInt64LE(0n, 20);
  const directoryAt = local.length + name.length + data.length;
  const directory = Buffer.concat([central, name, extra]);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(1n, 32);
  record.writeBigUInt64LE(BigInt(directory.length), 40);
  record.writeBigUInt64LE(BigInt(directoryAt), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryAt + directory.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(0xffffffff, 12);
  end.writeUInt32LE(0xffffffff, 16);
  await unzip(archive(Buffer.concat([local, name, data, directory, record, locator, end])), target());
  expect(read('entry').toString()).toBe('zip64 content');
});

test('a disk that cannot be written to is not blamed on the archive', async () => {
  fs.writeFileSync(target(), 'a file where the folder should be');
  const error = await rejection(unzip(archive(zip({ 'a/b': '1' })), target()));
  expect(['EEXIST', 'ENOTDIR']).toContain(error.code);
  expect(error.message).not.toContain('sound zip file');
});

test('an aborted signal stops it', async () => {
  const error = await rejection(unzip(archive(zip({ a: '1' })), target(), { signal: AbortSignal.abort() }));
  expect(error.name).toBe('AbortError');
});

test('a large entry whose packed data is damaged is told as such', async () => {
  const packed = zip({ entry: Buffer.alloc(8 << 20, 'some text that is packed well') });
  packed.fill(0xff, 2000, 3000);
  expect((await rejection(unzip(archive(packed), target()))).message).toMatch(
    /^Expected a\.zip to be a sound zip file, but .*(invalid|incorrect|unexpected|wrong)/,
  );
});
