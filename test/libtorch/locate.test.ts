import fs from 'node:fs';
import path from 'node:path';
import { cachePlace, inspect, LIBRARY, locate, locateOrThrow } from '../../lib/libtorch/locate.cjs';
import { environment, type Fake, fakeFiles, isolated, temporaryFolder, writeFiles } from './support/fake';

const folder = temporaryFolder();
environment(() => isolated(folder()));

const inCache = (fake: Fake, variant: 'cpu' | 'cuda' = 'cpu') => writeFiles(cachePlace(fake.version, variant), fakeFiles('torch', fake));

/** A program that answers as a Python with (or without) torch does, and counts how often it is asked. */
function fakePython(answer: string): string {
  const program = path.join(folder(), 'python');
  fs.writeFileSync(program, `#!/bin/sh\necho asked >> '${folder()}/asked'\necho '${answer}'\n`, { mode: 0o755 });
  process.env.TORCHWRIGHT_PYTHON = program;
  return program;
}

/** Only the named Python: whether this machine's python3 has torch is no matter of these tests. */
function onlyFakePrograms(): void {
  process.env.PATH = path.join(folder(), 'nothing');
}

describe('the order', () => {
  test('the named folder, then the cache, then Python', () => {
    const named = path.join(folder(), 'named');
    writeFiles(folder(), fakeFiles('named', { version: '2.15.0' }));
    writeFiles(folder(), fakeFiles('python-torch', { version: '2.15.0' }));
    fakePython(path.join(folder(), 'python-torch'));
    inCache({ version: '2.15.0' });

    process.env.TORCHWRIGHT_LIBTORCH = named;
    expect(locate().found).toMatchObject({ root: named, lib: path.join(named, 'lib'), source: 'TORCHWRIGHT_LIBTORCH', version: '2.15.0' });
    delete process.env.TORCHWRIGHT_LIBTORCH;
    expect(locate().found).toMatchObject({ root: path.join(cachePlace('2.15.0', 'cpu'), 'torch'), source: 'cache' });
    fs.rmSync(cachePlace('2.15.0', 'cpu'), { recursive: true });
    expect(locate().found).toMatchObject({ root: path.join(folder(), 'python-torch'), source: 'python' });
  });

  test('what was tried is told, with the reason of each', () => {
    onlyFakePrograms();
    const python = fakePython('');
    expect(locate({ version: '2.14.0' })).toEqual({
      found: null,
      named: false,
      tried: [
        { place: 'TORCHWRIGHT_LIBTORCH', problem: 'it is not set' },
        { place: cachePlace('2.14.0', 'cpu'), problem: 'there is no such folder' },
        { place: cachePlace('2.14.0', 'cuda'), problem: 'there is no such folder' },
        { place: `torch of ${python}`, problem: 'it has no torch installed' },
        { place: 'torch of python3', problem: 'there is no such program' },
      ],
    });
  });

  test('with CUDA wanted, the CUDA variant of the cache comes first', () => {
    inCache({ version: '2.15.0' });
    inCache({ version: '2.15.0', cuda: '13.2' }, 'cuda');
    expect(locate().found?.cuda).toBeNull();
    process.env.TORCHWRIGHT_CUDA = '1';
    expect(locate().found?.cuda).toBe('13.2');
    process.env.TORCHWRIGHT_CUDA = '0';
    expect(locate({ cuda: true }).found?.cuda).toBe('13.2');
  });

  test('TORCHWRIGHT_CUDA_LIBTORCH is taken where CUDA is wanted', () => {
    inCache({ version: '2.15.0' });
    writeFiles(folder(), fakeFiles('cuda', { version: '2.15.0', cuda: '13.2' }));
    process.env.TORCHWRIGHT_CUDA_LIBTORCH = path.join(folder(), 'cuda');
    expect(locate().found?.source).toBe('cache');
    process.env.TORCHWRIGHT_CUDA = '1';
    expect(locate().found?.source).toBe('TORCHWRIGHT_CUDA_LIBTORCH');
  });
});

