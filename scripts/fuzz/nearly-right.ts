/**
 * Right calls with one thing wrong. Random arguments hardly ever fit each other, so most calls end at an operator's door; these
 * get to its kernel, where a size, an index or a stride that was taken for granted matters.
 */

import * as torch from '../../lib';
import { Overload } from '../../lib/tensor/overload';
import { type Case, readCases } from '../../test/reference/case';
import { decode } from '../../test/reference/decode';
import { internalCalls } from './internal-calls';
import type { Random } from './random';
import type { Target } from './targets';
import { randomTensor, special, type Theme } from './tensors';
import { randomMonster } from './values';

type Callable = (...args: unknown[]) => unknown;

/** The arguments of a right call, made anew each time. */
type Make = () => { args: unknown[]; options: Record<string, unknown> };

export function nearlyRight(): Target[] {
  const calls = new Map<string, Make[]>();
  const add = (name: string, make: Make) => calls.set(name, [...(calls.get(name) ?? []), make]);
  for (const one of readCases()) add(`aten::${one.op}`, () => argumentsOf(one));
  for (const [name, make] of Object.entries(internalCalls)) add(name, () => ({ args: make(), options: {} }));
  return [...calls].flatMap(([name, makes]) => target(name, makes));
}

function argumentsOf({ args, options = {} }: Case): ReturnType<Make> {
  return { args: args.map(decode), options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, decode(value)])) };
}

function target(full: string, makes: readonly Make[]): Target[] {
  const [namespace, rest] = full.split('::') as [string, string];
  const [name, overloadName = ''] = rest.split('.') as [string, string?];
  if (Overload.find(`${namespace}::${name}`, overloadName) === null) return []; // an older libtorch may lack some
  return [
    {
      name: `nearly.${full}`,
      prepare: (random) => {
        const { args, options } = random.pick(makes)();
        for (let changes = random.pick([0, 1, 1, 1, 2]); changes > 0; changes--) changeOne(random, args, options);
        const given = Object.keys(options).length > 0 ? [...args, options] : args;
        const packet = torch.ops[namespace]?.[name] as unknown as Record<string, Callable>;
        const fn = packet[overloadName === '' ? 'default' : overloadName] as Callable;
        const backward = random.chance(0.15);
        return { args: given, run: () => (backward ? differentiated(fn, given) : fn(...given)) };
      },
    },
  ];
}

/** What a sum has soon: an expanded tensor costs nothing, and adding up its elements may take a minute. */
function isSmall(output: unknown): boolean {
  return output instanceof torch.Tensor && output.requiresGrad && output.numel() <= 1e6;
}

/** The call, and the gradients of what can be differentiated. */
function differentiated(fn: Callable, given: readonly unknown[]): unknown {
  const args = given.map((arg) => (arg instanceof torch.Tensor && arg.isFloatingPoint() ? arg.detach().requiresGrad_() : arg));
  const result = fn(...args);
  const outputs = (Array.isArray(result) ? result : [result]).filter(isSmall);
  for (const output of outputs as torch.Tensor[]) output.sum().backward({ retainGraph: true });
  return result;
}

function changeOne(random: Random, args: unknown[], options: Record<string, unknown>): void {
  const names = Object.keys(options);
  const place = random.int(0, args.length + names.length - 1);
  const name = names[place - args.length];
  if (name !== undefined) options[name] = changed(random, options[name]);
  else if (args.length > 0) args[place] = changed(random, args[place]);
}

function changed(random: Random, value: unknown): unknown {
  if (random.chance(0.03)) return randomMonster(random, themeOf(value));
  if (value instanceof torch.Tensor) return changedTensor(random, value);
  if (Array.isArray(value)) return changedList(random, value);
  switch (typeof value) {
    case 'number':
      return random.pick<unknown>([
        value + 1,
        value - 1,
        0,
        -1,
        2 * value,
        value * 1000,
        2 ** 31,
        -(2 ** 31),
        2 ** 62,
        0.5,
        Number.NaN,
        1e30,
      ]);
    case 'boolean':
      return !value;
    case 'bigint':
      return random.pick([value + 1n, -value, 0n, 2n ** 62n]);
    default:
      return random.pick([null, undefined, value]);
  }
}

function changedList(random: Random, list: readonly unknown[]): unknown {
  const at = random.int(0, Math.max(0, list.length - 1));
  switch (random.int(0, 5)) {
    case 0:
      return list.slice(0, -1);
    case 1:
      return [...list, ...list.slice(0, 1)];
    case 2:
      return [];
    default:
      return list.map((element, i) => (i === at ? changed(random, element) : element));
  }
}

function themeOf(value: unknown): Theme {
  return { shape: value instanceof torch.Tensor ? value.shape : [2, 3], dtype: 'float32', loyalty: 0.8 };
}

/** Another shape, layout, dtype or content than the right one. */
function changedTensor(random: Random, tensor: torch.Tensor): unknown {
  const { shape, dtype } = tensor;
  const dims = shape.length;
  const at = random.int(0, Math.max(0, dims - 1));
  const sized = (size: number) => remade(tensor, [...shape.slice(0, at), size, ...shape.slice(at + 1)]);
  try {
    switch (random.int(0, 12)) {
      case 0:
        return dims > 0 ? sized(random.pick([0, 1, 2, 7])) : remade(tensor, [2]);
      case 1:
        return dims > 0 ? sized((shape[at] as number) + random.pick([-1, 1, 1, 16])) : remade(tensor, [0]);
      case 2:
        return dims > 0 ? tensor.select(at, 0) : tensor.unsqueeze(0);
      case 3:
        return tensor.unsqueeze(random.int(0, dims));
      case 4:
        return dims > 1 ? tensor.transpose(0, dims - 1) : remade(tensor, [1]).expand(dims > 0 ? shape : [3]);
      case 5:
        return dims > 0 ? tensor.narrow(at, 0, 1).expand(shape) : tensor.expand([2]);
      case 6:
        return tensor.to(random.pick(['float32', 'float64', 'int64', 'int32', 'bool', 'float16', 'bfloat16', 'complex64', 'uint8']));
      case 7:
        return tensor.add(random.pick([1, -1, 100, -100, 2 ** 31, 1e18])).to(dtype);
      case 8:
        return tensor.mul(random.pick([Number.NaN, Number.POSITIVE_INFINITY, -1, 1000])).to(dtype);
      case 9:
        return special(random, tensor);
      case 10:
        return remade(tensor, [0]);
      case 11:
        return tensor.to(random.pick(['meta', 'cpu']));
      default:
        return randomTensor(random, { shape, dtype, loyalty: 0.5 });
    }
  } catch {
    return tensor;
  }
}

/** The tensor's elements, repeated as often as another shape needs. */
function remade(tensor: torch.Tensor, shape: readonly number[]): torch.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const flat = tensor.detach().reshape(-1);
  if (flat.numel() === 0) return torch.zeros(shape, { dtype: tensor.dtype });
  return flat
    .repeat([Math.ceil(count / flat.numel()) || 1])
    .narrow(0, 0, count)
    .reshape(shape)
    .clone();
}
