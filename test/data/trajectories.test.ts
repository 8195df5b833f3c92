import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../lib';
import { data } from '../../lib';

type Row = readonly [frame: number, pedestrian: number, x: number, y: number];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trajectories-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const recording = (rows: readonly Row[]): torch.Tensor => torch.tensor(rows.flat(), { dtype: 'float64' }).reshape(rows.length, 4);

/** A pedestrian in the frames given, at (100 pedestrian + frame, -frame). */
const walk = (pedestrian: number, frames: readonly number[]): Row[] =>
  frames.map((frame) => [frame, pedestrian, 100 * pedestrian + frame, -frame] as const);

const OPTIONS = { observed: 2, predicted: 1 };

test('a window has who is there in all of its steps', () => {
  const rows = [...walk(7, [0, 10, 20, 30]), ...walk(3, [10, 20, 30, 40]), ...walk(5, [0, 10])];
  const windows = new data.TrajectoryWindows([recording(rows)], OPTIONS);
  expect(windows).toHaveLength(3); // from 0: 7; from 10: 3 and 7; from 20: 3
  const middle = windows.get(1);
  expect([middle.observed.dtype, middle.pedestrians.toArray(), middle.scenes.toArray()]).toEqual(['float32', [3, 7], [0, 0]]);
  expect(middle.observed.toArray()).toEqual([
    [
      [310, -10],
      [320, -20],
    ],
    [
      [710, -10],
      [720, -20],
    ],
  ]);
  expect(middle.future.toArray()).toEqual([[[330, -30]], [[730, -30]]]);
  expect([windows.get(0).pedestrians.toArray(), windows.get(2).pedestrians.toArray()]).toEqual([[7], [3]]);
});

test('the order of the rows does not matter', () => {
  const rows = [...walk(1, [0, 1, 2, 3]), ...walk(2, [1, 2, 3, 4])];
  const [one, other] = [rows, rows.toReversed()].map((order) => new data.TrajectoryWindows([recording(order)], OPTIONS).get(1));
  expect(torch.equal(one?.observed as torch.Tensor, other?.observed as torch.Tensor)).toBe(true);
});

test('windows do not reach across a gap, of one pedestrian or of all', () => {
  const rows = [...walk(1, [0, 10, 30, 40, 50]), ...walk(2, [70, 80, 90])];
  const windows = new data.TrajectoryWindows([recording(rows)], OPTIONS);
  expect(Array.from({ length: windows.length }, (_, k) => windows.get(k).future.select(-1, 1).item())).toEqual([-50, -90]);
});

test('strides and least numbers of pedestrians', () => {
  const rows = [...walk(1, [0, 1, 2, 3, 4, 5, 6]), ...walk(2, [1, 2, 3, 4])];
  const starts = (options: data.TrajectoryOptions): unknown[] => {
    const windows = new data.TrajectoryWindows([recording(rows)], { ...OPTIONS, ...options });
    return Array.from({ length: windows.length }, (_, k) => windows.get(k).observed.index(0, 0, 1).neg().item());
  };
  expect(starts({})).toEqual([0, 1, 2, 3, 4]);
  expect(starts({ stride: 2 })).toEqual([0, 2, 4]);
  expect(starts({ minPedestrians: 2 })).toEqual([1, 2]);
});

/** What the definition says, pedestrian by pedestrian. */
function plainWindows(rows: readonly Row[], steps: number): string[] {
  const at = new Map(rows.map(([frame, who, x, y]) => [`${frame} ${who}`, [x, y]]));
  const people = [...new Set(rows.map(([, who]) => who))].sort((a, b) => a - b);
  const last = Math.max(...rows.map(([frame]) => frame));
  const found: string[] = [];
  for (let start = 0; start + steps - 1 <= last; start++) {
    const tracks = people.flatMap((who) => {
      const track = Array.from({ length: steps }, (_, k) => at.get(`${start + k} ${who}`));
      return track.includes(undefined) ? [] : [[who, track]];
    });
    if (tracks.length > 0) found.push(JSON.stringify(tracks));
  }
  return found;
}

test('random recordings give what the definition says, in single samples and in batches', () => {
  torch.manualSeed(0);
  for (let round = 0; round < 5; round++) {
    const present = torch.rand(12, 30).lt(0.8).toArray() as boolean[][];
    const rows = present.flatMap((frames, who) =>
      walk(
        who + 1,
        [...frames.keys()].filter((frame) => frame === 0 || frames[frame]),
      ),
    );
    const windows = new data.TrajectoryWindows([recording(rows)], { observed: 3, predicted: 2 });
    const text = ({ observed, future, pedestrians }: data.TrajectoryBatch): string => {
      const tracks = torch.cat([observed, future], { dim: 1 }).toArray() as number[][][];
      return JSON.stringify((pedestrians.toArray() as number[]).map((who, k) => [who, tracks[k]]));
    };
    const samples = Array.from({ length: windows.length }, (_, k) => text(windows.get(k)));
    expect(samples).toEqual(plainWindows(rows, 5));
    const order = torch.randperm(windows.length);
    const batch = windows.getBatch(order);
    const inScene = (scene: number): data.TrajectoryBatch => {
      const mine = batch.scenes.eq(scene).nonzero().select(1, 0);
      return {
        observed: batch.observed.indexSelect(0, mine),
        future: batch.future.indexSelect(0, mine),
        scenes: mine,
        pedestrians: batch.pedestrians.indexSelect(0, mine),
      };
    };
    const again = (order.toArray() as number[]).map((index, scene) => [text(inScene(scene)), samples[index]]);
    for (const [received, wanted] of again) expect(received).toBe(wanted);
  }
});

