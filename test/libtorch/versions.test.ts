import path from 'node:path';
import { checkVersion, isSupported, plain, versionOf, versionProblem } from '../../lib/libtorch/versions.cjs';
import { fakeFiles, temporaryFolder, writeFiles } from './support/fake';

const folder = temporaryFolder();

test('2.11 to 2.15 are supported', () => {
  const versions = [
    '2.10.9',
    '2.11.0',
    '2.12.1',
    '2.13.0',
    '2.14.1',
    '2.15.0',
    '2.15.7+cu132',
    '2.16.0',
    '1.15.0',
    '3.11.0',
    '2.15',
    'nonsense',
  ];
  expect(versions.filter(isSupported)).toEqual(['2.11.0', '2.12.1', '2.13.0', '2.14.1', '2.15.0', '2.15.7+cu132']);
});

test('the suffix that names the build is no part of the version', () => {
  expect(plain('2.15.0+cu132')).toBe('2.15.0');
  expect(plain(' 2.15.0\n')).toBe('2.15.0');
  expect(versionProblem('2.15.0+cpu', '2.15.0')).toBeNull();
  expect(versionProblem('2.13.0', '2.15.0')).toBe('it is libtorch 2.13.0, 2.15.0 is needed');
  expect(versionProblem('2.9.0', undefined)).toBe('it is libtorch 2.9.0, supported are 2.11 to 2.15');
});

test('a version that cannot be is refused with the ones that can', () => {
  expect(() => checkVersion('2.3')).toThrow('Expected a libtorch version from 2.11 to 2.15, such as 2.15.0, but received "2.3".');
});

describe('versionOf reads what a libtorch says about itself', () => {
  test.each([
    ['a CPU wheel', fakeFiles('t', { version: '2.15.0' }), { version: '2.15.0', cuda: null }],
    ['a CUDA wheel', fakeFiles('t', { version: '2.15.0', cuda: '13.2' }), { version: '2.15.0', cuda: '13.2' }],
    ['a CPU archive', fakeFiles('t', { version: '2.13.0+cpu' }, 'archive'), { version: '2.13.0+cpu', cuda: null }],
    ['a CUDA archive', fakeFiles('t', { version: '2.13.0+cu130' }, 'archive'), { version: '2.13.0+cu130', cuda: '13.0' }],
    [
      'headers alone',
      {
        't/include/torch/headeronly/version.h':
          '#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 14\n#define TORCH_VERSION_PATCH 1\n',
      },
      { version: '2.14.1', cuda: null },
    ],
    ['nothing', { 't/lib/readme': '' }, null],
  ])('%s', (_name, files, expected) => {
    writeFiles(folder(), files);
    expect(versionOf(path.join(folder(), 't'))).toEqual(expected);
  });
});
