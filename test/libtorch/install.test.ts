// The whole way of a download, against local servers: an archive by its address, a wheel through pip.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureLibtorch, install } from '../../lib/libtorch/download.cjs';
import { cacheFolder, cachePlace, LIBRARY } from '../../lib/libtorch/locate.cjs';
import { collector, environment, fakeFiles, isolated, rejection, temporaryFolder, wheel, zip } from './support/fake';
import { bytes, type Server, sendFile, serve, sha256 } from './support/server';

// No real libtorch has this version, so no real file nor checksum can get in between.
const VERSION = '2.15.9';

const folder = temporaryFolder();
environment(() => isolated(folder()));

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const quiet = () => ({ version: VERSION, output: collector() });
const left = (...parts: string[]) => {
  const place = path.join(cacheFolder(), ...parts);
  return fs.existsSync(place) ? fs.readdirSync(place).sort() : [];
};

describe('an archive', () => {
  const archive = (version = VERSION) =>
    zip(
      {
        ...fakeFiles('libtorch', { version: `${version}+cpu` }, 'archive'),
        'libtorch/lib/libbig.so': bytes(400_000),
        'libtorch/bin/protoc': 'no',
      },
      0,
    );

  async function offer(data: Buffer): Promise<void> {
    server = await serve((request, response) => sendFile(request, response, data));
    process.env.TORCHWRIGHT_LIBTORCH_URL = `${server.url}/libtorch.zip`;
    process.env.TORCHWRIGHT_LIBTORCH_SHA256 = sha256(data);
  }

  test('is fetched, checked and put in place; the second time nothing happens', async () => {
    await offer(archive());
    const { libtorch, already } = await install(quiet());
    expect(already).toBe(false);
    const root = path.join(cachePlace(VERSION, 'cpu'), 'torch');
    expect(libtorch).toMatchObject({ root, version: VERSION, cuda: null, source: 'cache' });
    expect(fs.readdirSync(root).sort()).toEqual(['build-version', 'include', 'lib']);
    expect(left()).toEqual([`${VERSION}-cpu`, 'downloads']);
    expect(left('downloads')).toEqual([]);
    expect((await install(quiet())).already).toBe(true);
    expect(server?.seen).toHaveLength(1);
    expect(await ensureLibtorch({ ...quiet(), needHeaders: true })).toMatchObject({ root });
  });

  test('with a wrong checksum installs nothing and says so', async () => {
    await offer(archive());
    process.env.TORCHWRIGHT_LIBTORCH_SHA256 = 'f'.repeat(64);
    const error = await rejection(install(quiet()));
    expect(error.code).toBe('ERR_LIBTORCH_DOWNLOAD');
    expect(error.message).toContain(`with SHA-256 ${'f'.repeat(64)} but what came has`);
    expect(left()).toEqual(['downloads']);
    expect(left('downloads', VERSION)).toEqual([]);
  });

  test('that is not there lists what was tried and what to do', async () => {
    server = await serve((_request, response) => response.writeHead(404).end());
    process.env.TORCHWRIGHT_LIBTORCH_URL = `${server.url}/libtorch.zip`;
    const error = await rejection(install(quiet()));
    expect(error.message).toContain(
      `libtorch ${VERSION} could not be fetched. Tried:\n  - TORCHWRIGHT_LIBTORCH_URL=${server.url}/libtorch.zip: there is no such file (404)`,
    );
    for (const way of ['HTTPS_PROXY', 'npx torchwright libtorch install', `pip install torch==${VERSION}`, `lib/${LIBRARY}`])
      expect(error.message).toContain(way);
    expect(left()).toEqual(['downloads']);
  });

  test('of another version, or without headers, is not taken', async () => {
    await offer(archive('2.15.8'));
    expect((await rejection(install(quiet()))).message).toContain('what was unpacked does not fit: it is libtorch 2.15.8');
    await server?.close();
    await offer(zip(fakeFiles('libtorch', { version: VERSION, headers: false }, 'archive')));
    fs.rmSync(cacheFolder(), { recursive: true });
    expect((await rejection(install(quiet()))).message).toContain('it has no headers');
    expect(left()).toEqual(['downloads']);
  });

  test('goes to another folder when asked, and never into a full one', async () => {
    await offer(archive());
    const dir = path.join(folder(), 'mine');
    expect((await install({ ...quiet(), dir })).libtorch.root).toBe(path.join(dir, 'torch'));
    const full = path.join(folder(), 'full');
    fs.mkdirSync(full);
    fs.writeFileSync(path.join(full, 'thesis.txt'), 'precious');
    expect((await rejection(install({ ...quiet(), dir: full }))).message).toMatch(
      /^Expected an empty folder or one with libtorch 2\.15\.9 at .*full, but/,
    );
    expect(fs.readdirSync(full)).toEqual(['thesis.txt']);
  });

  test('replaces the one that is there only when forced, and keeps it when that fails', async () => {
    await offer(archive());
    await install(quiet());
    await server?.close();
    expect((await rejection(install({ ...quiet(), force: true }))).code).toBe('ERR_LIBTORCH_DOWNLOAD');
    expect((await install(quiet())).already).toBe(true);
    await offer(archive());
    expect((await install({ ...quiet(), force: true })).already).toBe(false);
  });

  // A process that installs, as the command line does.
  const script = `
    const { install, interruptible } = require(${JSON.stringify(require.resolve('../../lib/libtorch/download.cjs'))});
    const log = (text) => console.log(text);
    interruptible((signal) => install({ version: '${VERSION}', log, signal })).then(({ already }) => console.log(already ? 'already' : 'fetched'));`;
  const start = () => {
    const child = spawn(process.execPath, ['-e', script], { env: process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout.on('data', (text) => (printed += text));
    child.stderr.on('data', (text) => (printed += text));
    const ended = new Promise<{ code: number | null; printed: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, printed })),
    );
    return { child, ended };
  };

  test('wanted by two processes at once is fetched once', async () => {
    const data = archive();
    server = await serve((request, response) => setTimeout(() => sendFile(request, response, data), 500));
    process.env.TORCHWRIGHT_LIBTORCH_URL = `${server.url}/libtorch.zip`;
    const results = await Promise.all([start().ended, start().ended]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results.map(({ printed }) => printed.trim().split('\n').at(-1)).sort()).toEqual(['already', 'fetched']);
    expect(results.some(({ printed }) => /Another process \(\d+\) is fetching libtorch/.test(printed))).toBe(true);
    expect(server.seen).toHaveLength(1);
    expect(left()).toEqual([`${VERSION}-cpu`, 'downloads']);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'stopped by %s leaves nothing half done, and the next run goes on from there',
    async (signal) => {
      const data = archive();
      let hold = true;
      server = await serve((request, response) => {
        if (!hold) sendFile(request, response, data);
        else response.writeHead(200, { ETag: '"one"', 'Content-Length': data.length }).write(data.subarray(0, 200_000)); // and then silence
      });
      process.env.TORCHWRIGHT_LIBTORCH_URL = `${server.url}/libtorch.zip`;
      const { child, ended } = start();
      const partial = path.join(cacheFolder(), 'downloads', VERSION, `libtorch-${VERSION}-cpu.zip.partial`);
      while (!fs.existsSync(partial) || fs.statSync(partial).size < 200_000) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill(signal);
      const { code, printed } = await ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(printed).toContain('What was downloaded is kept; run the same command again to go on.');
      expect(left()).toEqual(['downloads']); // no lock, nothing unpacked
      hold = false;
      expect(await start().ended).toMatchObject({ code: 0 });
      expect(server.seen.at(-1)?.headers.range).toBe('bytes=200000-');
      expect(left()).toEqual([`${VERSION}-cpu`, 'downloads']);
    },
  );
});

