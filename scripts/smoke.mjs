// The first thing to try with a build: does the package load, add two tensors, and go backward?
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

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

/**
 * Tries dist/ in a process of its own.
 * @param {{ root: string, version: string }} libtorch what the addon is to open
 * @param {{ node?: string, env?: NodeJS.ProcessEnv }} [options] the Node that runs it, and more of its environment
 * @throws when it does not load or computes something else
 */
export function smoke(libtorch, { node = process.execPath, env = {} } = {}) {
  const result = spawnSync(node, ['-e', SMOKE, libtorch.version], {
    cwd: root,
    env: { ...process.env, TORCHWRIGHT_LIBTORCH: libtorch.root, TORCHWRIGHT_CUDA: '0', ...env },
    encoding: 'utf8',
  });
  if (result.error) throw new Error(`Expected ${node} to start but it did not: ${result.error.message}`);
  if (result.status === 0) return;
  const said = result.stderr.split('\n').find((line) => /^\w*Error\b|error:/.test(line)) ?? result.stderr.trim().split('\n').at(-1);
  throw new Error(`loading or computing ended with ${result.status ?? result.signal}: ${said}`);
}
