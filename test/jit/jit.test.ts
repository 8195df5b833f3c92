import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import type { Tensor } from '../../lib';
import * as torch from '../../lib';
import { io, jit, nn, optim } from '../../lib';
import { mutations } from '../io/mutations';
import { liveTensors } from '../live';

const file = (name: string): string => join(__dirname, name);
const stored = JSON.parse(readFileSync(file('reference.json'), 'utf8'));
const x = torch.tensor(stored.x as number[][]);

type Net = (x: Tensor) => Tensor;
type Values = (
  xs: readonly Tensor[],
  named: Record<string, Tensor>,
  pair: readonly [number, number],
  flags: readonly boolean[],
  text?: string,
  extra?: Tensor | null,
) => [Tensor, Record<string, Tensor>, number[], Map<number, string>, Tensor | null, boolean];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function close(received: Tensor | null | undefined, values: unknown): void {
  const wanted = torch.tensor(values as number[]);
  expect(received?.shape).toEqual(wanted.shape);
  expect(received?.to('float32').allclose(wanted.to('float32'), { rtol: 1e-5, atol: 1e-6 })).toBe(true);
}

describe('a model that Python compiled', () => {
  test('is a module with its keys, and computes what it computes there', () => {
    const net = jit.load<Net>(file('net.pt'));
    expect(net).toBeInstanceOf(nn.Module);
    expect(net.training).toBe(true);
    expect(Object.keys(net.stateDict())).toEqual(stored.keys);
    expect([...net.namedParameters()].map(([name]) => name)).toEqual(stored.parameters);
    expect([...net.buffers()]).toHaveLength(3);
    expect(net.schema()).toMatch(/^forward\(__torch__\.\S*Net self, Tensor x\) -> Tensor$/);
    expect(net.schema('nothing')).toBeNull();
    close(net.eval().forward(x), stored.eval);
  });

  test('is trained like any other: gradients, losses and the state after three steps', () => {
    const net = jit.load<Net>(file('net.pt')).train();
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      const loss = net.forward(x).square().mean();
      loss.backward();
      if (step === 0) for (const [name, parameter] of net.namedParameters()) close(parameter.grad, stored.gradients[name]);
      optimizer.step();
      losses.push(loss.item() as number);
    }
    close(torch.tensor(losses), stored.losses);
    for (const [name, tensor] of Object.entries(net.stateDict())) close(tensor, stored.state[name]);
  });

  test('changes with its state dict, its dtype and its mode', () => {
    const net = jit.load<Net>(file('net.pt')).eval();
    const before = net.forward(x);
    const path = join(folder, 'state.pt');
    io.savePt(net.stateDict(), path);
    torch.scope(() => torch.noGrad(() => [...net.parameters()].forEach((parameter) => void parameter.zero_())));
    expect(net.forward(x).any().item()).toBe(false);
    net.loadStateDict(io.loadPt(path));
    expect(net.forward(x).equal(before)).toBe(true);
    net.to('float64');
    expect(net.forward(x.double()).dtype).toBe('float64');
    close(net.forward(x.double()), stored.eval);
    // Batch normalisation counts only while it trains.
    const count = (): unknown => net.stateDict()['first.1.num_batches_tracked']?.item();
    expect(count()).toBe(0);
    net.train().forward(x.double());
    expect(count()).toBe(1);
  });

  test('keeps tied weights tied', () => {
    const tied = jit.load<Net>(file('tied.pt'));
    expect([...tied.parameters()]).toHaveLength(1);
    expect(Object.keys(tied.stateDict())).toEqual(['a.weight', 'b.weight']);
    const [weight] = [...tied.parameters()] as [nn.Parameter];
    torch.noGrad(() => weight.copy_(torch.eye(2).mul(3)));
    expect(tied.forward(torch.ones(1, 2)).toArray()).toEqual([[9, 9]]);
  });

  test('may be a traced one', () => {
    const conv = jit.load<Net>(file('traced.pt'));
    const { weight, bias } = conv.stateDict() as { weight: Tensor; bias: Tensor };
    const image = torch.rand(2, 1, 6, 7);
    expect(conv.forward(image).allclose(nn.functional.conv2d(image, weight, { bias }))).toBe(true);
  });
});

