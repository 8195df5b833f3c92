// Builds the native addon with CMake: configures when needed, compiles what changed.
// Used by scripts/setup.mjs, by binding.gyp (node-gyp, prebuildify) and by scripts/build-matrix.mjs.
//
//   node scripts/cmake-build.mjs [--libtorch DIR] [--build DIR] [--output DIR] [--jobs N]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** True when a program of that name starts. */
export function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore', windowsHide: true }).status === 0;
}

/** One sentence for everything that building needs and this machine lacks, or null. */
export function missingTools() {
  const missing = [];
  const compiler = process.env.CXX?.split(' ').at(-1);
  if (process.platform !== 'win32' && ![compiler, 'c++', 'g++', 'clang++'].some((name) => name && has(name))) {
    missing.push('a C++20 compiler (Debian: apt install g++; macOS: xcode-select --install)');
  }
  if (!has('cmake')) missing.push(`CMake 3.20 or newer (${has('python3') ? 'pip install cmake ninja, or ' : ''}Debian: apt install cmake)`);
  if (missing.length === 0) return null;
  return `Building the addon needs ${missing.join(' and ')}, which this machine lacks; install it and run this again.`;
}

function run(command, args) {
  const result = spawnSync(command, args, { stdio: 'inherit', cwd: root, windowsHide: true });
  if (result.error) throw new Error(`Expected ${command} to start but it did not: ${result.error.message}`);
  if (result.signal) throw new Error(`${command} was stopped by ${result.signal}.`);
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status}; its messages are above.`);
}

/**
 * @param {{ libtorch: { root: string, version: string }, build?: string, output?: string, jobs?: number }} options
 */
export function cmakeBuild({ libtorch, build = path.join(root, 'build', 'cmake'), output = path.join(root, 'build', 'Release'), jobs }) {
  const problem = missingTools();
  if (problem) throw new Error(problem);
  const settings = {
    CMAKE_BUILD_TYPE: 'Release',
    TORCHWRIGHT_LIBTORCH: libtorch.root,
    TORCHWRIGHT_LIBTORCH_VERSION: libtorch.version,
    TORCHWRIGHT_OUTPUT: output,
    TORCHWRIGHT_NODE_API_INCLUDE: require('node-api-headers').include_dir,
    TORCHWRIGHT_ADDON_API_INCLUDE: path.resolve(root, require('node-addon-api').include_dir),
  };
  const asked = JSON.stringify(settings);
  const note = path.join(build, 'torchwright-settings.json');
  const configured = fs.existsSync(path.join(build, 'CMakeCache.txt')) && fs.existsSync(note) && fs.readFileSync(note, 'utf8') === asked;
  if (!configured) {
    // Another libtorch or a moved checkout: CMake's own cache would keep the old paths.
    fs.rmSync(build, { recursive: true, force: true });
    const generator = has('ninja') ? ['-G', 'Ninja'] : [];
    run('cmake', ['-S', root, '-B', build, ...generator, ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)]);
    fs.writeFileSync(note, asked);
  }
  run('cmake', ['--build', build, '--config', 'Release', '--parallel', String(jobs ?? os.availableParallelism())]);
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({
      options: { libtorch: { type: 'string' }, build: { type: 'string' }, output: { type: 'string' }, jobs: { type: 'string' } },
    });
    if (values.libtorch) process.env.TORCHWRIGHT_LIBTORCH = values.libtorch;
    const { locateOrThrow } = require('../lib/libtorch/locate.cjs');
    const absolute = (folder) => folder && path.resolve(folder);
    cmakeBuild({
      libtorch: locateOrThrow({ needHeaders: true }),
      build: absolute(values.build),
      output: absolute(values.output),
      jobs: values.jobs && Number(values.jobs),
    });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
