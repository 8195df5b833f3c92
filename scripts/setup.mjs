// Makes a checkout usable: dependencies, libtorch, the native addon, TypeScript. Only the steps that are needed run,
// so a second run does nothing. Needs nothing but Node; `npm run demo`, `npm test` and `npm ci` (through
// scripts/install.mjs) begin with it.
//
//   node scripts/setup.mjs
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const at = (...parts) => path.join(root, ...parts);
const stamps = at('build', 'setup.json'); // what the last run made, and from what

const STEPS = ['dependencies', 'libtorch', 'addon', 'TypeScript'];

/** A failure that was foreseen: its message is enough, a stack would only hide it. */
class SetupError extends Error {}

/** Errors with a code come from the resolver or the system and speak for themselves. */
export function isForeseen(error) {
  return error instanceof SetupError || typeof error.code === 'string';
}

function say(step, text) {
  const number = STEPS.indexOf(step) + 1;
  process.stdout.write(`[${number}/${STEPS.length}] ${step.padEnd(12)}  ${text}\n`);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function filesUnder(folder) {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  // Node 20.0 to 20.11 have only `path`, later ones `parentPath` too.
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

/** One number for the contents of files: their times say nothing after a checkout. */
function digest(files, ...more) {
  const hash = crypto.createHash('sha256');
  for (const file of [...files].sort()) {
    const data = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${data.length}\0`).update(data);
  }
  return hash.update(JSON.stringify(more)).digest('hex');
}

function stamp(name, value) {
  const all = { ...readJson(stamps), [name]: value };
  fs.mkdirSync(path.dirname(stamps), { recursive: true });
  fs.writeFileSync(stamps, `${JSON.stringify(all, null, 2)}\n`);
}

/** Why `npm ci` is needed, or null: npm notes in node_modules what it has put there. */
function whyDependencies() {
  const wanted = readJson(at('package-lock.json'));
  if (!wanted) return null; // nothing is locked, so nothing can be out of step
  const there = readJson(at('node_modules', '.package-lock.json'));
  if (!there) return 'node_modules is not there yet';
  for (const [name, { version, optional }] of Object.entries(wanted.packages)) {
    if (name === '' || optional) continue;
    if (there.packages[name]?.version !== version) return `${name.replace(/^.*node_modules\//, '')} ${version} is not there yet`;
    if (!fs.existsSync(at(name, 'package.json'))) return `${name} was removed`;
  }
  return null;
}

/** Runs npm in the checkout, its messages shown. */
export function runNpm(args) {
  // Under `npm run` the npm that runs is known; elsewhere the one on the path.
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  const result = spawnSync(...command, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command[0] === 'npm',
    // The install script calls this file; here it must not, or it would never end.
    env: { ...process.env, TORCHWRIGHT_SETUP: '1' },
  });
  if (result.error) throw new SetupError(`Expected npm to start but it did not: ${result.error.message}.`);
  if (result.status !== 0) {
    throw new SetupError(
      `npm ${args[0]} ended with ${result.status ?? result.signal}; its messages are above. Is the package registry reachable (npm ping)?`,
    );
  }
}

const addonSources = () => [
  ...filesUnder(at('native')),
  ...['CMakeLists.txt', 'node_modules/node-addon-api/package.json', 'node_modules/node-api-headers/package.json'].map((name) => at(name)),
];

function addonFiles() {
  const { LIBRARY_SUFFIX } = require('../lib/libtorch/locate.cjs');
  return ['torchwright.node', `torchwright-core${LIBRARY_SUFFIX}`].map((name) => at('build', 'Release', name));
}

const OUTPUT_OF = { '.ts': '.js', '.cjs': '.cjs', '.mts': '.mjs', '.cts': '.cjs' };

/** The files of lib/ that tsc reads, each with what it makes of it. */
function typescript() {
  const pairs = new Map();
  for (const file of filesUnder(at('lib'))) {
    const extension = OUTPUT_OF[path.extname(file)];
    if (!extension || /\.d\.[cm]?ts$/.test(file)) continue;
    pairs.set(file, at('dist', `${path.relative(at('lib'), file).slice(0, -path.extname(file).length)}${extension}`));
  }
  return pairs;
}

function compileTypeScript(pairs) {
  const outputs = new Set(pairs.values());
  for (const file of filesUnder(at('dist'))) {
    // What a source that is gone has left would be packed and found by imports.
    const output = file.replace(/\.d\.(ts|cts|mts)$/, (_, kind) => `.${kind.replace('ts', 'js')}`).replace(/\.map$/, '');
    if (!outputs.has(output)) fs.rmSync(file);
  }
  // tsc remembers what it has written and would not notice that it is gone.
  if ([...outputs].some((file) => !fs.existsSync(file))) fs.rmSync(at('build', 'tsbuildinfo'), { force: true });
  const result = spawnSync(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', root], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) throw new SetupError('TypeScript found the errors above in lib/.');
  const main = at('dist', 'cli', 'main.js');
  if (fs.existsSync(main)) fs.chmodSync(main, 0o755);
}

/**
 * Does what is needed.
 * @param {{ dependencies?: boolean }} [options] dependencies: false when npm is just installing them
 */
export async function setup({ dependencies = true } = {}) {
  const began = performance.now();
  let did = false;
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(`Expected Node.js 20 or newer but this is ${process.versions.node}; see https://nodejs.org.`);
  }

  const why = dependencies && whyDependencies();
  if (why) {
    did = true;
    say('dependencies', `${why}: npm ci`);
    runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }

  const { ensureLibtorch, interruptible } = require('../lib/libtorch/download.cjs');
  const libtorch = await interruptible((signal) =>
    ensureLibtorch({
      needHeaders: true,
      signal,
      log: (text) => {
        did = true;
        say('libtorch', text);
      },
    }),
  );

  const addon = digest(addonSources(), libtorch.version, process.platform, process.arch);
  if (readJson(stamps)?.addon !== addon || !addonFiles().every((file) => fs.existsSync(file))) {
    did = true;
    say('addon', `compiling for libtorch ${libtorch.version} in ${libtorch.root} (the first time takes some minutes)`);
    const { cmakeBuild } = await import('./cmake-build.mjs');
    try {
      cmakeBuild({ libtorch });
    } catch (error) {
      throw new SetupError(error.message, { cause: error });
    }
    stamp('addon', addon);
  }

  const pairs = typescript();
  const compiled = digest([...pairs.keys(), at('tsconfig.json'), at('node_modules', 'typescript', 'package.json')]);
  if (readJson(stamps)?.typescript !== compiled || ![...pairs.values()].every((file) => fs.existsSync(file))) {
    did = true;
    say('TypeScript', 'compiling lib/ to dist/');
    compileTypeScript(pairs);
    stamp('typescript', compiled);
  }

  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    did ? `Set up in ${seconds} s: libtorch ${libtorch.version} in ${libtorch.root}\n` : `Nothing to set up (${seconds} s).\n`,
  );
}

/** The same with one set-up at a time in this checkout. */
export async function setupAlone(options) {
  const { acquire } = require('../lib/libtorch/lock.cjs');
  const onWait = (pid) => process.stdout.write(`Another set-up (process ${pid}) is at work here; waiting for it\n`);
  const release = await acquire(at('build', 'setup.lock'), { onWait });
  try {
    await setup(options);
  } finally {
    release();
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await setupAlone();
  } catch (error) {
    process.stderr.write(`\nSet-up stopped: ${isForeseen(error) ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
