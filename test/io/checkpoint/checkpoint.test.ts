import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { amp, io, nn, optim } from '../../../lib';
import { liveTensors } from '../../live';
import { findPython, runPython } from '../../python';
import { mutations, Random } from '../mutations';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  path = join(folder, 'run.pt');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A run with dropout, momentum and a schedule: everything that has a state has a say in its losses. */
function run() {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Dropout({ p: 0.5 }), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05 });
  const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 20);
  const scaler = new amp.GradScaler('cpu', { initScale: 8, growthInterval: 3 });
  const noise = new torch.Generator().manualSeed(5);
  const step = (): number =>
    torch.scope(() => {
      const x = torch.randn(16, 4);
      optimizer.zeroGrad();
      const loss = model
        .forward(x)
        .sub(torch.randn(16, 1, { generator: noise }))
        .pow(2)
        .mean();
      scaler.scale(loss).backward();
      scaler.step(optimizer);
      scaler.update();
      scheduler.step();
      return Number(loss.item());
    });
  return { parts: { model, optimizer, scheduler, scaler, noise }, step };
}

describe('a run that is stopped and goes on', () => {
  test('is bit for bit the run that was not stopped', () => {
    torch.manualSeed(1);
    const whole = run();
    for (let k = 0; k < 7; k++) whole.step();
    io.saveCheckpoint(path, { ...whole.parts, step: 7, history: [1, 2], note: 'so far', mean: torch.ones(2) });
    const goesOn = Array.from({ length: 10 }, () => whole.step());

    torch.manualSeed(99);
    const other = run();
    other.step();
    const { step, history, note, mean } = io.loadCheckpoint<{ step: number; history: number[]; note: string; mean: torch.Tensor }>(
      path,
      other.parts,
    );
    expect([step, history, note, mean.toArray()]).toEqual([7, [1, 2], 'so far', [1, 1]]);
    expect(Array.from({ length: 10 }, () => other.step())).toEqual(goesOn);
    expect(new Set(goesOn).size).toBe(10);
  });

  test('without the default generators when they are not wanted', () => {
    torch.manualSeed(1);
    io.saveCheckpoint(path, {}, { rng: false });
    const first = torch.rand(3).toArray();
    io.loadCheckpoint(path);
    expect(torch.rand(3).toArray()).not.toEqual(first);
    torch.manualSeed(1);
    io.saveCheckpoint(path, {});
    torch.manualSeed(2);
    const second = torch.rand(3).toArray();
    torch.manualSeed(2);
    io.loadCheckpoint(path, {}, { rng: false });
    expect(torch.rand(3).toArray()).toEqual(second);
    io.loadCheckpoint(path);
    expect(torch.rand(3).toArray()).toEqual(first);
  });

  test('gives the states of objects that are not asked for as values', () => {
    const model = new nn.Linear(2, 1);
    io.saveCheckpoint(path, { model, epoch: 1 });
    const { model: state, epoch } = io.loadCheckpoint<{ model: nn.StateDict; epoch: number }>(path);
    expect([Object.keys(state), epoch]).toEqual([['weight', 'bias'], 1]);
  });

  test('and leaves no tensors behind', () => {
    const { parts, step } = run();
    step();
    torch.scope(() => {
      io.saveCheckpoint(path, parts);
      io.loadCheckpoint(path, parts);
    });
    const before = liveTensors();
    for (let k = 0; k < 3; k++) torch.scope(() => io.saveCheckpoint(path, parts));
    expect(liveTensors()).toBe(before);
    // A state that is loaded takes the place of the old one.
    for (let k = 0; k < 3; k++) torch.scope(() => void io.loadCheckpoint(path, parts));
    expect(liveTensors()).toBe(before);
  });
});

const python = findPython(['torch'], 'reading a checkpoint with torch.load');
(python === null ? test.skip : test)('Python reads a checkpoint', () => {
  io.saveCheckpoint(path, { model: new nn.Linear(2, 1), epoch: 3 });
  const code =
    'import sys, json, torch\nx = torch.load(sys.argv[1], weights_only=True)\nprint(json.dumps([list(x["parts"]["model"]), x["parts"]["epoch"], list(x["rng"])]))';
  expect(JSON.parse(runPython(python as string, code, [path]))).toEqual([['weight', 'bias'], 3, ['cpu', 'cuda']]);
});

