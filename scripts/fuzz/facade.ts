/** The parts of the package that take options objects: layers, losses, optimizers, data, files, derivatives. */

import * as torch from '../../lib';
import { parseType } from '../../lib/tensor/schema';
import type { Random } from './random';
import type { Prepared, Target } from './targets';
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
    (x: torch.Tensor) => torch.mul(x, 2).sum(),
    (x: torch.Tensor) => torch.mul(x, x),
    (...all: torch.Tensor[]) => all,
    (x: torch.Tensor) => torch.detach(x),
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

/** Methods that users call; the protected ones are for classes that know what they pass. */
const PUBLIC: Readonly<Record<string, readonly string[]>> = {
  nn: ['forward', 'stateDict', 'loadStateDict', 'to', 'train', 'eval', 'apply', 'zeroGrad', 'requiresGrad_', 'toString'],
  optim: ['step', 'zeroGrad', 'addParamGroup', 'stateDict', 'loadStateDict'],
  'optim.lrScheduler': ['step', 'getLastLr', 'stateDict', 'loadStateDict'],
  metrics: ['update', 'compute', 'reset', 'merge', 'stateDict', 'loadStateDict'],
  data: ['get', 'getBatch', 'batches', 'stateDict', 'loadStateDict'],
  'data.transforms': ['forward', 'toString'],
};
/** Classes to build others on, which do nothing alone. */
const BASES = /^(Module|Optimizer|LRScheduler|Metric|Transform|RandomTransform|Mix|Progress|DataWorkerError)$/;

/** Each class of a namespace: an object of it, and one of its methods. The first list of arguments is the constructor's. */
function classesOf(space: string, owner: object, make: (random: Random) => unknown[]): Target[] {
  return Object.entries(owner).flatMap(([name, value]: [string, unknown]): Target[] => {
    if (typeof value !== 'function' || !/^class\b/.test(String(value))) return [];
    if (BASES.test(name)) return [];
    const made = value as unknown as Class;
    const methods = PUBLIC[space] as readonly string[];
    const prepare = (random: Random): Prepared => {
      const args = make(random);
      const method = random.pick(methods);
      const given = arguments_(random);
      return {
        args: [args, method, given],
        run: () => {
          const result: unknown = new made(...args)[method]?.(...given);
          // A few elements of what is endless too.
          if (typeof result === 'object' && result !== null && 'next' in result && Symbol.iterator in result) {
            let count = 0;
            for (const _ of result as Iterable<unknown>) if (++count > 9) break;
          }
          return result;
        },
      };
    };
    return [{ name: `new ${space}.${name}`, prepare }];
  });
}

const sizes = (random: Random): unknown[] => arguments_(random, whole);
const tensorsOrSizes = (random: Random): unknown[] => arguments_(random, random.chance(0.5) ? whole : randomTensor);
const layers = (random: Random): unknown[] =>
  random.chance(0.8) ? sizes(random) : random.many(0, 2, () => random.pick([new torch.nn.Linear(3, 3), [new torch.nn.ReLU()], 1]));
const schedule = (random: Random): unknown[] => {
  const parameter = torch.ones([2], { requiresGrad: true });
  return [random.chance(0.9) ? new torch.optim.SGD([parameter]) : null, ...sizes(random)];
};

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

export const facade: readonly Target[] = [
  ...functionsOf('nn.functional', torch.nn.functional),
  ...functionsOf('nn.init', torch.nn.init),
  ...functionsOf('data.transforms.functional', torch.data.transforms.functional),
  ...classesOf('nn', torch.nn, layers),
  ...classesOf('optim', torch.optim, parameters),
  ...classesOf('optim.lrScheduler', torch.optim.lrScheduler, schedule),
  ...classesOf('metrics', torch.metrics, sizes),
  ...classesOf('data', torch.data, tensorsOrSizes),
  ...classesOf('data.transforms', torch.data.transforms, tensorsOrSizes),
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
