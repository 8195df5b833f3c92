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

/** One training step of ArcFace that looks at a tenth of very many classes. In C++ one over all of them has this name. */
export function sampledHead(size: number): Batch {
  const features = 512;
  const batches = Array.from(
    { length: BATCHES },
    () => [torch.randn(SAMPLES, features).requiresGrad_(), torch.randint(size, [SAMPLES])] as const,
  );
  const head = new torch.nn.ArcFaceHead(features, size, { sampleRate: 0.1 });
  const optimizer = new torch.optim.SGD(head.parameters(), { lr: 0.01 });
  let step = 0;
  return (n) => {
    for (let i = 0; i < n; i++, step++) {
      const [embeddings, labels] = batches[step % BATCHES] as (typeof batches)[number];
      torch.scope(() => {
        optimizer.zeroGrad();
        embeddings.grad = null;
        head.forward(embeddings, labels).backward();
        optimizer.step();
      });
    }
  };
}
