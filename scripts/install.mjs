// The install script of package.json. In a checkout it sets everything up, so that `npm ci` alone ends with a usable
// package. In an installed package it only saves the first import a step: it brings libtorch when there is none. A
// package manager may skip it, and its failure there never fails an installation: import then says what to do.
//
//   TORCHWRIGHT_SKIP_DOWNLOAD=1   brings nothing (and in a checkout sets nothing up)
//   TORCHWRIGHT_CUDA=1            brings the libtorch with CUDA
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const isCheckout = fs.existsSync(path.join(root, 'tsconfig.json')); // which is not published

async function inCheckout() {
  if (process.env.TORCHWRIGHT_SETUP) return; // setup.mjs runs npm, which runs this: it goes on by itself
  if (process.env.TORCHWRIGHT_SKIP_DOWNLOAD) {
    process.stdout.write('TORCHWRIGHT_SKIP_DOWNLOAD is set: nothing is set up; run `npm run setup` when you want it.\n');
    return;
  }
  const { setupAlone } = await import('./setup.mjs');
  await setupAlone({ dependencies: false });
}

async function inPackage() {
  let compiledFor;
  try {
    compiledFor = require('node-gyp-build')(root).compiledFor;
  } catch {
    process.stdout.write(
      `torchwright has no prebuilt addon for ${process.platform}-${process.arch}. It works after compiling one from a checkout; see the README.\n`,
    );
    return;
  }
  const { ensureLibtorch, interruptible } = require('../dist/libtorch/download.cjs');
  const log = (text) => process.stdout.write(`${text}\n`);
  await interruptible((signal) => ensureLibtorch({ version: compiledFor, cuda: process.env.TORCHWRIGHT_CUDA === '1', log, signal }));
}

try {
  await (isCheckout ? inCheckout() : inPackage());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  if (isCheckout) process.exitCode = 1;
}
