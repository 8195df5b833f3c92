import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io, nn } from '../../../lib';
import { liveTensors } from '../../live';

const { safetensors } = io;
const reference = join(__dirname, 'reference.safetensors');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The bytes of a file with this header, `body` bytes long after it. */
function file(header: unknown, body = 0): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(body)]);
}

describe("a file of the format's own package", () => {
  const integers = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const;
  const floats = ['float16', 'bfloat16', 'float32', 'float64'] as const;

  test('is read whole', () => {
    const tensors = safetensors.loadFile(reference);
    for (const dtype of integers) {
      expect(tensors[dtype]?.dtype).toBe(dtype);
      expect(tensors[dtype]?.toArray()).toEqual([
        [1, 2, 3],
        [4, 5, 100],
      ]);
    }
    for (const dtype of floats) {
      expect(tensors[dtype]?.dtype).toBe(dtype);
      expect(tensors[dtype]?.toArray()).toEqual([0.5, -2, 448, Number.POSITIVE_INFINITY]);
    }
    expect(tensors.float8_e5m2?.to('float32').toArray()).toEqual([0.5, -2, 448, Number.POSITIVE_INFINITY]);
    expect(tensors.float8_e4m3fn?.to('float32').toArray()).toEqual([0.5, -2, 448, 448]); // it has no infinity, PyTorch takes the largest number
    for (const dtype of ['float8_e4m3fnuz', 'float8_e5m2fnuz'] as const) {
      expect(tensors[dtype]?.dtype).toBe(dtype);
      expect(tensors[dtype]?.to('float32').toArray()).toEqual([0.5, -2]);
    }
    expect(tensors.float8_e8m0fnu?.to('float32').toArray()).toEqual([1, 2, 0.25]);
    expect(tensors.float4_e2m1fn_x2?.dtype).toBe('float4_e2m1fn_x2');
    expect(tensors.float4_e2m1fn_x2?.shape).toEqual([1, 2]);
    expect(tensors.float4_e2m1fn_x2?.view('uint8').toArray()).toEqual([[0x21, 0x43]]);
    expect(tensors.bool?.toArray()).toEqual([true, false, true]);
    expect(tensors.complex64?.toArray()).toEqual([
      { re: 1, im: 2 },
      { re: -0, im: -3.5 },
    ]);
    expect([tensors.scalar?.shape, tensors.scalar?.item()]).toEqual([[], 7.25]);
    expect(tensors.empty?.shape).toEqual([0, 3]);
    expect(tensors['ünï/cödé "1"']?.toArray()).toEqual([1]);
    expect(Object.keys(tensors)).toHaveLength(25);
  });

  test('is written the same, byte for byte', () => {
    const { metadata } = safetensors.readHeader(reference);
    expect(metadata).toEqual({ format: 'pt', note: 'grüße' });
    expect(safetensors.save(safetensors.loadFile(reference), { metadata })).toEqual(readFileSync(reference));
  });

  test('has a header that can be read alone', () => {
    const { tensors } = safetensors.readHeader(reference);
    expect(tensors.float32).toMatchObject({ dtype: 'float32', shape: [4], bytes: 16 });
    expect(readFileSync(reference).readFloatLE((tensors.scalar as { begin: number }).begin)).toBe(7.25);
  });
});

describe('what is saved comes back', () => {
  const roundTrip = (tensor: torch.Tensor): torch.Tensor => safetensors.load(safetensors.save({ x: tensor })).x as torch.Tensor;

  test('views and transposes in logical order', () => {
    const x = torch.arange(24).reshape(4, 6);
    for (const view of [x.T, x.index(torch.slice(1, 3), torch.slice(null, null, 2)), x.select(1, 2), x.expand([2, 4, 6])]) {
      expect(torch.equal(roundTrip(view), view)).toBe(true);
    }
    const lazy = torch.tensor([{ re: 1, im: 2 }], { dtype: 'complex64' }).conj();
    expect(roundTrip(lazy).toArray()).toEqual([{ re: 1, im: -2 }]);
  });

  test('parameters, without their graph', () => {
    const parameter = new nn.Parameter(torch.randn(3));
    expect(roundTrip(parameter).requiresGrad).toBe(false);
    expect(torch.equal(roundTrip(parameter.mul(2)), parameter.detach().mul(2))).toBe(true);
  });

  test('a whole network, through a file', () => {
    const make = (): nn.Module & { forward(x: torch.Tensor): torch.Tensor } =>
      new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.Flatten(), new nn.Linear(8, 2));
    const [model, copy] = [make(), make()];
    model.forward(torch.randn(3, 1, 4, 4)); // moves the running statistics
    const path = join(folder, 'model.safetensors');
    safetensors.saveFile(model.stateDict(), path);
    copy.loadStateDict(safetensors.loadFile(path));
    const x = torch.randn(3, 1, 4, 4);
    expect(torch.equal(copy.eval().forward(x), model.eval().forward(x))).toBe(true);
  });

  test('names that JavaScript treats specially', () => {
    const tensors = Object.fromEntries(['__proto__', 'constructor', '2', 'a.b'].map((name, k) => [name, torch.full([1], k)]));
    const loaded = safetensors.load(safetensors.save(tensors));
    expect(Object.keys(loaded).sort()).toEqual(['2', '__proto__', 'a.b', 'constructor']);
    expect(Object.getOwnPropertyDescriptor(loaded, '__proto__')?.value.item()).toBe(0);
  });

  test('nothing at all', () => {
    expect(safetensors.load(safetensors.save({}))).toEqual({});
  });

  test('and leaves no tensors behind', () => {
    const tensors = { a: torch.randn(3), b: torch.randn(4, 4).T };
    const before = liveTensors();
    for (let k = 0; k < 5; k++) torch.scope(() => void safetensors.load(safetensors.save(tensors)));
    expect(liveTensors()).toBe(before);
  });
});

