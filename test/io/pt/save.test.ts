import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io, nn, optim } from '../../../lib';
import { liveTensors } from '../../live';
import { findPython, runPython } from '../../python';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pt-'));
  path = join(folder, 'x.pt');
});
afterEach(() => rmSync(folder, { recursive: true }));

function roundTrip<T>(value: T, options: io.LoadPtOptions = {}): T {
  io.savePt(value, path);
  return io.loadPt<T>(path, options);
}

const DTYPES = [
  ...(['uint8', 'int8', 'int16', 'int32', 'int64', 'uint16', 'uint32', 'uint64', 'bool'] as const),
  ...(['float16', 'bfloat16', 'float32', 'float64', 'complex32', 'complex64', 'complex128'] as const),
  ...(['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu'] as const),
];

describe('what was saved is loaded', () => {
  test.each(DTYPES)('%s', (dtype) => {
    const tensor = torch.tensor([1, 2, 4, 0.5]).to(dtype);
    for (const mmap of [false, true]) {
      const loaded = roundTrip(tensor, { mmap });
      expect(loaded.dtype).toBe(dtype);
      expect(loaded.toTypedArray()).toEqual(tensor.toTypedArray());
    }
  });

  test('strides and shared memory', () => {
    const base = torch.arange(24).view([4, 6]);
    const { part, row, all } = roundTrip({ part: base.narrow(0, 1, 2).T, row: base.select(0, 2), all: torch.ones(1).expand([3]) });
    expect(part.stride()).toEqual([1, 6]);
    expect(part.toArray()).toEqual(base.narrow(0, 1, 2).T.toArray());
    row.fill_(-1);
    expect(part.select(1, 1).toArray()).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(all.stride()).toEqual([0]);
  });

  test('only the part of the memory that the tensors cover', () => {
    const large = torch.zeros(1 << 20);
    io.savePt([large.narrow(0, 5, 10), large.narrow(0, 100, 10)], path);
    expect(statSync(path).size).toBeLessThan(3000);
    io.savePt([large, large.T, large.narrow(0, 100, 10)], path);
    expect(statSync(path).size).toBeLessThan(4.1 * 2 ** 20);
  });

  test('conjugates, gradients, what is empty', () => {
    const z = torch.tensor([{ re: 1, im: 2 }]);
    const loaded = roundTrip({
      conjugate: z.conj(),
      parameter: new nn.Parameter(torch.ones(2)),
      leaf: torch.ones(2, { requiresGrad: true }),
      made: torch.ones(2, { requiresGrad: true }).mul(2),
      empty: torch.zeros(2, 0),
      scalar: torch.tensor(2.5),
    });
    expect(loaded.conjugate.toArray()).toEqual([{ re: 1, im: -2 }]);
    expect([loaded.parameter.requiresGrad, loaded.leaf.requiresGrad, loaded.made.requiresGrad]).toEqual([true, true, false]);
    expect(loaded.made.toArray()).toEqual([2, 2]);
    expect(loaded.empty.shape).toEqual([2, 0]);
    expect(loaded.scalar.item()).toBe(2.5);
  });

  test('values', () => {
    const values = {
      a: null,
      b: [true, false],
      numbers: [0, -0, 1, -1, 127, 128, 255, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2 ** 60, 0.1, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
      big: [2n ** 63n, -(2n ** 63n), 2n ** 2047n, -(2n ** 100n)],
      text: 'grüße 😀',
      bytes: Buffer.from([0, 1, 255]),
      complex: { re: 1.5, im: 2 },
      set: new Set([1, 'a']),
      map: new Map<unknown, unknown>([
        [1, 'one'],
        ['two', 2],
      ]),
      ['__proto__']: { x: 1 },
      nothing: {},
      none: [],
    };
    expect(roundTrip(values)).toEqual(values);
    expect(roundTrip({ a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  test('the same bytes each time', () => {
    const value = { w: torch.arange(5), lr: 0.1 };
    io.savePt(value, path);
    const first = readFileSync(path);
    io.savePt(value, path);
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  test('an optimizer', () => {
    const model = new nn.Linear(2, 3);
    const optimizer = new optim.AdamW(model.parameters());
    model.forward(torch.ones(1, 2)).sum().backward();
    optimizer.step();
    const { state, param_groups: groups } = roundTrip(optimizer.stateDict());
    expect(Object.keys(state)).toEqual(['0', '1']);
    expect(groups).toEqual(optimizer.stateDict().param_groups);
    const other = new optim.AdamW(model.parameters());
    other.loadStateDict({ state, param_groups: groups });
    expect(
      torch.equal(other.stateDict().state['1']?.exp_avg as torch.Tensor, optimizer.stateDict().state['1']?.exp_avg as torch.Tensor),
    ).toBe(true);
  });

  test('and leaves no tensors behind', () => {
    const value = { a: torch.randn(3), b: torch.randn(4, 4).T };
    const before = liveTensors();
    io.savePt(value, path);
    expect(liveTensors()).toBe(before);
  });
});

describe('what cannot be saved is refused by its place, and the old file stays', () => {
  const loop: unknown[] = [];
  loop.push(loop);
  test.each<[unknown, string]>([
    [{ a: [() => 1] }, 'Expected a tensor, a number, a text, or arrays and plain objects of these for a.0 but received function'],
    [new Date(0), 'for savePt but received an object of Date'],
    [{ model: new nn.ReLU() }, 'for model but received an object of ReLU'],
    [undefined, 'for savePt but received nothing'],
    [[undefined], 'for 0 but received nothing'],
    [new Float32Array(3), 'for savePt but received Float32Array of 12 bytes'],
    [loop, 'Expected at most 500 levels for savePt but received more at 0.0.0'],
    [{ s: torch.ones(2).toSparse() }, 'Expected a dense tensor for s but received'],
    [{ m: torch.ones(2, { device: 'meta' }) }, 'Expected a tensor with values for m but received'],
    [new Map([[torch.ones(1), 1]]), 'Expected texts and numbers as keys for savePt but received tensor'],
  ])('%#', (value, message) => {
    io.savePt({ old: 1 }, path);
    expect(() => io.savePt(value, path)).toThrow(message);
    expect(io.loadPt(path)).toEqual({ old: 1 });
    expect(readdirSync(folder)).toEqual(['x.pt']);
  });

  test('a path that is none, a folder that is not there', () => {
    expect(() => io.savePt({}, 5 as never)).toThrow('Expected a path for savePt but received number 5');
    expect(() => io.savePt({}, join(folder, 'none', 'x.pt'))).toThrow('ENOENT');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

const python = findPython(['torch'], 'reading what savePt wrote with torch.load');
(python === null ? describe.skip : describe)("Python's torch.load(weights_only=True)", () => {
  const ask = (code: string): unknown =>
    JSON.parse(runPython(python as string, `import json, sys, torch\nx = torch.load(sys.argv[1], weights_only=True)\n${code}`, [path]));

  test('reads tensors of all dtypes', () => {
    io.savePt(Object.fromEntries(DTYPES.map((dtype) => [dtype, torch.tensor([1, 2, 4, 0.5]).to(dtype)])), path);
    const answers = ask(
      'print(json.dumps({k: [str(t.dtype), t.to(torch.complex64 if t.is_complex() else torch.float64).real.tolist()] for k, t in x.items()}))',
    ) as Record<string, [string, number[]]>;
    for (const dtype of DTYPES) {
      const half = dtype === 'bool' ? 1 : /int/.test(dtype) ? 0 : 0.5;
      const values = dtype === 'bool' ? [1, 1, 1, 1] : [1, 2, 4, half];
      expect([dtype, answers[dtype]]).toEqual([dtype, [`torch.${dtype}`, values]]);
    }
  });

  test('reads strides, shared memory, parameters and values, also by memory map', () => {
    const base = torch.arange(24, { dtype: 'float32' }).view([4, 6]);
    io.savePt(
      {
        base,
        t: base.T,
        part: base.narrow(0, 1, 2),
        p: new nn.Parameter(torch.ones(2)),
        b: Buffer.from([1, 255]),
        i: 2 ** 40,
        f: 0.5,
        n: null,
        s: new Set([1]),
        z: { re: 1, im: 2 },
        m: new Map([[1, 'one']]),
        l: [1, [2]],
      },
      path,
    );
    expect(
      ask(
        'x["base"].fill_(3)\nprint(json.dumps([x["t"].stride(), x["part"].sum().item(), type(x["p"]).__name__, x["p"].requires_grad, list(x["b"]), x["i"], x["f"], x["n"], list(x["s"]), x["z"].imag, list(x["m"].items()), x["l"]]))',
      ),
    ).toEqual([[1, 6], 36, 'Parameter', true, [1, 255], 2 ** 40, 0.5, null, [1], 2, [[1, 'one']], [1, [2]]]);
    expect(ask('y = torch.load(sys.argv[1], weights_only=True, mmap=True)\nprint(json.dumps(y["part"].tolist()))')).toEqual(
      base.narrow(0, 1, 2).toArray(),
    );
  });

  test('goes on with a training from here, and back', () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
    const optimizer = new optim.AdamW(model.parameters(), { lr: 0.1 });
    const x = torch.randn(5, 3);
    const step = (): void => {
      optimizer.zeroGrad();
      model.forward(x).pow(2).mean().backward();
      optimizer.step();
    };
    step();
    io.savePt({ model: model.stateDict(), optimizer: optimizer.stateDict(), x }, path);
    runPython(
      python as string,
      `
import sys, torch
state = torch.load(sys.argv[1], weights_only=True)
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
model.load_state_dict(state["model"])
optimizer = torch.optim.AdamW(model.parameters())
optimizer.load_state_dict(state["optimizer"])
for _ in range(2):
    optimizer.zero_grad()
    model(state["x"]).pow(2).mean().backward()
    optimizer.step()
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, sys.argv[1])
`,
      [path],
    );
    step();
    step();
    const theirs = io.loadPt<{ model: nn.StateDict; optimizer: optim.OptimizerStateDict }>(path);
    for (const [key, value] of Object.entries(model.stateDict()))
      expect(torch.allclose(theirs.model[key] as torch.Tensor, value, { rtol: 1e-5, atol: 1e-6 })).toBe(true);
    expect((theirs.optimizer.state['3']?.step as torch.Tensor).item()).toBe(3);
    optimizer.loadStateDict(theirs.optimizer);
  });
});
