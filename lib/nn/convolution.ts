import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize, type Dims, type Each, each, type Size } from './sizes';

export interface ConvolutionOptions<S extends Size> extends FactoryOptions {
  /** Steps of the kernel. Default 1. */
  stride?: S;
  /** Distance between kernel elements. Default 1. */
  dilation?: S;
  /** Parts that the channels are divided into, each convolved by itself. Default 1. */
  groups?: number;
  /** Add a learned bias. Default true. */
  bias?: boolean;
}

/** What the layers of convolution and of transposed convolution have in common: weights, their initial values, checks. */
export abstract class Convolution<S extends Size> extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly kernelSize: Each<S>;
  readonly stride: Each<S>;
  readonly dilation: Each<S>;
  readonly groups: number;

  protected constructor(
    dims: Dims,
    transposed: boolean,
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: S,
    options: ConvolutionOptions<S>,
  ) {
    super();
    const { stride = 1 as S, dilation = 1 as S, groups = 1, bias = true, device, dtype } = checkedOptions(options, this.constructor.name);
    checkSize(inChannels, 'inChannels');
    checkSize(outChannels, 'outChannels');
    checkSize(groups, 'groups');
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Expected channels that groups ${groups} divides but received inChannels ${inChannels} and outChannels ${outChannels}`,
      );
    }
    this.kernelSize = each(kernelSize, dims, 'kernelSize', 1);
    this.stride = each(stride, dims, 'stride', 1);
    this.dilation = each(dilation, dims, 'dilation', 1);
    this.groups = groups;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = new Parameter(empty([...channels, ...this.kernelSize], { device, dtype }));
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

  /** `padding` as PyTorch shows it, and what follows `dilation`. */
  protected describe(padding: readonly number[] | string, outputPadding: readonly number[] = []): string[] {
    const { kernelSize, stride, dilation, groups, bias } = this;
    const parts = [`${this.inChannels}`, `${this.outChannels}`, `kernel_size=${python(kernelSize)}`, `stride=${python(stride)}`];
    if (typeof padding === 'string' || padding.some((size) => size !== 0)) parts.push(`padding=${python(padding)}`);
    if (dilation.some((step) => step !== 1)) parts.push(`dilation=${python(dilation)}`);
    if (outputPadding.some((size) => size !== 0)) parts.push(`output_padding=${python(outputPadding)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (bias === null) parts.push('bias=False');
    return parts;
  }
}
