/** Types of methods: right calls compile, wrong calls do not. */

import { methods, type Tensor } from '../../lib';

function is<T>(): (value: T) => void {
  return () => undefined;
}

declare const x: Tensor;
declare const gradients: (Tensor | null)[];

// One gradient gives one, a list gives a list; with `allowUnused` some are null.
is<Tensor>()(methods.alignGradients(x, x).combined);
is<(Tensor | null)[]>()(methods.alignGradients(gradients, gradients).aligned);
is<Tensor>()(methods.alignGradients(gradients, [x, null, undefined]).conflict);
// @ts-expect-error a list has no combined gradient
is<Tensor>()(methods.alignGradients(gradients, gradients).combined);
// @ts-expect-error both or none are lists
methods.alignGradients(x, gradients);
