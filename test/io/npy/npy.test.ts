import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { liveTensors } from '../../live';
import { findPython, runPython } from '../../python';
import { mutations } from '../mutations';

const reference = (name: string): string => join(__dirname, name);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'npy-'));
  path = join(folder, 'x.npy');
});
afterEach(() => rmSync(folder, { recursive: true }));

const SIX = [
  [0, 1, 2],
  [3, 4, 5],
];

describe("numpy's files are read", () => {
  const names = {
    i1: 'int8',
    i2: 'int16',
    i4: 'int32',
    i8: 'int64',
    u1: 'uint8',
    u2: 'uint16',
    u4: 'uint32',
    u8: 'uint64',
    f2: 'float16',
    f4: 'float32',
    f8: 'float64',
  };

  test.each([false, true])('an archive of all dtypes, both byte orders, both orders of axes; mapped %s', (mmap) => {
    const arrays = io.loadNpz(reference('arrays.npz'), { mmap });
    expect(Object.keys(arrays)).toHaveLength(31);
    for (const order of '<>') {
      for (const [name, dtype] of Object.entries(names)) {
        expect([name, arrays[order + name]?.dtype]).toEqual([name, dtype]);
        expect([name, arrays[order + name]?.toArray()]).toEqual([
          name,
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ]);
      }
      for (const [name, dtype] of [
        ['c8', 'complex64'],
        ['c16', 'complex128'],
      ] as const) {
        expect(arrays[order + name]?.dtype).toBe(dtype);
        expect(arrays[order + name]?.toArray()).toEqual([
          { re: 1, im: 2 },
          { re: -0, im: -0.5 },
        ]);
      }
    }
    expect(arrays.bool?.toArray()).toEqual([true, false]);
    expect([arrays.scalar?.shape, arrays.scalar?.item()]).toEqual([[], 2.5]);
    expect([arrays.empty?.shape, arrays.empty?.dtype]).toEqual([[0, 3], 'float32']);
    expect(arrays.columns?.stride()).toEqual([1, 2, 6]);
    expect(arrays.columns?.toArray()).toEqual(torch.arange(24).view([2, 3, 4]).toArray());
    expect(arrays['big columns']?.toArray()).toEqual(SIX);
  });

  test.each(['version-1.npy', 'version-2.npy', 'version-3.npy', 'columns.npy'])('%s', (name) => {
    for (const mmap of [false, true]) {
      const array = io.loadNpy(reference(name), { mmap });
      expect([array.dtype, array.toArray()]).toEqual(['float64', SIX]);
      expect(array.stride()).toEqual(name === 'columns.npy' ? [1, 2] : [3, 1]);
    }
  });

  test('deflated ones, ones in memory, ones of a dtype that the caller knows', () => {
    const { zeros, ones } = io.loadNpz(readFileSync(reference('compressed.npz')));
    expect([zeros?.numel(), zeros?.any().item(), ones?.toArray()]).toEqual([
      10_000,
      false,
      [
        [1, 1],
        [1, 1],
      ],
    ]);
    expect(io.loadNpy(readFileSync(reference('scalar.npy'))).item()).toBe(7);
    expect(io.loadNpy(reference('bytes.npy'), { dtype: 'bfloat16' }).toArray()).toEqual([1.5, -2]);
    expect(io.loadNpy(reference('vector.npy'), { device: 'meta' }).device).toBe('meta');
  });

  test.each([
    ['objects.npy', "Expected an array of numbers in FILE but received one of Python objects ('|O'), which only Python can read"],
    [
      'records.npy',
      'Expected one of the dtypes bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64, complex64, complex128 in FILE but received [',
    ],
    ['texts.npy', "in FILE but received '<U2'"],
    ['dates.npy', "in FILE but received '<M8[D]'"],
    ['long.npy', "in FILE but received '<f16'"],
    ['bytes.npy', 'Expected a dtype that numpy has, or the option dtype, in FILE but received V2'],
  ])('but %s is refused', (name, message) => {
    expect(() => io.loadNpy(reference(name))).toThrow(message.replace('FILE', reference(name)));
  });
});

