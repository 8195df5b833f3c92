import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { checkDimensions, type Shapes } from './dimensions';
import { Elementwise } from './elementwise';
import { type PadMode, pad } from './functional';
import { named, python } from './repr';
import type { Dims } from './sizes';

/** What is added: one number for all sides, or before and after for each dimension, the last one first. Negative numbers take away. */
export type Sides1d = number | readonly [left: number, right: number];
export type Sides2d = number | readonly [left: number, right: number, top: number, bottom: number];
export type Sides3d = number | readonly [left: number, right: number, top: number, bottom: number, front: number, back: number];

type Sides = Sides1d | Sides2d | Sides3d;

const SHAPES: Readonly<Record<Dims, Shapes>> = {
  1: { 2: '[C, L]', 3: '[N, C, L]' },
  2: { 3: '[C, H, W]', 4: '[N, C, H, W]' },
  3: { 4: '[C, D, H, W]', 5: '[N, C, D, H, W]' },
};

/** Adds elements around the last one, two or three dimensions. */
abstract class Padding<S extends Sides> extends Elementwise {
  readonly padding: Exclude<S, number>;

  constructor(dims: Dims, padding: S) {
    super();
    const sides: readonly unknown[] = Array.isArray(padding) ? padding : Array(2 * dims).fill(padding);
    if (sides.length !== 2 * dims || !sides.every((side) => Number.isSafeInteger(side)))
      throw expected(`a whole number, or ${2 * dims} of them,`, 'padding', padding);
    this.padding = sides as unknown as Exclude<S, number>;
  }

  protected override extraRepr(): string {
    return python(this.padding);
  }
}

abstract class ConstantPad<S extends Sides> extends Padding<S> {
  constructor(
    dims: Dims,
    padding: S,
    readonly value: number,
  ) {
    super(dims, padding);
    if (typeof value !== 'number') throw expected('a number', 'value', value);
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { value: this.value });
  }

  protected override extraRepr(): string {
    return named({ padding: this.padding, value: this.value });
  }
}

abstract class ZeroPad<S extends Sides> extends Padding<S> {
  override forward(input: Tensor): Tensor {
    return pad(input, this.padding);
  }
}

/** Padding with the input's own elements. */
abstract class BorderPad<S extends Sides> extends Padding<S> {
  readonly #dims: Dims;
  readonly #mode: PadMode;

  constructor(dims: Dims, mode: PadMode, padding: S) {
    super(dims, padding);
    this.#dims = dims;
    this.#mode = mode;
  }

  override forward(input: Tensor): Tensor {
    checkDimensions(input, SHAPES[this.#dims], this.constructor.name);
    return pad(input, this.padding, { mode: this.#mode });
  }
}

/** Adds a value around sequences. Shapes: input [*, L], output [*, left + L + right]. */
export class ConstantPad1d extends ConstantPad<Sides1d> {
  constructor(padding: Sides1d, value: number) {
    super(1, padding, value);
  }
}

/** Adds a value around images. Shapes: input [*, H, W], output [*, top + H + bottom, left + W + right]. */
export class ConstantPad2d extends ConstantPad<Sides2d> {
  constructor(padding: Sides2d, value: number) {
    super(2, padding, value);
  }
}

/** Adds a value around volumes. Shapes: input [*, D, H, W], output [*, front + D + back, top + H + bottom, left + W + right]. */
export class ConstantPad3d extends ConstantPad<Sides3d> {
  constructor(padding: Sides3d, value: number) {
    super(3, padding, value);
  }
}

/** Adds zeros around sequences. Shapes: input [*, L], output [*, left + L + right]. */
export class ZeroPad1d extends ZeroPad<Sides1d> {
  constructor(padding: Sides1d) {
    super(1, padding);
  }
}

/** Adds zeros around images. Shapes: input [*, H, W], output [*, top + H + bottom, left + W + right]. */
export class ZeroPad2d extends ZeroPad<Sides2d> {
  constructor(padding: Sides2d) {
    super(2, padding);
  }
}

/** Adds zeros around volumes. Shapes: input [*, D, H, W], output [*, front + D + back, top + H + bottom, left + W + right]. */
export class ZeroPad3d extends ZeroPad<Sides3d> {
  constructor(padding: Sides3d) {
    super(3, padding);
  }
}

/**
 * Mirrors sequences at their first and last element. Shapes: input [N, C, L] or [C, L], output with left + L + right.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides as long as the input
 */
export class ReflectionPad1d extends BorderPad<Sides1d> {
  constructor(padding: Sides1d) {
    super(1, 'reflect', padding);
  }
}

/**
 * Mirrors images at their border pixels. Shapes: input [N, C, H, W] or [C, H, W], output with top + H + bottom, left + W + right.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides as long as the input
 */
export class ReflectionPad2d extends BorderPad<Sides2d> {
  constructor(padding: Sides2d) {
    super(2, 'reflect', padding);
  }
}

/**
 * Mirrors volumes at their border. Shapes: input [N, C, D, H, W] or [C, D, H, W], output with front + D + back and so on.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides as long as the input
 */
export class ReflectionPad3d extends BorderPad<Sides3d> {
  constructor(padding: Sides3d) {
    super(3, 'reflect', padding);
  }
}

/**
 * Repeats the first and last element of sequences. Shapes: input [N, C, L] or [C, L], output with left + L + right.
 *
 * @throws in `forward` for other numbers of dimensions
 */
export class ReplicationPad1d extends BorderPad<Sides1d> {
  constructor(padding: Sides1d) {
    super(1, 'replicate', padding);
  }
}

/**
 * Repeats the border pixels of images. Shapes: input [N, C, H, W] or [C, H, W], output with top + H + bottom, left + W + right.
 *
 * @throws in `forward` for other numbers of dimensions
 */
export class ReplicationPad2d extends BorderPad<Sides2d> {
  constructor(padding: Sides2d) {
    super(2, 'replicate', padding);
  }
}

/**
 * Repeats the border of volumes. Shapes: input [N, C, D, H, W] or [C, D, H, W], output with front + D + back and so on.
 *
 * @throws in `forward` for other numbers of dimensions
 */
export class ReplicationPad3d extends BorderPad<Sides3d> {
  constructor(padding: Sides3d) {
    super(3, 'replicate', padding);
  }
}

/**
 * Goes on at the other end of sequences. Shapes: input [N, C, L] or [C, L], output with left + L + right.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides longer than the input
 */
export class CircularPad1d extends BorderPad<Sides1d> {
  constructor(padding: Sides1d) {
    super(1, 'circular', padding);
  }
}

/**
 * Goes on at the other end of images. Shapes: input [N, C, H, W] or [C, H, W], output with top + H + bottom, left + W + right.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides longer than the input
 */
export class CircularPad2d extends BorderPad<Sides2d> {
  constructor(padding: Sides2d) {
    super(2, 'circular', padding);
  }
}

/**
 * Goes on at the other end of volumes. Shapes: input [N, C, D, H, W] or [C, D, H, W], output with front + D + back and so on.
 *
 * @throws in `forward` for other numbers of dimensions, and for sides longer than the input
 */
export class CircularPad3d extends BorderPad<Sides3d> {
  constructor(padding: Sides3d) {
    super(3, 'circular', padding);
  }
}
