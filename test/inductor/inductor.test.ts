import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import type { Tensor } from '../../lib';
import * as torch from '../../lib';
import { inductor, io } from '../../lib';
import { libtorch } from '../../lib/native';
import { mutations } from '../io/mutations';
import { liveTensors } from '../live';
import { findPython } from '../python';

/** Unpacked models, of this and of other processes. */
const unpacked = (): string[] => readdirSync(tmpdir()).filter((name) => /^torchwright-aoti-/.test(name));

let folder: string;
let before: string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inductor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  before = unpacked();
});

const LIBRARY = process.platform === 'win32' ? 'pyd' : 'so';
const DATA = 'net/data/aotinductor/model/';
const METADATA = { AOTI_DEVICE_KEY: 'cpu', AOTI_PLATFORM: process.platform };
const good: Readonly<Record<string, Uint8Array>> = {
  [`${DATA}abc.wrapper.${LIBRARY}`]: strToU8('no machine code'),
  [`${DATA}abc.wrapper_metadata.json`]: strToU8(JSON.stringify(METADATA)),
  [`${DATA}abc.wrapper.cpp`]: strToU8('int main() {}'),
  'net/archive_format': strToU8('pt2'),
};

function written(content: Uint8Array | Readonly<Record<string, Uint8Array>>): string {
  const path = join(folder, 'x.pt2');
  writeFileSync(path, content instanceof Uint8Array ? content : zipSync(content, { level: 0 }));
  return path;
}

/** The same without some, or with other content. */
function changed(changes: Readonly<Record<string, Uint8Array | null>>): Record<string, Uint8Array> {
  const entries = Object.entries({ ...good, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, Uint8Array] => entry[1] !== null));
}

const about = (metadata: unknown): Record<string, Uint8Array> =>
  changed({ [`${DATA}abc.wrapper_metadata.json`]: strToU8(JSON.stringify(metadata)) });

