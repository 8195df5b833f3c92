/** The parts of the package that are not generated, called with random arguments. */

import * as torch from '../../lib';
import { parseType } from '../../lib/tensor/schema';
import type { Random } from './random';
import type { Target } from './targets';
import { randomTensor, randomTheme } from './tensors';
import { randomArgument, randomMonster } from './values';

const INT = parseType('int');
const SCALAR = parseType('Scalar');
const INTS = parseType('int[]');

/** One argument of a call: a tensor, an index, anything at all. */
function anything(random: Random): unknown {
  const theme = randomTheme(random);
  switch (random.int(0, 5)) {
    case 0:
    case 1:
      return randomTensor(random, theme);
    case 2:
      return randomArgument(random, INT, theme, 'n');
    case 3:
      return randomArgument(random, SCALAR, theme, 's');
    case 4:
      return randomArgument(random, INTS, theme, 'l');
    default:
      return randomMonster(random, theme);
  }
}

function indexItem(random: Random): unknown {
  const theme = randomTheme(random);
  switch (random.int(0, 8)) {
    case 0:
      return null;
    case 1:
      return '...';
    case 2:
      return random.chance(0.5);
    case 3:
      return new torch.Slice(random.int(-4, 4), random.chance(0.5) ? null : random.int(-4, 9), random.int(1, 3));
    case 4:
      return randomTensor(random, { ...theme, dtype: random.pick(['int64', 'bool', 'uint8', 'int32'] as const), loyalty: 1 });
    case 5:
      return [0, random.int(-2, 2)];
    case 6:
      return randomMonster(random, theme);
    default:
      return randomArgument(random, INT, theme, 'index');
  }
}

function nested(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.2)) return random.chance(0.9) ? random.int(-3, 3) : anything(random);
  const inner = nested(random, depth - 1);
  return Array.from({ length: random.int(0, 3) }, () => (random.chance(0.9) ? inner : nested(random, depth - 1)));
}

type Callable = (...args: unknown[]) => unknown;

function target(name: string, fn: Callable, makeArgs: (random: Random) => unknown[]): Target {
  return {
    name,
    prepare: (random) => {
      const args = makeArgs(random);
      return { args, run: () => fn(...args) };
    },
  };
}

function onTensor(
  name: string,
  fn: (self: torch.Tensor, ...args: never[]) => unknown,
  makeArgs: (random: Random) => unknown[] = () => [],
): Target {
  return target(name, fn as Callable, (random) => [randomTensor(random, randomTheme(random)), ...makeArgs(random)]);
}

const list = (random: Random) => random.many(0, 3, () => anything(random));

