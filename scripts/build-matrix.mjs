// Builds the addon against several libtorch versions and tries each: loads it, adds two tensors, goes backward.
// One source serves them all; this is how a change that only one of them accepts is found.
//
//   npm run build:matrix [-- 2.11.0 2.13.0 ...]
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cmakeBuild } from './cmake-build.mjs';
import { smoke } from './smoke.mjs';
import { printTable } from './table.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { ensureLibtorch, interruptible } = require('../lib/libtorch/download.cjs');

const VERSIONS = ['2.11.0', '2.13.0', '2.15.0'];

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
    // node-gyp-build takes the addon from the folder that this variable names.
    smoke(libtorch, { env: { TORCHWRIGHT_PREBUILD: folder } });
    row.works = 'yes';
  } catch (error) {
    row.problem = error.message.split('\n')[0];
    process.exitCode = 1;
  }
}

printTable(rows);
