import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io, nn, optim } from '../../../lib';
import { liveTensors } from '../../live';

type Tensors = Record<string, torch.Tensor>;
const path = (name: string): string => join(__dirname, name);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pt-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('dtypes', () => {
  const six = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const names = ['uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'bfloat16', 'float32', 'float64', 'uint16', 'uint32', 'uint64'];
  const eight = ['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz'];

  test.each([false, true])('all of them, mapped %s', (mmap) => {
    const tensors = io.loadPt(path('dtypes.pt'), { mmap });
    for (const name of [...names, ...eight]) {
      expect([name, tensors[name]?.dtype]).toEqual([name, name]);
      expect([name, tensors[name]?.to('float64').toArray()]).toEqual([name, six]);
    }
    expect(tensors.float8_e8m0fnu?.dtype).toBe('float8_e8m0fnu');
    expect(tensors.float8_e8m0fnu?.to('float32').toArray()).toEqual([1, 2, 0.25]);
    expect(tensors.bool?.toArray()).toEqual([true, false, true]);
    expect(tensors.complex32?.dtype).toBe('complex32');
    for (const name of ['complex64', 'complex128']) {
      expect(tensors[name]?.dtype).toBe(name);
      expect(tensors[name]?.toArray()).toEqual([
        { re: 1, im: 2 },
        { re: -0, im: -3.5 }, // Python's -3.5j
      ]);
    }
  });

  test('written on a big-endian machine, deflated', () => {
    const tensors = io.loadPt(path('big-endian.pt'));
    expect(tensors.float32?.toArray()).toEqual([1.5, -2]);
    expect(tensors.float64?.toArray()).toEqual([0.10000000149011612]); // a float32 first
    expect(tensors.int16?.toArray()).toEqual([1, -2, 300]);
    expect(tensors.complex64?.toArray()).toEqual([{ re: 1, im: 2 }]);
    expect(tensors.uint8?.toArray()).toEqual([1, 2, 3]);
  });
});

describe.each([
  ['views.pt', {}],
  ['views.pt', { mmap: true }],
  ['views.legacy.pt', {}],
])('views of %s %j', (file, options) => {
  test('have the strides and values that they were saved with', () => {
    const tensors = io.loadPt(path(file), options);
    const base = Array.from({ length: 24 }, (_, k) => k);
    expect(tensors.base?.toArray()).toEqual(base);
    expect(tensors.transposed?.stride()).toEqual([1, 6]);
    expect(tensors.transposed?.T.reshape([-1]).toArray()).toEqual(base);
    expect(tensors.part?.toArray()).toEqual([
      [6, 8, 10],
      [12, 14, 16],
    ]);
    expect(tensors.part?.stride()).toEqual([6, 2]);
    expect(tensors.column?.toArray()).toEqual([5, 11, 17, 23]);
    expect(tensors.expanded?.toArray()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ]);
    expect(tensors.expanded?.stride()).toEqual([0, 0]);
    expect(tensors.channels_last?.isContiguous({ memoryFormat: 'channelsLast' })).toBe(true);
    expect(tensors.channels_last?.reshape([-1]).toArray()).toEqual(base.slice(0, 16));
    expect(tensors.scalar?.shape).toEqual([]);
    expect(tensors.scalar?.item()).toBe(2.5);
    expect(tensors.empty?.shape).toEqual([0, 3]);
    expect(tensors.conjugate?.toArray()).toEqual([
      { re: 1, im: -2 },
      { re: 3, im: -4 },
    ]);
    expect(tensors.conjugate?.isConj()).toBe(true);
    expect(tensors.negative?.toArray()).toEqual([-2, -4]);
    expect(tensors.negative?.isNeg()).toBe(true);
  });

  test('share their memory again, and count their changes apart', () => {
    const { base, transposed, column, scalar } = io.loadPt(path(file), options) as Record<
      'base' | 'transposed' | 'column' | 'scalar',
      torch.Tensor
    >;
    const version = transposed._version;
    const other = scalar._version;
    base.fill_(-1);
    expect(transposed.sum().item()).toBe(-24);
    expect(column.toArray()).toEqual([-1, -1, -1, -1]);
    expect([transposed._version, scalar._version]).toEqual([version, other]);
    expect(scalar.item()).toBe(2.5);
  });

  test('require gradients as they did', () => {
    const tensors = io.loadPt(path(file), options);
    const recorded = Object.entries(tensors).filter(([, tensor]) => tensor.requiresGrad);
    expect(recorded.map(([name]) => name)).toEqual(['parameter', 'leaf']);
    tensors.parameter?.pow(2).sum().backward();
    expect(tensors.parameter?.grad?.toArray()).toEqual([2, 4]);
  });
});

