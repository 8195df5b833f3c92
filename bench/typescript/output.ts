/** One training step of an output layer over very many classes: the factored layer. In C++ a plain one with log-softmax has this name. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

const [FEATURES, SAMPLES, BATCHES] = [300, 128, 16];

export function factoredOutput(size: number): Batch {
  const batches = Array.from({ length: BATCHES }, () => [torch.randn(SAMPLES, FEATURES), torch.randint(size, [SAMPLES])] as const);
  const layer = new torch.nn.FactoredOutputLayer(FEATURES, size);
  let step = 0;
  return (n) => {
    for (let i = 0; i < n; i++, step++) {
      const [hidden, labels] = batches[step % BATCHES] as (typeof batches)[number];
      torch.scope(() => {
        layer.step(hidden, labels);
      });
    }
  };
}
