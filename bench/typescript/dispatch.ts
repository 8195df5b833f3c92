/** What one operator costs when there is next to nothing to compute. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

/** An iteration is a hundred additions without gradients, in a scope that frees the results. */
export function add(size: number): Batch {
  const a = torch.randn(size, size);
  const b = torch.randn(size, size);
  return (n) =>
    torch.noGrad(() => {
      for (let i = 0; i < n; i++) {
        torch.scope(() => {
          for (let k = 0; k < 100; k++) a.add(b);
        });
      }
    });
}

/** An iteration is one product and the way back through it. */
export function mulBackward(size: number): Batch {
  const a = torch.randn(size, size, { requiresGrad: true });
  const b = torch.randn(size, size, { requiresGrad: true });
  const gradient = torch.ones(size, size);
  return (n) => {
    for (let i = 0; i < n; i++) {
      torch.scope(() => {
        a.mul(b).backward(gradient);
      });
    }
  };
}

/** A loop that makes tensors of `size` floats and keeps none: no scope, nothing disposed by hand. */
export function tensorLoop(size: number): Batch {
  return (n) => {
    for (let i = 0; i < n; i++) torch.ones(size);
  };
}
