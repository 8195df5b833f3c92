// @ts-check
'use strict';
// Fetches the `torch` wheel, and the few NVIDIA wheels that its libraries need. pip says where they are, because it
// knows the mirrors of the machine it runs on, and fetches them itself where only it can. Nothing is installed into
// that Python.

const fs = require('node:fs');
const path = require('node:path');
const { spawn, spawnSync } = require('node:child_process');
const { pythons } = require('./locate.cjs');
const { download, checkSha256 } = require('./http.cjs');
const { SHA256 } = require('./checksums.cjs');
const { progress } = require('./progress.cjs');

/**
 * The platform tags that pip may take wheels for, the newest first. pip does not derive the older from the newer.
 * @param {string} [platform] @param {string} [arch]
 * @returns {string[]}
 */
function platformTags(platform = process.platform, arch = process.arch) {
  /** @param {number} from @param {number} to */
  const downTo = (from, to) => Array.from({ length: from - to + 1 }, (_, i) => from - i);
  if (platform === 'linux' && arch === 'x64') return [...downTo(28, 5).map((n) => `manylinux_2_${n}_x86_64`), 'manylinux2014_x86_64'];
  if (platform === 'linux' && arch === 'arm64') return [...downTo(28, 17).map((n) => `manylinux_2_${n}_aarch64`), 'manylinux2014_aarch64'];
  if (platform === 'darwin' && arch === 'arm64') return downTo(15, 11).map((n) => `macosx_${n}_0_arm64`);
  if (platform === 'win32' && arch === 'x64') return ['win_amd64'];
  return [];
}

/**
 * A Python that has pip.
 * @returns {{ python: string, version: string } | { problem: string }}
 */
function findPip() {
  const problems = [];
  for (const python of pythons()) {
    const result = spawnSync(python, ['-m', 'pip', '--version'], { env: process.env, encoding: 'utf8', windowsHide: true });
    if (result.status === 0) return { python, version: /^pip (\S+)/.exec(result.stdout)?.[1] ?? '0' };
    problems.push(`${python}: ${result.error ? 'there is no such program' : 'it has no pip'}`);
  }
  return { problem: `Python with pip is needed for it (${problems.join('; ')})` };
}

/**
 * True when a requirement's marker (the part after its semicolon) names this platform or none.
 * @param {string} marker such as `platform_system == "Linux"`
 * @param {string} platform @param {string} arch
 */
function appliesHere(marker, platform, arch) {
  if (/\bextra\s*==/.test(marker)) return false;
  /** @type {Record<string, string[]>} */
  const here = {
    platform_system: [/** @type {Record<string, string>} */ ({ linux: 'Linux', darwin: 'Darwin', win32: 'Windows' })[platform]],
    sys_platform: [platform],
    platform_machine: arch === 'x64' ? ['x86_64', 'AMD64'] : ['aarch64', 'arm64'],
  };
  for (const [, name, operator, value] of marker.matchAll(
    /(platform_system|sys_platform|platform_machine)\s*(==|!=)\s*["']([^"']+)["']/g,
  )) {
    if (here[name].includes(value) !== (operator === '==')) return false;
  }
  return true;
}

/**
 * The requirements in a wheel's metadata that its native libraries need.
 * @param {string} metadata text of METADATA
 * @param {boolean} cuda false: only what libtorch_cpu itself is linked to, the CUDA runtime and its profiling interface
 * @param {string} [platform] @param {string} [arch]
 * @returns {string[]} for pip
 */
function nativeRequirements(metadata, cuda, platform = process.platform, arch = process.arch) {
  const found = [];
  for (const line of metadata.split(/\r?\n\r?\n/)[0].split(/\r?\n/)) {
    const match = /^Requires-Dist:\s*(cuda-toolkit|nvidia-[\w.-]+?)\s*(\[[^\]]*\])?\s*(\(?[=~<>!][^;]*)?(;.*)?$/.exec(line);
    if (!match || !appliesHere(match[4] ?? '', platform, arch)) continue;
    const [, name, extras = ''] = match;
    const version = (match[3] ?? '').replace(/[()\s]/g, '');
    if (cuda) found.push(`${name}${extras}${version}`);
    else if (name === 'cuda-toolkit') found.push(`${name}[cudart,cupti]${version}`);
    else if (/^nvidia-cuda-(runtime|cupti)/.test(name)) found.push(`${name}${version}`);
  }
  return found;
}

/** Bytes in a folder. @param {string} folder @returns {number} */
function bytesIn(folder) {
  let sum = 0;
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      sum += entry.isDirectory() ? bytesIn(file) : fs.statSync(file).size;
    }
  } catch {
    // pip moves its files while we look.
  }
  return sum;
}

