import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as torch from '../../../lib';
import { data, train } from '../../../lib';
import { expectMark, type Mark } from '../../models/reference';
import { SAMPLES, TRAININGS } from './trainings';

interface Course {
  /** Of the state's tensors before the first step. */
  readonly initial: readonly Mark[];
  readonly losses: readonly number[];
  /** Before they were clipped. */
  readonly gradNorms?: readonly number[];
  /** Of the state's tensors after the last step. */
  readonly state: Readonly<Record<string, Mark>>;
}

interface Reference {
  readonly epochs: number;
  readonly batchSize: number;
  readonly samples: number;
  readonly courses: Readonly<Record<string, Course>>;
}

const reference = JSON.parse(readFileSync(path.join(__dirname, 'reference.json'), 'utf8')) as Reference;

beforeAll(() => {
  torch.setDefaultDtype('float64');
  torch.setNumThreads(1); // as the reference
});
afterAll(() => torch.setDefaultDtype('float32'));

/** Within 1e-9 each, in the same number. */
function expectSame(series: readonly [step: number, value: number][], wanted: readonly number[]): void {
  expect(series.map(([step]) => step)).toEqual(wanted.map((_, k) => k + 1));
  const worst = Math.max(...wanted.map((value, k) => Math.abs((series[k]?.[1] as number) - value)));
  expect(worst).toBeLessThanOrEqual(1e-9);
}

test('every stored training is here, and none else', () => {
  expect(Object.keys(TRAININGS)).toEqual(Object.keys(reference.courses));
  expect(reference.samples).toBe(SAMPLES);
});

describe.each(Object.entries(reference.courses))('%s trains as in PyTorch: 200 steps from the same seed', (name, wanted) => {
  const make = TRAININGS[name] as (typeof TRAININGS)[string];

  test('from the same weights, through the same losses, to the same weights', async () => {
    torch.manualSeed(17);
    const { dataset, ...parts } = make();
    const { model } = parts;
    for (const [k, value] of Object.values(model.stateDict()).entries()) expectMark(value, k, wanted.initial[k] as Mark, 1e-11);

    const loader = new data.DataLoader(dataset, { batchSize: reference.batchSize, shuffle: true });
    const trainer = new train.Trainer({ ...parts, logEvery: 1, progress: false, interrupts: false });
    const { history } = await trainer.fit(loader, { epochs: reference.epochs });
    expect(wanted.losses).toHaveLength(200);
    expectSame(history.series('loss'), wanted.losses);
    if (wanted.gradNorms !== undefined) expectSame(history.series('gradNorm'), wanted.gradNorms);

    const state = Object.entries(model.stateDict());
    expect(state.map(([key]) => key)).toEqual(Object.keys(wanted.state));
    for (const [k, [key, value]] of state.entries()) expectMark(value, k, wanted.state[key] as Mark, 1e-8);
  });

  test('learns, so that the parity says something', () => {
    const mean = (losses: readonly number[]): number => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(mean(wanted.losses.slice(-20))).toBeLessThan(mean(wanted.losses.slice(0, 20)) / 2);
  });
});
