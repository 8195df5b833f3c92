import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Tensor } from '../../../lib';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { liveTensors } from '../../live';
import { findPython, runPython } from '../../python';
import { at, doublesOf, eventsIn, type Message } from './decode';

let logDir: string;
beforeEach(() => {
  logDir = mkdtempSync(join(tmpdir(), 'events-'));
});
afterEach(() => rmSync(logDir, { recursive: true }));

/** The events that `write` writes, without the one with which a file begins. */
function written(write: (writer: io.SummaryWriter) => void): Message[] {
  const folder = mkdtempSync(join(logDir, 'run-'));
  using writer = new io.SummaryWriter({ logDir: folder });
  write(writer);
  return eventsIn(folder).slice(1); // before it is closed: nothing waits
}

const one = (write: (writer: io.SummaryWriter) => void): Message => {
  const events = written(write);
  expect(events).toHaveLength(1);
  return events[0] as Message;
};
const text = (value: bigint | Buffer | undefined): string => (value as Buffer).toString();
const double = (value: bigint | Buffer | undefined): number => (value as Buffer).readDoubleLE();
const float = (value: bigint | Buffer | undefined): number => (value as Buffer).readFloatLE();
/** Path of the first value of an event's summary, and where what is. */
const VALUE = [5, 1] as const;

