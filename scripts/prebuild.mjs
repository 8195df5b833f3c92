// Makes prebuilds/<platform>-<arch>/ with prebuildify: the loader, which node-gyp-build finds, and the core beside it.
// One pair serves every supported Node (Node-API) and both the CPU and the CUDA libtorch.
//
//   npm run prebuild
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { LIBRARY_SUFFIX } = require('../lib/libtorch/locate.cjs');

const env = { ...process.env };
// node-gyp wants Node's headers although this build takes node-api-headers: use the ones at hand instead of a download.
const nodeRoot = path.resolve(path.dirname(process.execPath), process.platform === 'win32' ? '.' : '..');
if (!env.npm_config_nodedir && fs.existsSync(path.join(nodeRoot, 'include', 'node', 'common.gypi'))) env.npm_config_nodedir = nodeRoot;

const program = path.join(path.dirname(require.resolve('prebuildify/package.json')), 'bin.js');
const { status } = spawnSync(process.execPath, [program, '--napi', '--strip', '-t', process.versions.node], {
  cwd: root,
  env,
  stdio: 'inherit',
});
const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
const missing = ['torchwright.node', `torchwright-core${LIBRARY_SUFFIX}`].filter((name) => !fs.existsSync(path.join(folder, name)));
if (status !== 0 || missing.length > 0) {
  process.stderr.write(`The prebuilt addon is not complete${missing.length > 0 ? `: ${folder} lacks ${missing.join(' and ')}` : ''}.\n`);
  process.exitCode = status || 1;
} else {
  // prebuildify moves the loader; the checkout needs its own copy.
  fs.copyFileSync(path.join(folder, 'torchwright.node'), path.join(root, 'build', 'Release', 'torchwright.node'));
  for (const name of fs.readdirSync(folder)) {
    process.stdout.write(
      `${path.join('prebuilds', path.basename(folder), name)}  ${(fs.statSync(path.join(folder, name)).size / 1e6).toFixed(2)} MB\n`,
    );
  }
}