describe('Checkpoints', () => {
  const names = (): string[] => readdirSync(folder).sort();
  const epochIn = (file: string | null): unknown => io.loadCheckpoint(file as string).epoch;

  test('keeps the latest and the best', () => {
    const checkpoints = new io.Checkpoints(folder, { keepLast: 2 });
    expect([checkpoints.latest(), checkpoints.best()]).toEqual([null, null]);
    for (const [epoch, metric] of [5, 3, 4, Number.NaN, 3, 9].entries()) {
      const saved = checkpoints.save(epoch, { epoch }, { metric });
      expect(saved).toBe(join(folder, `checkpoint-${epoch}.pt`));
      expect(checkpoints.latest()).toBe(saved);
    }
    expect(names()).toEqual(['best.pt', 'checkpoint-4.pt', 'checkpoint-5.pt']);
    expect(checkpoints.best()).toBe(join(folder, 'best.pt'));
    expect(epochIn(checkpoints.best())).toBe(1);
  });

  test('goes on in a folder, knows the best of before, and an earlier step that comes later', () => {
    new io.Checkpoints(folder, { mode: 'max' }).save(300, { epoch: 3 }, { metric: 0.9 });
    const again = new io.Checkpoints(folder, { mode: 'max', keepLast: 1 });
    again.save(100, { epoch: 1 }, { metric: 0.8 });
    expect(names()).toEqual(['best.pt', 'checkpoint-100.pt']);
    expect([epochIn(again.latest()), epochIn(again.best())]).toEqual([1, 3]);
    again.save(200, { epoch: 2 }, { metric: 0.95 });
    expect([epochIn(again.latest()), epochIn(again.best())]).toEqual([2, 2]);
    again.save(201, { epoch: 4 });
    expect([epochIn(again.latest()), epochIn(again.best())]).toEqual([4, 2]);
  });

  test('makes its folder, and leaves other files alone', () => {
    const inner = join(folder, 'a', 'b');
    const checkpoints = new io.Checkpoints(inner, { keepLast: 1 });
    writeFileSync(join(inner, 'notes.txt'), 'x');
    checkpoints.save(1, {});
    checkpoints.save(2, {});
    expect(readdirSync(inner).sort()).toEqual(['checkpoint-2.pt', 'notes.txt']);
  });
});

