import { checkedOptions } from '../tensor/checked';
import { cat, empty } from '../tensor/generated/root';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { type CurvatureOptions, checkedCurvature, expMap0, squaredNorm } from './poincare-ball';
import { checkSize } from './sizes';

/**
 * The logits of hyperbolic multinomial logistic regression: a class is a gyroplane through the point `q_k = exp_0(p_k)` with the normal a_k,
 * `logit_k = (2 |a_k| / sqrt c) arsinh(2 sqrt c <z, a_k> / ((1 - c|z|^2) |a_k|))` with `z = (-q_k) (+) x`. For small c it is
 * `4 <x - p_k, a_k>`.
 *
 * Shapes: x [B, D] in the ball, a and p [C, D]; [B, C]. No [B, C, D] is formed.
 *
 * @throws for c that is not above 0, and other shapes
 *
 * Ganea, Bécigneul, Hofmann: Hyperbolic Neural Networks. NeurIPS 2018, arXiv 1805.09112
 */
export function hyperbolicLogits(x: Tensor, a: Tensor, p: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'hyperbolicLogits');
  const { C } = checkShapes(['x', x, 'B', 'D'], ['a', a, 'C', 'D'], ['p', p, 'C', 'D']);
  const q = expMap0(p, c);
  // <z, a> and 1 - c|z|^2 have the same denominator, which their quotient does without:
  //   <z, a> / (1 - c|z|^2) = ((1 - c|q|^2) <x, a> - (1 - 2c <q, x> + c|x|^2) <q, a>) / ((1 - c|x|^2) (1 - c|q|^2))
  const products = x.matmul(cat([a, q]).t());
  const [xa, xq] = [products.narrow(1, 0, C), products.narrow(1, C, C)];
  const x2 = squaredNorm(x).mul(c);
  const qDepth = q.square().sum(1).mul(-c).add(1);
  const qa = q.mul(a).sum(1);
  const size = a.square().sum(1).clampMin(LEAST_SQUARE).sqrt();
  const across = xa.sub(
    xq
      .mul(-2 * c)
      .add(x2)
      .add(1)
      .mul(qa.div(qDepth)),
  );
  const ratio = across.div(x2.neg().add(1).mul(size)).mul(2 * Math.sqrt(c));
  return ratio.asinh().mul(size.mul(2 / Math.sqrt(c)));
}

/** A normal of no length gives logits of 0 and no NaN. */
const LEAST_SQUARE = 1e-30;

export interface HyperbolicMlrOptions extends CurvatureOptions, FactoryOptions {}

/**
 * A classifier of points in the Poincaré ball, `methods.hyperbolicLogits`, with its gyroplanes as parameters.
 *
 * Shapes: input [B, ballDim], output [B, numClasses]; a, p [numClasses, ballDim]. Both are initialised as `Linear`'s weight, Kaiming uniform.
 *
 * @throws for sizes that are no positive whole numbers, and for c that is not above 0
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112; Narayan, Patel: Hyp-OC, FG 2024, arXiv 2404.14406
 */
export class HyperbolicMlr extends Module {
  /** Normals. */
  readonly a: Parameter;
  /** Tangents at the origin of the points that the gyroplanes go through. */
  readonly p: Parameter;
  readonly c: number;

  constructor(
    readonly ballDim: number,
    readonly numClasses: number,
    options?: HyperbolicMlrOptions,
  ) {
    super();
    checkSize(ballDim, 'ballDim');
    checkSize(numClasses, 'numClasses');
    const { device, dtype } = checkedOptions(options, 'HyperbolicMlr');
    this.c = checkedCurvature(options, 'HyperbolicMlr');
    this.a = new Parameter(empty([numClasses, ballDim], { device, dtype }));
    this.p = new Parameter(empty([numClasses, ballDim], { device, dtype }));
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    for (const parameter of [this.a, this.p]) init.kaimingUniform_(parameter, { a: Math.sqrt(5) });
  }

  override forward(x: Tensor): Tensor {
    return hyperbolicLogits(x, this.a, this.p, { c: this.c });
  }

  protected override extraRepr(): string {
    return `${this.ballDim}, ${this.numClasses}, c=${this.c}`;
  }
}
