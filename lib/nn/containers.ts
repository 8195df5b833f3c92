/** What lists and dictionaries of modules and of parameters share. */

import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import type { DType } from '../tensor/types';
import { Module } from './module';
import { Parameter } from './parameter';

export function checkModule<M>(value: M, where: string): M {
  if (!(value instanceof Module)) throw expected('a module', where, value);
  return value;
}

export function asParameter(value: Tensor): Parameter {
  if (!(value instanceof Tensor)) throw expected('a tensor', 'a parameter', value);
  return value instanceof Parameter ? value : new Parameter(value);
}

/** A name that state dict keys can have. */
export function checkKey<K extends string>(name: K, where: string): K {
  if (typeof name !== 'string' || name === '' || name.includes('.')) throw expected('a name without dots', `a ${where}`, name);
  return name;
}

/** A position from 0; negative ones count from the end. */
export function position(index: number, length: number, where: string): number {
  if (!Number.isSafeInteger(index) || index < -length || index >= length)
    throw expected(length === 0 ? 'nothing, it is empty,' : `a position from ${-length} to ${length - 1}`, `a ${where}`, index);
  return index < 0 ? index + length : index;
}

export function noForward(where: string): Error {
  return new Error(`Expected forward of a member but received one of the ${where}, which only holds them`);
}

/** Modules by position as PyTorch's lists print them: neighbours that print alike share a line. */
export function runsOf(modules: Iterable<Module>): string[] {
  const groups: { first: number; last: number; text: string }[] = [];
  let index = 0;
  for (const module of modules) {
    const [text, previous] = [`${module}`, groups.at(-1)];
    if (previous?.text === text) previous.last = index;
    else groups.push({ first: index, last: index, text });
    index++;
  }
  return groups.map(({ first, last, text }) =>
    first === last ? `(${first}): ${text}` : `(${first}-${last}): ${last - first + 1} x ${text}`,
  );
}

/** A parameter as PyTorch's containers print it. */
export function describeParameter(parameter: Parameter, type: string): string {
  const device = parameter.device === 'cpu' ? '' : ` (${parameter.device})`;
  return `Parameter containing: [${type} of size ${parameter.shape.join('x')}${device}]`;
}

const LEGACY_NAMES: Partial<Record<DType, string>> = {
  float32: 'Float',
  float64: 'Double',
  float16: 'Half',
  bfloat16: 'BFloat16',
  complex64: 'ComplexFloat',
  complex128: 'ComplexDouble',
};

/** PyTorch's older name of a tensor's type, which a ParameterDict still prints. */
export function legacyTensorName({ dtype, device }: Tensor): string {
  return `torch.${device === 'cpu' ? '' : 'cuda.'}${LEGACY_NAMES[dtype] ?? dtype}Tensor`;
}
