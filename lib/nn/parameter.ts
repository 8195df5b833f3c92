/** Tensors that belong to a module: found in its fields, moved, saved and trained with it. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';

declare const kind: unique symbol;

/** A tensor that a module learns. */
export type Parameter = Tensor & { readonly [kind]: 'parameter' };

/** A tensor that belongs to a module's state and is not learned, such as a running mean. */
export type Buffer = Tensor & { readonly [kind]: 'buffer' };

const parameters = new WeakSet<Tensor>();
/** Buffers, and whether state dicts contain them. */
const buffers = new WeakMap<Tensor, { readonly persistent: boolean }>();

export interface ParameterOptions {
  /** Default true. */
  requiresGrad?: boolean;
}

export interface BufferOptions {
  /** Whether state dicts contain it. Default true. */
  persistent?: boolean;
}

interface ParameterConstructor {
  new (data: Tensor, options?: ParameterOptions): Parameter;
  (data: Tensor, options?: ParameterOptions): Parameter;
  [Symbol.hasInstance](value: unknown): value is Parameter;
}

interface BufferConstructor {
  new (data: Tensor, options?: BufferOptions): Buffer;
  (data: Tensor, options?: BufferOptions): Buffer;
  [Symbol.hasInstance](value: unknown): value is Buffer;
}

/**
 * Makes a tensor a parameter, with or without `new`: a leaf that requires gradients, shares the tensor's memory and belongs
 * to no memory scope.
 *
 * ```ts
 * class Scale extends nn.Module {
 *   readonly factor = new nn.Parameter(torch.ones(3));
 *   forward(x: Tensor): Tensor { return x.mul(this.factor); }
 * }
 * ```
 *
 * `value instanceof nn.Parameter` tells whether a tensor is one.
 */
export const Parameter: ParameterConstructor = brand('Parameter', (tensor: Tensor) => parameters.has(tensor), makeParameter);

/**
 * Makes a tensor a buffer of a module, with or without `new`: it is moved and saved with the module, shares the tensor's
 * memory and belongs to no memory scope.
 */
export const Buffer: BufferConstructor = brand('Buffer', (tensor: Tensor) => buffers.has(tensor), makeBuffer);

/** Whether a buffer is part of state dicts. */
export function isPersistent(buffer: Buffer): boolean {
  return buffers.get(buffer)?.persistent ?? false;
}

function makeParameter(data: Tensor, options?: ParameterOptions): Parameter {
  const { requiresGrad = true } = checkedOptions(options, 'makeParameter');
  const parameter = ownHandle(data, 'the parameter').requiresGrad_(requiresGrad);
  parameters.add(parameter);
  return parameter as Parameter;
}

function makeBuffer(data: Tensor, options?: BufferOptions): Buffer {
  const { persistent = true } = checkedOptions(options, 'makeBuffer');
  const buffer = ownHandle(data, 'the buffer');
  buffers.set(buffer, { persistent });
  return buffer as Buffer;
}

/** The same memory under a handle of its own, which no scope frees and no other code disposes. */
function ownHandle(data: Tensor, where: string): Tensor {
  if (!(data instanceof Tensor)) throw expected('a tensor', where, data);
  return data.detach().keep();
}

/** A function that can be called with and without `new`, and whose `instanceof` asks a registry: the tensors keep one class. */
function brand<C>(name: string, has: (tensor: Tensor) => boolean, make: (data: Tensor, options?: object) => Tensor): C {
  function construct(data: Tensor, options?: object): Tensor {
    return make(data, options);
  }
  Object.defineProperty(construct, 'name', { value: name });
  Object.defineProperty(construct, Symbol.hasInstance, { value: (value: unknown) => value instanceof Tensor && has(value) });
  return construct as unknown as C;
}
