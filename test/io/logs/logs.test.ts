import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '../../../lib';
import * as torch from '../../../lib';
import { io, nn, optim, train } from '../../../lib';
import { AppendFile } from '../../../lib/io/append-file';
import { findPython, runPython } from '../../python';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  path = join(folder, 'runs', 'log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (): string[] => readFileSync(path, 'utf8').split('\n');
const entry = (step: number, values: Record<string, number>): io.LogEntry => ({ step, epoch: step / 4, values });

describe('CsvLog', () => {
  test('has a row for each entry, at once, in a folder that is made', () => {
    using log = new io.CsvLog(path);
    expect(readFileSync(path, 'utf8')).toBe('');
    log.append(entry(1, { loss: 0.5, accuracy: 1 }));
    expect(lines()).toEqual(['step,epoch,loss,accuracy', '1,0.25,0.5,1', '']);
    log.append(entry(2, { accuracy: 0, loss: 1e-300 }));
    expect(lines().slice(2)).toEqual(['2,0.5,1e-300,0', '']);
  });

  test('gets a column when a name is new, and empty fields where a value is missing', () => {
    using log = new io.CsvLog(path);
    log.append(entry(1, { loss: 3 }));
    log.append(entry(2, { 'validation.loss': 4, 'validation.accuracy': 5 }));
    log.append(entry(3, { loss: 6 }));
    expect(lines()).toEqual(['step,epoch,loss,validation.loss,validation.accuracy', '1,0.25,3,,', '2,0.5,,4,5', '3,0.75,6,,', '']);
    expect(readdirSync(join(folder, 'runs'))).toEqual(['log']);
  });

  test('writes every number so that it is read as the same', () => {
    using log = new io.CsvLog(path);
    const values = [0.1, -0, 5e-324, Number.MAX_VALUE, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    log.append(entry(0, Object.fromEntries(values.map((value, k) => [`v${k}`, value]))));
    expect((lines()[1] as string).split(',').slice(2).map(Number)).toEqual(values.map((value) => value + 0));
  });

  test('quotes names that need it, and finds them again', () => {
    const names = ['a,b', 'say "a"', ' edge', '', 'plain µ'];
    const values = Object.fromEntries(names.map((name, k) => [name, k]));
    for (const step of [0, 4]) {
      using log = new io.CsvLog(path);
      log.append(entry(step, values));
    }
    expect(lines()).toEqual(['step,epoch,"a,b","say ""a"""," edge","",plain µ', '0,0,0,1,2,3,4', '4,1,0,1,2,3,4', '']);
  });

  test('goes on with a file, from a step on anew, without a row that was cut short', () => {
    {
      using log = new io.CsvLog(path);
      for (const step of [1, 2, 3]) log.append(entry(step, { loss: step }));
    }
    writeFileSync(path, '4,1,0.0', { flag: 'a' }); // killed in the middle
    {
      using log = new io.CsvLog(path);
      log.append(entry(4, { loss: 4 }));
    }
    expect(lines()).toEqual(['step,epoch,loss', '1,0.25,1', '2,0.5,2', '3,0.75,3', '4,1,4', '']);
    {
      using log = new io.CsvLog(path, { purgeStep: 3 });
      log.append(entry(3, { loss: 30, more: 1 }));
    }
    expect(lines()).toEqual(['step,epoch,loss,more', '1,0.25,1,', '2,0.5,2,', '3,0.75,30,1', '']);
  });

  test('goes on with a file that a spreadsheet has written', () => {
    using _made = new io.CsvLog(path);
    writeFileSync(path, 'step,epoch,loss\r\n1,0.25,3\r\n');
    using log = new io.CsvLog(path);
    log.append(entry(2, { loss: 4 }));
    expect(lines()).toEqual(['step,epoch,loss', '1,0.25,3', '2,0.5,4', '']);
  });

  test.each(['name,value\n1,2\n', 'step\n', '"step,epoch\n', 'step,epoch,"a"b\n', '\n'])(
    'refuses another file and leaves it as it was: %j',
    (text) => {
      new io.CsvLog(path).close();
      writeFileSync(path, text);
      expect(() => new io.CsvLog(path)).toThrow(`Expected a table with the columns step, epoch, ... for ${path} but received string`);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('refuses names of several lines', () => {
    using log = new io.CsvLog(path);
    expect(() => log.append(entry(1, { 'a\nb': 1 }))).toThrow('Expected a name of one line for CsvLog but received string "a\\nb"');
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('pandas reads it', () => {
    const python = findPython(['pandas'], 'reading tables with pandas');
    if (python === null) return;
    using log = new io.CsvLog(path);
    log.append(entry(1, { 'a "b", c': Number.NaN }));
    log.append(entry(2, { d: Number.POSITIVE_INFINITY }));
    const code = 'import pandas, sys; t = pandas.read_csv(sys.argv[1]); print(list(t.columns), t.shape, t["d"][1])';
    expect(runPython(python, code, [path])).toBe("['step', 'epoch', 'a \"b\", c', 'd'] (2, 4) inf\n");
  });
});

describe('JsonlLog', () => {
  test('has an object for each entry, at once', () => {
    using log = new io.JsonlLog(path);
    log.append(entry(1, { loss: 0.5 }));
    expect(lines()).toEqual(['{"step":1,"epoch":0.25,"loss":0.5}', '']);
    log.append(entry(2, { 'a\n"b"': Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY }));
    expect(JSON.parse(lines()[1] as string)).toEqual({ step: 2, epoch: 0.5, 'a\n"b"': 'NaN', up: 'Infinity', down: '-Infinity' });
  });

  test('goes on with a file, from a step on anew, without a line that was cut short', () => {
    {
      using log = new io.JsonlLog(path);
      for (const step of [1, 2, 3]) log.append(entry(step, {}));
    }
    writeFileSync(path, '{"step":4,', { flag: 'a' });
    {
      using log = new io.JsonlLog(path);
      log.append(entry(4, {}));
    }
    expect(
      lines()
        .slice(0, -1)
        .map((line) => JSON.parse(line).step),
    ).toEqual([1, 2, 3, 4]);
    using log = new io.JsonlLog(path, { purgeStep: 2 });
    log.append(entry(2, { again: 1 }));
    expect(lines()).toEqual(['{"step":1,"epoch":0.25}', '{"step":2,"epoch":0.5,"again":1}', '']);
  });

  test.each(['1,2\n', '{"step":"1"}\n', 'null\n', '{"step":1}\n\n'])('refuses another file and leaves it as it was: %j', (text) => {
    new io.JsonlLog(path).close();
    writeFileSync(path, text);
    expect(() => new io.JsonlLog(path)).toThrow(/Expected a JSON object with a step for line [12] of .* but received string/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe.each([io.CsvLog, io.JsonlLog])('%p', (Log) => {
  test('refuses what is no entry, and writes nothing of it', () => {
    using log = new Log(path);
    for (const [bad, message] of [
      [null, 'Expected an entry with step, epoch and values for '],
      [{ step: 1, epoch: 1 }, 'Expected an entry with step, epoch and values for '],
      [{ step: '1', epoch: 1, values: {} }, 'Expected a number for step of '],
      [{ step: 1, values: {} }, 'Expected a number for epoch of '],
      [entry(1, { a: 'x' as never }), 'Expected a number for a of '],
      [entry(1, { epoch: 1 }), 'Expected a name other than step and epoch for '],
    ] as const) {
      expect(() => log.append(bad as never)).toThrow(message);
    }
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(() => new Log('')).toThrow('Expected a path for the log but received string ""');
  });

  test('says that it is closed', () => {
    const log = new Log(path);
    log.append(entry(1, {}));
    log.close();
    log.close();
    expect(() => log.append(entry(2, {}))).toThrow(`Expected an open file but ${path} was closed`);
  });

  test('names that objects have anyway are names', () => {
    using log = new Log(path);
    log.append(entry(1, JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}')));
    const [first, second] = lines() as [string, string];
    if (Log === io.CsvLog) expect([first, second]).toEqual(['step,epoch,__proto__,constructor,toString', '1,0.25,1,2,3']);
    else expect(first).toBe('{"step":1,"epoch":0.25,"__proto__":1,"constructor":2,"toString":3}');
  });
});

test('a training logs to all of them', async () => {
  torch.manualSeed(0);
  const model = new nn.Linear(2, 1);
  const batches = [0, 1, 2].map(() => torch.rand([4, 2]));
  using csv = new io.CsvLog(path);
  using jsonl = new io.JsonlLog(`${path}l`);
  using writer = new io.SummaryWriter({ logDir: folder });
  const entries: io.LogEntry[] = [];
  const trainer = new train.Trainer({
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
    loss: (x: Tensor) => model.forward(x).square().mean(),
    logEvery: 1,
    progress: false,
    onLog: (logged) => {
      entries.push(logged);
      csv.append(logged);
      jsonl.append(logged);
      for (const [name, value] of Object.entries(logged.values)) writer.addScalar(name, value, { globalStep: logged.step });
    },
  });
  await trainer.fit(batches, { epochs: 2, validation: batches });
  expect(entries.length).toBeGreaterThanOrEqual(6);
  const names = [...new Set(entries.flatMap(({ values }) => Object.keys(values)))];
  expect(lines()).toEqual([
    ['step', 'epoch', ...names].join(','),
    ...entries.map(({ step, epoch, values }) => [step, epoch, ...names.map((name) => values[name] ?? '')].join(',')),
    '',
  ]);
  expect(
    readFileSync(`${path}l`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(entries.map(({ step, epoch, values }) => ({ step, epoch, ...values })));
});

test('a piece that could not be written wholly is taken back', () => {
  const file = new AppendFile(join(folder, 'x'), 'ax');
  file.append(Buffer.from('one'));
  // A disk that is full after two bytes.
  const { writeSync } = fs;
  const spy = jest.spyOn(fs, 'writeSync').mockImplementation(((to: number, bytes: Uint8Array, from: number) => {
    if (from >= 2) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    return writeSync(to, bytes, from, 2);
  }) as never);
  try {
    expect(() => file.append(Buffer.from('two'))).toThrow('ENOSPC');
  } finally {
    spy.mockRestore();
  }
  expect(readFileSync(file.path, 'utf8')).toBe('one');
  file.append(Buffer.from('three'));
  file.sync();
  file.close();
  expect(readFileSync(file.path, 'utf8')).toBe('onethree');
  expect(() => new AppendFile(file.path, 'ax')).toThrow('EEXIST');
});
