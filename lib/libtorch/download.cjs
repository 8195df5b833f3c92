// @ts-check
'use strict';
// Brings libtorch into the per-user cache. Everything is unpacked beside the place and renamed to it at the end, so
// an interrupted run leaves nothing that looks finished; what was downloaded stays and is used the next time.

const fs = require('node:fs');
const path = require('node:path');
const { DEFAULT_VERSION, INSTALL_COMMAND, checkVersion } = require('./versions.cjs');
const { LIBRARY, cacheFolder, cachePlace, inspect, locate, locateOrThrow, listTried } = require('./locate.cjs');
const { download } = require('./http.cjs');
const { torchWheel, nvidiaWheels } = require('./wheel.cjs');
const { acquire } = require('./lock.cjs');
const { progress } = require('./progress.cjs');
const { unzip } = require('./unzip.cjs');

/**
 * @typedef {import('./locate.cjs').Libtorch} Libtorch
 * @typedef {import('./locate.cjs').Attempt} Attempt
 *
 * @typedef {object} InstallOptions
 * @property {string} [version]
 * @property {boolean} [cuda] with CUDA's libraries
 * @property {string} [dir] another place than the cache
 * @property {'wheel' | 'archive'} [from] only this way
 * @property {boolean} [force] again, even when it is there
 * @property {AbortSignal} [signal]
 * @property {(text: string) => void} [log]
 * @property {import('./progress.cjs').Output} [output] for the progress bar
 */

const CUDA_TAGS = /** @type {Record<string, string>} */ ({ 2.11: 'cu130', 2.12: 'cu130', 2.13: 'cu130', 2.14: 'cu130', 2.15: 'cu132' });

/**
 * Where the official archive of a version is.
 * @param {string} version @param {boolean} cuda @param {string} [platform] @param {string} [arch]
 * @returns {string | null} null when there is none for this platform
 */
function archiveUrl(version, cuda, platform = process.platform, arch = process.arch) {
  const tag = cuda ? CUDA_TAGS[version.split('.').slice(0, 2).join('.')] : 'cpu';
  const base = `https://download.pytorch.org/libtorch/${tag}`;
  if (platform === 'linux' && arch === 'x64') return `${base}/libtorch-shared-with-deps-${version}%2B${tag}.zip`;
  if (platform === 'win32' && arch === 'x64') return `${base}/libtorch-win-shared-with-deps-${version}%2B${tag}.zip`;
  if (platform === 'darwin' && arch === 'arm64' && !cuda) return `${base}/libtorch-macos-arm64-${version}.zip`;
  return null;
}

// What a CPU libtorch does not need. Not libcudart and libcupti: a CUDA build's libtorch_cpu is linked to them.
const ONLY_CUDA = /torch_cuda|c10_cuda|nvshmem|nvrtc|nvJitLink|nvtx|cudnn|cublas|cufft|cufile|curand|cusparse|cusolver|nccl/;
const NEVER = /torch_python|torch_global_deps|libshm|\.a$/;

/**
 * Which files of an archive or wheel are unpacked.
 * @param {string} name @param {boolean} cuda
 */
function isWanted(name, cuda) {
  if (/^torchgen\/packaged\/ATen\/native\/[^/]+\.yaml$/.test(name)) return true; // the operator schemas
  if (/^[^/]+\.dist-info\/(METADATA$|licenses\/|LICENSE|NOTICE|License)/.test(name)) return true;
  if (name.startsWith('nvidia/')) {
    if (cuda) return /\/(lib|bin|include)\//.test(name) && !NEVER.test(name);
    return /\/(lib|bin)\/[^/]*(cudart|cupti)[^/]*$/.test(name) && !NEVER.test(name);
  }
  const inside = /^(?:lib)?torch\/(.+)$/.exec(name)?.[1];
  if (inside === undefined) return false;
  if (/^(version\.py|build-version|build-hash|LICENSE|NOTICE)$/.test(inside)) return true;
  if (inside.startsWith('include/')) return true; // for building the addon and custom operators
  const library = /^lib\/([^/]+)$/.exec(inside)?.[1];
  return library !== undefined && !NEVER.test(library) && (cuda || !ONLY_CUDA.test(library));
}

