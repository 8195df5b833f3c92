/** What the fuzz program calls: every raw operator, every typed function and method, and the functions written by hand. */

import * as torch from '../../lib';
import { functions, methods } from '../../lib/tensor/generated/table';
import { Overload } from '../../lib/tensor/overload';
import { byHand } from './by-hand';
import { facade } from './facade';
import { nearlyRight } from './nearly-right';
import type { Random } from './random';
import { randomShape, randomTensor, randomTheme, type Theme } from './tensors';
import { randomArgument, randomMonster } from './values';

/** A call that is ready to be made. */
export interface Prepared {
  readonly args: readonly unknown[];
  run(): unknown;
}

export interface Target {
  readonly name: string;
  prepare(random: Random): Prepared;
}

type Callable = (...args: unknown[]) => unknown;

/** A polynomial of order n takes n steps for each element: with a random 64-bit order it computes for years, and is right to. */
const COMPUTES_FOR_YEARS = /polynomial/i;

export function allTargets(): Target[] {
  return [...rawTargets(), ...typedTargets(), ...methodTargets(), ...byHand, ...facade, ...nearlyRight()].filter(
    ({ name }) => !COMPUTES_FOR_YEARS.test(name),
  );
}

function rawTargets(): Target[] {
  return torch.ops.list().map((full) => {
    const [namespace, rest] = full.split('::') as [string, string];
    const dot = rest.indexOf('.');
    const name = dot < 0 ? rest : rest.slice(0, dot);
    const overloadName = dot < 0 ? '' : rest.slice(dot + 1);
    return {
      name: `ops.${full}`,
      prepare: (random) => {
        const overload = Overload.find(`${namespace}::${name}`, overloadName);
        const args = overload === null ? [] : schemaArguments(random, overload, 'schemaName');
        const packet = torch.ops[namespace]?.[name] as unknown as Record<string, Callable>;
        const fn = packet[overloadName === '' ? 'default' : overloadName];
        return { args, run: () => (fn as Callable)(...args) };
      },
    };
  });
}

function typedTargets(): Target[] {
  const out: Target[] = [];
  for (const [space, entries] of Object.entries(functions)) {
    const owner =
      space === 'root' ? torch : space === 'nn.functional' ? torch.nn.functional : (torch as unknown as Record<string, object>)[space];
    for (const [name, table] of Object.entries(entries)) {
      const fn = (owner as Record<string, unknown> | undefined)?.[name];
      if (typeof fn !== 'function') continue;
      out.push({
        name: `torch.${space === 'root' ? '' : `${space}.`}${name}`,
        prepare: (random) => {
          const overload = pickOverload(random, table);
          const args = overload === null ? [] : schemaArguments(random, overload, 'name');
          return { args, run: () => (fn as Callable)(...args) };
        },
      });
    }
  }
  return out;
}

function methodTargets(): Target[] {
  return Object.entries(methods).map(([name, table]) => ({
    name: `Tensor.${name}`,
    prepare: (random) => {
      const overload = pickOverload(random, table);
      const all = overload === null ? [randomTensor(random, randomTheme(random))] : schemaArguments(random, overload, 'name');
      const place = Math.max(0, overload?.selfIndex ?? 0);
      const self = all[place] instanceof torch.Tensor ? all[place] : randomTensor(random, randomTheme(random));
      const args = all.filter((_, i) => i !== place);
      const fn = (torch.Tensor.prototype as unknown as Record<string, Callable>)[name] as Callable;
      return { args: [self, ...args], run: () => fn.apply(self, args) };
    },
  }));
}

function pickOverload(random: Random, table: string): Overload | null {
  const entry = random.pick(table.split(' ')).replace('>', '');
  const [name, overload = ''] = entry.split('.') as [string, string?];
  return Overload.find(`aten::${name}`, overload);
}

/** Positional arguments in schema order and, sometimes, options. */
function schemaArguments(random: Random, overload: Overload, key: 'name' | 'schemaName'): unknown[] {
  const theme = themeFor(random, overload);
  const { parameters } = overload;
  const args: unknown[] = [];
  const options: Record<string, unknown> = {};
  let optional = false;
  for (const [i, parameter] of parameters.entries()) {
    const leave = parameter.hasDefault && random.chance(0.4);
    if (i >= overload.positional || (optional && !leave)) {
      if (leave) continue;
      options[key === 'name' && parameter.isOut ? 'out' : parameter[key]] = randomArgument(
        random,
        parameter.type,
        theme,
        parameter.schemaName,
      );
      continue;
    }
    if (leave) optional = true;
    else args.push(randomArgument(random, parameter.type, theme, parameter.schemaName));
  }
  if (random.chance(0.02)) args.push(randomMonster(random, theme));
  if (random.chance(0.02)) args.pop();
  if (random.chance(0.01)) options[random.pick(['requiresGrad', 'alpah', '', '__proto__'])] = random.pick([true, 1, null, {}]);
  if (Object.keys(options).length > 0) args.push(options);
  return args;
}

/** Networks' operators want inputs of three to five dimensions: themes that suit an operator's name now and then. */
function themeFor(random: Random, overload: Overload): Theme {
  const theme = randomTheme(random);
  const digit = /([123])d/.exec(overload.fullName)?.[1];
  if (digit === undefined || random.chance(0.3)) return theme;
  const dims = Number(digit) + 2;
  return { ...theme, shape: [...randomShape(random), 2, 3, 4, 5, 4].slice(0, dims), loyalty: 0.9 };
}