test('a mapped file is not changed by its tensors', () => {
  const copy = join(folder, 'copy.pt');
  const bytes = readFileSync(path('views.pt'));
  writeFileSync(copy, bytes);
  const { base } = io.loadPt<{ base: torch.Tensor }>(copy, { mmap: true });
  base.fill_(-1);
  expect(base.sum().item()).toBe(-24);
  expect(readFileSync(copy).equals(bytes)).toBe(true);
});

test.each(['values.pt', 'values.legacy.pt', 'values.protocol-3.pt', 'values.protocol-4.pt', 'values.protocol-5.pt'])(
  'values of %s',
  (file) => {
    const { nested, shared, 'shared again': again, ...values } = io.loadPt<Record<string, unknown>>(path(file));
    expect(values).toEqual({
      none: null,
      true: true,
      false: false,
      small: 7,
      negative: -300,
      large: 2 ** 40,
      huge: 2n ** 70n,
      'very negative': -(2n ** 63n),
      float: 0.1,
      infinite: Number.POSITIVE_INFINITY,
      text: 'grüße 😀',
      'empty text': '',
      bytes: Buffer.from([97, 98, 255, 0]),
      'no bytes': Buffer.from([]),
      bytearray: Buffer.from('xyz'),
      complex: { re: 1.5, im: -2 },
      list: [1, [2.5, 'three'], []],
      tuple: [1, 2, 3, 4],
      pair: [1, 2],
      one: [1],
      unit: [],
      size: [2, 3],
      dtype: 'bfloat16',
      device: 'cuda:1',
      cpu: 'cpu',
      layout: 'torch.strided',
      set: new Set([1, 2, 3]),
      ordered: { b: 1, a: 2 },
      counter: new Map([
        [30, 1],
        [80, 2],
      ]),
      'numbers as keys': new Map<unknown, unknown>([
        [0, 'a'],
        [1, 'b'],
        ['c', 2],
      ]),
      ['__proto__']: 5,
    });
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    expect(Object.keys(values.ordered as object)).toEqual(['b', 'a']);
    expect(shared).toEqual([1, 2]);
    expect(again).toBe(shared);
    expect((nested as { a: { b: { c: torch.Tensor } } }).a.b.c.toArray()).toEqual([1]);
  },
);

test('a tensor alone', () => {
  expect(io.loadPt<torch.Tensor>(path('tensor.pt')).toArray()).toEqual([0, 1, 2]);
  expect(io.loadPt<torch.Tensor>(readFileSync(path('tensor.pt'))).toArray()).toEqual([0, 1, 2]);
});

interface Training {
  model: nn.StateDict;
  optimizer: optim.OptimizerStateDict;
  schedule: { step_size: number; base_lrs: number[] };
  epoch: number;
  x: torch.Tensor;
  y: torch.Tensor;
}

test.each(['training.pt', 'training.legacy.pt'])('a training of Python goes on: %s', (file) => {
  const { model: weights, optimizer: state, schedule, epoch, x } = io.loadPt<Training>(path(file));
  expect(epoch).toBe(3);
  expect(schedule).toMatchObject({ step_size: 10, base_lrs: [0.01] });
  expect(Object.keys(weights)).toEqual([
    '0.weight',
    '0.bias',
    '1.weight',
    '1.bias',
    '1.running_mean',
    '1.running_var',
    '1.num_batches_tracked',
    '2.weight',
    '2.bias',
  ]);
  expect(weights['1.num_batches_tracked']?.item()).toBe(2);
  const layers = [new nn.Linear(3, 4), new nn.Linear(4, 2)] as const;
  const optimizer = new optim.AdamW([...layers[0].parameters(), torch.ones(4), torch.ones(4), ...layers[1].parameters()]);
  optimizer.loadStateDict(state);
  expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.01, betas: [0.9, 0.999], weightDecay: 0.01 });
  expect((optimizer.stateDict().state['0']?.step as torch.Tensor).item()).toBe(2);
  expect(torch.equal(optimizer.stateDict().state['4']?.exp_avg as torch.Tensor, state.state['4']?.exp_avg as torch.Tensor)).toBe(true);
  expect(x.shape).toEqual([8, 3]);
});