describe('a named folder', () => {
  test.each(['', 'lib', '..'])('may be the folder itself, its lib or the one above (%s)', (way) => {
    writeFiles(folder(), fakeFiles('box/libtorch', { version: '2.15.0' }));
    process.env.TORCHWRIGHT_LIBTORCH = path.join(folder(), 'box', 'libtorch', way);
    expect(locate().found?.root).toBe(path.join(folder(), 'box', 'libtorch'));
  });

  test('that does not exist is not replaced by the one above it', () => {
    writeFiles(folder(), fakeFiles('libtorch', { version: '2.15.0' }));
    inCache({ version: '2.15.0' });
    process.env.TORCHWRIGHT_LIBTORCH = path.join(folder(), 'libtorch', 'typo');
    expect(locate()).toMatchObject({ found: null, named: true, tried: [{ problem: 'there is no such folder' }] });
    expect(() => locateOrThrow()).toThrow(
      /^Expected libtorch 2\.11 to 2\.15 in TORCHWRIGHT_LIBTORCH=.*typo, but there is no such folder; correct/,
    );
  });

  test('of another version is refused although the cache has the right one', () => {
    writeFiles(folder(), fakeFiles('libtorch', { version: '2.13.0' }));
    inCache({ version: '2.15.0' });
    process.env.TORCHWRIGHT_LIBTORCH = path.join(folder(), 'libtorch');
    expect(() => locateOrThrow({ version: '2.15.0' })).toThrow(/but it is libtorch 2\.13\.0, 2\.15\.0 is needed; correct the variable/);
  });
});

describe('what fits', () => {
  test('headers only where they are needed', () => {
    inCache({ version: '2.15.0', headers: false });
    expect(locate({ python: false }).found).toMatchObject({ include: null });
    expect(locate({ python: false, needHeaders: true }).tried[1].problem).toContain('it has no headers');
  });

  test('a folder without the library, and one that does not tell its version', () => {
    fs.mkdirSync(path.join(folder(), 'empty'));
    writeFiles(folder(), { [`mute/lib/${LIBRARY}`]: '' });
    expect(inspect(path.join(folder(), 'empty'), 'python', {})).toEqual({ problem: `there is no lib/${LIBRARY} in it` });
    expect(inspect(path.join(folder(), 'mute'), 'python', {})).toMatchObject({ problem: expect.stringContaining('which version') });
  });

  test('CUDA is told only where its library is', () => {
    writeFiles(folder(), fakeFiles('wheel', { version: '2.15.0', cuda: '13.2' }));
    expect(inspect(path.join(folder(), 'wheel'), 'cache', {})).toMatchObject({ cuda: '13.2' });
    fs.rmSync(path.join(folder(), 'wheel', 'lib', 'libtorch_cuda.so'));
    expect(inspect(path.join(folder(), 'wheel'), 'cache', {})).toMatchObject({ cuda: null });
    expect(inspect(path.join(folder(), 'wheel'), 'cache', { cuda: true })).toMatchObject({ problem: expect.stringContaining('CPU build') });
  });
});

describe('Python', () => {
  test('is asked once: the answer is kept while its folder is there', () => {
    onlyFakePrograms();
    writeFiles(folder(), fakeFiles('torch', { version: '2.15.0' }));
    fakePython(path.join(folder(), 'torch'));
    const asked = () => fs.readFileSync(path.join(folder(), 'asked'), 'utf8').trim().split('\n').length;
    expect(locate().found?.source).toBe('python');
    expect(locate().found?.source).toBe('python');
    expect(asked()).toBe(1);
    fs.renameSync(path.join(folder(), 'torch'), path.join(folder(), 'moved'));
    locate();
    expect(asked()).toBe(2);
  });
});

describe('locateOrThrow', () => {
  test('names the one command, and where it looked', () => {
    onlyFakePrograms();
    let error: (Error & { code?: string; tried?: unknown[] }) | undefined;
    try {
      locateOrThrow({ version: '2.15.0' });
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error?.message).toBe('Expected libtorch 2.15.0 on this machine but found none; run `npx torchwright libtorch install`.');
    expect(error?.code).toBe('ERR_LIBTORCH_NOT_FOUND');
    expect(error?.tried).toHaveLength(4);
  });

  test('says which other version was found, and where', () => {
    onlyFakePrograms();
    writeFiles(folder(), fakeFiles('python-torch', { version: '2.13.0+cu130' }));
    fakePython(path.join(folder(), 'python-torch'));
    expect(() => locateOrThrow({ version: '2.15.0' })).toThrow(
      /^Expected libtorch 2\.15\.0 but found libtorch 2\.13\.0\+cu130 \(torch of .*python-torch\)\), and two versions cannot be mixed; run `npx torchwright libtorch install`\.$/,
    );
  });

  test('asks for the version that the addon needs', () => {
    onlyFakePrograms();
    expect(() => locateOrThrow({ version: '2.13.0', cuda: true })).toThrow(
      '`npx torchwright libtorch install --libtorch-version 2.13.0 --cuda`',
    );
  });
});
