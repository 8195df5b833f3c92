import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { conv2d, pad } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize, type Pair, pair } from './sizes';

export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

export interface Conv2dOptions extends FactoryOptions {
  /** Steps of the kernel. Default 1. */
  stride?: Pair;
  /** Added on both sides of each spatial dimension; `'same'` keeps the size. Default 0. */
  padding?: Pair | 'same' | 'valid';
  /** Distance between kernel elements. Default 1. */
  dilation?: Pair;
  /** Parts that the channels are divided into, each convolved by itself. Default 1. */
  groups?: number;
  /** Add a learned bias. Default true. */
  bias?: boolean;
  /** What is added. Default `'zeros'`. */
  paddingMode?: PaddingMode;
}

/**
 * Two-dimensional convolution (cross-correlation) over images.
 *
 * Shapes: input [N, inChannels, H, W], output [N, outChannels, H', W'] with
 * H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1; weight [outChannels, inChannels / groups, kernel,
 * kernel], bias [outChannels]. Both are initialised uniformly on +-1 / sqrt(inChannels / groups x kernel area).
 *
 * @throws for sizes that are no whole numbers, and for channels that `groups` does not divide
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | 'same' | 'valid';
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  /** What `pad` adds, for the modes other than zeros. */
  readonly #sides: readonly number[];

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options?: Conv2dOptions,
  ) {
    super();
    const {
      stride = 1,
      padding = 0,
      dilation = 1,
      groups = 1,
      bias = true,
      paddingMode = 'zeros',
      device,
      dtype,
    } = checkedOptions(options, 'Conv2d');
    checkSize(inChannels, 'inChannels');
    checkSize(outChannels, 'outChannels');
    checkSize(groups, 'groups');
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Expected channels that groups ${groups} divides but received inChannels ${inChannels} and outChannels ${outChannels}`,
      );
    }
    this.kernelSize = pair(kernelSize, 'kernelSize', 1);
    this.stride = pair(stride, 'stride', 1);
    this.dilation = pair(dilation, 'dilation', 1);
    this.padding = typeof padding === 'string' ? padding : pair(padding, 'padding');
    if (padding === 'same' && this.stride.some((step) => step !== 1)) throw new RangeError("Expected stride 1 for padding 'same'");
    this.groups = groups;
    this.paddingMode = paddingMode;
    this.#sides = paddingSides(this.padding, this.kernelSize, this.dilation);
    this.weight = new Parameter(empty([outChannels, inChannels / groups, ...this.kernelSize], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outChannels], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const bound = 1 / Math.sqrt(init.calculateFanInAndFanOut(this.weight).fanIn);
    init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    if (this.paddingMode !== 'zeros') {
      return conv2d(pad(input, this.#sides, { mode: this.paddingMode }), weight, bias, stride, 0, dilation, groups);
    }
    if (typeof padding === 'string') return conv2d(input, weight, bias, stride, padding, dilation, groups);
    return conv2d(input, weight, bias, stride, padding, dilation, groups);
  }

  protected override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, groups, bias, paddingMode } = this;
    const parts = [`${this.inChannels}`, `${this.outChannels}`, `kernel_size=${python(kernelSize)}`, `stride=${python(stride)}`];
    if (typeof padding === 'string' || padding.some((size) => size !== 0)) parts.push(`padding=${python(padding)}`);
    if (dilation.some((step) => step !== 1)) parts.push(`dilation=${python(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (bias === null) parts.push('bias=False');
    if (paddingMode !== 'zeros') parts.push(`padding_mode=${paddingMode}`);
    return parts.join(', ');
  }
}

/** Sizes for `pad`, last dimension first: [left, right, top, bottom]. */
function paddingSides(
  padding: readonly [number, number] | 'same' | 'valid',
  kernel: readonly [number, number],
  dilation: readonly [number, number],
): number[] {
  return [1, 0].flatMap((dim) => {
    if (padding === 'valid') return [0, 0];
    if (padding !== 'same') return [padding[dim] as number, padding[dim] as number];
    const total = (dilation[dim] as number) * ((kernel[dim] as number) - 1);
    const left = Math.floor(total / 2);
    return [left, total - left];
  });
}