test('tensors go where they are asked to', () => {
  const tensors = io.loadPt(path('views.pt'), { mapLocation: 'meta' });
  expect(tensors.part?.device).toBe('meta');
  expect(tensors.part?.stride()).toEqual([6, 2]);
});

test('leaves no tensors behind', () => {
  const before = liveTensors();
  for (const file of ['views.pt', 'views.legacy.pt']) torch.scope(() => void io.loadPt(path(file)));
  torch.scope(() => void io.loadPt(path('views.pt'), { mmap: true }));
  expect(liveTensors()).toBe(before);
});

describe('what only Python could make is refused by its name', () => {
  test.each([
    ['evil-system.pt', "Python's posix.system"],
    ['evil-eval.pt', "Python's builtins.eval"],
    ['evil-module.pt', "Python's torch.nn.modules.linear.Linear"],
    ['evil-path.pt', "Python's pathlib.PosixPath"],
    ['sparse.pt', "Python's torch._utils._rebuild_sparse_tensor"],
    ['quantized.pt', "Python's torch._utils._rebuild_qtensor"],
  ])('%s', (file, name) => {
    expect(() => io.loadPt(path(file))).toThrow(
      `Expected only tensors, containers, numbers and texts, such as torch.save(model.state_dict(), path) writes, in ${path(file)} but received ${name}`,
    );
  });

  test('nothing was executed', () => {
    expect(() => readFileSync('pwned')).toThrow('ENOENT');
  });
});

/** A pickle of protocol 2 in the head of a legacy file is enough to reach the machine. */
function pickled(...parts: (string | number[])[]): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), ...parts.map((part) => Buffer.from(part as string))]);
}

describe('other files are refused with a clear sentence', () => {
  test.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.alloc(0), 'Expected a file of torch.save in the buffer but received an empty one'],
    ['text', Buffer.from('hello'), 'Expected a file of torch.save in the buffer but received one that begins with the bytes 68656c6c'],
    [
      'a zip archive without end',
      Buffer.from('PK\x03\x04 and so on'),
      'Expected a sound zip archive in the buffer but received one where it has no zip directory',
    ],
    ['another pickle', pickled('K\x01.'), 'Expected the magic number of torch.save in the buffer but received another pickle'],
    ['half a pickle', pickled('K'), 'Expected 1 more bytes at 3 in the buffer but received its end'],
    ['a list that contains itself', pickled('](h\x00e.'), 'in the buffer but received number 0'],
    ['an empty stack', pickled('.'), 'Expected a value on the stack in the pickle in the buffer but received none'],
    [
      'an instruction with a class',
      pickled('o.'),
      'Expected an instruction that plain data needs in the pickle in the buffer but received 0x6f at 2',
    ],
    [
      'a text longer than the file',
      pickled([0x58, 0xff, 0xff, 0xff, 0xff]),
      'Expected 4294967295 more bytes at 7 in the buffer but received its end',
    ],
    [
      'a long integer',
      pickled([0x8b, 0, 0, 1, 0], '0'.repeat(70000)),
      'Expected an integer of at most 1024 bytes in the pickle in the buffer but received 65536',
    ],
    ['many levels', pickled('('.repeat(2000)), 'Expected at most 1000 levels in the pickle in the buffer but received more'],
  ])('%s', (_, bytes, message) => {
    expect(() => io.loadPt(bytes)).toThrow(message);
  });

  test('and a mapped one that is legacy', () => {
    expect(() => io.loadPt(path('views.legacy.pt'), { mmap: true })).toThrow('but received the format of PyTorch before 1.6');
  });
});

test.each([
  [() => io.loadPt(7 as never), 'Expected a path or bytes for loadPt but received number 7'],
  [() => io.loadPt('/none/x.pt'), 'ENOENT'],
  [() => io.loadPt(path('tensor.pt'), { mapLocation: 'gpu' as never }), "Expected a device such as 'cpu' or 'cuda:0' for"],
])('bad arguments get one clear sentence %#', (call, message) => {
  expect(call).toThrow(message);
});

test('tensors of a state dict belong to the scope they are loaded in', () => {
  let weights: Tensors = {};
  torch.scope(() => {
    weights = io.loadPt(path('views.pt'));
  });
  expect(() => weights.base?.shape).toThrow('released');
});
