/** Where random choices come from. */

import { fromTypedArray } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import { defaultGenerator, Generator } from '../tensor/generator';

/** Makes random choices reproducible. */
export interface Randomness {
  /** Default: the global generator, which `manualSeed` seeds. */
  generator?: Generator;
  /** Short for a generator of its own with this seed. */
  seed?: number | bigint;
}

/** The generator that options name; undefined for the global one. @throws for both `generator` and `seed` */
export function generatorOf({ generator, seed }: Randomness): Generator | undefined {
  if (generator !== undefined && seed !== undefined) throw new TypeError('Expected either generator or seed but received both');
  if (generator !== undefined && !(generator instanceof Generator)) throw expected('a torch.Generator', 'generator', generator);
  return seed === undefined ? generator : new Generator().manualSeed(seed);
}

/** A number of 63 bits, drawn as PyTorch draws seeds. */
export function drawSeed(generator?: Generator): bigint {
  const drawn = empty([], { dtype: 'int64' }).random_({ generator });
  const [seed = 0n] = drawn.toTypedArray() as BigInt64Array;
  drawn.dispose();
  return seed;
}

/** The whole state of a generator as text, which any file can hold. */
export function stateText(generator: Generator): string {
  const state = generator.getState();
  const text = Buffer.from(state.toTypedArray() as Uint8Array).toString('base64');
  state.dispose();
  return text;
}

/** Sets the state that `stateText` gave. @throws when the text is no such state */
export function setStateText(generator: Generator, text: string): void {
  if (typeof text !== 'string') throw expected("a generator's state as text", 'generator', text);
  const state = fromTypedArray(new Uint8Array(Buffer.from(text, 'base64')), { copy: true });
  try {
    generator.setState(state);
  } finally {
    state.dispose();
  }
}

/**
 * The randomness of a sampler: what a pass draws can be written down when it begins, and drawn again.
 *
 * With a generator of its own a pass begins at that generator's state. Without, PyTorch's samplers do one of two things,
 * and so does this: `'seeded'` draws a seed for the pass from the global generator, `'global'` draws from it directly.
 */
export class PassRandomness {
  readonly generator: Generator | undefined;
  readonly #kind: 'seeded' | 'global';
  #prepared: Generator | undefined;

  constructor(options: Randomness, kind: 'seeded' | 'global') {
    this.generator = generatorOf(options);
    this.#kind = kind;
  }

  /** Fixes what the next pass draws, and tells it; given an earlier answer, the next pass draws the same as that one. */
  prepare(state?: string): string {
    if (state !== undefined && typeof state !== 'string') throw expected("a pass's state as text", 'sampler', state);
    if (this.generator !== undefined) {
      if (state !== undefined) setStateText(this.generator, state);
      this.#prepared = this.generator;
      return state ?? stateText(this.generator);
    }
    if (this.#kind === 'seeded') {
      const seed = state ?? String(drawSeed());
      if (!/^-?\d+$/.test(seed)) throw expected("a pass's seed as text", 'sampler', state);
      this.#prepared = new Generator().manualSeed(BigInt(seed));
      return seed;
    }
    if (state === undefined) {
      this.#prepared = defaultGenerator();
      return stateText(this.#prepared);
    }
    // Not into the global generator: it has gone on since.
    const repeated = new Generator();
    setStateText(repeated, state);
    this.#prepared = repeated;
    return state;
  }

  /** The generator of a pass that begins now. */
  begin(): Generator {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared !== undefined) return prepared;
    if (this.generator !== undefined) return this.generator;
    return this.#kind === 'seeded' ? new Generator().manualSeed(drawSeed()) : defaultGenerator();
  }
}
