import type { Generator } from '../../tensor/generator';
import { PassRandomness, type Randomness } from '../randomness';
import { ChunkSampler } from './sampler';

/** A sampler whose positions are drawn. */
export abstract class DrawnSampler extends ChunkSampler {
  readonly #random: PassRandomness;

  /** @param kind what a pass draws from when the options name no generator, as PyTorch's sampler of this kind does */
  constructor(options: Randomness, kind: 'seeded' | 'global') {
    super();
    this.#random = new PassRandomness(options, kind);
  }

  get generator(): Generator | undefined {
    return this.#random.generator;
  }

  preparePass(state?: string): string {
    return this.#random.prepare(state);
  }

  /** The generator of a pass that begins now. */
  protected begin(): Generator {
    return this.#random.begin();
  }
}
