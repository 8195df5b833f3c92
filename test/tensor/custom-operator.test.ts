/** A shared library with operators of its own: compiled here, loaded with `torch.ops.loadLibrary`, called. */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as torch from '../../lib';

const ROOT = path.resolve(__dirname, '../..');
const { locateOrThrow } = require('../../lib/libtorch/locate.cjs') as {
  locateOrThrow(options: { needHeaders: boolean }): { version: string; lib: string; include: string };
};

const SOURCE = `
#include <torch/library.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>

static at::Tensor scaled(const at::Tensor& x, double factor, int64_t times) {
  TORCH_CHECK(times >= 0, "times must not be negative, it is ", times);
  at::Tensor y = x;
  for (int64_t i = 0; i < times; i++) y = at::mul(y, factor);
  return y;
}
static std::tuple<at::Tensor, std::string> described(const at::Tensor& x) { return {at::add(x, 1), std::string("it is ") + c10::toString(x.scalar_type())}; }

TORCH_LIBRARY(torchwright_test, m) {
  m.def("scaled(Tensor x, float factor, int times=1) -> Tensor");
  m.def("described(Tensor x) -> (Tensor, str)");
  m.impl("scaled", c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(scaled));
  m.impl("described", c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(described));
}
`;

/** Any operator by name, with results of the kind that the test expects. */
type Raw = Record<string, Record<string, (...args: unknown[]) => never>>;

/** The library, compiled once for each libtorch and source. */
function library(): string {
  const { version, lib, include } = locateOrThrow({ needHeaders: true });
  const folder = path.join(ROOT, 'build', 'test');
  const file = path.join(folder, `custom-operator-${version}.so`);
  const source = path.join(folder, 'custom-operator.cc');
  if (fs.existsSync(file) && fs.existsSync(source) && fs.readFileSync(source, 'utf8') === SOURCE) return file;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(source, SOURCE);
  const compiler = process.env.CXX ?? 'g++';
  execFileSync(
    compiler,
    ['-std=c++20', '-O0', '-shared', '-fPIC', `-I${include}`, source, '-o', file, `-L${lib}`, '-ltorch_cpu', '-lc10'],
    { stdio: 'pipe' },
  );
  return file;
}

const operators = () => torch.ops.torchwright_test as unknown as Raw;

beforeAll(() => {
  expect(operators().scaled).toBeUndefined();
  torch.ops.loadLibrary(library());
}, 120_000);

test('its operators are there, with their schemas', () => {
  expect(torch.ops.list()).toEqual(expect.arrayContaining(['torchwright_test::scaled', 'torchwright_test::described']));
  expect((operators().scaled?.default as unknown as { schema: string }).schema).toBe(
    'torchwright_test::scaled(Tensor x, float factor, int times=1) -> Tensor',
  );
});

test('they compute, with defaults and keywords, and gradients flow', () => {
  const x = torch.tensor([1, 2], { dtype: 'float64', requiresGrad: true });
  expect((operators().scaled?.default?.(x, 3) as torch.Tensor).toArray()).toEqual([3, 6]);
  const y = operators().scaled?.default?.(x, 3, { times: 2 }) as torch.Tensor;
  y.sum().backward();
  expect(x.grad?.toArray()).toEqual([9, 9]);
  const [result, text] = operators().described?.default?.(torch.ones(1)) as [torch.Tensor, string];
  expect([result.item(), text]).toEqual([2, 'it is Float']);
});

test('their errors are errors', () => {
  expect(() => operators().scaled?.default?.(torch.ones(1), 2, -1)).toThrow(
    /scaled: times must not be negative, it is -1 \(x: float32\[1\] cpu\)/,
  );
});

test('a file that cannot be loaded: the reason', () => {
  expect(() => torch.ops.loadLibrary(path.join(ROOT, 'no-such-library.so'))).toThrow(/no-such-library/);
  expect(() => torch.ops.loadLibrary(path.join(ROOT, 'package.json'))).toThrow(/package\.json/);
  expect(() => torch.ops.loadLibrary('')).toThrow(/Expected a file name/);
});