/** @param {string} file @param {string} target @param {boolean} cuda @param {InstallOptions} options */
async function unpack(file, target, cuda, options) {
  const bar = progress(`Unpacking ${path.basename(file)}`, { output: options.output });
  try {
    await unzip(file, target, { want: (name) => isWanted(name, cuda), onProgress: bar.at, signal: options.signal });
  } finally {
    bar.end();
  }
}

/** @param {string} target @param {boolean} cuda @param {string} version @param {string} downloads @param {InstallOptions} options */
async function fromWheel(target, cuda, version, downloads, options) {
  const log = options.log ?? (() => {});
  const settings = { log, signal: options.signal, output: options.output };
  const wheel = await torchWheel(version, downloads, settings);
  await unpack(wheel, target, cuda, options);
  const about = fs.readdirSync(target).find((name) => /^torch-.*\.dist-info$/.test(name)) ?? 'torch.dist-info';
  const metadata = fs.readFileSync(path.join(target, about, 'METADATA'), 'utf8');
  for (const extra of await nvidiaWheels(metadata, cuda, downloads, settings)) await unpack(extra, target, cuda, options);
}

/** @param {string} target @param {boolean} cuda @param {string} version @param {string} downloads @param {InstallOptions} options */
async function fromArchive(target, cuda, version, downloads, options) {
  const url = process.env.TORCHWRIGHT_LIBTORCH_URL || archiveUrl(version, cuda);
  if (!url) throw new Error(`there is no official archive for ${process.platform}-${process.arch}`);
  const file = path.join(downloads, `libtorch-${version}-${cuda ? 'cuda' : 'cpu'}.zip`);
  if (!fs.existsSync(file)) {
    options.log?.(`Downloading ${url}`);
    const sha256 = process.env.TORCHWRIGHT_LIBTORCH_SHA256 || undefined;
    await download(url, file, { sha256, label: `Downloading libtorch ${version}`, signal: options.signal, output: options.output });
  }
  try {
    await unpack(file, target, cuda, options);
  } catch (error) {
    const stopped = options.signal?.aborted || /** @type {NodeJS.ErrnoException} */ (error).syscall;
    if (!stopped) fs.rmSync(file, { force: true }); // damaged: the next try fetches it again
    throw error;
  }
  const unpacked = path.join(target, 'libtorch');
  if (fs.existsSync(unpacked)) fs.renameSync(unpacked, path.join(target, 'torch'));
}

/**
 * Installs libtorch into the cache (or `dir`), unless it is there.
 * @param {InstallOptions} [options]
 * @returns {Promise<{ libtorch: Libtorch, already: boolean }>}
 */
async function install(options = {}) {
  const version = checkVersion(options.version ?? DEFAULT_VERSION);
  const cuda = options.cuda === true;
  const log = options.log ?? (() => {});
  const place = options.dir ? path.resolve(options.dir) : cachePlace(version, cuda ? 'cuda' : 'cpu');
  /** @param {string} folder */
  const check = (folder) => inspect(path.join(folder, 'torch'), 'cache', { version, cuda: cuda || undefined, needHeaders: true });

  const there = check(place);
  if ('root' in there && !options.force) return { libtorch: there, already: true };
  if (options.dir && 'problem' in there && fs.existsSync(place) && fs.readdirSync(place).length > 0) {
    throw new Error(
      `Expected an empty folder or one with libtorch ${version} at ${place}, but ${there.problem}; name another folder or empty it.`,
    );
  }

  const cache = cacheFolder();
  makeWritable(cache, 'another cache folder with XDG_CACHE_HOME');
  makeWritable(path.dirname(place), 'another folder');
  const onWait = (/** @type {number} */ pid) => log(`Another process (${pid}) is fetching libtorch ${version}; waiting for it`);
  const release = await acquire(path.join(cache, `${version}.lock`), { onWait, signal: options.signal });
  const target = `${place}.unpacking`;
  try {
    const meanwhile = check(place);
    if ('root' in meanwhile && !options.force) return { libtorch: meanwhile, already: true };
    const downloads = path.join(cache, 'downloads', version);
    fs.mkdirSync(downloads, { recursive: true });

    /** @type {Attempt[]} */
    const tried = [];
    // The wheel first: its checksum is published, and pip finds it behind a company's mirror too.
    const ways = [
      { name: 'wheel', place: `the torch ${version} wheel through pip`, run: fromWheel },
      { name: 'archive', place: `the official archive ${archiveUrl(version, cuda) ?? ''}`.trim(), run: fromArchive },
    ];
    const url = process.env.TORCHWRIGHT_LIBTORCH_URL;
    // An address that was named is meant.
    const chosen = url
      ? [{ ...ways[1], place: `TORCHWRIGHT_LIBTORCH_URL=${url}` }]
      : ways.filter((way) => !options.from || way.name === options.from);
    for (const way of chosen) {
      fs.rmSync(target, { recursive: true, force: true });
      fs.mkdirSync(target, { recursive: true });
      try {
        await way.run(target, cuda, version, downloads, { ...options, log });
        const result = check(target);
        if ('problem' in result) throw new Error(`what was unpacked does not fit: ${result.problem}`);
        putInPlace(target, place);
        fs.rmSync(downloads, { recursive: true, force: true });
        const libtorch = check(place);
        if ('problem' in libtorch) throw new Error(`${place} does not fit: ${libtorch.problem}`);
        return { libtorch, already: false };
      } catch (error) {
        if (options.signal?.aborted) throw error;
        const problem = /** @type {Error} */ (error).message.replace(/\.$/, '');
        tried.push({ place: way.place, problem });
        if (way !== chosen[chosen.length - 1]) log(`That way did not work: ${problem}`);
      }
    }
    throw Object.assign(new Error(failure(version, cuda, tried)), { code: 'ERR_LIBTORCH_DOWNLOAD', tried });
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
    release();
  }
}

