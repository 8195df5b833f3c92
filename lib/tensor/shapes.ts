/** Shapes of several tensors that must agree, refused at the door when they do not. */

import { checkedTensor } from './checked';
import { expected } from './expected';
import type { Tensor } from './tensor';

/** A tensor under its name, and its sizes: a number, or a name that stands for the same number everywhere. */
export type Shaped = readonly [name: string, tensor: Tensor, ...sizes: (string | number)[]];

type SizeNames<S> = S extends readonly [string, Tensor, ...infer Sizes] ? Extract<Sizes[number], string> : never;

/**
 * What the names of sizes stand for: `const { B, C } = checkShapes(['logits', logits, 'B', 'C'], ['labels', labels, 'B'])`.
 *
 * @throws for what is no tensor, for another number of dimensions, and for sizes that disagree
 */
export function checkShapes<const S extends readonly Shaped[]>(...all: S): Record<SizeNames<S[number]>, number> {
  const known: Record<string, number> = {};
  for (const [name, tensor, ...sizes] of all) {
    const { shape } = checkedTensor(tensor, name);
    let fits = shape.length === sizes.length;
    for (let k = 0; fits && k < sizes.length; k++) {
      const size = sizes[k] as string | number;
      if (typeof size === 'string') known[size] ??= shape[k] as number;
      fits = shape[k] === (typeof size === 'string' ? known[size] : size);
    }
    if (!fits) throw expected(`shape ${described(sizes, known)}`, name, tensor);
  }
  return known as Record<SizeNames<S[number]>, number>;
}

/** `[B, C]`, and what is known of it by then: `[B, C] with B = 4`. */
function described(sizes: readonly (string | number)[], known: Readonly<Record<string, number>>): string {
  const names = new Set(sizes.filter((size) => typeof size === 'string' && size in known));
  const values = [...names].map((size) => `${size} = ${known[size]}`);
  return `[${sizes.join(', ')}]${values.length > 0 ? ` with ${values.join(', ')}` : ''}`;
}

/** Refuses a tensor without elements, where there is no value to give for it. */
export function checkNotEmpty(tensor: Tensor, name: string): void {
  if (checkedTensor(tensor, name).numel() === 0) throw expected('at least one element', name, tensor);
}

/** Refuses two tensors of different shapes: `checkAlike(['x', x], ['y', y])`. */
export function checkAlike([name, tensor]: readonly [string, Tensor], [otherName, other]: readonly [string, Tensor]): void {
  const { shape } = checkedTensor(tensor, name);
  if (shape.join() !== checkedTensor(other, otherName).shape.join())
    throw expected(`shape [${shape.join(', ')}], that of ${name},`, otherName, other);
}