describe('files are whole or not there', () => {
  test('a failure leaves the old file and no rest', () => {
    const path = join(folder, 'x.safetensors');
    safetensors.saveFile({ x: torch.ones(1) }, path);
    expect(() => safetensors.saveFile({ x: torch.ones(1), y: torch.zeros(1, { dtype: 'complex128' }) }, path)).toThrow(
      'Expected a tensor of a dtype that safetensors has',
    );
    expect(safetensors.loadFile(path).x?.toArray()).toEqual([1]);
    expect(readdirSync(folder)).toEqual(['x.safetensors']);
  });

  test('a folder that is not there is an error', () => {
    expect(() => safetensors.saveFile({}, join(folder, 'none', 'x'))).toThrow('ENOENT');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('damaged files are refused with a clear sentence', () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  test.each([
    ['nothing', Buffer.alloc(3), 'Expected a safetensors file of at least 8 bytes in the buffer but received 3'],
    [
      'a header longer than the file',
      file('{}').subarray(0, 9),
      'Expected a safetensors header of 2 bytes, as its length says, in the buffer but received 1',
    ],
    ['a header longer than any', Buffer.alloc(20, 0xff), 'Expected a safetensors header of at most 100000000 bytes'],
    ['no JSON', file('{"a":'), 'Expected a safetensors header in JSON in the buffer but received'],
    ['no UTF-8', file('{"a\u0000":1}').fill(0xff, 9, 12), 'Expected a safetensors header in JSON in the buffer but received'],
    ['no object', file([1]), 'Expected a JSON object for a safetensors header in the buffer but received [1]'],
    ['no entry', file({ a: 1 }), 'Expected dtype, shape and data_offsets for "a" in the buffer but received 1'],
    ['an unknown dtype', file({ a: { ...entry, dtype: 'F33' } }, 8), 'for "a" in the buffer but received "F33"'],
    [
      'a negative size',
      file({ a: { ...entry, shape: [-1] } }, 8),
      'Expected a shape of whole numbers for "a" in the buffer but received [-1]',
    ],
    ['one offset', file({ a: { ...entry, data_offsets: [0] } }, 8), 'Expected two data_offsets for "a" in the buffer but received [0]'],
    ['offsets beyond the file', file({ a: entry }, 4), 'Expected data_offsets from 0 to 4 for "a" in the buffer but received [0, 8]'],
    ['offsets the wrong way round', file({ a: { ...entry, data_offsets: [8, 0] } }, 8), 'but received [8, 0]'],
    [
      'another number of bytes',
      file({ a: { ...entry, shape: [3] } }, 8),
      'Expected 12 bytes for "a", F32 [3], in the buffer but received 8',
    ],
    ['a shape that overflows', file({ a: { ...entry, shape: [2 ** 50, 2 ** 50] } }, 8), 'in the buffer but received 8'],
    [
      'overlapping tensors',
      file({ a: entry, b: { ...entry, data_offsets: [4, 12] } }, 12),
      'Expected the bytes of "b" to start at 8, where those before end, in the buffer but received 4',
    ],
    ['a gap', file({ a: { ...entry, data_offsets: [4, 12] } }, 12), 'Expected the bytes of "a" to start at 0'],
    ['bytes at the end', file({ a: entry }, 9), 'Expected 8 bytes of tensors, as the header says, in the buffer but received 9'],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), 'Expected texts for __metadata__ in the buffer but received {"a":1}'],
  ])('%s', (_, bytes, message) => {
    expect(() => safetensors.load(bytes)).toThrow(message);
    const path = join(folder, 'damaged');
    writeFileSync(path, bytes);
    expect(() => safetensors.loadFile(path)).toThrow(message.replace('the buffer', path));
  });

  test('any bytes changed: an error, or tensors that fit the file', () => {
    const whole = readFileSync(reference);
    let state = 99;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let errors = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(whole.subarray(0, random(4) === 0 ? random(whole.length) : whole.length));
      for (let k = 0; k < 1 + random(3) && bytes.length > 0; k++) bytes[random(Math.min(bytes.length, 1700))] = random(256);
      try {
        torch.scope(() => {
          const total = Object.values(safetensors.load(bytes)).reduce((sum, tensor) => sum + tensor.nbytes, 0);
          expect(total).toBeLessThanOrEqual(bytes.length);
        });
      } catch (error) {
        errors++;
        expect((error as Error).message).toMatch(/^Expected .* but received /s);
      }
    }
    expect(errors).toBeGreaterThan(1000);
  });
});

describe('bad arguments get one clear sentence', () => {
  test.each([
    [() => safetensors.save({ a: [1, 2] as never }), 'Expected a tensor for "a" but received an array of 2'],
    [() => safetensors.save({ a: torch.ones(2).toSparse() }), 'Expected a dense tensor for "a"'],
    [() => safetensors.save({ __metadata__: torch.ones(1) }), 'Expected another name than __metadata__ for a tensor'],
    [() => safetensors.save({}, { metadata: { a: 1 as never } }), 'Expected a string for metadata "a" but received number 1'],
    [() => safetensors.loadFile('/none/x.safetensors'), 'ENOENT'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});
