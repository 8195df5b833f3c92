// @ts-check
'use strict';
// Finds a libtorch on this machine, without downloading: the folder named by TORCHWRIGHT_LIBTORCH, the per-user
// cache, a Python torch that is already installed. Synchronous, because `require` is.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const crypto = require('node:crypto');
const { spawnSync } = require('node:child_process');
const { DEFAULT_VERSION, SUPPORTED, INSTALL_COMMAND, plain, versionProblem, versionOf } = require('./versions.cjs');

/**
 * @typedef {object} Libtorch
 * @property {string} root folder that holds lib and include
 * @property {string} lib
 * @property {string | null} include null when this libtorch came without headers
 * @property {string} version such as 2.15.0, without the suffix that names the build
 * @property {string | null} cuda CUDA version of the build when its CUDA library is there, else null
 * @property {'TORCHWRIGHT_LIBTORCH' | 'TORCHWRIGHT_CUDA_LIBTORCH' | 'cache' | 'python'} source
 *
 * @typedef {{ problem: string, otherVersion?: string }} Misfit why a folder was not taken; the version, when that was the reason
 * @typedef {{ place: string } & Misfit} Attempt
 *
 * @typedef {object} LocateOptions
 * @property {string} [version] the one version that fits; any supported one when not given
 * @property {boolean} [needHeaders] building needs headers, running does not
 * @property {boolean} [cuda] true: only a libtorch with CUDA
 * @property {boolean} [python] false: do not ask Python
 */

const LIBRARY_SUFFIX = process.platform === 'win32' ? '.dll' : process.platform === 'darwin' ? '.dylib' : '.so';

/** 'torch_cpu' -> 'libtorch_cpu.so' on Linux. @param {string} name */
function libraryName(name) {
  return `${process.platform === 'win32' ? '' : 'lib'}${name}${LIBRARY_SUFFIX}`;
}

const LIBRARY = libraryName('torch_cpu');
const CUDA_LIBRARY = libraryName('torch_cuda');

/** The folder of everything that is kept per user. */
function cacheFolder() {
  const base =
    process.env.XDG_CACHE_HOME || (process.platform === 'win32' && process.env.LOCALAPPDATA) || path.join(os.homedir(), '.cache');
  return path.join(base, 'torchwright', 'libtorch');
}

/**
 * Where a downloaded libtorch lives; its own folder is `torch` in there, and CUDA's libraries lie beside that.
 * @param {string} version @param {'cpu' | 'cuda'} variant
 */
function cachePlace(version, variant) {
  return path.join(cacheFolder(), `${plain(version)}-${variant}`);
}

/** True when this machine shows an NVIDIA driver, without asking it anything. */
function driverVisible() {
  if (process.platform === 'win32') return fs.existsSync(path.join(process.env.SystemRoot || 'C:\\Windows', 'System32', 'nvcuda.dll'));
  const files = ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg', '/usr/lib/wsl/lib/libcuda.so.1'];
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/local/cuda/compat'];
  return [...files, ...folders.map((folder) => `${folder}/libcuda.so.1`)].some((file) => fs.existsSync(file));
}

/** TORCHWRIGHT_CUDA=1 asks for CUDA, =0 forbids it, else the driver decides. */
function cudaWanted() {
  const setting = process.env.TORCHWRIGHT_CUDA;
  if (setting === '0' || setting === '1') return setting === '1';
  return driverVisible();
}

/**
 * Looks at one folder.
 * @param {string} folder @param {Libtorch['source']} source @param {LocateOptions} options
 * @returns {Libtorch | Misfit} the libtorch in it, or why there is none that fits
 */
function inspect(folder, source, options) {
  // People name the folder itself, the one above it (an unpacked archive), or its lib.
  const candidates = [folder, path.join(folder, 'torch'), path.join(folder, 'libtorch')];
  if (path.basename(folder) === 'lib') candidates.push(path.dirname(folder));
  const root = candidates.find((candidate) => fs.existsSync(path.join(candidate, 'lib', LIBRARY)));
  if (root === undefined) {
    return { problem: fs.existsSync(folder) ? `there is no ${path.join('lib', LIBRARY)} in it` : 'there is no such folder' };
  }
  const about = versionOf(root);
  if (!about) return { problem: 'it does not say which version it is (no version.py, build-version or version.h)' };
  const other = versionProblem(about.version, options.version);
  if (other) return { problem: other, otherVersion: about.version };
  const include = path.join(root, 'include');
  const hasHeaders = fs.existsSync(path.join(include, 'ATen', 'ATen.h'));
  if (options.needHeaders && !hasHeaders) return { problem: 'it has no headers (include/ATen/ATen.h), which building needs' };
  const hasCuda = fs.existsSync(path.join(root, 'lib', CUDA_LIBRARY));
  if (options.cuda && !hasCuda) return { problem: `it is a CPU build (no ${CUDA_LIBRARY})` };
  return {
    root,
    lib: path.join(root, 'lib'),
    include: hasHeaders ? include : null,
    version: plain(about.version),
    cuda: hasCuda ? about.cuda || 'unknown' : null,
    source,
  };
}

const FIND_TORCH = "import importlib.util as u; s = u.find_spec('torch'); print(list(s.submodule_search_locations)[0] if s else '')";

/** Pythons to ask, the most specific first. */
function pythons() {
  const list = [];
  if (process.env.TORCHWRIGHT_PYTHON) list.push(process.env.TORCHWRIGHT_PYTHON);
  const bin = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  for (const prefix of [process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX]) {
    if (prefix) list.push(path.join(prefix, ...bin));
  }
  list.push('python3');
  if (process.platform === 'win32') list.push('python');
  return [...new Set(list)];
}