describe('an event file', () => {
  test('has a name of its own in a folder that is made, and begins with its version', () => {
    const folder = join(logDir, 'a', 'b');
    const before = Date.now() / 1000;
    using writer = new io.SummaryWriter({ logDir: folder, filenameSuffix: '.x' });
    using _other = new io.SummaryWriter({ logDir: folder });
    expect(writer.logDir).toBe(folder);
    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    expect(names[0]).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.\d+\.x$/);
    const [event] = eventsIn(folder) as [Message];
    expect(text(at(event, 3))).toBe('brain.Event:2');
    expect(double(at(event, 1))).toBeGreaterThanOrEqual(before);
    expect(double(at(event, 1))).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('has checksums by the published polynomial', () => {
    const { crc32c } = jest.requireActual<typeof import('../../../lib/io/tensorboard/crc32c')>('../../../lib/io/tensorboard/crc32c');
    // RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, k) => k)))).toBe(0x46dd794e);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });

  test('goes on in a new file after close', () => {
    const writer = new io.SummaryWriter({ logDir });
    writer.close();
    writer.close();
    writer.flush();
    expect(readdirSync(logDir)).toHaveLength(1);
    writer.addScalar('loss', 1);
    writer.flush();
    writer.close();
    expect(readdirSync(logDir)).toHaveLength(2);
    expect(eventsIn(logDir).map((event) => at(event, 5) !== undefined)).toEqual([false, false, true]);
  });

  test('tells with purgeStep what is void', () => {
    using _writer = new io.SummaryWriter({ logDir, purgeStep: 7 });
    const [, event] = eventsIn(logDir) as [Message, Message];
    expect([at(event, 2), at(event, 7, 1)]).toEqual([7n, 1n]);
  });

  test('lies in runs/ when no folder is named', () => {
    const back = process.cwd();
    process.chdir(logDir);
    try {
      using writer = new io.SummaryWriter({ comment: '_lr0.1' });
      expect(writer.logDir).toMatch(/^runs[\\/][A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_lr0\.1$/);
      expect(eventsIn(writer.logDir)).toHaveLength(1);
    } finally {
      process.chdir(back);
    }
  });
});

describe('scalars', () => {
  test.each([0.5, -3.25, 1e30, Number.NaN, Number.POSITIVE_INFINITY, 0.1])('%d', (value) => {
    const event = one((writer) => writer.addScalar('train/loss', value, { globalStep: 300, walltime: 12.5 }));
    expect([double(at(event, 1)), at(event, 2), text(at(event, ...VALUE, 1))]).toEqual([12.5, 300n, 'train/loss']);
    expect(float(at(event, ...VALUE, 2))).toBe(Math.fround(value));
  });

  test('of tensors, at large and negative steps and at none', () => {
    const values = written((writer) => {
      writer.addScalar('a', torch.tensor([[2.5]]), { globalStep: 2 ** 40 });
      writer.addScalar('a', torch.tensor(3), { globalStep: -2 });
      writer.addScalar('a', torch.tensor(true));
    });
    expect(values.map((event) => [at(event, 2), float(at(event, ...VALUE, 2))])).toEqual([
      [2n ** 40n, 2.5],
      [-2n, 3],
      [undefined, 1],
    ]);
  });

  test('as tensors, in either precision', () => {
    const [single, wide] = written((writer) => {
      writer.addScalar('a', 0.1, { newStyle: true });
      writer.addScalar('a', 0.1, { newStyle: true, doublePrecision: true });
    }) as [Message, Message];
    expect([at(single, ...VALUE, 8, 1), float(at(single, ...VALUE, 8, 5))]).toEqual([1n, Math.fround(0.1)]);
    expect([at(wide, ...VALUE, 8, 1), double(at(wide, ...VALUE, 8, 6))]).toEqual([2n, 0.1]);
    expect(text(at(wide, ...VALUE, 9, 1, 1))).toBe('scalars');
  });

  test('of one diagram are runs of their own', () => {
    using writer = new io.SummaryWriter({ logDir });
    for (const step of [1, 2]) writer.addScalars('all/losses', { train: step, test: 2 * step }, { globalStep: step });
    expect(readdirSync(logDir).filter((name) => !name.includes('tfevents'))).toEqual(['all_losses_test', 'all_losses_train']);
    const events = eventsIn(join(logDir, 'all_losses_test')).slice(1);
    expect(events.map((event) => [at(event, 2), text(at(event, ...VALUE, 1)), float(at(event, ...VALUE, 2))])).toEqual([
      [1n, 'all/losses', 2],
      [2n, 'all/losses', 4],
    ]);
  });
});

describe('images', () => {
  interface Decoded {
    readonly header: unknown[];
    /** [height, width, RGBA] */
    readonly rgba: Tensor;
  }
  function decoded(event: Message): Decoded {
    const { width, height, data } = PNG.sync.read(at(event, ...VALUE, 4, 4) as Buffer);
    expect([at(event, ...VALUE, 4, 1), at(event, ...VALUE, 4, 2)]).toEqual([BigInt(height), BigInt(width)]);
    return { header: [text(at(event, ...VALUE, 1)), at(event, ...VALUE, 4, 3)], rgba: torch.tensor([...data]).view([height, width, 4]) };
  }

  test('are clamped, and their fractions cut off', () => {
    const values = torch.tensor([-0.5, 0, 0.5, 0.999, 1, 2]).view([1, 2, 3]);
    const { header, rgba } = decoded(one((writer) => writer.addImage('x', values)));
    expect(header).toEqual(['x', 1n]);
    expect(rgba.select(2, 0).toArray()).toEqual([
      [0, 0, 127],
      [254, 255, 255],
    ]);
  });

  test.each(['CHW', 'HWC', 'WHC', 'hwc'])('with dimensions in the order %s', (dataformats) => {
    const image = torch.randint(0, 256, [3, 4, 5], { dtype: 'uint8' }); // C, H, W
    const given = image.permute([...dataformats.toUpperCase()].map((letter) => 'CHW'.indexOf(letter)));
    const { header, rgba } = decoded(one((writer) => writer.addImage('x', given, { dataformats })));
    expect(header).toEqual(['x', 3n]);
    expect(rgba.narrow(2, 0, 3).permute([2, 0, 1]).equal(image.long())).toBe(true);
  });

  test('of two dimensions, and with transparency', () => {
    const plane = torch.randint(0, 256, [4, 5], { dtype: 'uint8' });
    expect(
      decoded(one((writer) => writer.addImage('x', plane, { dataformats: 'HW' })))
        .rgba.select(2, 1)
        .equal(plane.long()),
    ).toBe(true);
    const rgba = torch.randint(0, 256, [4, 2, 3], { dtype: 'uint8' });
    expect(
      decoded(one((writer) => writer.addImage('x', rgba)))
        .rgba.permute([2, 0, 1])
        .equal(rgba.long()),
    ).toBe(true);
  });

  test('of a batch are a grid, eight in a row, black where there is none', () => {
    const images = torch.randint(1, 256, [10, 3, 2, 3], { dtype: 'uint8' });
    for (const [given, options] of [
      [images, {}],
      [images.permute([0, 2, 3, 1]), { dataformats: 'NHWC' }],
    ] as const) {
      const { rgba } = decoded(one((writer) => writer.addImages('x', given, options)));
      expect(rgba.shape).toEqual([4, 24, 4]);
      const rgb = rgba.narrow(2, 0, 3).permute([2, 0, 1]);
      for (let k = 0; k < 16; k++) {
        const cell = rgb.narrow(1, 2 * Math.floor(k / 8), 2).narrow(2, 3 * (k % 8), 3);
        expect(cell.equal(k < 10 ? images.select(0, k).long() : torch.zerosLike(cell))).toBe(true);
      }
    }
  });
});

describe('histograms', () => {
  interface Stored {
    readonly inputs: Record<string, { dtype: torch.DType; values: torch.NestedArray }>;
    readonly cases: { name: string; options: io.AddHistogramOptions; histogram: Record<string, number | number[]> }[];
  }
  const { inputs, cases }: Stored = JSON.parse(readFileSync(join(__dirname, 'histograms.json'), 'utf8'));

  const histogramOf = (event: Message) => {
    const field = (number: number): number => double(at(event, ...VALUE, 5, number));
    return {
      facts: [field(1), field(2), field(3)],
      sums: [field(4), field(5)],
      limits: doublesOf(at(event, ...VALUE, 5, 6) as Buffer),
      counts: doublesOf(at(event, ...VALUE, 5, 7) as Buffer),
    };
  };

  test.each(cases.map((stored) => [`${stored.name} ${JSON.stringify(stored.options)}`, stored] as const))(
    'equal those of PyTorch: %s',
    (_, { name, options, histogram }) => {
      const { dtype, values } = inputs[name] as Stored['inputs'][string];
      const { facts, sums, limits, counts } = histogramOf(
        one((writer) => writer.addHistogram('x', torch.tensor(values, { dtype }), options)),
      );
      expect(facts).toEqual([histogram.min, histogram.max, histogram.num]);
      for (const [k, key] of (['sum', 'sumSquares'] as const).entries()) {
        const stored = histogram[key] as number;
        // Summed in another order.
        expect(Math.abs((sums[k] as number) - stored)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(stored)) * [values].flat(9).length);
      }
      expect(counts).toEqual(histogram.counts);
      expect(limits).toEqual(histogram.limits);
    },
  );

  test('of half precision, of booleans, of what needs a gradient', () => {
    for (const tensor of [torch.ones(4, { dtype: 'float16' }), torch.ones(4, { dtype: 'bool' }), torch.ones(4, { requiresGrad: true })]) {
      const { facts, counts } = histogramOf(one((writer) => writer.addHistogram('x', tensor)));
      expect([facts, counts]).toEqual([
        [1, 1, 4],
        [0, 4],
      ]);
    }
  });

  test('NaN is in no bucket', () => {
    const { facts, counts } = histogramOf(one((writer) => writer.addHistogram('x', torch.tensor([Number.NaN, 1, 1]))));
    expect([facts, counts]).toEqual([
      [Number.NaN, Number.NaN, 3],
      [0, 2],
    ]);
  });
});

test('texts', () => {
  const event = one((writer) => writer.addText('notes', '# Größe\n\n10 µm', { globalStep: 3 }));
  expect(text(at(event, ...VALUE, 1))).toBe('notes/text_summary');
  expect([at(event, ...VALUE, 8, 1), at(event, ...VALUE, 8, 2, 2, 1)]).toEqual([7n, 1n]);
  expect(text(at(event, ...VALUE, 8, 8))).toBe('# Größe\n\n10 µm');
  expect(text(at(event, ...VALUE, 9, 1, 1))).toBe('text');
});

describe('what is wrong is refused, and nothing of it is written', () => {
  const any = (value: unknown): never => value as never;
  test.each<[string, (writer: io.SummaryWriter) => void, string]>([
    ['tag', (w) => w.addScalar('', 1), 'Expected a name for tag but received string ""'],
    ['scalar', (w) => w.addScalar('a', any('1')), 'Expected a number or a real tensor of one element for a but received string "1"'],
    ['two numbers', (w) => w.addScalar('a', torch.ones(2)), 'for a but received tensor float32[2] cpu'],
    [
      'complex number',
      (w) => w.addScalar('a', torch.ones(1, { dtype: 'complex64' })),
      'Expected a number or a real tensor of one element for a',
    ],
    ['step', (w) => w.addScalar('a', 1, { globalStep: 1.5 }), 'Expected a whole number for globalStep but received number 1.5'],
    ['time', (w) => w.addScalar('a', 1, { walltime: any('x') }), 'Expected seconds since 1970 for walltime but received string "x"'],
    [
      'one of many',
      (w) => w.addScalars('a', { b: 1, c: any(null) }),
      'Expected a number or a real tensor of one element for a c but received null',
    ],
    ['image', (w) => w.addImage('a', any([1])), 'Expected a tensor for a but received an array of 1'],
    [
      'format',
      (w) => w.addImage('a', torch.ones(1, 1, 1), { dataformats: 'CHX' }),
      "Expected 'HW', 'CHW' or 'NCHW' in any order for dataformats",
    ],
    ['double letter', (w) => w.addImage('a', torch.ones(1, 1, 1), { dataformats: 'CHH' }), "Expected 'HW', 'CHW' or 'NCHW' in any order"],
    ['batch alone', (w) => w.addImage('a', torch.ones(1, 1, 1), { dataformats: 'NHW' }), "Expected 'HW', 'CHW' or 'NCHW' in any order"],
    [
      'dimensions',
      (w) => w.addImage('a', torch.ones(2, 2)),
      'Expected a tensor of 3 dimensions, CHW, for the image but received tensor float32[2, 2] cpu',
    ],
    ['channels', (w) => w.addImage('a', torch.ones(2, 2, 2)), 'Expected [1, 3 or 4 channels, height, width] with pixels for image'],
    ['histogram', (w) => w.addHistogram('a', any([1])), 'Expected a tensor for a but received an array of 1'],
    ['empty', (w) => w.addHistogram('a', torch.ones(0)), 'Expected at least one value for addHistogram but received tensor float32[0] cpu'],
    ['complex', (w) => w.addHistogram('a', torch.ones(1, { dtype: 'complex64' })), 'Expected real values for addHistogram'],
    ['NaN alone', (w) => w.addHistogram('a', torch.tensor([Number.NaN])), 'Expected a value in one of the buckets for addHistogram'],
    [
      'infinite range',
      (w) => w.addHistogram('a', torch.tensor([Number.POSITIVE_INFINITY]), { bins: 3 }),
      'Expected finite values for addHistogram',
    ],
    ['bins', (w) => w.addHistogram('a', torch.ones(1), { bins: 0 }), 'Expected a positive whole number of buckets for bins'],
    [
      'edges',
      (w) => w.addHistogram('a', torch.ones(1), { bins: [1, 1] }),
      "Expected 'tensorflow', a number of buckets, or at least two edges that rise",
    ],
    ['most bins', (w) => w.addHistogram('a', torch.ones(1), { maxBins: 0 }), 'Expected a positive whole number for maxBins'],
    ['text', (w) => w.addText('a', any(1)), 'Expected a text for a but received number 1'],
  ])('%s', (_, write, message) => {
    expect(written((writer) => expect(() => write(writer)).toThrow(message))).toEqual([]);
  });

  test('options of the writer', () => {
    expect(() => new io.SummaryWriter({ logDir: '' })).toThrow('Expected a folder for logDir but received string ""');
    expect(() => new io.SummaryWriter({ logDir, purgeStep: 0.5 })).toThrow('Expected a whole number for purgeStep but received number 0.5');
    expect(readdirSync(logDir)).toEqual([]);
  });
});

test('leaves no tensors behind', () => {
  const image = torch.rand([3, 4, 4]);
  using writer = new io.SummaryWriter({ logDir });
  const before = liveTensors();
  for (let k = 0; k < 5; k++) {
    writer.addImage('image', image, { globalStep: k });
    writer.addHistogram('values', image, { globalStep: k });
    writer.addScalar('sum', 1, { globalStep: k });
  }
  expect(liveTensors()).toBe(before);
});

test('TensorBoard reads all of it', () => {
  const python = findPython(['tensorboard', 'numpy'], "reading event files with Python's tensorboard");
  if (python === null) return;
  {
    using writer = new io.SummaryWriter({ logDir });
    for (const globalStep of [-1, 0, 1, 2 ** 33]) writer.addScalar('loss', globalStep / 4, { globalStep, walltime: 100 + globalStep });
    writer.addScalar('precise', 0.1, { newStyle: true, doublePrecision: true });
    writer.addHistogram('values', torch.tensor([-1, 0, 0, 2.5], { dtype: 'float64' }), { bins: [-2, 0, 1, 3], globalStep: 4 });
    writer.addImages('images', torch.full([2, 3, 4, 5], 0.5));
    writer.addText('notes', 'µ');
    writer.addScalars('both', { a: 1, b: 2 });
  }
  const output = runPython(
    python,
    `
import json, sys
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.util import tensor_util
runs = EventMultiplexer().AddRunsFromDirectory(sys.argv[1]).Reload()
events = {tag: runs.Tensors(".", tag) for tag in runs.GetAccumulator(".").Tags()["tensors"]}
value = lambda event: tensor_util.make_ndarray(event.tensor_proto)
image = value(events["images"][0])
print(json.dumps({
    "runs": sorted(runs.Runs()),
    "plugins": {tag: runs.SummaryMetadata(".", tag).plugin_data.plugin_name for tag in events},
    "loss": [[event.step, event.wall_time, float(value(event))] for event in events["loss"]],
    "precise": float(value(events["precise"][0])),
    "values": [events["values"][0].step, value(events["values"][0]).tolist()],
    "image": [image[0].decode(), image[1].decode(), image[2][:4].hex()],
    "text": value(events["notes/text_summary"][0])[0].decode(),
    "both": float(value(runs.Tensors("both_b", "both")[0])),
}))`,
    [logDir],
  );
  const read = JSON.parse(output.trim().split('\n').at(-1) as string);
  expect(read).toEqual({
    runs: ['.', 'both_a', 'both_b'],
    plugins: { loss: 'scalars', precise: 'scalars', values: 'histograms', images: 'images', 'notes/text_summary': 'text' },
    loss: [-1, 0, 1, 2 ** 33].map((step) => [step, 100 + step, step / 4]),
    precise: 0.1,
    values: [4, expect.any(Array)],
    image: ['10', '4', '89504e47'],
    text: 'µ',
    both: 2,
  });
  // TensorBoard's rows: from, to, count; the last one ends at the largest value.
  const rows = (read.values[1] as number[][]).filter(([, , count]) => (count as number) > 0);
  expect(rows.map(([, to, count]) => [to, count])).toEqual([
    [0, 1],
    [1, 2],
    [2.5, 1],
  ]);
});
