/** libtorch's warnings are Node's, once each, on whatever thread they are raised; stderr gets nothing from libtorch itself. */

import { runScript } from './processes';

/** The warnings of a script, and what it left on stderr. */
async function warningsOf(script: string): Promise<{ warnings: string[]; stderr: string }> {
  const { code, stdout, stderr } = await runScript(
    `
    const warnings = [];
    process.on('warning', ({ name, message }) => warnings.push(name + ': ' + message));
    process.on('exit', () => console.log(JSON.stringify(warnings)));
    (async () => { ${script} })();`,
    { env: { NODE_NO_WARNINGS: '1' } },
  );
  expect(code).toBe(0);
  return { warnings: JSON.parse(stdout) as string[], stderr };
}

const deviation = expect.stringMatching(/^TorchWarning: std\(\): degrees of freedom is <= 0/);
const cycle = expect.stringMatching(/^TorchWarning: Using backward\(\) with create_graph=True will create a reference cycle/);
const createGraph = `
  const x = torch.ones(2, { requiresGrad: true });
  const { addon } = require('./lib/native');
  const backward = () => x.mul(x).sum().backward({ createGraph: true });`;

test.each<[string, string, unknown[]]>([
  ['of an operator', 'torch.ones(1).std();', [deviation]],
  [
    'of an operator that is called twice, which PyTorch leaves to the language',
    'torch.ones(1).std(); torch.ones(1).std();',
    [deviation, deviation],
  ],
  [
    'of an operator on another thread',
    'await torch.async(torch.std, torch.ones(1)); await torch.async(torch.std, torch.ones(1));',
    [deviation, deviation],
  ],
  [
    'of a hook that another thread waits for',
    `const x = torch.ones(2, { requiresGrad: true });
     x.registerHook(() => { torch.ones(1).std(); });
     await torch.backwardAsync(x.sum());`,
    [deviation],
  ],
  ['once per process: of backward', `${createGraph} backward(); backward();`, [cycle]],
  ['once per process: of backward on a thread of its own', `${createGraph} addon.setForceServing(true); backward(); backward();`, [cycle]],
  [
    'once per process: of backward on other threads',
    `${createGraph} await torch.backwardAsync(x.mul(x).sum(), { createGraph: true }); backward();`,
    [cycle],
  ],
  [
    'once per process: in a worker thread first',
    `const { Worker } = require('node:worker_threads');
     const worker = new Worker('require("tsx/cjs"); const torch = require("./lib"); const x = torch.ones(2, { requiresGrad: true });' +
       'x.mul(x).sum().backward({ createGraph: true });' +
       'process.on("warning", ({ name, message }) => require("node:worker_threads").parentPort.postMessage(name + ": " + message));',
       { eval: true, execArgv: [] });
     worker.on('message', (text) => warnings.push(text));
     await new Promise((resolve) => worker.once('exit', resolve));
     ${createGraph} backward();`,
    [cycle],
  ],
  [
    'of a listener that throws: the operator goes on',
    `process.emitWarning = () => { throw null; }; if (!Number.isNaN(torch.ones(1).std().item())) process.exit(1);`,
    [],
  ],
])('%s', async (_, script, wanted) => {
  expect(await warningsOf(script)).toEqual({ warnings: wanted, stderr: '' });
});