/**
 * @typedef {object} Settings
 * @property {(text: string) => void} log
 * @property {AbortSignal} [signal]
 * @property {import('./progress.cjs').Output} [output]
 */

const FROM_PYTHON = ['-m', 'pip'];
const ALWAYS = ['--disable-pip-version-check', '--no-input', '--quiet'];
const forHere = () => ['--only-binary=:all:', '--python-version', '3.12', ...platformTags().flatMap((tag) => ['--platform', tag])];

/**
 * @param {string} python @param {string[]} pip FROM_PYTHON or the path of another pip
 * @param {string[]} args @param {NodeJS.ProcessEnv} env @param {AbortSignal | undefined} signal
 * @returns {Promise<string>} what it printed
 */
async function runPip(python, pip, args, env, signal) {
  const child = spawn(python, [...pip, ...ALWAYS, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    signal,
    windowsHide: true,
  });
  let printed = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, stopped) => resolve(status ?? stopped));
  });
  signal?.throwIfAborted();
  if (code === 0) return printed;
  const lines = errors.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line.startsWith('ERROR:')).at(-1) ?? lines.filter(Boolean).at(-1) ?? 'nothing';
  throw new Error(`pip ended with ${code} and said: ${said.replace(/^ERROR:\s*/, '')}`);
}

// An older pip fetches a whole wheel only to tell where it is.
const TELLING_PIP = '25.3';

/**
 * How to start a pip that can tell addresses without fetching. Where Python's own is too old, a newer one runs from
 * its wheel (2 MB); it is not installed.
 * @param {{ python: string, version: string }} pip @param {string} folder @param {AbortSignal | undefined} signal
 * @returns {Promise<string[]>}
 */
async function tellingPip({ python, version }, folder, signal) {
  if (version.localeCompare(TELLING_PIP, 'en', { numeric: true }) >= 0) return FROM_PYTHON;
  const own = path.join(folder, 'pip');
  if (filesIn(own, /^pip-.*\.whl$/).length === 0) {
    await runPip(python, FROM_PYTHON, ['download', '--no-deps', '--only-binary=:all:', '-d', own, `pip>=${TELLING_PIP}`], {}, signal);
  }
  return [path.join(filesIn(own, /^pip-.*\.whl$/)[0], 'pip')];
}

/**
 * Where pip would take wheels from, with the checksums that the index publishes. pip can only begin a broken
 * download anew; with the address at hand ours goes on where it stopped.
 * @param {{ python: string, version: string }} pip @param {string[]} requirements @param {boolean} dependencies
 * @param {string} folder @param {AbortSignal | undefined} signal
 * @returns {Promise<{ url: string, name: string, sha256: string }[] | null>} null when it cannot tell: no newer pip is
 *   to be had, the files lie in a folder, or the index wants a login
 */
