// Builds the addon against several libtorch versions and tries each: loads it, adds two tensors, goes backward.
// One source serves them all; this is how a change that only one of them accepts is found.
//
//   npm run build:matrix [-- 2.11.0 2.13.0 ...]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cmakeBuild } from './cmake-build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { ensureLibtorch, interruptible } = require('../lib/libtorch/download.cjs');

const VERSIONS = ['2.11.0', '2.13.0', '2.15.0'];

// d(sum((a + b) * a))/da = 2a + b, and d/db = a: small integers, so exact.
const SMOKE = `
const torch = require('./dist');
const { libtorch } = require('./dist/native');
const a = torch.tensor([1, 2, 3], { dtype: 'float64', requiresGrad: true });
const b = torch.tensor([10, 20, 30], { dtype: 'float64', requiresGrad: true });
const sum = a.add(b);
sum.mul(a).sum().backward();
const got = JSON.stringify([libtorch.version, sum.toArray(), a.grad.toArray(), b.grad.toArray()]);
const expected = JSON.stringify([process.argv[1], [11, 22, 33], [12, 24, 36], [1, 2, 3]]);
if (got !== expected) throw new Error('Expected ' + expected + ' but received ' + got);
`;

function smoke(libtorch, folder) {
  // node-gyp-build takes the addon from the folder that this variable names.
  const env = { ...process.env, TORCHWRIGHT_PREBUILD: folder, TORCHWRIGHT_LIBTORCH: libtorch.root, TORCHWRIGHT_CUDA: '0' };
  const result = spawnSync(process.execPath, ['-e', SMOKE, libtorch.version], { cwd: root, env, encoding: 'utf8' });
  if (result.status === 0) return;
  const said = result.stderr.split('\n').find((line) => /^\w*Error\b|error:/.test(line)) ?? result.stderr.trim().split('\n').at(-1);
  throw new Error(`loading or computing ended with ${result.status ?? result.signal}: ${said}`);
}

const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS;
const rows = [];
for (const version of versions) {
  const row = { libtorch: version, built: 'no', seconds: '', works: 'no', problem: '' };
  rows.push(row);
  try {
    process.stdout.write(`\n== libtorch ${version}\n`);
    const log = (text) => process.stdout.write(`${text}\n`);
    const libtorch = await interruptible((signal) => ensureLibtorch({ version, needHeaders: true, log, signal }));
    const folder = path.join(root, 'build', 'matrix', version);
    const began = performance.now();
    cmakeBuild({ libtorch, build: path.join(folder, 'cmake'), output: path.join(folder, 'build', 'Release') });
    row.built = 'yes';
    row.seconds = ((performance.now() - began) / 1000).toFixed(0);
    smoke(libtorch, folder);
    row.works = 'yes';
  } catch (error) {
    row.problem = error.message.split('\n')[0];
    process.exitCode = 1;
  }
}

const columns = Object.keys(rows[0]);
const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => row[name].length)));
const line = (cells) =>
  `${cells
    .map((cell, i) => cell.padEnd(widths[i]))
    .join('  ')
    .trimEnd()}\n`;
process.stdout.write(`\n${line(columns)}${line(widths.map((width) => '-'.repeat(width)))}`);
for (const row of rows) process.stdout.write(line(columns.map((name) => row[name])));
