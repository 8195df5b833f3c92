/** Random number generators. */

import { addon } from '../native';
import { requireDeviceType } from './accelerator';
import { prepare } from './context';
import { parseDevice } from './dtype';
import { expected } from './expected';
import { cellAt, putTensor, takeCell } from './runtime';
import { Tensor } from './tensor';
import type { DeviceLike } from './types';

const dropped = new FinalizationRegistry<number>((id) => addon.dropGenerator(id));

/** A seed as libtorch takes it: the 64 bits of an integer. */
export function seedBits(seed: number | bigint): bigint {
  const whole = typeof seed === 'bigint' || (typeof seed === 'number' && Number.isSafeInteger(seed));
  if (!whole) throw expected('an integer', 'seed', seed);
  return BigInt.asUintN(64, BigInt(seed));
}

/**
 * A source of random numbers with a state of its own, for reproducible sampling beside the global one.
 *
 * ```ts
 * const generator = new torch.Generator().manualSeed(0);
 * torch.randn(3, { generator });
 * ```
 */
export class Generator {
  /** @internal */
  readonly _id: number;
  readonly device: DeviceLike;

  /** @param device where the numbers are made; default `'cpu'` */
  constructor(device: DeviceLike = 'cpu', id?: number) {
    const { type, index } = parseDevice(device);
    requireDeviceType(type, device);
    this.device = device;
    this._id = id ?? addon.newGenerator(type, index);
    dropped.register(this, this._id);
  }

  /** Sets the seed; the same seed gives the same numbers, and the same as PyTorch's. */
  manualSeed(seed: number | bigint): this {
    addon.generatorSetSeed(this._id, seedBits(seed));
    return this;
  }

  /** The seed that was last set. */
  initialSeed(): bigint {
    return addon.generatorInitialSeed(this._id);
  }

  /** A seed from the operating system's randomness. */
  seed(): bigint {
    const seed = new BigUint64Array(crypto.getRandomValues(new Uint8Array(8)).buffer)[0] as bigint;
    this.manualSeed(seed);
    return seed;
  }

  /** The whole state, as a uint8 tensor. */
  getState(): Tensor {
    prepare();
    addon.generatorGetState(this._id);
    return takeCell(0) as Tensor;
  }

  setState(state: Tensor): this {
    if (!(state instanceof Tensor)) throw expected('a tensor', 'setState', state);
    putTensor(cellAt(0), state);
    addon.generatorSetState(this._id);
    return this;
  }
}

/** The generator that operators use when none is given. */
export function defaultGenerator(device: DeviceLike = 'cpu'): Generator {
  const { type, index } = parseDevice(device);
  return new Generator(device, addon.defaultGenerator(type, index));
}

/** Seeds the generators of all devices. Returns the default generator of the CPU. */
export function manualSeed(seed: number | bigint): Generator {
  addon.manualSeed(seedBits(seed));
  return defaultGenerator();
}

/** The seed of the CPU's default generator. */
export function initialSeed(): bigint {
  return defaultGenerator().initialSeed();
}

/** The state of the CPU's default generator. */
export function getRngState(): Tensor {
  return defaultGenerator().getState();
}

export function setRngState(state: Tensor): void {
  defaultGenerator().setState(state);
}
