// @ts-check
'use strict';
// Which libtorch versions fit, and how to tell the version of a libtorch on disk.

const fs = require('node:fs');
const path = require('node:path');

const DEFAULT_VERSION = '2.15.0';
const OLDEST = [2, 11];
const NEWEST = [2, 15];
const SUPPORTED = `${OLDEST.join('.')} to ${NEWEST.join('.')}`;
const INSTALL_COMMAND = 'npx torchwright libtorch install';

/** '2.15.0+cu132' -> '2.15.0'. @param {string} version */
function plain(version) {
  return version.trim().replace(/\+.*$/, '');
}

/** @param {string} version */
function isSupported(version) {
  const match = /^(\d+)\.(\d+)\.\d+/.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major === OLDEST[0] && minor >= OLDEST[1] && minor <= NEWEST[1];
}

/**
 * The version without its suffix.
 * @param {string} version what a user asked for
 */
function checkVersion(version) {
  if (isSupported(version)) return plain(version);
  const message = `Expected a libtorch version from ${SUPPORTED}, such as ${DEFAULT_VERSION}, but received ${JSON.stringify(version)}.`;
  throw Object.assign(new Error(message), { code: 'ERR_LIBTORCH_VERSION' });
}

/**
 * Why a version cannot be used, or null when it can.
 * @param {string} version what was found
 * @param {string | undefined} wanted the one version that fits; any supported one when not given
 * @returns {string | null}
 */
function versionProblem(version, wanted) {
  if (wanted !== undefined && plain(version) !== plain(wanted)) return `it is libtorch ${version}, ${plain(wanted)} is needed`;
  if (!isSupported(version)) return `it is libtorch ${version}, supported are ${SUPPORTED}`;
  return null;
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * The version of the libtorch in a folder, from the files that wheels and archives carry.
 * @param {string} root
 * @returns {{ version: string, cuda: string | null } | null}
 */
function versionOf(root) {
  const python = read(path.join(root, 'version.py'));
  const inPython = /^__version__\s*=\s*['"]([^'"]+)['"]/m.exec(python);
  if (inPython) {
    const cuda = /^cuda\b[^=\n]*=\s*['"]([^'"]+)['"]/m.exec(python);
    return { version: inPython[1], cuda: cuda ? cuda[1] : null };
  }
  const inArchive = read(path.join(root, 'build-version')).trim();
  if (inArchive) {
    const cuda = /\+cu(\d+)(\d)$/.exec(inArchive);
    return { version: inArchive, cuda: cuda ? `${cuda[1]}.${cuda[2]}` : null };
  }
  for (const header of ['torch/headeronly/version.h', 'torch/csrc/api/include/torch/version.h']) {
    const text = read(path.join(root, 'include', header));
    const parts = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`TORCH_VERSION_${part}\\s+(\\d+)`).exec(text)?.[1]);
    if (parts.every((part) => part !== undefined)) return { version: parts.join('.'), cuda: null };
  }
  return null;
}

module.exports = { DEFAULT_VERSION, SUPPORTED, INSTALL_COMMAND, plain, isSupported, checkVersion, versionProblem, versionOf };