async function askPip(pip, requirements, dependencies, folder, signal) {
  const args = ['install', '--dry-run', '--ignore-installed', '--report', '-', '--use-feature=fast-deps', '--no-cache-dir'];
  const nowhere = ['--target', path.join(folder, 'never-made')];
  let report;
  try {
    const telling = await tellingPip(pip, folder, signal);
    const all = [...args, ...nowhere, ...forHere(), ...(dependencies ? [] : ['--no-deps']), ...requirements];
    report = JSON.parse(await runPip(pip.python, telling, all, {}, signal));
  } catch (error) {
    if (signal?.aborted) throw error;
    return null; // `pip download` says what is wrong
  }
  const wheels = [];
  for (const { download_info: info } of report.install) {
    const sha256 = info.archive_info?.hashes?.sha256 ?? /^sha256=(\w+)$/.exec(info.archive_info?.hash ?? '')?.[1];
    if (!/^https?:\/\//.test(info.url) || info.url.includes('****') || !sha256) return null;
    wheels.push({ url: info.url, name: path.basename(decodeURIComponent(new URL(info.url).pathname)), sha256 });
  }
  return wheels;
}

/**
 * Runs `pip download` and moves what came to `folder`.
 * @param {string} python @param {string[]} requirements @param {string} folder @param {boolean} dependencies
 * @param {string} label @param {Settings} settings
 * @returns {Promise<string[]>} the wheels
 */
async function pipDownload(python, requirements, folder, dependencies, label, { signal, output }) {
  const work = path.join(folder, 'pip-at-work');
  fs.rmSync(work, { recursive: true, force: true }); // an interrupted run's
  const out = path.join(work, 'out');
  const tmp = path.join(work, 'tmp');
  for (const each of [out, tmp]) fs.mkdirSync(each, { recursive: true });
  const bar = progress(label, { output });
  // pip's temporary files in our folder: the disk that must have the room anyway, and their growth is the progress.
  const timer = setInterval(() => bar.at(bytesIn(work)), 250);
  try {
    const args = ['download', '--no-cache-dir', ...forHere(), ...(dependencies ? [] : ['--no-deps']), '-d', out, ...requirements];
    await runPip(python, FROM_PYTHON, args, { TMPDIR: tmp, TEMP: tmp, TMP: tmp }, signal);
    bar.at(bytesIn(out));
    return fs.readdirSync(out).map((name) => {
      const place = path.join(folder, name);
      fs.renameSync(path.join(out, name), place);
      return place;
    });
  } finally {
    clearInterval(timer);
    bar.end();
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Brings wheels into `folder`.
 * @param {string[]} requirements @param {string} folder @param {boolean} dependencies theirs too
 * @param {string} label @param {Settings} settings
 * @returns {Promise<string[]>} the wheels
 */
async function fetchWheels(requirements, folder, dependencies, label, settings) {
  const { log, signal, output } = settings;
  const pip = findPip();
  if ('problem' in pip) throw new Error(pip.problem);
  log(`${label}: asking pip (${pip.python}) where ${requirements.join(' ')} is`);
  const wheels = await askPip(pip, requirements, dependencies, folder, signal);
  if (wheels) {
    try {
      const places = [];
      for (const { url, name, sha256 } of wheels) {
        const place = path.join(folder, name);
        if (!fs.existsSync(place))
          await download(url, place, { sha256: SHA256[name] ?? sha256, label: `Downloading ${name}`, signal, output });
        places.push(place);
      }
      return places;
    } catch (error) {
      const problem = /** @type {NodeJS.ErrnoException} */ (error);
      if (signal?.aborted || problem.code === 'ERR_CHECKSUM' || problem.code === 'ENOSPC') throw error;
      log(`${problem.message}; pip may know a way (its own proxy, certificates, login), so it fetches them itself`);
    }
  }
  return pipDownload(pip.python, requirements, folder, dependencies, label, settings);
}

/** @param {string} folder @param {RegExp} pattern */
function filesIn(folder, pattern) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => path.join(folder, name));
}

/**
 * The torch wheel of a version, downloaded into `folder` unless it is there from an earlier try.
 * @param {string} version @param {string} folder @param {Settings} settings
 * @returns {Promise<string>}
 */
async function torchWheel(version, folder, settings) {
  if (platformTags().length === 0) throw new Error(`there is no torch wheel for ${process.platform}-${process.arch}`);
  // A mirror of PyTorch's own index calls the same version 2.15.0+cpu.
  const pattern = new RegExp(`^torch-${version.replace(/\./g, '\\.')}(\\+[\\w.]+)?-.*\\.whl$`);
  let [wheel] = filesIn(folder, pattern);
  if (!wheel) [wheel] = await fetchWheels([`torch==${version}`], folder, false, `Downloading the torch ${version} wheel`, settings);
  await checkSha256(wheel, SHA256[path.basename(wheel)]);
  return wheel;
}

/**
 * The wheels with NVIDIA's libraries that a torch wheel needs.
 * @param {string} metadata of the torch wheel
 * @param {boolean} cuda @param {string} folder @param {Settings} settings
 * @returns {Promise<string[]>}
 */
async function nvidiaWheels(metadata, cuda, folder, settings) {
  const requirements = nativeRequirements(metadata, cuda);
  if (requirements.length === 0) return [];
  const own = path.join(folder, cuda ? 'nvidia-cuda' : 'nvidia-cpu');
  const note = path.join(own, 'complete.json');
  const asked = JSON.stringify(requirements);
  if (!fs.existsSync(note) || fs.readFileSync(note, 'utf8') !== asked) {
    fs.mkdirSync(own, { recursive: true });
    const label = cuda ? "Downloading NVIDIA's libraries" : 'Downloading the CUDA runtime that libtorch is linked to';
    await fetchWheels(requirements, own, true, label, settings);
    fs.writeFileSync(note, asked);
  }
  const wheels = filesIn(own, /^nvidia_.*\.whl$/);
  for (const wheel of wheels) await checkSha256(wheel, SHA256[path.basename(wheel)]);
  return wheels;
}

module.exports = { platformTags, appliesHere, nativeRequirements, torchWheel, nvidiaWheels };
