import { memory } from '../lib/tensor/memory';

/** How many tensors live after garbage collection: what loops must not let grow. */
export function liveTensors(): number {
  // The engine may need several rounds: what one frees was all that held the next.
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const now = memory({ collect: true }).tensors;
    if (now >= before) return now;
    before = now;
  }
}
