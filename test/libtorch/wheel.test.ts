import { archiveUrl, isWanted } from '../../lib/libtorch/download.cjs';
import { appliesHere, nativeRequirements, platformTags } from '../../lib/libtorch/wheel.cjs';

// The lines of real wheels: 2.15 names the toolkit with extras, older ones name each library.
const NEW = `Metadata-Version: 2.4
Name: torch
Requires-Dist: filelock
Requires-Dist: cuda-toolkit[cublas,cudart,cupti]==13.2.2; platform_system == "Linux"
Requires-Dist: cuda-bindings<14,>=13.0.3; platform_system == "Linux" and python_version < "3.15"
Requires-Dist: nvidia-cudnn-cu13==9.26.0.51; platform_system == "Linux"
Requires-Dist: triton~=3.9.0; platform_system == "Linux"
Requires-Dist: nvidia-extra==1; extra == "more"

Requires-Dist: nvidia-in-the-description==1
`;
const OLD = `Name: torch
Requires-Dist: nvidia-cuda-runtime-cu12 (==12.8.90) ; platform_system == "Linux" and platform_machine == "x86_64"
Requires-Dist: nvidia-cuda-cupti-cu12==12.8.90; platform_system == "Linux" and platform_machine == "x86_64"
Requires-Dist: nvidia-cublas-cu12==12.8.4.1; platform_system == "Linux" and platform_machine == "x86_64"
`;

describe('what the native libraries of a wheel need', () => {
  test('on a CPU: the runtime and the profiling interface, which libtorch_cpu is linked to', () => {
    expect(nativeRequirements(NEW, false, 'linux', 'x64')).toEqual(['cuda-toolkit[cudart,cupti]==13.2.2']);
    expect(nativeRequirements(OLD, false, 'linux', 'x64')).toEqual([
      'nvidia-cuda-runtime-cu12==12.8.90',
      'nvidia-cuda-cupti-cu12==12.8.90',
    ]);
  });

  test('with CUDA: all that the metadata lists', () => {
    expect(nativeRequirements(NEW, true, 'linux', 'x64')).toEqual([
      'cuda-toolkit[cublas,cudart,cupti]==13.2.2',
      'nvidia-cudnn-cu13==9.26.0.51',
    ]);
    expect(nativeRequirements(OLD, true, 'linux', 'x64')).toHaveLength(3);
  });

  test('nothing where the markers name another platform', () => {
    expect(nativeRequirements(NEW, true, 'darwin', 'arm64')).toEqual([]);
    expect(nativeRequirements(NEW, false, 'win32', 'x64')).toEqual([]);
    expect(nativeRequirements(OLD, false, 'linux', 'arm64')).toEqual([]);
  });

  test.each([
    ['', true],
    ['; sys_platform == "linux"', true],
    ["; sys_platform != 'linux'", false],
    ['; platform_machine == "x86_64" and platform_system == "Linux"', true],
    ['; platform_machine == "aarch64"', false],
    ['; extra == "opt"', false],
    ['; python_version < "3.15"', true],
  ])('the marker %p holds on 64-bit Linux: %p', (marker, expected) => {
    expect(appliesHere(marker, 'linux', 'x64')).toBe(expected);
  });
});

test('the platform tags go from the newest to the oldest', () => {
  const linux = platformTags('linux', 'x64');
  expect(linux.slice(0, 2)).toEqual(['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64']);
  expect(linux).toEqual(expect.arrayContaining(['manylinux_2_17_x86_64', 'manylinux2014_x86_64']));
  expect(platformTags('linux', 'arm64')).toEqual(expect.arrayContaining(['manylinux_2_28_aarch64', 'manylinux2014_aarch64']));
  expect(platformTags('darwin', 'arm64')).toContain('macosx_14_0_arm64');
  expect(platformTags('win32', 'x64')).toEqual(['win_amd64']);
  expect(platformTags('darwin', 'x64')).toEqual([]);
});

test('the official archive of each platform', () => {
  const base = 'https://download.pytorch.org/libtorch';
  expect(archiveUrl('2.15.0', false, 'linux', 'x64')).toBe(`${base}/cpu/libtorch-shared-with-deps-2.15.0%2Bcpu.zip`);
  expect(archiveUrl('2.15.0', true, 'linux', 'x64')).toBe(`${base}/cu132/libtorch-shared-with-deps-2.15.0%2Bcu132.zip`);
  expect(archiveUrl('2.13.0', true, 'linux', 'x64')).toBe(`${base}/cu130/libtorch-shared-with-deps-2.13.0%2Bcu130.zip`);
  expect(archiveUrl('2.15.0', false, 'win32', 'x64')).toBe(`${base}/cpu/libtorch-win-shared-with-deps-2.15.0%2Bcpu.zip`);
  expect(archiveUrl('2.15.0', false, 'darwin', 'arm64')).toBe(`${base}/cpu/libtorch-macos-arm64-2.15.0.zip`);
  expect(archiveUrl('2.15.0', true, 'darwin', 'arm64')).toBeNull();
  expect(archiveUrl('2.15.0', false, 'linux', 'arm64')).toBeNull();
});

describe('what is unpacked', () => {
  const always = [
    'torch/lib/libtorch_cpu.so',
    'torch/lib/libc10.so',
    'torch/lib/libgomp-abc.so.1',
    'torch/include/ATen/ATen.h',
    'torch/version.py',
    'libtorch/build-version',
    'libtorch/lib/libtorch_cpu.so',
    'nvidia/cu13/lib/libcudart.so.13',
    'nvidia/cu13/lib/libcupti.so.13',
    'torch-2.15.0.dist-info/METADATA',
    'torchgen/packaged/ATen/native/native_functions.yaml',
  ];
  const withCuda = [
    'torch/lib/libtorch_cuda.so',
    'torch/lib/libc10_cuda.so',
    'nvidia/cu13/lib/libcublas.so.13',
    'nvidia/cudnn/lib/libcudnn.so.9',
  ];
  const never = [
    'torch/__init__.py',
    'torch/lib/libtorch_python.so',
    'torch/bin/protoc',
    'functorch/dim.py',
    'torch/lib/libc10.a',
    'other/lib/x.so',
  ];

  test.each(always)('%s always', (name) => expect([isWanted(name, false), isWanted(name, true)]).toEqual([true, true]));
  test.each(withCuda)('%s with CUDA', (name) => expect([isWanted(name, false), isWanted(name, true)]).toEqual([false, true]));
  test.each(never)('%s never', (name) => expect([isWanted(name, false), isWanted(name, true)]).toEqual([false, false]));
});
