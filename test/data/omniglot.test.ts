import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { data } from '../../lib';
import type { FileSet } from '../../lib/data/find-files';
import { readOmniglot } from '../../lib/data/omniglot';
import { zip } from '../libtorch/support/fake';
import { bytes, type Server, sendFile, serve, sha256 } from '../libtorch/support/server';
import { png } from './support/png';

let root: string;
const environment = { ...process.env };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'omniglot-'));
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  for (const name of ['TORCHWRIGHT_DATA', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) delete process.env[name];
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(root, { recursive: true });
});

/** A grey picture of one brightness. */
const picture = (brightness: number): Buffer => png({ width: 2, height: 1, colorType: 0, bitDepth: 8, rows: [[brightness, brightness]] });

const BACKGROUND = {
  'images_background/Greek/character01/0001_01.png': picture(0),
  'images_background/Greek/character01/0001_02.png': picture(10),
  'images_background/Greek/character02/0001_01.png': picture(1),
  'images_background/Greek/character02/0001_02.png': picture(11),
  'images_background/Latin/character01/0001_01.png': picture(2),
  'images_background/Latin/character01/0001_02.png': picture(12),
};
const EVALUATION = { 'images_evaluation/Tibetan/character01/1.png': picture(50) };

function write(folder: string, files: Record<string, Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function expectWhole({ background, evaluation }: data.OmniglotDatasets): void {
  expect([background.classes, background.labels]).toEqual([
    ['Greek/character01', 'Greek/character02', 'Latin/character01'],
    [0, 0, 1, 1, 2, 2],
  ]);
  const [image, label] = background.get(3);
  expect([image.shape, image.max().item(), label]).toEqual([[1, 1, 2], 11, 1]);
  expect([evaluation.classes, evaluation.get(0)[0].max().item()]).toEqual([['Tibetan/character01'], 50]);
}

test('characters are classes, in two sets of alphabets', async () => {
  write(join(root, 'omniglot-py'), { ...BACKGROUND, ...EVALUATION });
  const found = await data.omniglot({ dir: root });
  expectWhole(found);
  expect(found.source).toBe(join(root, 'omniglot-py'));
  rmSync(join(root, 'omniglot-py', 'images_evaluation'), { recursive: true });
  await expect(data.omniglot({ dir: root })).rejects.toThrow(`Expected the files of omniglot in ${root} but found omniglot-py`);
});

describe('archives', () => {
  const place = (): string => join(root, 'omniglot');
  const archives = (): void => write(place(), { 'images_background.zip': zip(BACKGROUND), 'images_evaluation.zip': zip(EVALUATION) });

  test('are unpacked beside themselves, once, over what an interrupted run left', async () => {
    archives();
    write(join(place(), 'images_background.partial'), { 'images_background/Half/character01/1.png': picture(9) });
    const both = await Promise.all([data.omniglot({ dir: root }), data.omniglot({ dir: place() })]);
    for (const one of both) expectWhole(one);
    const names = ['images_background', 'images_background.zip', 'images_evaluation', 'images_evaluation.zip'];
    expect(readdirSync(place()).sort()).toEqual(names);
    rmSync(join(place(), 'images_background.zip'));
    writeFileSync(join(place(), 'images_evaluation.zip'), 'not looked at again');
    expectWhole(await data.omniglot({ dir: root }));
  });

  test('that are damaged, or hold something else, are refused, and leave nothing', async () => {
    archives();
    const whole = zip(EVALUATION);
    writeFileSync(join(place(), 'images_evaluation.zip'), whole.subarray(0, whole.length - 30));
    await expect(data.omniglot({ dir: root })).rejects.toThrow(/^Expected images_evaluation\.zip to be a sound zip file, but /);
    writeFileSync(join(place(), 'images_evaluation.zip'), zip({ 'strokes/1.txt': 'a' }));
    await expect(data.omniglot({ dir: root })).rejects.toThrow(
      `Expected a folder images_evaluation in ${join(place(), 'images_evaluation.zip')} but found none`,
    );
    expect(readdirSync(place()).sort()).toEqual(['images_background', 'images_background.zip', 'images_evaluation.zip']);
  });

  test('of many files leave the event loop its turns, and can be given up', async () => {
    const many = Object.fromEntries(Array.from({ length: 12_000 }, (_, k) => [`images_background/A/c/${k}.png`, picture(k % 256)]));
    write(place(), { 'images_background.zip': zip(many, 0), 'images_evaluation.zip': zip(EVALUATION) });
    const controller = new AbortController();
    const read = data.omniglot({ dir: root, signal: controller.signal });
    const watch = setInterval(() => {
      if (existsSync(join(place(), 'images_background.partial'))) controller.abort(new Error('enough'));
    }, 1);
    await expect(read.finally(() => clearInterval(watch))).rejects.toThrow('enough');
    expect(readdirSync(place()).sort()).toEqual(['images_background.zip', 'images_evaluation.zip']);
  });
});

describe('downloaded', () => {
  // Large enough that a connection can break in the middle of it.
  const background = zip({ ...BACKGROUND, 'images_background/notes.txt': bytes(100_000) });
  const evaluation = zip(EVALUATION);
  const cache = (): string => join(root, 'cache', 'torchwright', 'datasets', 'omniglot');

  let server: Server;
  let cuts: number;
  beforeEach(async () => {
    cuts = 1;
    server = await serve((request, response) => {
      const body =
        request.url === '/images_background.zip' ? background : request.url === '/images_evaluation.zip' ? evaluation : undefined;
      if (body === undefined) response.writeHead(404).end();
      else sendFile(request, response, body, body === background && cuts-- > 0 ? { cutAt: 50_000 } : {});
    });
  });
  afterEach(() => server.close());

  const set = (sums: readonly string[] = [background, evaluation].map(sha256)): FileSet => ({
    name: 'omniglot',
    has: (folder) => existsSync(join(folder, 'images_background')) && existsSync(join(folder, 'images_evaluation')),
    mirrors: [server.url],
    files: ['images_background', 'images_evaluation'].map((holds, k) => ({ name: `${holds}.zip`, sha256: sums[k] ?? '', holds })),
  });

  test('they are checked, completed where a connection broke, unpacked, and not asked for again', async () => {
    const found = await readOmniglot(set());
    expectWhole(found);
    expect(found.source).toBe(cache());
    expect(server.seen.map(({ url, headers }) => [url, headers.range])).toEqual([
      ['/images_background.zip', undefined],
      ['/images_background.zip', 'bytes=50000-'],
      ['/images_evaluation.zip', undefined],
    ]);
    for (const name of ['images_background.zip', 'images_evaluation.zip']) rmSync(join(cache(), name));
    expectWhole(await readOmniglot(set()));
    expect(server.seen).toHaveLength(3);
  });

  test('with another checksum nothing is unpacked', async () => {
    cuts = 0;
    await expect(readOmniglot(set([sha256(background), sha256(background)]))).rejects.toThrow(
      /^Expected to download images_evaluation\.zip but\n.*SHA-256/,
    );
    expect(existsSync(join(cache(), 'images_evaluation'))).toBe(false);
  });

  test('only when that is allowed', async () => {
    await expect(readOmniglot(set(), { download: false })).rejects.toThrow('allow the download or name their folder');
    expect(server.seen).toEqual([]);
  });
});
