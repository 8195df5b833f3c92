import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { io } from '../../lib';
import { at, eventsIn } from '../io/tensorboard/decode';
import { runExample } from './run';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(() => rmSync(out, { recursive: true }));

const demo = (...args: string[]) => runExample('demo.ts', out, args);

/** The scalars of all events in a folder by name, as [step, value]. */
function scalarsIn(folder: string): Record<string, [step: number, value: number][]> {
  const scalars: Record<string, [number, number][]> = {};
  for (const event of eventsIn(folder)) {
    const value = at(event, 5, 1, 2);
    if (value === undefined) continue;
    const name = String(at(event, 5, 1, 1));
    scalars[name] ??= [];
    scalars[name].push([Number(at(event, 2)), (value as Buffer).readFloatLE()]);
  }
  return scalars;
}

/** From which steps on the events before are void. */
const purgesIn = (folder: string): bigint[] =>
  eventsIn(folder).flatMap((event) => (at(event, 7) === undefined ? [] : [(at(event, 2) as bigint | undefined) ?? 0n]));

test('the demo learns the digits that come with the package, leaves curve, report, events and weights, and can go on', () => {
  const { status, stdout, stderr } = demo('--dataset', 'digits', '--out', out);
  expect(stderr).toContain('epoch 15/15 48/48');
  expect(status).toBe(0);
  expect(stdout).toContain('1527 images of 8 x 8 to learn from, 270 to test with');
  expect(Number(/Test accuracy: ([\d.]+) %/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(96);
  expect(stdout).toContain('read back into a new network: the same answers');
  const svg = readFileSync(join(out, 'learning-curve.svg'), 'utf8');
  expect(svg).toMatch(/^<svg .*<path .*<\/svg>\s*$/s);
  for (const text of ['validation.loss', 'validation.accuracy']) expect(svg).toContain(text);
  const accuracy = /Test accuracy: [\d.]+ %/.exec(stdout)?.[0];
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<th>dataset</th><td>digits</td>');
  const { tensors } = io.safetensors.readHeader(join(out, 'model.safetensors'));
  expect(tensors['0.weight']?.shape).toEqual([16, 1, 3, 3]);
  expect(tensors['9.bias']?.shape).toEqual([10]);

  const board = join(out, 'tensorboard');
  expect(stdout).toContain(`TensorBoard: tensorboard --logdir ${board}`);
  const { loss, 'validation/accuracy': accuracies } = scalarsIn(board);
  const steps = Array.from({ length: 15 * 48 }, (_, k) => k + 1);
  expect(loss?.map(([step]) => step)).toEqual(steps.filter((step) => step % 10 === 0 || step % 48 === 0)); // 48 make an epoch
  expect(accuracies?.map(([step]) => step)).toEqual(steps.filter((step) => step % 48 === 0));
  expect(100 * (accuracies?.at(-1)?.[1] as number)).toBeCloseTo(Number(/[\d.]+/.exec(accuracy as string)?.[0]), 2);
  const images = eventsIn(board).filter((event) => at(event, 5, 1, 4) !== undefined);
  expect(images.map((event) => [String(at(event, 5, 1, 1)), at(event, 5, 1, 4, 1), at(event, 5, 1, 4, 2)])).toEqual([
    ['test images', 64n, 64n], // eight in a row
  ]);

  // A run that is complete has nothing left to learn: it answers as before.
  const again = demo('--dataset', 'digits', '--out', out, '--resume');
  expect(again.stderr).not.toContain('epoch');
  expect(again.stdout).toContain(accuracy);
  expect(scalarsIn(board).loss).toEqual(loss);
  expect(purgesIn(board)).toEqual([0n, 721n]);
});

const mnist = process.env.TORCHWRIGHT_DATA === undefined ? undefined : resolve(process.env.TORCHWRIGHT_DATA, 'mnist');
if (mnist !== undefined && existsSync(mnist)) {
  test('it learns MNIST in three epochs', () => {
    const { stdout } = demo('--dataset', 'mnist', '--data', mnist, '--out', out);
    expect(Number(/Test accuracy: ([\d.]+) %/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(97);
  }, 600_000);
} else {
  console.log('MNIST is not learned: TORCHWRIGHT_DATA names no folder with a folder mnist in it.');
}

test('the same seed gives the same network, another seed another one', () => {
  const weights = ['3', '3', '4'].map((seed, k) => {
    demo('--dataset', 'digits', '--epochs', '1', '--seed', seed, '--out', join(out, String(k)));
    return readFileSync(join(out, String(k), 'model.safetensors'));
  });
  expect(weights[0]?.equals(weights[1] as Buffer)).toBe(true);
  expect(weights[0]?.equals(weights[2] as Buffer)).toBe(false);
});

test('it explains itself, and says in a sentence what is wrong', () => {
  const help = demo('--help');
  expect(help.status).toBe(0);
  for (const option of ['--dataset', '--data', '--epochs', '--seed', '--device', '--out', '--resume'])
    expect(help.stdout).toContain(option);
  const { status, stderr } = demo('--dataset', 'mnist', '--data', out);
  expect(status).toBe(1);
  expect(stderr.trim()).toBe(`Expected the files of mnist in ${out} but found an empty folder`);
  expect(demo('--epochs', '1.5').stderr).toContain('Expected a whole number from 0.');
});