export const byHand: readonly Target[] = [
  target('torch.tensor', torch.tensor as Callable, (random) => [
    nested(random, random.int(0, 4)),
    { dtype: random.pick([undefined, null, 'int64', 'bool', 'float16', 'qint8', anything(random)]) },
  ]),
  target('torch.fromTypedArray', torch.fromTypedArray as Callable, (random) => [
    random.chance(0.7) ? new Uint8Array(random.int(0, 64)).subarray(random.int(0, 3)) : anything(random),
    {
      dtype: random.pick([undefined, 'float32', 'int64', 'complex64', 'float4_e2m1fn_x2', anything(random)]),
      shape: random.chance(0.5) ? undefined : anything(random),
      copy: random.chance(0.5),
    },
  ]),
  target('torch.fromBlob', torch.fromBlob as Callable, (random) => [
    random.chance(0.7) ? new ArrayBuffer(random.int(0, 64)) : anything(random),
    random.chance(0.7) ? random.many(0, 3, () => random.int(-1, 4)) : anything(random),
    { byteOffset: random.pick([0, 0, 1, 8, 100, -1, 2 ** 53, Number.NaN]), dtype: random.pick(['float32', 'uint8', undefined, 'nope']) },
  ]),
  onTensor(
    'Tensor.index',
    (self, ...items: never[]) => self.index(...items),
    (random) => random.many(0, 4, () => indexItem(random)),
  ),
  onTensor(
    'Tensor.indexPut_',
    (self, items: never, value: never) => self.indexPut_(items, value),
    (random) => [random.many(0, 4, () => indexItem(random)), anything(random)],
  ),
  onTensor('Tensor.item', (self) => self.item()),
  onTensor('Tensor.toArray', (self) => self.toArray()),
  onTensor('Tensor.toTypedArray', (self) => self.toTypedArray()),
  onTensor('Tensor.toString', (self) => self.toString()),
  onTensor('Tensor.iterate', (self) => [...self]),
  onTensor(
    'Tensor.to',
    (self, ...args: never[]) => (self.to as (...args: never[]) => unknown).apply(self, args),
    (random) => list(random),
  ),
  onTensor(
    'Tensor.size',
    (self, dim: never) => self.size(dim),
    (random) => [anything(random)],
  ),
  onTensor(
    'Tensor.stride',
    (self, dim: never) => self.stride(dim),
    (random) => [anything(random)],
  ),
  onTensor('Tensor.T', (self) => [self.T, self.mT, self.H, self.mH]),
  onTensor('Tensor.fields', (self) => [
    self.shape,
    self.dtype,
    self.device,
    self.layout,
    self.numel(),
    self.storageOffset(),
    self.itemsize,
    self.nbytes,
    self.requiresGrad,
    self.isLeaf,
    self.grad,
    self.gradFn,
    self._version,
    self.isPinned(),
    self.dataPtr(),
  ]),
  onTensor(
    'Tensor.isContiguous',
    (self, options: never) => self.isContiguous(options),
    (random) => [{ memoryFormat: random.pick(['channelsLast', 'channelsLast3d', 'preserve', 'x', anything(random)]) }],
  ),
  onTensor(
    'Tensor.requiresGrad_',
    (self, on: never) => self.requiresGrad_(on),
    (random) => [random.chance(0.5) ? true : anything(random)],
  ),
  onTensor(
    'Tensor.grad=',
    (self, gradient: never) => {
      self.grad = gradient;
      return self.grad;
    },
    (random) => [anything(random)],
  ),
  onTensor(
    'Tensor.data=',
    (self, other: never) => {
      self.data = other;
    },
    (random) => [anything(random)],
  ),
  onTensor(
    'Tensor.backward',
    (self, gradient: never) => self.mul(2).backward(gradient),
    (random) => [anything(random)],
  ),
  onTensor('Tensor.retainGrad', (self) => self.retainGrad()),
  onTensor(
    'Tensor.registerHook',
    (self, answer: never) => {
      const hook = self.registerHook(() => answer);
      self.sum().backward();
      hook.remove(); // the answer may be the tensor itself, which would keep itself
      return self.grad;
    },
    (random) => [anything(random)],
  ),
  onTensor('Tensor.dispose', (self) => {
    self.dispose();
    self.dispose();
    return self.isReleased;
  }),
  onTensor('Tensor.keep', (self) => {
    self.keep();
    self.dispose();
  }),
  target('autograd.grad', torch.autograd.grad as Callable, (random) => [
    anything(random),
    anything(random),
    { allowUnused: true, gradOutputs: anything(random) },
  ]),
  target('autograd.backward', torch.autograd.backward as Callable, (random) => [
    anything(random),
    { inputs: random.chance(0.5) ? undefined : anything(random) },
  ]),
  target(
    'torch.share',
    (tensor: unknown) => {
      const message = torch.share(tensor as torch.Tensor);
      torch.receive(message);
      return torch.revoke(message);
    },
    (random) => [anything(random)],
  ),
  target('torch.receive', torch.receive as Callable, (random) => [
    random.chance(0.5) ? { torchwrightTensor: random.int(-1, 1_000_000) } : anything(random),
  ]),
  target(
    'torch.Generator',
    (...args: unknown[]) => new torch.Generator(...(args as [])),
    (random) => [anything(random)],
  ),
  target(
    'Generator.manualSeed',
    (seed: unknown) => new torch.Generator().manualSeed(seed as number).seed(),
    (random) => [anything(random)],
  ),
  target(
    'Generator.setState',
    (state: unknown) => new torch.Generator().setState(state as torch.Tensor),
    (random) => [anything(random)],
  ),
  target(
    'torch.scope',
    (value: unknown) => torch.scope(() => value),
    (random) => [anything(random)],
  ),
  target(
    'torch.setPrintOptions',
    (options: unknown) => {
      torch.setPrintOptions(options as object);
      torch.setPrintOptions({ precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: null });
    },
    (random) => [random.chance(0.5) ? { precision: anything(random) } : anything(random)],
  ),
  target('torch.ops.loadLibrary', torch.ops.loadLibrary as Callable, (random) => [anything(random)]),
  target('torch.async', torch.async as Callable, (random) => [
    random.pick([torch.matmul, torch.add, torch.topk, torch.aminmax, torch.relu]),
    ...list(random),
  ]),
  target('torch.backwardAsync', torch.backwardAsync as Callable, (random) => [anything(random)]),
  target('torch.itemAsync', torch.itemAsync as Callable, (random) => [anything(random)]),
  target('torch.toTypedArrayAsync', torch.toTypedArrayAsync as Callable, (random) => [anything(random)]),
];