describe('files that are none are refused, and nothing is left of them', () => {
  afterEach(() => expect(unpacked()).toEqual(before));

  test('one that is not there, and arguments of other kinds', () => {
    expect(() => inductor.aotiLoadPackage(join(folder, 'none.pt2'))).toThrow('ENOENT: no such file or directory');
    const any = (value: unknown): never => value as never;
    expect(() => inductor.aotiLoadPackage(any(1))).toThrow('Expected a path for aotiLoadPackage but received number 1');
    expect(() => inductor.aotiLoadPackage('x', { modelName: '' })).toThrow('Expected a name for modelName but received string ""');
    expect(() => inductor.aotiLoadPackage('x', { numRunners: 0 })).toThrow(
      'Expected a whole number from 1 to 1024 for numRunners but received number 0',
    );
    expect(() => inductor.aotiLoadPackage('x', { numRunners: 2, runSingleThreaded: true })).toThrow(
      'Expected 1 with runSingleThreaded for numRunners but received number 2',
    );
    expect(() => inductor.aotiLoadPackage('x', { deviceIndex: 0.5 })).toThrow('Expected a whole number from -1 to 127 for deviceIndex');
    expect(() => inductor.aotiLoadPackage(written(good), { deviceIndex: 0 })).toThrow(
      'Expected -1 for a model that is compiled for the CPU for deviceIndex but received number 0',
    );
  });

  test.each<[string, Uint8Array | Record<string, Uint8Array>, string]>([
    ['an empty file', new Uint8Array(0), 'Expected a sound zip archive in PATH but received one where'],
    ['a text', strToU8('a model'), 'Expected a sound zip archive in PATH but received one where it has no zip directory'],
    ['half a package', zipSync(good, { level: 0 }).subarray(0, 300), 'Expected a sound zip archive in PATH but received one where'],
    [
      'another archive',
      { 'a.txt': strToU8('a') },
      'Expected a package of torch._inductor.aoti_compile_and_package in PATH but received another zip archive',
    ],
    ['one without a model', { 'net/archive_format': strToU8('pt2') }, 'but received another zip archive'],
    [
      'an exported program',
      { 'net/models/model.json': strToU8('{}'), 'net/archive_format': strToU8('pt2') },
      'in PATH but received a program of torch.export.save, which is not compiled',
    ],
    ['C++ alone', changed({ [`${DATA}abc.wrapper.${LIBRARY}`]: null }), 'but received its C++ source only, which is not compiled here'],
    ['no metadata', changed({ [`${DATA}abc.wrapper_metadata.json`]: null }), "Expected a model's metadata in PATH but received none"],
    [
      'metadata of numbers',
      about({ AOTI_DEVICE_KEY: 1 }),
      'Expected an object of texts in "net/data/aotinductor/model/abc.wrapper_metadata.json"',
    ],
    ['metadata without end', changed({ [`${DATA}abc.wrapper_metadata.json`]: strToU8('{') }), 'Expected an object of texts in'],
    ['no device', about({}), 'Expected the device that the model is compiled for in PATH but received null'],
    [
      'a strange device',
      about({ AOTI_DEVICE_KEY: 'cpu:1' }),
      'Expected the device that the model is compiled for in PATH but received "cpu:1"',
    ],
    [
      'a device that is not here',
      about({ AOTI_DEVICE_KEY: 'xpu' }),
      'Expected a device that libtorch has here but the model is compiled for xpu',
    ],
    [
      'another system',
      about({ ...METADATA, AOTI_PLATFORM: 'plan9' }),
      `Expected a model for ${process.platform} in PATH but received one for plan9`,
    ],
    ['another processor', about({ ...METADATA, AOTI_MACHINE: 's390x' }), 'in PATH but received one for s390x'],
    [
      'a name that leads out',
      changed({ [`${DATA}../../../evil.so`]: strToU8('x') }),
      'Expected names of files inside the package in PATH but received "net/data/aotinductor/model/../../../evil.so"',
    ],
    [
      'a constant that leads out',
      changed({ 'net/data/constants/../../evil': strToU8('x') }),
      'Expected names of files inside the package in PATH',
    ],
    ['what is no library', good, 'Expected a model for this machine and libtorch in PATH but received one that does not load: '],
  ])('%s', (_, content, message) => {
    const path = written(content);
    expect(() => inductor.aotiLoadPackage(path)).toThrow(message.replace('PATH', path));
  });

  test('files of torch.save', () => {
    const path = join(folder, 'state.pt');
    io.savePt({ a: torch.ones(2) }, path);
    expect(() => inductor.aotiLoadPackage(path)).toThrow('but received a file of torch.save or torch.jit.save');
  });

  test('a name that no model has: the error lists those that there are', () => {
    const path = written({ ...good, 'net/data/aotinductor/other/x.so': strToU8('x') });
    expect(() => inductor.aotiLoadPackage(path, { modelName: 'mode' })).toThrow(
      `Expected a model "mode" in ${path} but received only "model", "other"`,
    );
  });

  test('instructions that this processor lacks', () => {
    const path = written(about({ ...METADATA, AOTI_CPU_ISA: 'AVX512 AVX512_VNNI' }));
    const code = `const { inductor } = require(${JSON.stringify(join(__dirname, '../..'))});
      try { inductor.aotiLoadPackage(${JSON.stringify(path)}) } catch (error) { console.log(error.message) }`;
    const env = { ...process.env, ATEN_CPU_CAPABILITY: 'default' };
    expect(execFileSync(process.execPath, ['-e', code], { env, encoding: 'utf8' })).toContain('but received one for AVX512 AVX512_VNNI');
  });

  test('a library that is no model', () => {
    const library = readFileSync(join(__dirname, '../../build/Release/torchwright.node'));
    const path = written(changed({ [`${DATA}abc.wrapper.${LIBRARY}`]: library }));
    expect(() => inductor.aotiLoadPackage(path)).toThrow(`in ${path} but received one that does not load: `);
  });

  test('damaged ones', () => {
    let refused = 0;
    for (const bytes of mutations(zipSync(good, { level: 0 }), 1500, 5)) {
      const path = written(bytes);
      try {
        inductor.aotiLoadPackage(path);
      } catch (error) {
        refused++;
        if (!/^Expected .* but received .*$/.test((error as Error).message)) throw error;
      }
    }
    expect(refused).toBe(1500); // also the whole ones, whose library is none
  });

  test('damage in the metadata behind a right checksum', () => {
    const name = `${DATA}abc.wrapper_metadata.json`;
    for (const bytes of mutations(good[name] as Uint8Array, 300, 6)) {
      const path = written(changed({ [name]: bytes }));
      expect(() => inductor.aotiLoadPackage(path)).toThrow(/^Expected .* (but received|but the model is) .*$/);
    }
  });
});

