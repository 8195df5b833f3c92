/** Several contexts of one process, each with its own copy of the package over one libtorch. */

import { resultOf } from './processes';

// What a test runner does: the package's files evaluated anew in a fresh vm context.
const loadInContext = `
  const vm = require('node:vm'), fs = require('node:fs'), path = require('node:path'), Module = require('node:module');
  function load(context) {
    const modules = new Map();
    const requireFrom = (parent) => {
      const native = Module.createRequire(parent);
      return Object.assign((name) => {
        const file = native.resolve(name);
        if (!path.isAbsolute(file) || file.includes('node_modules') || file.endsWith('.node') || file.endsWith('.cjs')) return native(name);
        if (modules.has(file)) return modules.get(file).exports;
        const module = { exports: {} };
        modules.set(file, module);
        const { code } = require('@swc/core').transformSync(fs.readFileSync(file, 'utf8'), {
          jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' },
        });
        const wrapper = vm.runInContext('(function (exports, require, module, __filename, __dirname, process) {' + code + '\\n})', context, { filename: file });
        wrapper(module.exports, requireFrom(file), module, file, path.dirname(file), process);
        return module.exports;
      }, { resolve: native.resolve });
    };
    return requireFrom(path.resolve('lib/index.ts'))(path.resolve('lib/index.ts'));
  }
  const context = () => vm.createContext({ console, Buffer, setTimeout, queueMicrotask, TextEncoder, TextDecoder, crypto, performance });
`;

test('three contexts compute beside one another and keep their own tensors', async () => {
  const result = await resultOf<{ sums: number[]; live: number[]; main: number }>(`
    ${loadInContext}
    const copies = [context(), context(), context()].map(load);
    const tensors = copies.map((t, i) => t.ones(3).mul(i + 1));
    const sums = tensors.map((x) => x.sum().item());
    const live = copies.map((t) => t.memory({ collect: true }).tensors);
    console.log(JSON.stringify({ sums, live, main: torch.memory().tensors }));`);
  expect(result.sums).toEqual([3, 6, 9]);
  expect(result.live).toEqual([1, 1, 1]);
  expect(result.main).toBe(0);
});

test('a tensor of another copy of the package is a clear error, not a wrong tensor', async () => {
  const message = await resultOf<string>(`
    ${loadInContext}
    const other = load(context());
    const mine = torch.ones(2), theirs = other.zeros(2);
    try { console.log(JSON.stringify(String(torch.add(mine, theirs)))); } catch (error) { console.log(JSON.stringify(error.message)); }`);
  expect(message).toMatch(/^add: /);
});

test('contexts that are dropped with live tensors and pending work: no crash', async () => {
  const done = await resultOf<string>(`
    ${loadInContext}
    v8 = require('node:v8'); v8.setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc');
    const promises = [];
    for (let i = 0; i < 4; i++) {
      const copy = load(context());
      copy.ones(1000).requiresGrad_().mul(2);
      promises.push(copy.async(copy.matmul, copy.ones(200, 200), copy.ones(200, 200)));
      gc();
    }
    Promise.all(promises).then((all) => {
      gc(); gc();
      console.log(JSON.stringify(all.map((x) => x.sum().item()).join()));
    });`);
  expect(done).toBe('8000000,8000000,8000000,8000000');
});
