/** The parts of the package that take options objects: layers, losses, optimizers, data, files, derivatives. */

import * as torch from '../../lib';
import { parseType } from '../../lib/tensor/schema';
import type { Random } from './random';
import type { Target } from './targets';
import { randomTensor, randomTheme, type Theme } from './tensors';
import { randomArgument, randomMonster } from './values';

type Callable = (...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => Record<string, Callable>;

/** Options that some function has, with values that some function takes. */
const OPTIONS: Readonly<Record<string, (random: Random, theme: Theme) => unknown>> = {
  weight: randomTensor,
  posWeight: randomTensor,
  bias: (random, theme) => (random.chance(0.5) ? random.chance(0.5) : randomTensor(random, theme)),
  reduction: (random) => random.pick(['mean', 'sum', 'none', 'batchmean', 'all']),
  inplace: flag,
  training: flag,
  affine: flag,
  trackRunningStats: flag,
  shuffle: flag,
  dropLast: flag,
  amsgrad: flag,
  nesterov: flag,
  maximize: flag,
  createGraph: flag,
  strict: flag,
  hard: flag,
  setToNone: flag,
  p: number,
  eps: number,
  beta: number,
  alpha: number,
  margin: number,
  lr: number,
  momentum: number,
  weightDecay: number,
  labelSmoothing: number,
  negativeSlope: number,
  numClasses: whole,
  ignoreIndex: whole,
  stride: whole,
  padding: whole,
  dilation: whole,
  groups: whole,
  dim: whole,
  batchSize: whole,
  seed: whole,
  dtype: (random) => random.pick(['float32', 'float64', 'int64', 'float16', 'float']),
  mode: (random) => random.pick(['constant', 'reflect', 'replicate', 'circular', 'fanIn', 'fanOut']),
  paddingMode: (random) => random.pick(['zeros', 'reflect', 'circular', 'constant']),
  betas: (random) => [random.next(), random.next()],
  metadata: (random, theme) => ({ a: random.chance(0.8) ? 'b' : randomMonster(random, theme) }),
};

function flag(random: Random): boolean {
  return random.chance(0.5);
}

function number(random: Random, theme: Theme): unknown {
  return random.chance(0.7) ? random.next() : randomArgument(random, parseType('Scalar'), theme, 's');
}

function whole(random: Random, theme: Theme): unknown {
  return random.chance(0.7) ? random.int(0, 4) : randomArgument(random, parseType('int[2]'), theme, 'n');
}

function randomOptions(random: Random, theme: Theme): unknown {
  if (random.chance(0.1)) return randomMonster(random, theme);
  const options: Record<string, unknown> = {};
  for (let i = random.int(0, 4); i > 0; i--) {
    const name = random.pick(Object.keys(OPTIONS));
    options[name] = random.chance(0.1) ? randomMonster(random, theme) : OPTIONS[name]?.(random, theme);
  }
  return options;
}

/** Tensors first, then options, as nearly all of these functions want. */
function arguments_(random: Random, first: (random: Random, theme: Theme) => unknown = randomTensor): unknown[] {
  const theme = randomTheme(random);
  const args = random.many(0, 3, () => (random.chance(0.9) ? first(random, theme) : randomMonster(random, theme)));
  if (random.chance(0.15)) args.push(whole(random, theme));
  if (random.chance(0.7)) args.push(randomOptions(random, theme));
  return args;
}

/** A function of tensors: usual ones, and some that nobody should pass. */
function randomFunction(random: Random, theme: Theme): unknown {
  if (random.chance(0.05)) return randomMonster(random, theme);
  const answer = randomMonster(random, theme);
  return random.pick<unknown>([
    (x: torch.Tensor) => x.mul(2).sum(),
    (x: torch.Tensor) => x.mul(x),
    (...all: torch.Tensor[]) => all,
    (x: torch.Tensor) => x.detach(),
    () => answer,
  ]);
}

function functionsOf(name: string, owner: object, make: (random: Random) => unknown[] = arguments_): Target[] {
  return Object.entries(owner).flatMap(([key, fn]: [string, unknown]) =>
    typeof fn !== 'function' || /^class\b/.test(String(fn)) ? [] : [target(`${name}.${key}`, fn as Callable, make)],
  );
}

function target(name: string, run: Callable, make: (random: Random) => unknown[] = arguments_): Target {
  return {
    name,
    prepare: (random) => {
      const args = make(random);
      return { args, run: () => run(...args) };
    },
  };
}

/** Makes an object and calls its methods; the first list of arguments is the constructor's. */
function classTarget(name: string, owner: object, methods: readonly string[], make?: (random: Random) => unknown[]): Target {
  const Made = (owner as Record<string, Class>)[name] as Class;
  return {
    name: `new ${name}`,
    prepare: (random) => {
      const args = make?.(random) ?? arguments_(random, whole);
      const method = random.pick(methods);
      const given = arguments_(random);
      return { args: [args, method, given], run: () => String(new Made(...args)[method]?.(...given)) };
    },
  };
}

const derivative = (random: Random): unknown[] => {
  const theme = randomTheme(random);
  return [randomFunction(random, theme), ...arguments_(random)];
};

const parameters = (random: Random): unknown[] => {
  const theme = randomTheme(random);
  const params = random.many(0, 3, () => {
    const made = randomTensor(random, { ...theme, loyalty: 1 });
    return made.isReleased || !made.dtype.startsWith('float') ? made : made.requiresGrad_();
  });
  const groups = random.pick<unknown>([params, params, [{ params }], [{ params, lr: number(random, theme) }], params[0]]);
  return [random.chance(0.9) ? groups : randomMonster(random, theme), randomOptions(random, theme)];
};

const MODULE = ['forward', 'stateDict', 'loadStateDict', 'to', 'train', 'eval', 'apply', 'zeroGrad', 'requiresGrad_', 'toString'];
const OPTIMIZER = ['step', 'zeroGrad', 'addParamGroup', 'stateDict', 'loadStateDict'];

export const facade: readonly Target[] = [
  ...functionsOf('nn.functional', torch.nn.functional),
  ...functionsOf('nn.init', torch.nn.init),
  ...['ReLU', 'BatchNorm2d', 'Conv2d', 'Dropout', 'Flatten', 'Linear', 'MaxPool2d'].map((name) => classTarget(name, torch.nn, MODULE)),
  classTarget('Sequential', torch.nn, MODULE, (random) => [
    ...random.many(0, 2, () => new torch.nn.Linear(3, 3)),
    ...(random.chance(0.2) ? [randomMonster(random, randomTheme(random))] : []),
  ]),
  ...['SGD', 'Adam', 'AdamW'].map((name) => classTarget(name, torch.optim, OPTIMIZER, parameters)),
  target('nn.Parameter', torch.nn.Parameter as Callable),
  target('nn.Buffer', torch.nn.Buffer as Callable),
  ...['jacobian', 'hessian', 'vjp', 'jvp', 'hvp', 'gradcheck', 'gradgradcheck', 'checkpoint'].map((name) =>
    target(`autograd.${name}`, (torch.autograd as unknown as Record<string, Callable>)[name] as Callable, derivative),
  ),
  target('data.DataLoader', (...args: unknown[]) => {
    const loader = new torch.data.DataLoader(...(args as [never]));
    let count = 0;
    for (const _ of loader) if (++count > 20) break;
    return loader.length;
  }),
  target('data.TensorDataset', (...args: unknown[]) => {
    const dataset = new torch.data.TensorDataset(...(args as [never]));
    return [dataset.length, ...new torch.data.DataLoader(dataset, { batchSize: 2 })];
  }),
  target('data.collate', torch.data.collate as Callable, (random) => [arguments_(random)]),
  target('data.zip', (...args: unknown[]) => [...((torch.data.zip as Callable)(...args) as Iterable<unknown>)]),
  target('data.parseIdx', torch.data.parseIdx as Callable, (random) => [
    random.chance(0.8) ? Uint8Array.from([0, 0, random.int(7, 15), random.int(0, 3), ...random.many(0, 40, () => random.int(0, 3))]) : null,
  ]),
  target('io.save', torch.io.safetensors.save as Callable, (random) => {
    const theme = randomTheme(random);
    return [{ a: randomTensor(random, theme), b: random.chance(0.9) ? randomTensor(random, theme) : 1 }, randomOptions(random, theme)];
  }),
  target('io.load', torch.io.safetensors.load as Callable, (random) => {
    const bytes = torch.io.safetensors.save({ a: torch.ones(2, 3), b: torch.zeros(1) });
    for (let i = random.int(0, 3); i > 0; i--) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
    return [random.chance(0.9) ? bytes.subarray(0, random.int(0, 2 * bytes.length)) : randomMonster(random, randomTheme(random))];
  }),
  target('torch.manualSeed', torch.manualSeed as Callable, (random) => [randomMonster(random, randomTheme(random))]),
  target('torch.slice', torch.slice as Callable, (random) => random.many(0, 3, () => randomMonster(random, randomTheme(random)))),
];
