import fs from 'node:fs';
import path from 'node:path';
import { LIBRARY } from '../../lib/libtorch/locate.cjs';
import { fakeFiles, isolated, temporaryFolder, writeFiles, zip } from '../libtorch/support/fake';
import { fromSources, node } from '../libtorch/support/run';
import { type Server, sendFile, serve } from '../libtorch/support/server';

const folder = temporaryFolder();

/** The command line; by default on a machine where nothing is found. */
function cli(args: string[], env: Record<string, string | undefined> = {}) {
  return node([...fromSources, 'lib/cli/main.ts', ...args], { ...isolated(folder()), PATH: folder(), ...env });
}

/** On this machine as it is. */
const here = (args: string[]) => node([...fromSources, 'lib/cli/main.ts', ...args]);

describe('doctor', () => {
  test('finds everything where the package works', async () => {
    const { code, out } = await here(['doctor']);
    expect(out).toMatch(/^torchwright \d+\.\d+\.\d+ in /);
    expect(out).toContain(`  ok   Node         ${process.versions.node}`);
    expect(out).toMatch(/ {2}ok {3}Addon .*compiled for libtorch 2\.\d+\.\d+ with /);
    expect(out).toMatch(/ {2}ok {3}libtorch .*(CPU|CUDA [\d.]+) build, in \//);
    expect(out).toMatch(/ {2}ok {3}Computing/);
    expect(out).toMatch(/CPU .* GiB of memory, libtorch uses \d+ of \d+ threads/);
    expect(out).toMatch(/GPU/);
    expect(out).toMatch(/\nEverything that is needed is here\.\n$/);
    expect(code).toBe(0);
  });

  test('without libtorch: exit code 1, where it looked and the one command', async () => {
    const { code, out } = await cli(['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/WRONG {2}libtorch .*no 2\.\d+\.\d+ was found\. Looked at:\n {2}- TORCHWRIGHT_LIBTORCH: it is not set\n/);
    expect(out).toContain('-> run `npx torchwright libtorch install`');
    expect(out).not.toContain('Computing');
    expect(out).toMatch(/1 thing is wrong\.\n$/);
  });

  test('with a libtorch of another version in the variable: says which, and what to correct', async () => {
    writeFiles(folder(), fakeFiles('old', { version: '2.12.0' }));
    const { code, out } = await cli(['doctor'], { TORCHWRIGHT_LIBTORCH: path.join(folder(), 'old') });
    expect(code).toBe(1);
    expect(out).toMatch(/TORCHWRIGHT_LIBTORCH=.*old: it is libtorch 2\.12\.0, 2\.\d+\.\d+ is needed/);
    expect(out).toContain('-> correct the variable or unset it');
  });

  test('with a libtorch that does not open: lives on and says why', async () => {
    writeFiles(folder(), fakeFiles('broken', { version: '2.15.0' }));
    fs.writeFileSync(path.join(folder(), 'broken', 'lib', 'libc10.so'), 'no library');
    const { code, out } = await cli(['doctor'], { TORCHWRIGHT_LIBTORCH: path.join(folder(), 'broken') });
    expect(code).toBe(1);
    expect(out).toMatch(/WRONG {2}Computing .*Expected libtorch 2\.15\.0 in .*broken to open but it did not: .*libc10/);
  });

  test('without the addon: says what builds it, and still looks at libtorch', async () => {
    const { code, out } = await cli(['doctor'], { TORCHWRIGHT_PREBUILD: folder() });
    expect(code).toBe(1);
    expect(out).toMatch(/WRONG {2}Addon .*Expected torchwright's native addon for .* but found none; run `npm run setup`/);
    expect(out).toMatch(/WRONG {2}libtorch/);
    expect(out).toMatch(/2 things are wrong\.\n$/);
  });
});

describe('libtorch where', () => {
  test('prints the folder and nothing else', async () => {
    const { code, out, err } = await here(['libtorch', 'where']);
    expect([code, err]).toEqual([0, '']);
    expect(fs.existsSync(path.join(out.trimEnd(), 'lib', LIBRARY))).toBe(true);
    expect(out.split('\n')).toHaveLength(2);
  });

  test('without one: exit code 1, the sentence and where it looked, on stderr', async () => {
    const { code, out, err } = await cli(['libtorch', 'where', '--libtorch-version', '2.13.0']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^Expected libtorch 2\.13\.0 on this machine but found none; run `npx torchwright libtorch install --libtorch-version 2\.13\.0`\.\nLooked at:\n/,
    );
    expect(err).toContain('torch of python3: there is no such program');
  });

  test('a version that is not supported is refused', async () => {
    const { code, err } = await cli(['libtorch', 'where', '--libtorch-version', '1.13.1']);
    expect([code, err]).toEqual([1, 'Expected a libtorch version from 2.11 to 2.15, such as 2.15.0, but received "1.13.1".\n']);
  });
});

describe('libtorch install', () => {
  let server: Server | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test('brings the version that was asked for, once, and where finds it', async () => {
    const archive = zip(fakeFiles('libtorch', { version: '2.14.9+cpu' }, 'archive'));
    server = await serve((request, response) => sendFile(request, response, archive));
    const env = { TORCHWRIGHT_LIBTORCH_URL: `${server.url}/libtorch.zip` };
    const asked = ['--libtorch-version', '2.14.9'];
    const place = path.join(folder(), 'cache', 'torchwright', 'libtorch', '2.14.9-cpu', 'torch');
    expect(await cli(['libtorch', 'install', ...asked], env)).toMatchObject({
      code: 0,
      out: expect.stringMatching(`\nlibtorch 2\\.14\\.9 \\(CPU\\) is installed in ${place}\n$`),
    });
    expect(await cli(['libtorch', 'install', ...asked], env)).toMatchObject({
      code: 0,
      out: `libtorch 2.14.9 (CPU) is there already: ${place}\n`,
    });
    expect(server.seen).toHaveLength(1);
    expect(await cli(['libtorch', 'where', ...asked])).toMatchObject({ code: 0, out: `${place}\n` });
    const dir = path.join(folder(), 'elsewhere');
    expect((await cli(['libtorch', 'install', ...asked, '--dir', dir], env)).out).toContain(`set TORCHWRIGHT_LIBTORCH=${dir}/torch`);
  });

  test('that fails: exit code 1, what was tried and what to do', async () => {
    server = await serve((_request, response) => response.writeHead(404).end());
    const { code, err } = await cli(['libtorch', 'install'], { TORCHWRIGHT_LIBTORCH_URL: `${server.url}/libtorch.zip` });
    expect(code).toBe(1);
    expect(err).toMatch(/could not be fetched\. Tried:\n {2}- TORCHWRIGHT_LIBTORCH_URL=.*: there is no such file \(404\)/);
    expect(err).toContain('What you can do');
    expect(err).not.toContain('    at '); // no stack
  });
});

test('help and version', async () => {
  const { version } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  expect(await cli(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  expect((await cli(['--help'])).out).toMatch(/doctor .*\n[\s\S]*libtorch /);
  expect((await cli(['frobnicate'])).code).toBe(1);
});
