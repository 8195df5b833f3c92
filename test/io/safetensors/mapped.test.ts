import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { liveTensors } from '../../live';

const { safetensors } = io;
const reference = join(__dirname, 'reference.safetensors');

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
  path = join(folder, 'x.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Bytes of this process that lie in memory and belong to no file. */
function anonymousBytes(): number | null {
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return null;
  }
}

describe('a mapped file', () => {
  test('gives what a copied one gives', () => {
    const [mapped, copied] = [safetensors.loadFile(reference), safetensors.loadFile(reference, { mmap: false })];
    expect(Object.keys(mapped)).toEqual(Object.keys(copied));
    for (const [name, tensor] of Object.entries(mapped)) {
      expect([name, tensor.dtype, tensor.shape]).toEqual([name, copied[name]?.dtype, copied[name]?.shape]);
      expect(tensor.toTypedArray()).toEqual(copied[name]?.toTypedArray());
    }
  });

  test('is read without a copy, and only where it is touched', () => {
    const megabytes = 64;
    safetensors.saveFile({ a: torch.ones(megabytes << 18), b: torch.tensor([7]) }, path);
    const before = anonymousBytes();
    if (before === null) return console.warn('Skipped: how much memory is its own a process only knows under Linux.');
    const { a, b } = safetensors.loadFile(path) as { a: torch.Tensor; b: torch.Tensor };
    expect(b.item()).toBe(7);
    expect(a.index(-1).item()).toBe(1);
    expect((anonymousBytes() as number) - before).toBeLessThan((megabytes << 20) / 2);
  });

  test('is not changed by its tensors', () => {
    safetensors.saveFile({ x: torch.ones(4) }, path);
    const { x } = safetensors.loadFile(path);
    x?.mul_(3);
    expect(x?.toArray()).toEqual([3, 3, 3, 3]);
    expect(safetensors.loadFile(path).x?.toArray()).toEqual([1, 1, 1, 1]);
  });

  test('may be saved anew while its tensors live', () => {
    safetensors.saveFile({ x: torch.ones(1000) }, path);
    const { x } = safetensors.loadFile(path) as { x: torch.Tensor };
    safetensors.saveFile({ x: x.mul(2) }, path);
    safetensors.saveFile({ x: torch.zeros(1) }, path);
    expect(x.sum().item()).toBe(1000);
  });

  test('with numbers at odd addresses has them copied', () => {
    // One byte of header more than the format's own package would write.
    const header = Buffer.from('{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([length, header, Buffer.from(new Float64Array([1.5, -2]).buffer)]));
    expect(header.length % 8).not.toBe(0);
    expect(safetensors.loadFile(path).x?.toArray()).toEqual([1.5, -2]);
  });

  test("counts each tensor's changes apart, so that autograd takes none for another's", () => {
    safetensors.saveFile({ x: torch.ones(2), w: torch.full([2], 3) }, path);
    const { x, w } = safetensors.loadFile(path) as { x: torch.Tensor; w: torch.Tensor };
    const y = x.requiresGrad_().mul(w).sum();
    torch.noGrad(() => x.add_(1));
    y.backward();
    expect(x.grad?.toArray()).toEqual([3, 3]);
  });

  test('answers for the bytes of its tensors once', () => {
    safetensors.saveFile(Object.fromEntries(Array.from({ length: 50 }, (_, k) => [`t${k}`, torch.ones(1000)])), path);
    const before = torch.memory({ collect: true }).bytes;
    const tensors = safetensors.loadFile(path);
    expect(torch.memory().bytes - before).toBeLessThan(210_000);
    expect(Object.keys(tensors)).toHaveLength(50);
  });
});

describe('open', () => {
  test('reads tensors one by one', () => {
    using file = safetensors.open(reference);
    expect(file.keys()).toEqual(Object.keys(safetensors.readHeader(reference).tensors));
    expect(file.metadata).toEqual({ format: 'pt', note: 'grüße' });
    expect([file.has('int16'), file.has('toString')]).toEqual([true, false]);
    expect([file.dtype('int16'), file.shape('int16'), file.shape('empty'), file.shape('scalar')]).toEqual(['int16', [2, 3], [0, 3], []]);
    expect(file.get('int16').index(1).toArray()).toEqual([4, 5, 100]);
    expect(file.get('empty').shape).toEqual([0, 3]);
    expect(file.get('int16', { device: 'meta' }).device).toBe('meta');
  });

  test('lets go of the file, not of the tensors', () => {
    const before = liveTensors();
    const file = safetensors.open(reference);
    torch.scope(() => {
      const x = file.get('float32');
      file.close();
      file.close();
      expect(x.toArray()).toEqual([0.5, -2, 448, Number.POSITIVE_INFINITY]);
    });
    expect(() => file.get('float32')).toThrow(`Expected ${reference} to be open for "float32" but it was closed`);
    expect(liveTensors()).toBe(before);
  });

  test('in a scope outlives the scope', () => {
    const file = torch.scope(() => safetensors.open(reference));
    expect(file.get('scalar').item()).toBe(7.25);
    file.close();
  });

  test('refuses what is not there', () => {
    using file = safetensors.open(reference);
    expect(() => file.get('none')).toThrow(`Expected the name of a tensor for ${reference} but received string "none"`);
    expect(() => safetensors.open(join(folder, 'none'))).toThrow('ENOENT');
    expect(() => safetensors.open(5 as never)).toThrow('Expected a path for safetensors.open but received number 5');
    writeFileSync(path, '');
    expect(() => safetensors.open(path)).toThrow(`Expected a safetensors file of at least 8 bytes in ${path} but received 0`);
  });
});