describe('a wheel through pip', () => {
  const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
  if (!hasPip) console.warn('Skipped: the wheel tests need python3 with pip, which is not here.');
  const run = hasPip ? test : test.skip;

  const torch = `torch-${VERSION}-cp312-cp312-manylinux_2_28_x86_64.whl`;
  const runtime = 'nvidia_cuda_runtime_cu12-12.8.90-py3-none-manylinux2014_x86_64.whl';
  const REQUIRES = ['nvidia-cuda-runtime-cu12==12.8.90; platform_system == "Linux"', 'filelock'];
  const wheels: Record<string, Buffer> = {
    [torch]: wheel('torch', VERSION, { ...fakeFiles('torch', { version: VERSION, cuda: '12.8' }), 'torch/__init__.py': '' }, REQUIRES),
    [runtime]: wheel('nvidia_cuda_runtime_cu12', '12.8.90', { 'nvidia/cuda_runtime/lib/libcudart.so.12': 'the runtime' }),
  };

  /** A package index with our two wheels. */
  async function index(): Promise<void> {
    server = await serve((request, response) => {
      const [, kind, name] = (request.url ?? '').split('/');
      if (kind === 'files' && wheels[name]) sendFile(request, response, wheels[name]);
      else if (kind === 'simple') {
        const links = Object.keys(wheels).filter((file) => file.replaceAll('_', '-').startsWith(`${name}-`));
        response
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end(links.map((file) => `<a href="/files/${file}#sha256=${sha256(wheels[file])}">${file}</a>`).join('\n'));
      } else response.writeHead(404).end();
    });
    process.env.PIP_INDEX_URL = `${server.url}/simple`;
    process.env.PIP_CONFIG_FILE = '/dev/null';
    for (const name of ['PIP_FIND_LINKS', 'PIP_EXTRA_INDEX_URL', 'PIP_NO_INDEX']) delete process.env[name];
    process.env.PIP_NO_CACHE_DIR = '1';
  }

  run('is unpacked with the CUDA runtime beside it, where libtorch_cpu looks for it', async () => {
    await index();
    const said: string[] = [];
    const { libtorch } = await install({ ...quiet(), log: (text) => said.push(text) });
    const place = cachePlace(VERSION, 'cpu');
    expect(libtorch).toMatchObject({ root: path.join(place, 'torch'), version: VERSION, cuda: null });
    expect(fs.readdirSync(path.join(place, 'torch')).sort()).toEqual(['include', 'lib', 'version.py']);
    expect(fs.readFileSync(path.join(place, 'nvidia/cuda_runtime/lib/libcudart.so.12'), 'utf8')).toBe('the runtime');
    expect(fs.existsSync(path.join(libtorch.lib, 'libtorch_cuda.so'))).toBe(false);
    expect(left('downloads')).toEqual([]);
    expect(said.join('\n')).toMatch(/asking pip \(python3\) where torch==2\.15\.9 is/);
  });

  run('that the index lacks is told in words of pip', async () => {
    await index();
    const error = await rejection(install({ ...quiet(), version: '2.15.8', from: 'wheel' }));
    expect(error.message).toContain(
      'the torch 2.15.8 wheel through pip: pip ended with 1 and said: No matching distribution found for torch==2.15.8',
    );
  });

  describe('whose address pip tells', () => {
    /** A Python whose pip answers like a new one that is asked for addresses, and refuses to fetch anything. */
    function tellingPython(sums: Record<string, string> = {}): void {
      const report = (name: string) =>
        JSON.stringify({
          install: [
            {
              download_info: {
                url: `${server?.url}/files/${name}`,
                archive_info: { hashes: { sha256: sums[name] ?? sha256(wheels[name]) } },
              },
            },
          ],
        });
      const program = path.join(folder(), 'python');
      const cases = [
        `*--version*) echo 'pip 26.0 from nowhere';;`,
        `*install*torch==*) echo '${report(torch)}';;`,
        `*install*nvidia*) echo '${report(runtime)}';;`,
        "*) echo 'ERROR: this pip fetches nothing' >&2; exit 1;;",
      ];
      fs.writeFileSync(program, `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\n`, { mode: 0o755 });
      process.env.TORCHWRIGHT_PYTHON = program;
    }

    test('is fetched by us, and goes on where it was interrupted', async () => {
      let cut = 300;
      server = await serve((request, response) => {
        sendFile(request, response, wheels[path.basename(request.url ?? '')], { cutAt: cut });
        cut = Number.POSITIVE_INFINITY;
      });
      tellingPython();
      expect((await install(quiet())).libtorch.version).toBe(VERSION);
      expect(server.seen.map(({ url, headers }) => [path.basename(url), headers.range])).toEqual([
        [torch, undefined],
        [torch, 'bytes=300-'],
        [runtime, undefined],
      ]);
    });

    test('with CUDA keeps the CUDA part too', async () => {
      server = await serve((request, response) => sendFile(request, response, wheels[path.basename(request.url ?? '')]));
      tellingPython();
      expect((await install({ ...quiet(), cuda: true })).libtorch.cuda).toBe('12.8');
      expect(fs.existsSync(path.join(cachePlace(VERSION, 'cuda'), 'torch/lib/libtorch_cuda.so'))).toBe(true);
    });

    test('must have the checksum of the index', async () => {
      server = await serve((request, response) => sendFile(request, response, wheels[path.basename(request.url ?? '')]));
      tellingPython({ [torch]: 'a'.repeat(64) });
      const error = await rejection(install({ ...quiet(), from: 'wheel' }));
      expect(error.message).toContain(`Expected ${torch} with SHA-256 ${'a'.repeat(64)} but what came has ${sha256(wheels[torch])}`);
      expect(left('downloads', VERSION)).toEqual([]);
    });

    test('is left to pip where we cannot reach it', async () => {
      server = await serve((_request, response) => response.writeHead(403).end());
      tellingPython();
      const said: string[] = [];
      const error = await rejection(install({ ...quiet(), from: 'wheel', log: (text) => said.push(text) }));
      expect(said.join('\n')).toContain('answered 403 Forbidden');
      expect(error.message).toContain('pip ended with 1 and said: this pip fetches nothing');
    });
  });

  test('without a Python is told so', async () => {
    process.env.TORCHWRIGHT_PYTHON = path.join(folder(), 'no-python');
    process.env.PATH = folder();
    const error = await rejection(install({ ...quiet(), from: 'wheel' }));
    expect(error.message).toContain('Python with pip is needed for it');
    expect(error.message).toContain('python3: there is no such program');
  });
});

describe('ensureLibtorch', () => {
  test('fetches nothing with TORCHWRIGHT_SKIP_DOWNLOAD', async () => {
    process.env.TORCHWRIGHT_SKIP_DOWNLOAD = '1';
    process.env.PATH = folder();
    const error = await rejection(ensureLibtorch(quiet()));
    expect(error.message).toBe(
      `Expected libtorch ${VERSION} on this machine but found none; run \`npx torchwright libtorch install --libtorch-version ${VERSION}\`.`,
    );
  });

  test('fetches nothing in place of a folder that was named', async () => {
    process.env.TORCHWRIGHT_LIBTORCH = path.join(folder(), 'typo');
    expect((await rejection(ensureLibtorch(quiet()))).message).toContain('there is no such folder; correct the variable');
  });

  test('says so when the cache cannot be written to', async () => {
    fs.writeFileSync(path.join(folder(), 'cache'), 'a file');
    const error = await rejection(install(quiet()));
    expect(error.message).toMatch(
      /^Expected a folder that can be written to at .*\(ENOTDIR\); name another cache folder with XDG_CACHE_HOME\.$/,
    );
  });
});
