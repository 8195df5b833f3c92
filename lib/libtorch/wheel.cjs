// @ts-check
'use strict';
// Fetches the `torch` wheel, and the few NVIDIA wheels that its libraries need, through pip: pip knows the mirrors,
// certificates and logins of the machine it runs on. Nothing is installed into that Python.

const fs = require('node:fs');
const path = require('node:path');
const { spawn, spawnSync } = require('node:child_process');
const { pythons } = require('./locate.cjs');
const { checkSha256 } = require('./http.cjs');
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
 * @returns {{ python: string } | { problem: string }}
 */
function findPip() {
  const problems = [];
  for (const python of pythons()) {
    const result = spawnSync(python, ['-m', 'pip', '--version'], { encoding: 'utf8', windowsHide: true });
    if (result.status === 0) return { python };
    problems.push(`${python}: ${result.error ? 'there is no such program' : 'it has no pip'}`);
  }
  return { problem: `Python with pip is needed for it (${problems.join('; ')})` };
}

/**
 * The requirements in a wheel's metadata that its native libraries need.
 * @param {string} metadata text of METADATA
 * @param {boolean} cuda false: only what libtorch_cpu itself is linked to, the CUDA runtime and its profiling interface
 * @returns {string[]} for pip
 */
function nativeRequirements(metadata, cuda) {
  const found = [];
  for (const line of metadata.split(/\r?\n\r?\n/)[0].split(/\r?\n/)) {
    const match = /^Requires-Dist:\s*(cuda-toolkit|nvidia-[\w.-]+?)\s*(\[[^\]]*\])?\s*([=~<>!][^;]*)?(;.*)?$/.exec(line);
    if (!match || /extra\s*==/.test(match[4] ?? '')) continue;
    const [, name, extras = '', version = ''] = match;
    if (cuda) found.push(`${name}${extras}${version.trim()}`);
    else if (name === 'cuda-toolkit') found.push(`${name}[cudart,cupti]${version.trim()}`);
    else if (/^nvidia-cuda-(runtime|cupti)/.test(name)) found.push(`${name}${version.trim()}`);
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
 * Runs `pip download` and moves what came to `folder`.
 * @param {string} python @param {string[]} requirements @param {string} folder
 * @param {{ dependencies: boolean, label: string, signal?: AbortSignal, output?: import('./progress.cjs').Output }} options
 * @returns {Promise<string[]>} the wheels
 */
async function pipDownload(python, requirements, folder, options) {
  const work = path.join(folder, 'pip-at-work');
  fs.rmSync(work, { recursive: true, force: true }); // an interrupted run's
  fs.mkdirSync(path.join(work, 'out'), { recursive: true });
  fs.mkdirSync(path.join(work, 'tmp'));
  const tags = platformTags();
  const args = [
    ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-cache-dir', '--progress-bar', 'off', '--quiet'],
    ...['--only-binary=:all:', '--python-version', '3.12', ...tags.flatMap((tag) => ['--platform', tag])],
    ...(options.dependencies ? [] : ['--no-deps']),
    ...['-d', path.join(work, 'out'), ...requirements],
  ];
  const bar = progress(options.label, { output: options.output });
  // pip's temporary files in our folder: the disk that must have the room anyway, and their growth is the progress.
  const tmp = path.join(work, 'tmp');
  const timer = setInterval(() => bar.at(bytesIn(work)), 250);
  try {
    const child = spawn(python, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: tmp, TEMP: tmp, TMP: tmp },
      signal: options.signal,
      windowsHide: true,
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, stopped) => resolve(status ?? stopped));
    });
    options.signal?.throwIfAborted();
    if (code !== 0) {
      const lines = errors.split('\n').map((line) => line.trim());
      const said = lines.filter((line) => line.startsWith('ERROR:')).at(-1) ?? lines.filter(Boolean).at(-1) ?? 'nothing';
      throw new Error(`pip download ${requirements.join(' ')} ended with ${code} and said: ${said.replace(/^ERROR:\s*/, '')}`);
    }
    bar.at(bytesIn(path.join(work, 'out')));
    bar.end();
    return fs.readdirSync(path.join(work, 'out')).map((name) => {
      const place = path.join(folder, name);
      fs.renameSync(path.join(work, 'out', name), place);
      return place;
    });
  } finally {
    clearInterval(timer);
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {RegExp} pattern */
function filesIn(folder, pattern) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => pattern.test(name)).map((name) => path.join(folder, name));
}

/**
 * The torch wheel of a version, downloaded into `folder` unless it is there from an earlier try.
 * @param {string} version @param {string} folder
 * @param {{ log: (text: string) => void, signal?: AbortSignal, output?: import('./progress.cjs').Output }} options
 * @returns {Promise<string>}
 */
async function torchWheel(version, folder, options) {
  if (platformTags().length === 0) throw new Error(`there is no torch wheel for ${process.platform}-${process.arch}`);
  const pattern = new RegExp(`^torch-${version.replace(/\./g, '\\.')}-.*\\.whl$`);
  let wheel = filesIn(folder, pattern)[0];
  if (!wheel) {
    const pip = findPip();
    if ('problem' in pip) throw new Error(pip.problem);
    const label = `Downloading the torch ${version} wheel`;
    options.log(`${label} through pip (${pip.python})`);
    [wheel] = await pipDownload(pip.python, [`torch==${version}`], folder, { dependencies: false, label, ...options });
  }
  await checkSha256(wheel, SHA256[path.basename(wheel)]);
  return wheel;
}

/**
 * The wheels with NVIDIA's libraries that a torch wheel needs.
 * @param {string} metadata of the torch wheel
 * @param {boolean} cuda @param {string} folder
 * @param {{ log: (text: string) => void, signal?: AbortSignal, output?: import('./progress.cjs').Output }} options
 * @returns {Promise<string[]>}
 */
async function nvidiaWheels(metadata, cuda, folder, options) {
  const requirements = nativeRequirements(metadata, cuda);
  if (requirements.length === 0) return [];
  const own = path.join(folder, cuda ? 'nvidia-cuda' : 'nvidia-cpu');
  const note = path.join(own, 'complete.json');
  const asked = JSON.stringify(requirements);
  if (!fs.existsSync(note) || fs.readFileSync(note, 'utf8') !== asked) {
    const pip = findPip();
    if ('problem' in pip) throw new Error(pip.problem);
    fs.rmSync(own, { recursive: true, force: true });
    const label = cuda ? "Downloading NVIDIA's libraries" : 'Downloading the CUDA runtime that libtorch is linked to';
    options.log(`${label} through pip (${requirements.join(' ')})`);
    await pipDownload(pip.python, requirements, own, { dependencies: true, label, ...options });
    fs.writeFileSync(note, asked);
  }
  const wheels = filesIn(own, /^nvidia_.*\.whl$/);
  for (const wheel of wheels) await checkSha256(wheel, SHA256[path.basename(wheel)]);
  return wheels;
}

module.exports = { platformTags, findPip, nativeRequirements, torchWheel, nvidiaWheels };