describe('what was saved', () => {
  test("is numpy's file byte for byte", () => {
    const six = torch.arange(6, { dtype: 'float64' }).view([2, 3]);
    for (const [name, tensor] of [
      ['version-1.npy', six],
      ['columns.npy', six.T.contiguous().T],
      ['scalar.npy', torch.tensor(7)],
      ['vector.npy', torch.tensor([true, false, true])],
      ['bytes.npy', torch.tensor([1.5, -2]).bfloat16()],
    ] as const) {
      io.saveNpy(tensor, path);
      expect([name, readFileSync(path).equals(readFileSync(reference(name)))]).toEqual([name, true]);
    }
  });

  const dtypes = [
    'uint8',
    'int8',
    'int16',
    'int32',
    'int64',
    'uint16',
    'uint32',
    'uint64',
    'bool',
    'float16',
    'bfloat16',
    'float32',
    'float64',
    'complex32',
    'complex64',
    'complex128',
    'float8_e4m3fn',
    'float8_e5m2',
  ] as const;
  test.each(dtypes)('as %s comes back', (dtype) => {
    const tensor = torch
      .tensor([
        [1, 2, 4],
        [0.5, 8, 16],
      ])
      .to(dtype);
    io.saveNpy(tensor.T, path);
    const loaded = io.loadNpy(path, { dtype });
    expect([loaded.dtype, loaded.shape, loaded.stride()]).toEqual([dtype, [3, 2], [1, 3]]);
    expect(loaded.T.toTypedArray()).toEqual(tensor.toTypedArray());
  });

  test.each([false, true])('in an archive comes back, compressed %s', (compressed) => {
    const tensors = {
      a: torch.zeros(1000),
      'b/ü': torch.arange(6).view([2, 3]).T,
      strided: torch.arange(10).index(torch.slice(0, null, 3)),
      e: torch.zeros(0),
    };
    io.saveNpz(tensors, path, { compressed });
    expect(statSync(path).size < 3000).toBe(compressed);
    const loaded = io.loadNpz(path);
    expect(Object.keys(loaded)).toEqual(Object.keys(tensors));
    for (const [name, tensor] of Object.entries(tensors))
      expect([name, torch.equal(loaded[name] as torch.Tensor, tensor)]).toEqual([name, true]);
  });

  test('conjugates and recorded tensors, without a trace', () => {
    const before = liveTensors();
    torch.scope(() => {
      io.saveNpy(torch.tensor([{ re: 1, im: 2 }]).conj(), path);
      expect(io.loadNpy(path).toArray()).toEqual([{ re: 1, im: -2 }]);
      io.saveNpy(torch.ones(2, { requiresGrad: true }).mul(2), path);
      expect(io.loadNpy(path).toArray()).toEqual([2, 2]);
    });
    expect(liveTensors()).toBe(before);
  });

  const python = findPython(['numpy'], 'reading what saveNpy and saveNpz wrote with numpy');
  (python === null ? test.skip : test)('is read by numpy', () => {
    const numpys = dtypes.filter((dtype) => !/bfloat|float8|complex32/.test(dtype));
    for (const compressed of [false, true]) {
      io.saveNpz(
        Object.fromEntries(
          numpys.map((dtype) => [
            dtype,
            torch
              .tensor([
                [1, 2, 3],
                [0, 5, 6],
              ])
              .to(dtype).T,
          ]),
        ),
        path,
        { compressed },
      );
      const code =
        'import sys, json, numpy as np\nz = np.load(sys.argv[1])\nprint(json.dumps({k: [str(v.dtype), np.asarray(v.real, float).tolist(), v.flags.f_contiguous] for k, v in z.items()}))';
      const answers = JSON.parse(runPython(python as string, code, [path]));
      for (const dtype of numpys)
        expect(answers[dtype]).toEqual([
          dtype,
          dtype === 'bool'
            ? [
                [1, 0],
                [1, 1],
                [1, 1],
              ]
            : [
                [1, 0],
                [2, 5],
                [3, 6],
              ],
          true,
        ]);
    }
  });
});

/** A version 1 file with this header. */
function file(header: string, body = 0, version = 1): Buffer {
  const text = Buffer.from(header);
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0, text.length & 255, text.length >> 8]);
  return Buffer.concat([head, text, Buffer.alloc(body)]);
}

