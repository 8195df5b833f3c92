// Tries the built package and a part of the tests with every Node that the package promises to run on. Each Node comes from npm
// and stays in build/nodes.
//
//   npm run test:nodes [-- 22 26 ...]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './setup.mjs';
import { smoke } from './smoke.mjs';
import { printTable } from './table.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { locateOrThrow } = require('../lib/libtorch/locate.cjs');

const VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

// The packages that npm's `node` brings with an install script, which not every npm runs.
const platform = process.platform === 'win32' ? 'win' : process.platform;
const PACKAGE = `${platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${process.arch}`;

// What differs between Nodes: loading addons, finalizers and collection, contexts across await, threads, pools, ends of processes.
const TESTS = [
  'test/tensor/creation',
  'test/tensor/scope',
  'test/tensor/memory',
  'test/tensor/async',
  'test/tensor/workers',
  'test/tensor/views',
  'test/autograd/callbacks',
  'test/autograd/function',
  'test/autograd/modes',
  'test/robustness/contexts',
  'test/robustness/exit',
  'test/robustness/thrown-during-collection',
  'test/robustness/warnings',
];

/** The program of that version, from npm unless it is there. */
function fetchNode(version) {
  const folder = path.join(root, 'build', 'nodes', version);
  const program = path.join(folder, 'node_modules', PACKAGE, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (answer(program) !== `v${version}`) {
    process.stdout.write(`Node ${version}: npm brings it to ${path.relative(root, folder)}\n`);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    runNpm(['install', '--prefix', folder, '--no-package-lock', '--no-audit', '--no-fund', `${PACKAGE}@${version}`]);
    const got = answer(program);
    if (got !== `v${version}`) throw new Error(`Expected npm's ${PACKAGE}@${version} to bring ${program} but it answers ${got}`);
  }
  return program;
}

function answer(program) {
  return fs.existsSync(program) ? spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() : 'nothing';
}

/** @returns {{ passed: number, failed: number, names: string[] }} */
function runTests(program, version) {
  const results = path.join(root, 'build', 'nodes', `${version}.json`);
  fs.rmSync(results, { force: true });
  const jest = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  spawnSync(program, [jest, '--ci', '--silent', '--json', `--outputFile=${results}`, ...TESTS], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!fs.existsSync(results)) throw new Error('jest ended without a result');
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(fs.readFileSync(results, 'utf8'));
  const names = testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed').map(({ fullName }) => fullName);
    return failed.length > 0 ? failed : status === 'failed' ? [path.relative(root, name)] : [];
  });
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, names };
}

const asked = process.argv.slice(2);
const unknown = asked.find((one) => !VERSIONS.some((version) => version.split('.')[0] === one));
if (unknown !== undefined) throw new Error(`Expected major versions among ${VERSIONS.join(', ')} but received ${unknown}`);
const libtorch = locateOrThrow();
const rows = [];
for (const version of VERSIONS.filter((one) => asked.length === 0 || asked.includes(one.split('.')[0]))) {
  const row = { node: version, 'node-api': '', loads: 'no', passed: '', failed: '', problem: '' };
  rows.push(row);
  try {
    process.stdout.write(`\n== Node ${version}\n`);
    const program = fetchNode(version);
    row['node-api'] = spawnSync(program, ['-p', 'process.versions.napi'], { encoding: 'utf8' }).stdout.trim();
    smoke(libtorch, { node: program });
    row.loads = 'yes';
    const { passed, failed, names } = runTests(program, version);
    row.passed = String(passed);
    row.failed = String(failed);
    row.problem = names[0] ?? '';
    if (failed > 0 || passed === 0) process.exitCode = 1;
  } catch (error) {
    row.problem = error.message.split('\n')[0];
    process.exitCode = 1;
  }
}
printTable(rows);
