// How lib/native.ts finds, opens and refuses.
import fs from 'node:fs';
import path from 'node:path';
import { libtorch as here } from '../../lib/native';
import { fakeFiles, isolated, temporaryFolder, writeFiles } from '../libtorch/support/fake';
import { node, root } from '../libtorch/support/run';

const folder = temporaryFolder();

/** Loads the package in a process of its own and prints what came, or the error. */
const LOAD = `
require('tsx/cjs');
let answer;
try {
  const five = Number(require('./lib/index.ts').ones(5).sum().item());
  answer = { libtorch: require('./lib/native.ts').libtorch, five };
} catch ({ code, message }) {
  answer = { code, message };
}
console.log(JSON.stringify(answer));`;

interface Loaded {
  code?: string;
  message?: string;
  five?: number;
  libtorch?: { root: string; cuda: string | null; cudaProblem: string | null };
}

async function load(env: Record<string, string | undefined>): Promise<Loaded> {
  const { code, out, err } = await node(['-e', LOAD], env);
  if (code !== 0) throw new Error(`ended with ${code}: ${err}`);
  return JSON.parse(out) as Loaded;
}

describe('the first import', () => {
  test('without libtorch says in one sentence which command brings it', async () => {
    expect(await load({ ...isolated(folder()), PATH: folder() })).toEqual({
      code: 'ERR_LIBTORCH_NOT_FOUND',
      message: `Expected libtorch ${here.version} on this machine but found none; run \`npx torchwright libtorch install\`.`,
    });
  });

  test('with another version says which was found, where, and what to do', async () => {
    writeFiles(folder(), fakeFiles('old', { version: '2.12.0' }));
    const old = path.join(folder(), 'old');
    const loaded = await load({ ...isolated(folder()), TORCHWRIGHT_LIBTORCH: old });
    expect(loaded.code).toBe('ERR_LIBTORCH_VERSION');
    expect(loaded.message).toMatch(
      `Expected libtorch ${here.version} in TORCHWRIGHT_LIBTORCH=${old}, but it is libtorch 2.12.0, ${here.version} is needed; correct the variable`,
    );
  });

  test('with a libtorch that does not open names the library', async () => {
    writeFiles(folder(), fakeFiles('broken', { version: here.version }));
    const loaded = await load({ ...isolated(folder()), TORCHWRIGHT_LIBTORCH: path.join(folder(), 'broken') });
    expect(loaded).toMatchObject({ code: 'ERR_LIBTORCH_OPEN', message: expect.stringMatching(/to open but it did not: .*libc10.*doctor/) });
  });

  test('without the addon says what builds it', async () => {
    expect(await load({ TORCHWRIGHT_PREBUILD: folder() })).toMatchObject({
      code: 'ERR_TORCHWRIGHT_ADDON',
      message: expect.stringMatching(/^Expected torchwright's native addon for .* but found none; run `npm run setup` there\.$/),
    });
  });

  test('with half an addon says which half is missing', async () => {
    const built = path.join(root, 'build', 'Release', 'torchwright.node');
    if (!fs.existsSync(built)) {
      console.warn('Skipped: there is no loader in build/Release to copy.');
      return;
    }
    fs.mkdirSync(path.join(folder(), 'build', 'Release'), { recursive: true });
    fs.copyFileSync(built, path.join(folder(), 'build', 'Release', 'torchwright.node'));
    expect(await load({ TORCHWRIGHT_PREBUILD: folder() })).toMatchObject({
      code: 'ERR_TORCHWRIGHT_ADDON',
      message: expect.stringMatching(/^Expected .*torchwright-core.* beside the loader but there is none/),
    });
  });
});

describe('a CUDA part that does not open', () => {
  // The real libtorch, through links, and beside it a CUDA library that is none.
  function withBrokenCuda(): string {
    const lib = path.join(folder(), 'torch', 'lib');
    fs.mkdirSync(lib, { recursive: true });
    for (const name of fs.readdirSync(here.lib)) fs.symlinkSync(path.join(here.lib, name), path.join(lib, name));
    const beside = path.resolve(here.root, '..', 'nvidia');
    if (fs.existsSync(beside)) fs.symlinkSync(beside, path.join(folder(), 'nvidia'));
    writeFiles(folder(), { 'torch/build-version': `${here.version}+cu132` });
    fs.rmSync(path.join(lib, 'libtorch_cuda.so'), { force: true });
    fs.writeFileSync(path.join(lib, 'libtorch_cuda.so'), 'no library');
    return path.join(folder(), 'torch');
  }

  test('leaves the CPU working, tells why, and is an error only where CUDA was demanded', async () => {
    const env = { ...isolated(folder()), TORCHWRIGHT_LIBTORCH: withBrokenCuda() };
    const either = await load({ ...env, TORCHWRIGHT_CUDA: undefined });
    expect(either).toMatchObject({ five: 5, libtorch: { cuda: '13.2', cudaProblem: expect.stringMatching(/libtorch_cuda\.so: /) } });
    const off = await load({ ...env, TORCHWRIGHT_CUDA: '0' });
    expect(off).toMatchObject({ five: 5, libtorch: { cudaProblem: 'TORCHWRIGHT_CUDA=0 switches it off' } });
    const demanded = await load({ ...env, TORCHWRIGHT_CUDA: '1' });
    expect(demanded).toMatchObject({ code: 'ERR_LIBTORCH_OPEN', message: expect.stringContaining('because TORCHWRIGHT_CUDA=1') });
  });
});

describe('loaded several times in one process', () => {
  test('each module registry has an addon of its own over the one libtorch', () => {
    const load = () => {
      let native: typeof import('../../lib/native') | undefined;
      jest.isolateModules(() => {
        native = require('../../lib/native');
      });
      if (!native) throw new Error('Expected the module');
      return native;
    };
    const [a, b] = [load(), load()];
    expect(a.addon).not.toBe(b.addon);
    expect(a.libtorch).toEqual(b.libtorch);
    expect(Object.keys(a.addon)).toEqual(Object.keys(b.addon));
  });

  test('by several worker threads at once, which end without a crash', async () => {
    const script = `
      require('tsx/cjs');
      const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      const compute = () => Number(require('./lib/index.ts').ones(3, 3).mul(2).sum().item());
      if (isMainThread) {
        const workers = Array.from({ length: 4 }, () => new Promise((resolve, reject) => {
          const worker = new Worker(process.argv[1], { eval: true, argv: [process.argv[1]] });
          let answer;
          worker.on('message', (message) => (answer = message)).on('error', reject).on('exit', (code) => resolve([answer, code]));
        }));
        Promise.all(workers).then((answers) => console.log(JSON.stringify([compute(), ...answers])));
      } else parentPort.postMessage(compute());`;
    const { code, out, err } = await node(['-e', script, script]);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual([18, [18, 0], [18, 0], [18, 0], [18, 0]]);
  });
});