/**
 * The folder of an installed Python torch. Starting Python takes tens of milliseconds, so the answer is kept for
 * as long as the environment that led to it stays the same and the folder exists.
 * @param {string} python
 * @returns {{ folder?: string, problem?: string }}
 */
function askPython(python) {
  const settings = [python, process.env.PATH, process.env.PYTHONPATH, process.env.PYTHONHOME, process.env.PYENV_VERSION, process.cwd()];
  const key = crypto.createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
  const note = path.join(cacheFolder(), 'python', key);
  try {
    const folder = fs.readFileSync(note, 'utf8');
    if (fs.existsSync(path.join(folder, 'lib', LIBRARY))) return { folder };
  } catch {
    // Nobody asked before.
  }
  // -c puts the current folder on the path, where a folder called torch may lie; -P is too new, so leave it in code.
  const script = `import sys; sys.path[:] = [p for p in sys.path if p]; ${FIND_TORCH}`;
  const result = spawnSync(python, ['-c', script], { env: process.env, encoding: 'utf8', timeout: 20_000, windowsHide: true });
  if (result.error)
    return {
      problem: /** @type {NodeJS.ErrnoException} */ (result.error).code === 'ENOENT' ? 'there is no such program' : result.error.message,
    };
  if (result.status !== 0) return { problem: `it ended with ${result.status ?? result.signal}: ${result.stderr.trim().split('\n').pop()}` };
  const folder = result.stdout.trim();
  if (!folder) return { problem: 'it has no torch installed' };
  try {
    fs.mkdirSync(path.dirname(note), { recursive: true });
    fs.writeFileSync(note, folder);
  } catch {
    // A read-only home only costs time.
  }
  return { folder };
}

/**
 * @param {LocateOptions} [options]
 * @returns {{ found: Libtorch | null, tried: Attempt[], named: boolean }} named: a variable names the one folder to take
 */
function locate(options = {}) {
  /** @type {Attempt[]} */
  const tried = [];
  /** @param {string} place @param {Libtorch | Misfit} result */
  const take = (place, result) => {
    if (!('problem' in result)) return result;
    tried.push({ place, ...result });
    return null;
  };

  // A folder that was named is meant: when it does not fit, taking another one in silence would mix versions.
  const cudaFolder = process.env.TORCHWRIGHT_CUDA_LIBTORCH;
  if (cudaFolder && (options.cuda || (options.cuda === undefined && cudaWanted()))) {
    const result = inspect(path.resolve(cudaFolder), 'TORCHWRIGHT_CUDA_LIBTORCH', { ...options, cuda: true });
    return { found: take(`TORCHWRIGHT_CUDA_LIBTORCH=${cudaFolder}`, result), tried, named: true };
  }
  const folder = process.env.TORCHWRIGHT_LIBTORCH;
  if (folder) {
    const result = inspect(path.resolve(folder), 'TORCHWRIGHT_LIBTORCH', options);
    return { found: take(`TORCHWRIGHT_LIBTORCH=${folder}`, result), tried, named: true };
  }
  tried.push({ place: 'TORCHWRIGHT_LIBTORCH', problem: 'it is not set' });

  const wanted = options.version ?? DEFAULT_VERSION;
  /** @type {('cpu' | 'cuda')[]} */
  const variants = options.cuda ? ['cuda'] : cudaWanted() ? ['cuda', 'cpu'] : ['cpu', 'cuda'];
  for (const variant of variants) {
    const place = cachePlace(wanted, variant);
    const found = take(place, inspect(path.join(place, 'torch'), 'cache', { ...options, version: wanted }));
    if (found) return { found, tried, named: false };
  }

  if (options.python !== false) {
    for (const python of pythons()) {
      const answer = askPython(python);
      const place = `torch of ${python}`;
      if (answer.folder === undefined) {
        tried.push({ place, problem: answer.problem ?? 'unknown' });
        continue;
      }
      const found = take(`${place} (${answer.folder})`, inspect(answer.folder, 'python', options));
      if (found) return { found, tried, named: false };
    }
  }
  return { found: null, tried, named: false };
}

/** One line per place that was looked at, or way that was gone. @param {Attempt[]} tried */
function listTried(tried) {
  return tried.map(({ place, problem }) => `  - ${place}: ${problem}`).join('\n');
}

/**
 * Like locate(), but an error of one sentence that says what to do; its property `tried` says where was looked.
 * @param {LocateOptions} [options]
 * @returns {Libtorch}
 */
function locateOrThrow(options = {}) {
  const { found, tried, named } = locate(options);
  if (found) return found;
  const what = options.version ? `libtorch ${plain(options.version)}` : `libtorch ${SUPPORTED}`;
  const version = options.version && plain(options.version) !== DEFAULT_VERSION ? ` --libtorch-version ${plain(options.version)}` : '';
  const command = `\`${INSTALL_COMMAND}${version}${options.cuda ? ' --cuda' : ''}\``;
  const other = tried.find((attempt) => attempt.otherVersion);
  let message = `Expected ${what} on this machine but found none; run ${command}.`;
  if (named)
    message = `Expected ${what} in ${tried[0].place}, but ${tried[0].problem}; correct the variable, or unset it and run ${command}.`;
  else if (other)
    message = `Expected ${what} but found libtorch ${other.otherVersion} (${other.place}), and two versions cannot be mixed; run ${command}.`;
  throw Object.assign(new Error(message), { code: other ? 'ERR_LIBTORCH_VERSION' : 'ERR_LIBTORCH_NOT_FOUND', tried });
}

module.exports = {
  LIBRARY,
  LIBRARY_SUFFIX,
  CUDA_LIBRARY,
  libraryName,
  cacheFolder,
  cachePlace,
  driverVisible,
  cudaWanted,
  pythons,
  inspect,
  locate,
  locateOrThrow,
  listTried,
};