test('several recordings one after the other, in a loader', () => {
  const parts = [walk(1, [0, 1, 2]), walk(1, [0, 10, 20, 30]), walk(9, [0, 1])].map(recording);
  const windows = torch.scope(() => new data.TrajectoryWindows(parts, OPTIONS));
  expect(windows).toHaveLength(3); // nobody is there for three steps in the last one
  const seen: unknown[] = [];
  for (const { observed, scenes } of new data.DataLoader(windows, { batchSize: 2 })) seen.push([observed.shape, scenes.toArray()]);
  expect(seen).toEqual([
    [
      [2, 2, 2],
      [0, 1],
    ],
    [[1, 2, 2], [0]],
  ]);
});

test('what does not fit is refused', () => {
  const refused = (rows: readonly Row[], message: string): void =>
    expect(() => new data.TrajectoryWindows([recording(rows)], OPTIONS)).toThrow(message);
  refused([...walk(1, [0, 1, 2]), ...walk(1, [1])], 'Expected one row for a frame and a pedestrian for recordings[0]');
  refused(walk(1, [0, 10, 15, 27]), 'Expected frames that are multiples of 5 apart');
  refused(walk(1.5, [0, 1, 2]), 'Expected whole numbers of pedestrians');
  refused([...walk(1, [0, 1]), [2, 1, Number.NaN, 0]], 'Expected finite numbers for recordings[0]');
  refused(walk(1, [0, 1]), 'Expected a pedestrian in 3 successive steps of the recordings but found none');
  refused([...walk(1, [0, 1]), ...walk(2, [2, 3])], 'Expected a pedestrian in 3 successive steps');
  refused([], 'Expected at least one row for recordings[0]');
  const rows = recording(walk(1, [0, 1, 2]));
  expect(() => new data.TrajectoryWindows([rows], { ...OPTIONS, minPedestrians: 2 })).toThrow(
    'Expected 2 pedestrians in 3 successive steps',
  );
  expect(() => new data.TrajectoryWindows([rows], { observed: 0 })).toThrow('Expected a whole number of at least 1 for observed');
  expect(() => new data.TrajectoryWindows([rows.float()])).toThrow('Expected a tensor float64[n, 4] for recordings[0]');
  expect(() => new data.TrajectoryWindows([])).toThrow('Expected at least one recording for recordings');
  expect(() => new data.TrajectoryWindows([rows], OPTIONS).get(1)).toThrow('Expected a whole number in [0, 1) for index');
});

describe('text files', () => {
  test('have four numbers a line', () => {
    writeFileSync(join(root, 'a.txt'), '0.0\t1.0\t1.5\t-2\r\n\n 10 1  2e0 3 \n');
    expect(data.readTrajectories(join(root, 'a.txt')).toArray()).toEqual([
      [0, 1, 1.5, -2],
      [10, 1, 2, 3],
    ]);
    for (const line of ['1 2 3', '1 2 3 4 5', '1 2 3 x']) {
      writeFileSync(join(root, 'b.txt'), `0 1 0 0\n${line}\n`);
      expect(() => data.readTrajectories(join(root, 'b.txt'))).toThrow(`Expected four numbers in line 2 of b.txt but received "${line}"`);
    }
  });

  test('of ETH/UCY: the scene is for testing, the others for training, with what is for training only', async () => {
    const scenes = {
      biwi_eth: 1,
      biwi_hotel: 2,
      students001: 3,
      students003: 4,
      crowds_zara01: 5,
      crowds_zara02: 6,
      uni_examples: 7,
      crowds_zara03: 8,
    };
    for (const folder of ['all_data', 'train', 'val']) mkdirSync(join(root, 'eth_ucy', folder), { recursive: true });
    const write = (path: string, rows: readonly Row[]): void =>
      writeFileSync(join(root, 'eth_ucy', path), rows.map((row) => row.join('\t')).join('\n'));
    for (const [name, who] of Object.entries(scenes)) {
      write(`all_data/${name}.txt`, walk(who, [0, 10, 20]));
      write(`train/${name}_train.txt`, walk(10 + who, [0, 10, 20]));
      write(`val/${name}_val.txt`, walk(20 + who, [0, 10, 20]));
    }
    const { train, validation, test: held, source } = await data.ethUcy('univ', { dir: root, ...OPTIONS });
    const who = (windows: data.TrajectoryWindows): unknown =>
      (windows.getBatch(torch.arange(windows.length)).pedestrians.toArray() as number[]).sort((a, b) => a - b);
    expect([who(train), who(validation), who(held)]).toEqual([
      [11, 12, 15, 16, 17, 18],
      [21, 22, 25, 26, 27, 28],
      [3, 4],
    ]);
    expect(source).toBe(join(root, 'eth_ucy'));
    rmSync(join(root, 'eth_ucy', 'val', 'biwi_eth_val.txt'));
    await expect(data.ethUcy('eth', { dir: root })).rejects.toThrow(`Expected the files of eth-ucy in ${root} but found eth_ucy`);
    // @ts-expect-error no such scene
    await expect(data.ethUcy('zara3')).rejects.toThrow(
      'Expected one of eth, hotel, univ, zara1, zara2 for scene but received string "zara3"',
    );
  });
});
