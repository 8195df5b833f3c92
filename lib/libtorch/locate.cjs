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
 * @property {'TORCHWRIGHT_LIBTORCH' | 'cache' | 'python'} source
 *
 * @typedef {object} Attempt
 * @property {string} place what was looked at
 * @property {string} problem why it was not taken
 *
 * @typedef {object} LocateOptions
 * @property {string} [version] the one version that fits; any supported one when not given
 * @property {boolean} [needHeaders] building needs headers, running does not
 * @property {boolean} [cuda] true: only a libtorch with CUDA
 * @property {boolean} [python] false: do not ask Python
 */

const LIBRARY = process.platform === 'win32' ? 'torch_cpu.dll' : process.platform === 'darwin' ? 'libtorch_cpu.dylib' : 'libtorch_cpu.so';
const CUDA_LIBRARY = process.platform === 'win32' ? 'torch_cuda.dll' : 'libtorch_cuda.so';

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
 * @returns {Libtorch | string} the libtorch in it, or why there is none that fits
 */
function inspect(folder, source, options) {
  // People name the folder itself, the one above it (an unpacked archive), or its lib.
  const candidates = [folder, path.join(folder, 'torch'), path.join(folder, 'libtorch'), path.dirname(folder)];
  const root = candidates.find((candidate) => fs.existsSync(path.join(candidate, 'lib', LIBRARY)));
  if (root === undefined) {
    if (!fs.existsSync(folder)) return 'there is no such folder';
    return `there is no ${path.join('lib', LIBRARY)} in it`;
  }
  const about = versionOf(root);
  if (!about) return 'it does not say which version it is (no version.py, build-version or version.h)';
  const problem = versionProblem(about.version, options.version);
  if (problem) return problem;
  const include = path.join(root, 'include');
  const hasHeaders = fs.existsSync(path.join(include, 'ATen', 'ATen.h'));
  if (options.needHeaders && !hasHeaders) return 'it has no headers (include/ATen/ATen.h), which building needs';
  const hasCuda = fs.existsSync(path.join(root, 'lib', CUDA_LIBRARY));
  if (options.cuda && !hasCuda) return `it is a CPU build (no ${CUDA_LIBRARY})`;
  return {
    root,
    lib: path.join(root, 'lib'),
    include: hasHeaders ? include : null,
    version: plain(about.version),
    cuda: hasCuda ? about.cuda || 'unknown' : null,
    source,
  };
}

const FIND_TORCH =
  "import importlib.util as u; s = u.find_spec('torch'); print(list(s.submodule_search_locations)[0] if s else '')";

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
  const result = spawnSync(python, ['-c', script], { encoding: 'utf8', timeout: 20_000, windowsHide: true });
  if (result.error) return { problem: /** @type {NodeJS.ErrnoException} */ (result.error).code === 'ENOENT' ? 'there is no such program' : result.error.message };
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
 * @returns {{ found: Libtorch | null, tried: Attempt[] }}
 */
function locate(options = {}) {
  /** @type {Attempt[]} */
  const tried = [];
  /** @param {string} place @param {Libtorch | string} result */
  const take = (place, result) => {
    if (typeof result !== 'string') return result;
    tried.push({ place, problem: result });
    return null;
  };

  // A folder that was named is meant: when it does not fit, taking another one in silence would mix versions.
  const cudaFolder = process.env.TORCHWRIGHT_CUDA_LIBTORCH;
  if (cudaFolder && (options.cuda || (options.cuda === undefined && cudaWanted()))) {
    const found = take(`TORCHWRIGHT_CUDA_LIBTORCH=${cudaFolder}`, inspect(path.resolve(cudaFolder), 'TORCHWRIGHT_LIBTORCH', { ...options, cuda: true }));
    return { found, tried };
  }
  const folder = process.env.TORCHWRIGHT_LIBTORCH;
  if (folder) {
    const found = take(`TORCHWRIGHT_LIBTORCH=${folder}`, inspect(path.resolve(folder), 'TORCHWRIGHT_LIBTORCH', options));
    return { found, tried };
  }
  tried.push({ place: 'TORCHWRIGHT_LIBTORCH', problem: 'it is not set' });

  const wanted = options.version ?? DEFAULT_VERSION;
  /** @type {('cpu' | 'cuda')[]} */
  const variants = options.cuda ? ['cuda'] : cudaWanted() ? ['cuda', 'cpu'] : ['cpu', 'cuda'];
  for (const variant of variants) {
    const place = cachePlace(wanted, variant);
    const found = take(place, inspect(path.join(place, 'torch'), 'cache', { ...options, version: wanted }));
    if (found) return { found, tried };
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
      if (found) return { found, tried };
    }
  }
  return { found: null, tried };
}

/** One line per place that was looked at, or way that was gone. @param {Attempt[]} tried */
function listTried(tried) {
  return tried.map(({ place, problem }) => `  - ${place}: ${problem}`).join('\n');
}

/**
 * Like locate(), but an error that says what to do; its property `tried` says where was looked.
 * @param {LocateOptions} [options]
 * @returns {Libtorch}
 */
function locateOrThrow(options = {}) {
  const { found, tried } = locate(options);
  if (found) return found;
  const what = options.version ? `libtorch ${plain(options.version)}` : `libtorch ${SUPPORTED}`;
  const command = INSTALL_COMMAND + (options.cuda ? ' --cuda' : '');
  const named = tried.length === 1 ? tried[0] : null;
  const message = named
    ? `Expected ${what} in ${named.place}, but ${named.problem}; correct the variable, or unset it and run \`${command}\`.`
    : `Expected ${what} on this machine but found none; run \`${command}\`.`;
  throw Object.assign(new Error(message), { code: 'ERR_LIBTORCH_NOT_FOUND', tried });
}

module.exports = { LIBRARY, CUDA_LIBRARY, cacheFolder, cachePlace, driverVisible, cudaWanted, pythons, inspect, locate, locateOrThrow, listTried };
