/** Damaged copies of good files, the same ones for the same seed: what readers are fuzzed with. */

/** Numbers that sizes and counts are damaged with: little, negative, and large ones. */
const NASTY = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** A whole number from 0, smaller than `limit`. */
  below(limit: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

/** `count` damaged copies: bytes and words changed, parts cut, doubled, exchanged, the end cut off. */
export function* mutations(whole: Uint8Array, count: number, seed: number): IterableIterator<Buffer> {
  const random = new Random(seed);
  for (let round = 0; round < count; round++) {
    let bytes: Buffer = Buffer.from(whole);
    for (let k = random.below(4); k >= 0; k--) bytes = mutated(bytes, random);
    yield bytes;
  }
}

function mutated(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 16) return Buffer.concat([bytes, Buffer.alloc(16, random.below(256))]);
  const at = random.below(bytes.length - 8);
  const length = 1 + random.below(Math.min(64, bytes.length - at));
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      bytes[at] = random.below(256);
      return bytes;
    case 3:
      bytes.writeUInt32LE(NASTY[random.below(NASTY.length)] as number, at);
      return bytes;
    case 4:
      bytes.writeUInt32BE(NASTY[random.below(NASTY.length)] as number, at);
      return bytes;
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      return random.below(4) === 0 ? bytes.subarray(0, at) : bytes.fill(bytes.subarray(random.below(at + 1), at + 1), at, at + length);
  }
}