describe('values', () => {
  const model = jit.load<Values>(file('values.pt'));

  test('lists, dictionaries, tuples, numbers, texts and what is left out come and go', () => {
    const [sum, doubled, floats, texts, extra, flag] = model.forward(
      [torch.ones(2), torch.ones(2)],
      { a: torch.ones(1) },
      [2, 0.5],
      [true, false],
    );
    expect([sum.toArray(), Object.keys(doubled), doubled.a?.toArray()]).toEqual([[2, 2], ['a'], [2]]);
    expect([floats, texts, extra, flag]).toEqual([[2, 0.5], new Map([[2, 'none']]), null, true]);
    const more = model.forward([torch.ones(1)], {}, [1, 1], [false], 'µ', torch.ones(3));
    expect([more[3], more[4]?.toArray(), more[5]]).toEqual([new Map([[1, 'µ']]), [1, 1, 1], false]);
  });

  test('whole numbers that are no numbers here are bigints', () => {
    expect(model.call('big', 1)).toEqual([1, 4503599627370496]);
    expect(model.call('big', 1000n)).toEqual([1000, 4503599627370496000n]);
  });

  const any = (value: unknown): never => value as never;
  const good = [[torch.ones(1)], {}, [1, 1], [true]] as const;
  test.each<[readonly unknown[], string]>([
    [[torch.ones(1)], 'Expected List[Tensor] for xs but received another value'],
    [[[1]], 'Expected Tensor for xs[0] but received another value'],
    [[good[0], []], 'Expected Dict[str, Tensor] for named but received another value'],
    [[good[0], { a: 1 }], 'Expected Tensor for named.a but received another value'],
    [[good[0], {}, [1]], 'Expected Tuple[int, float] for pair but received another value'],
    [[good[0], {}, [1.5, 1]], 'Expected int for pair[0] but received another value'],
    [[good[0], {}, [2 ** 60, 1]], 'Expected int for pair[0] but received another value'],
    [[good[0], {}, [1, 'x']], 'Expected float for pair[1] but received another value'],
    [[...good.slice(0, 3), [1]], 'Expected bool for flags[0] but received another value'],
    [[...good, 1], 'Expected str for text but received another value'],
    [[...good, 'x', null, 1], 'Expected at most 6 arguments for forward but received 7'],
    [
      [...good, new Date()],
      'Expected a tensor, number, text, array or plain object for argument 4 of forward but received an object of Date',
    ],
    [[good[0]], "missing value for argument 'named'"],
  ])('that do not fit are refused: %#', (inputs, message) => {
    expect(() => model.forward(...(inputs as Parameters<Values>))).toThrow(message);
  });

  test('what a model throws, and methods that it lacks, are errors', () => {
    expect(() => model.call('broken', 1)).toThrow('this one always fails');
    expect(() => model.call('nothing')).toThrow('Expected a method of the model but received nothing');
    const released = torch.ones(1);
    released.dispose();
    expect(() => model.forward([released], {}, [1, 1], [true])).toThrow(/released|disposed/);
    expect(() => jit.load(any(1))).toThrow('Expected a path for jit.load but received number 1');
  });
});

describe('files that are none', () => {
  test('one that is not there', () => {
    expect(() => jit.load(join(folder, 'x.pt'))).toThrow('ENOENT: no such file or directory');
  });

  test.each([
    ['empty', (path: string) => writeFileSync(path, '')],
    ['a text', (path: string) => writeFileSync(path, 'a model')],
    ['a state dict', (path: string) => io.savePt({ a: torch.ones(2) }, path)],
  ])('%s', (_, write) => {
    const path = join(folder, 'x.pt');
    write(path);
    expect(() => jit.load(path)).toThrow(`Expected a model of torch.jit.save in ${path} but received another or a damaged file: `);
  });

  /** The archive's own checksums find most damage; here they are made anew, so that what is inside is parsed. */
  function* repacked(bytes: Uint8Array, count: number): IterableIterator<Uint8Array> {
    const entries = Object.entries(unzipSync(bytes));
    for (const [k, [name, content]] of entries.entries()) {
      for (const changed of mutations(content, Math.ceil(count / entries.length), k))
        yield zipSync({ ...Object.fromEntries(entries), [name]: changed }, { level: 0 });
    }
  }

  test.each([
    ['net.pt', mutations],
    ['values.pt', mutations],
    ['net.pt', repacked],
    ['values.pt', repacked],
  ])('damaged ones are errors or models: %s, %p', (name, damaged) => {
    const path = join(folder, 'x.pt');
    let refused = 0;
    for (const bytes of damaged(readFileSync(file(name)), 200, 1)) {
      writeFileSync(path, bytes);
      torch.scope(() => {
        try {
          jit.load(path);
        } catch (error) {
          expect((error as Error).message).toContain('Expected a model of torch.jit.save in ');
          refused++;
        }
      });
    }
    expect(refused).toBeGreaterThan(30);
  });
});

test('memory of calls is freed with their scope, that of models with them', () => {
  const before = liveTensors();
  (() => {
    const net = jit.load<Net>(file('net.pt')).eval();
    const inside = liveTensors();
    for (let k = 0; k < 10; k++) torch.scope(() => void net.forward(x).sum());
    expect(liveTensors()).toBe(inside);
  })();
  expect(liveTensors()).toBeLessThanOrEqual(before + 7);
});