/** @param {string} folder @param {string} advice */
function makeWritable(folder, advice) {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown error';
    throw Object.assign(new Error(`Expected a folder that can be written to at ${folder} but it cannot (${code}); name ${advice}.`), {
      code,
    });
  }
}

/** @param {string} target @param {string} place */
function putInPlace(target, place) {
  const old = `${place}.old`;
  fs.rmSync(old, { recursive: true, force: true });
  if (fs.existsSync(place)) fs.renameSync(place, old);
  fs.renameSync(target, place);
  fs.rmSync(old, { recursive: true, force: true });
}

/** @param {string} version @param {boolean} cuda @param {Attempt[]} tried */
function failure(version, cuda, tried) {
  const suffix = cuda ? ' --cuda' : '';
  return [
    `libtorch ${version} could not be fetched. Tried:`,
    listTried(tried),
    'What you can do, one of these:',
    `  - correct what is named above (behind a proxy: HTTPS_PROXY; behind a mirror: pip's own settings) and run \`${INSTALL_COMMAND}${suffix}\` again; what was downloaded is kept`,
    `  - install torch ${version} for Python (\`pip install torch==${version}\`), which is found by itself`,
    '  - set TORCHWRIGHT_LIBTORCH_URL (and TORCHWRIGHT_LIBTORCH_SHA256) to a libtorch archive that you can reach',
    `  - unpack libtorch yourself and set TORCHWRIGHT_LIBTORCH to the folder that holds lib/${LIBRARY}`,
  ].join('\n');
}

/**
 * A libtorch that is there, or else one that is fetched (never with TORCHWRIGHT_SKIP_DOWNLOAD set).
 * @param {InstallOptions & { needHeaders?: boolean }} [options]
 * @returns {Promise<Libtorch>}
 */
async function ensureLibtorch(options = {}) {
  const asked = { version: options.version, cuda: options.cuda || undefined, needHeaders: options.needHeaders };
  const { found, named } = locate(asked);
  // A folder that was named and does not fit is a mistake to correct, not a reason to fetch another.
  if (found || named || process.env.TORCHWRIGHT_SKIP_DOWNLOAD) return locateOrThrow(asked);
  return (await install(options)).libtorch;
}

/**
 * A signal that Ctrl-C aborts, so that locks and half-unpacked folders are cleared away before the process ends.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} task
 * @returns {Promise<T>}
 */
async function interruptible(task) {
  const controller = new AbortController();
  let code = 0;
  const stop = (/** @type {NodeJS.Signals} */ name) => {
    if (code) process.exit(code); // asked twice
    code = name === 'SIGINT' ? 130 : 143;
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await task(controller.signal);
  } catch (error) {
    if (!code) throw error;
    process.stderr.write('\nStopped. What was downloaded is kept; run the same command again to go on.\n');
    process.exit(code);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

module.exports = { archiveUrl, isWanted, install, ensureLibtorch, interruptible };