describe('damaged files are refused with a clear sentence', () => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  test('as made here they are good', () => {
    expect(io.loadNpy(file(good, 8)).toArray()).toEqual([0, 0]);
    expect(io.loadNpy(file(`{"shape": (2L, 1L), "fortran_order": True, "descr": "=f4"}\n`, 8)).shape).toEqual([2, 1]);
  });
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'Expected a .npy file of at least 10 bytes in the buffer but received 0'],
    [
      'another file',
      Buffer.from('hello world'),
      'Expected a .npy file, which begins with \\x93NUMPY, in the buffer but received another one',
    ],
    ['another version', file(good, 8, 4), 'Expected a .npy file of version 1.0, 2.0 or 3.0 in the buffer but received version 4.0'],
    ['a header that is cut off', file(good).subarray(0, 30), 'more bytes at 10 in the buffer but received 20'],
    ['no dictionary', file('[1]'), "Expected a .npy header with 'descr', 'fortran_order' and 'shape' in the buffer but received \"[1]\""],
    ['a field too few', file("{'descr': '<f4', 'shape': (2,)}", 8), "Expected a .npy header with 'descr'"],
    ['a field too many', file(good.replace('}', "'x': True}"), 8), "Expected a .npy header with 'descr'"],
    ['code', file(good.replace('False', '__import__("os").abort()'), 8), "Expected a .npy header with 'descr'"],
    ['a negative size', file(good.replace('2', '-2'), 8), "Expected a .npy header with 'descr'"],
    ['a huge size', file(good.replace('2', '9'.repeat(30)), 8), 'Expected a shape of whole numbers in the buffer but received (1e+30)'],
    ['sizes that overflow', file(good.replace('2,', `${2 ** 50}, ${2 ** 50}`), 8), 'in the buffer but received 8'],
    ['too few bytes', file(good, 7), 'Expected 8 bytes for float32 [2] in the buffer but received 7'],
    ['too many bytes', file(good, 9), 'Expected 8 bytes for float32 [2] in the buffer but received 9'],
    ['a dtype of another width', file(good.replace('f4', 'f5'), 8), "in the buffer but received '<f5'"],
  ])('%s', (_, bytes, message) => {
    expect(() => io.loadNpy(bytes)).toThrow(message);
  });

  test('an archive of something else', () => {
    io.savePt({}, path);
    expect(() => io.loadNpz(path)).toThrow(`Expected an archive of .npy files in ${path} but received one with "archive/data.pkl"`);
  });

  test.each<[string, number, (bytes: Buffer) => unknown]>([
    ['version-1.npy', 2000, io.loadNpy],
    ['version-3.npy', 1000, io.loadNpy],
    ['columns.npy', 1000, io.loadNpy],
    ['arrays.npz', 1000, io.loadNpz],
    ['compressed.npz', 1000, io.loadNpz],
  ])('%s, damaged %i times: an error, or tensors that fit the file', (name, count, load) => {
    let errors = 0;
    for (const bytes of mutations(readFileSync(reference(name)), count, 11)) {
      try {
        torch.scope(() => {
          const before = torch.memory().bytes;
          load(bytes);
          expect(torch.memory().bytes - before).toBeLessThanOrEqual(1032 * bytes.length);
        });
      } catch (error) {
        errors++;
        if (!/^Expected .* but received /s.test((error as Error).message)) throw error;
      }
    }
    expect(errors).toBeGreaterThan(count * 0.1);
  });
});

describe('bad arguments get one clear sentence', () => {
  test.each([
    [() => io.loadNpy(5 as never), 'Expected a path or bytes for loadNpy but received number 5'],
    [() => io.loadNpz(null as never), 'Expected a path or bytes for loadNpz but received null'],
    [() => io.loadNpy('/none/x.npy'), 'ENOENT'],
    [
      () => io.loadNpy(reference('columns.npy'), { dtype: 'float3' as never }),
      'Expected a dtype such as \'float32\' for dtype but received string "float3"',
    ],
    [() => io.loadNpy(reference('columns.npy'), { dtype: 'float32' }), 'Expected elements of 4 bytes for the dtype float32 in'],
    [() => io.saveNpy(5 as never, path), 'Expected a tensor for saveNpy but received number 5'],
    [() => io.saveNpy(torch.ones(1), 5 as never), 'Expected a path for saveNpy but received number 5'],
    [() => io.saveNpy(torch.eye(2).toSparse(), path), 'Expected a dense tensor for saveNpy but received'],
    [() => io.saveNpz({ a: 1 as never }, path), 'Expected a tensor for "a" but received number 1'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });

  test('and leave nothing behind', () => {
    writeFileSync(path, 'old');
    expect(() => io.saveNpz({ a: torch.ones(1), b: torch.eye(2).toSparse() }, path)).toThrow('Expected a dense tensor for "b"');
    expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['x.npy'], 'old']);
  });
});