const python = findPython(['torch'], 'running models that AOTInductor compiled');
const fits =
  python !== null &&
  execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' }).split('+')[0]?.trim() === libtorch.version;
if (python !== null && !fits) console.warn(`Skipped: running models that AOTInductor compiled needs Python's torch ${libtorch.version}.`);

(fits ? describe : describe.skip)('models that Python compiled', () => {
  type Net = (x: Tensor) => Tensor;
  type State = Record<string, number[]>;
  const file = (name: string): string => join(folder, `${name}.pt2`);
  let stored: { x: number[][]; mlp: number[][]; one: number[][]; state: State; constants: string[] };
  let x: Tensor;
  let state: Record<string, Tensor>;

  beforeAll(() => {
    const script = join(__dirname, 'packages.py');
    stored = JSON.parse(
      execFileSync(python as string, ['-W', 'ignore', script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    x = torch.tensor(stored.x);
    state = Object.fromEntries(Object.entries(stored.state).map(([name, values]) => [name, torch.tensor(values)]));
  }, 900_000);
  afterEach(() => expect(unpacked()).toEqual(before)); // each test disposes what it loads

  function close(received: Tensor, values: unknown): void {
    const wanted = torch.tensor(values as number[]);
    expect(received.shape).toEqual(wanted.shape);
    expect(received.allclose(wanted, { rtol: 1e-5, atol: 1e-6 })).toBe(true);
  }

  test('compute what they compute there, for every size of a dynamic dimension', () => {
    using model = inductor.aotiLoadPackage<Net>(file('mlp'));
    expect(model.metadata.AOTI_DEVICE_KEY).toBe('cpu');
    expect(model.callSpec()).toHaveLength(2);
    expect(model.getConstantFqns()).toEqual(stored.constants);
    expect(unpacked().length).toBe(before.length + 1);
    close(model.run(x), stored.mlp);
    close(model.forward(x), stored.mlp);
    close(model.run(x.narrow(0, 0, 1)), stored.one);
    expect(model.run(torch.ones(0, 3)).shape).toEqual([0, 2]);
    expect(model.run(torch.ones(64, 3, { requiresGrad: true })).requiresGrad).toBe(false);
    const options = { numRunners: 2, modelName: 'model' };
    using two = inductor.aotiLoadPackage<Net>(file('mlp'), options);
    close(two.run(x), stored.mlp);
    using single = inductor.aotiLoadPackage<Net>(file('mlp'), { runSingleThreaded: true });
    close(single.run(x), stored.mlp);
  });

  test('refuse inputs that they are not compiled for, and go on', () => {
    using model = inductor.aotiLoadPackage(file('mlp'));
    const wrong = 'Expected inputs that the compiled model takes but received ';
    const released = torch.ones(5, 3);
    released.dispose();
    const refused: [() => unknown, string][] = [
      [() => model.run(), 'Expected 1 input for run but received 0'],
      [() => model.run(x, x), 'Expected 1 input for run but received 2'],
      [() => model.run([x]), 'Expected a tensor for input 0 but received an array of 1'],
      [() => model.run({ x } as never), 'Expected a tensor for input 0 but received an object'],
      [() => model.run(1), `${wrong}none: `],
      [() => model.run(torch.ones(5, 4)), `${wrong}float32[5, 4] cpu: `],
      [() => model.run(torch.ones(15)), `${wrong}float32[15] cpu: `],
      [() => model.run(torch.ones(65, 3)), `${wrong}float32[65, 3] cpu: `],
      [() => model.run(torch.ones(5, 3, { dtype: 'float64' })), `${wrong}float64[5, 3] cpu: `],
      [() => model.run(torch.ones(3, 5).T), `${wrong}float32[5, 3] cpu: `],
      [() => model.run(torch.ones(5, 3, { device: 'meta' })), `${wrong}float32[5, 3] meta: `],
      [
        () => model.run(torch.ones(5, 3).toSparse()),
        'Expected a dense tensor for input 0 of the compiled model but received float32[5, 3] cpu Sparse',
      ],
      [() => model.run(released), 'released'],
    ];
    for (const [call, message] of refused) expect(call).toThrow(message);
    close(model.run(x), stored.mlp);
  });

  test('take and give what is nested as in Python', () => {
    type Two = (pair: [Tensor, Tensor], named: { x: Tensor }, byName: { shift: Tensor }) => { sum: Tensor; rest: [Tensor, Tensor] };
    const model = inductor.aotiLoadPackage<Two>(file('two'));
    const [a, b, c] = [torch.tensor([1, 2]).float(), torch.tensor([3, 5]).float(), torch.tensor([10, 20]).float()];
    const { sum, rest } = model.run([a, b], { x: c }, { shift: a });
    expect(sum.toArray()).toEqual([4 * 2 + 1, 7 * 3 + 2]);
    expect(rest.map((tensor) => tensor.toArray())).toEqual([
      [9, 18],
      [2, 3],
    ]);
    const any = model.run as (...inputs: unknown[]) => unknown;
    const call = (...inputs: unknown[]) => any.apply(model, inputs);
    expect(() => call([a, b], { x: c })).toThrow('Expected 2 inputs and an object of named ones (shift) for run but received 2');
    expect(() => call([a], { x: c }, { shift: a })).toThrow('Expected an array of 2 for input 0 but received an array of 1');
    expect(() => call([a, b], { y: c }, { shift: a })).toThrow('Expected an object with x for input 1 but received an object');
    expect(() => call([a, b], { x: c }, {})).toThrow('Expected an object with shift for the named inputs but received an object');
    model.dispose();
    model.dispose();
    expect(rest[1].toArray()).toEqual([2, 3]); // a constant of the model that outlives it
    expect(() => call([a, b], { x: c }, { shift: a })).toThrow('Expected a compiled model but it was disposed');
  });

  test('give several outputs', () => {
    using model = inductor.aotiLoadPackage<(x: Tensor, y: Tensor) => [Tensor, Tensor]>(file('halves'));
    const [product, difference] = model.run(torch.ones(2, 3), torch.ones(3, 2).mul(2));
    expect(product.toArray()).toEqual([
      [6, 6],
      [6, 6],
    ]);
    expect([difference.item(), difference.dtype]).toEqual([-6, 'float64']);
    expect(model.getConstantFqns()).toEqual([]);
    // Bits that say "the negative" are no bytes.
    const negative = torch._negView(torch.ones(2, 3));
    expect(model.run(negative, torch.ones(3, 2))[0].toArray()).toEqual([
      [-3, -3],
      [-3, -3],
    ]);
  });

  test('compute with other constants', () => {
    using model = inductor.aotiLoadPackage<Net>(file('mlp'));
    const names = stored.constants;
    const pick = (change: (tensor: Tensor) => Tensor): Record<string, Tensor> =>
      Object.fromEntries(names.map((name) => [name, change(state[name] as Tensor)]));
    const zeros = pick((tensor) => torch.zerosLike(tensor));
    model.loadConstants(zeros, { checkFullUpdate: true });
    const empty = model.run(x);
    expect(empty.allclose(model.run(x.mul(2)))).toBe(true);
    model.loadConstants(pick((tensor) => tensor));
    close(model.run(x), stored.mlp);
    // Views of something larger, in another order.
    model.loadConstants(pick((tensor) => torch.stack([tensor, tensor], { dim: -1 }).select(-1, 1)));
    close(model.run(x), stored.mlp);
    // The second set, which is used from the swap on.
    model.loadConstants(zeros, { useInactive: true });
    close(model.run(x), stored.mlp);
    model.swapConstants();
    expect(model.run(x).equal(empty)).toBe(true);
    model.swapConstants();
    close(model.run(x), stored.mlp);
  });

  test('refuse constants that are none of theirs', () => {
    using model = inductor.aotiLoadPackage<Net>(file('mlp'));
    const weight = state['a.weight'] as Tensor;
    const any = (value: unknown): never => value as never;
    const refused: [() => void, string][] = [
      [() => model.swapConstants(), 'Expected constants loaded with useInactive before swapConstants but there are none'],
      [
        () => model.loadConstants({ other: weight }),
        "Expected names of the compiled model's constants for loadConstants but received other",
      ],
      [
        () => model.loadConstants({ 'a.weight': weight.T }),
        'Expected float32[40, 3] cpu for a.weight in loadConstants but received float32[3, 40] cpu',
      ],
      [() => model.loadConstants({ 'a.weight': weight.double() }), 'but received float64[40, 3] cpu'],
      [
        () => model.loadConstants({ 'a.weight': weight }, { checkFullUpdate: true }),
        "Expected all of the compiled model's constants for loadConstants but received none for ",
      ],
      [() => model.loadConstants({ 'a.weight': any(1) }), 'Expected a tensor for a.weight in loadConstants but received number 1'],
      [() => model.loadConstants(any(null)), 'Expected an object of tensors for loadConstants but received null'],
      [() => model.loadConstants({}, any('all')), 'Expected an options object for loadConstants but received string "all"'],
    ];
    for (const [call, message] of refused) expect(call).toThrow(message);
    close(model.run(x), stored.mlp);
  });

  test('without constants in the package wait for them', () => {
    using model = inductor.aotiLoadPackage<Net>(file('bare'));
    const names = model.getConstantFqns();
    expect(() => model.run(x)).toThrow(`Expected loadConstants before the first run but the model has no ${names.join(', ')}`);
    const { scale, ...rest } = Object.fromEntries(names.map((name) => [name, state[name] as Tensor])) as Record<string, Tensor> & {
      scale: Tensor;
    };
    expect(() => model.loadConstants({ scale: torch.ones(2) })).toThrow(
      'Expected a tensor that takes 192 bytes in steps of 64 for scale in loadConstants but received float32[2] cpu',
    );
    expect(() => model.loadConstants({ scale: torch.ones(20, { dtype: 'float64' }) })).toThrow('Expected float32 for scale');
    expect(() => model.loadConstants({ scale: torch.ones(4, 10) })).toThrow(
      'Expected float32[40] cpu for scale in loadConstants but received float32[4, 10] cpu',
    );
    expect(() => model.loadConstants({ scale }, { useInactive: true })).toThrow('but received none for ');
    model.loadConstants(rest);
    expect(() => model.run(x)).toThrow('the model has no scale');
    model.loadConstants({ scale });
    close(model.run(x), stored.mlp);
  });

  test('a program that is exported and not compiled is refused', () => {
    expect(() => inductor.aotiLoadPackage(file('exported'))).toThrow('but received a program of torch.export.save, which is not compiled');
  });

  test('damaged in any byte that matters they are refused before their code is loaded', () => {
    const whole = readFileSync(file('halves'));
    const { length } = Object.keys(unzipSync(whole));
    expect(length).toBeGreaterThan(4);
    let refused = 0;
    for (const bytes of mutations(whole, 200, 3)) {
      const path = written(bytes);
      try {
        inductor.aotiLoadPackage(path).dispose();
      } catch (error) {
        refused++;
        if (!/^Expected .* but received /.test((error as Error).message)) throw error;
      }
    }
    expect(refused).toBeGreaterThan(150);
  });

  test('leave no tensors and no files behind, also when the process ends with them', () => {
    const live = liveTensors();
    {
      using model = inductor.aotiLoadPackage<Net>(file('mlp'));
      for (let k = 0; k < 10; k++) torch.scope(() => void model.run(x));
    }
    expect(liveTensors()).toBe(live);
    const load = `const { inductor } = require(${JSON.stringify(join(__dirname, '../..'))});
      const model = inductor.aotiLoadPackage(${JSON.stringify(file('mlp'))});`;
    for (const end of ['', 'process.exit(0)', 'setTimeout(() => process.exit(0), 1); throw new Error("x")']) {
      const worker = `new (require('node:worker_threads').Worker)(${JSON.stringify(load)}, { eval: true }).on('exit', () => {})`;
      for (const code of [`${load} ${end}`, worker]) {
        try {
          execFileSync(process.execPath, ['-e', code], { stdio: 'ignore' });
        } catch {
          // The one that throws.
        }
        expect(unpacked()).toEqual(before);
      }
    }
  });
});
