import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import type { Transform } from './transform';

/** Transforms one after the other. @throws for what is no transform */
export class Compose implements Transform {
  readonly transforms: readonly Transform[];

  constructor(transforms: readonly Transform[]) {
    if (!Array.isArray(transforms)) throw expected('an array of transforms', 'Compose', transforms);
    for (const [k, transform] of transforms.entries()) {
      if (typeof (transform as Partial<Transform> | null)?.forward !== 'function')
        throw expected('a transform', `transform ${k} of Compose`, transform);
    }
    this.transforms = transforms;
  }

  forward(image: Tensor): Tensor {
    return this.transforms.reduce((changed, transform) => transform.forward(changed), image);
  }
}
