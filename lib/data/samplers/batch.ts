import { checkedOptions } from '../../tensor/checked';
import { tensor } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import { cat } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import type { Tensor } from '../../tensor/tensor';
import type { BatchSource, Sampler } from './sampler';
import { positive } from './sized';

export interface BatchSamplerOptions {
  /** Leave out a last batch that is smaller than the others. Default false. */
  dropLast?: boolean;
}

/**
 * The positions of a sampler in batches, int64[batchSize] each.
 *
 * @throws for a batch size that is no positive whole number
 */
export class BatchSampler implements BatchSource {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly length: number;

  constructor(sampler: Sampler, batchSize: number, options?: BatchSamplerOptions) {
    const { dropLast = false } = checkedOptions(options, 'BatchSampler');
    if (typeof sampler !== 'object' || sampler === null || !(Symbol.iterator in sampler)) throw expected('a sampler', 'sampler', sampler);
    this.sampler = sampler;
    this.batchSize = positive(batchSize, 'batchSize');
    this.dropLast = dropLast;
    this.length = dropLast ? Math.floor(sampler.length / batchSize) : Math.ceil(sampler.length / batchSize);
  }

  get generator(): Generator | undefined {
    return this.sampler.generator;
  }

  preparePass(state?: string): string {
    return this.sampler.preparePass?.(state) ?? '';
  }

  [Symbol.iterator](): IterableIterator<Tensor> {
    return this.sampler.chunks === undefined ? this.#byNumber() : this.#byChunk(this.sampler.chunks());
  }

  *#byNumber(): IterableIterator<Tensor> {
    let numbers: number[] = [];
    for (const index of this.sampler) {
      if (!Number.isSafeInteger(index)) throw expected('whole numbers', 'the positions of the sampler', index);
      numbers.push(index);
      if (numbers.length < this.batchSize) continue;
      yield tensor(numbers, { dtype: 'int64' });
      numbers = [];
    }
    if (numbers.length > 0 && !this.dropLast) yield tensor(numbers, { dtype: 'int64' });
  }

  *#byChunk(chunks: Iterable<Tensor>): IterableIterator<Tensor> {
    const iterator = chunks[Symbol.iterator]();
    let chunk: Tensor | undefined;
    let at = 0;
    let size = 0;
    try {
      for (;;) {
        if (chunk !== undefined && size - at >= this.batchSize) {
          yield chunk.narrow(0, at, this.batchSize);
          at += this.batchSize;
          continue;
        }
        const parts: Tensor[] = [];
        let missing = this.batchSize;
        while (missing > 0) {
          if (at === size) {
            chunk?.dispose();
            chunk = undefined;
            const next = iterator.next();
            if (next.done === true) break;
            chunk = next.value;
            at = 0;
            size = chunk.numel();
            continue;
          }
          const taken = Math.min(missing, size - at);
          parts.push((chunk as Tensor).narrow(0, at, taken));
          at += taken;
          missing -= taken;
        }
        if (parts.length === 0 || (missing > 0 && this.dropLast)) return;
        yield parts.length === 1 ? (parts[0] as Tensor) : cat(parts);
        if (missing > 0) return;
      }
    } finally {
      chunk?.dispose();
      iterator.return?.();
    }
  }
}