describe('a process that is killed while it saves', () => {
  /** Starts the saver, lets it save some epochs, and kills it at some moment of the next one. */
  async function killed(from: number, epochs: number, share: number): Promise<void> {
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'saver.ts'), folder, String(from)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let problems = '';
    child.stderr.on('data', (data) => {
      problems += data;
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    let said = 0;
    let before = performance.now();
    await new Promise<void>((resolve) => {
      child.on('close', () => resolve());
      child.stdout.on('data', (data: Buffer) => {
        const now = performance.now();
        said += String(data).split('\n').length - 1;
        if (said > epochs) setTimeout(resolve, (now - before) * share);
        before = now;
      });
    });
    expect([child.exitCode, problems]).toEqual([null, '']);
    child.kill('SIGKILL');
    await ended;
  }

  /** The epoch of a checkpoint, all of whose tensors say the same. */
  function whole(file: string): number {
    return torch.scope(() => {
      const { model, epoch } = io.loadCheckpoint<{ model: nn.StateDict; epoch: number }>(file);
      expect(Object.keys(model)).toHaveLength(20);
      for (const tensor of Object.values(model)) expect(tensor.eq(epoch).all().item()).toBe(true);
      return epoch;
    });
  }

  test('leaves the last one whole, and its rest is cleared away', async () => {
    const random = new Random(4);
    const single = join(folder, 'single.pt');
    let epoch = 0;
    for (let round = 0; round < 8; round++) {
      await killed(epoch, 1 + random.below(2), random.below(100) / 100);
      const latest = new io.Checkpoints(join(folder, 'kept')).latest();
      const best = new io.Checkpoints(join(folder, 'kept')).best();
      const found = whole(single);
      expect(found).toBeGreaterThan(epoch);
      if (latest !== null) expect([found, found - 1]).toContain(whole(latest));
      if (best !== null) expect([found, found - 1]).toContain(whole(best));
      expect(readdirSync(join(folder, 'kept')).filter((name) => name.startsWith('checkpoint-')).length).toBeLessThanOrEqual(3);
      epoch = found;
    }
    io.saveCheckpoint(single, { epoch });
    new io.Checkpoints(join(folder, 'kept')).save(epoch + 1, {});
    expect([...readdirSync(folder), ...readdirSync(join(folder, 'kept'))].filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }, 300_000);
});

describe('what is no checkpoint, or does not fit, is refused', () => {
  const saved = (parts: io.CheckpointParts): string => {
    io.saveCheckpoint(path, parts);
    return path;
  };
  const pt = (value: unknown): string => {
    io.savePt(value, path);
    return path;
  };
  test.each<[string, () => unknown, string]>([
    ['a state dict', () => io.loadCheckpoint(pt({ a: 1 })), 'Expected a checkpoint in PATH but received another file of torch.save'],
    ['a list', () => io.loadCheckpoint(pt([1])), 'Expected a checkpoint in PATH but received another file of torch.save'],
    [
      'another version',
      () => io.loadCheckpoint(pt({ format: 'torchwright checkpoint', version: 2 })),
      'Expected version 1 of checkpoints in PATH but received 2',
    ],
    ['no file', () => io.loadCheckpoint(path), 'ENOENT'],
    [
      'a part that is not in it',
      () => io.loadCheckpoint(saved({ a: 1 }), { model: new nn.Linear(1, 1) }),
      'Expected model in the checkpoint PATH but received one of a',
    ],
    [
      'a part without a state',
      () => io.loadCheckpoint(saved({ a: 1 }), { a: {} as never }),
      'Expected an object with stateDict and loadStateDict, or a generator, for a but received an object',
    ],
    [
      'a generator of something else',
      () => io.loadCheckpoint(saved({ g: 1 }), { g: new torch.Generator() }),
      'Expected the state of a generator for g but received number 1',
    ],
    [
      'a model of another shape',
      () => io.loadCheckpoint(saved({ model: new nn.Linear(1, 2) }), { model: new nn.Linear(1, 1) }),
      'Expected the state dict of a Linear',
    ],
    [
      'parts that are none',
      () => io.saveCheckpoint(path, new nn.Linear(1, 1) as never),
      'Expected an object of parts by name for saveCheckpoint but received an object of Linear',
    ],
    ['a function', () => io.saveCheckpoint(path, { model: new nn.Linear(1, 1), f: () => 1 }), 'for parts.f but received function'],
    ['a path that is none', () => io.saveCheckpoint(1 as never, {}), 'Expected a path for saveCheckpoint but received number 1'],
    ['keepLast', () => new io.Checkpoints(folder, { keepLast: 0 }), 'Expected a positive whole number for keepLast but received number 0'],
    ['mode', () => new io.Checkpoints(folder, { mode: 'low' as never }), "Expected 'min' or 'max' for mode but received string \"low\""],
    ['step', () => new io.Checkpoints(folder).save(1.5, {}), 'Expected a whole number from 0 for step but received number 1.5'],
    [
      'metric',
      () => new io.Checkpoints(folder).save(1, {}, { metric: 'x' as never }),
      'Expected a number for metric but received string "x"',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message.replace('PATH', path));
  });

  test('damaged ones with a clear sentence', () => {
    io.saveCheckpoint(path, { model: new nn.Linear(2, 3), epoch: 3 }, { rng: false });
    let errors = 0;
    for (const bytes of mutations(readFileSync(path), 1000, 8)) {
      writeFileSync(path, bytes);
      try {
        torch.scope(() => void io.loadCheckpoint(path, { model: new nn.Linear(2, 3) }));
      } catch (error) {
        errors++;
        expect((error as Error).message).toMatch(/^Expected .* but received /s);
      }
    }
    expect(errors).toBeGreaterThan(200);
  });
});
