import { CustomFunction, type FunctionContext } from '../autograd/function';
import { checkedOptions } from '../tensor/checked';
import { zeros } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import {
  checkBallEps,
  checkedCurvature,
  clipFeatures,
  depth,
  expMap,
  expMap0,
  type PoincareProjectOptions,
  projected,
} from './poincare-ball';
import { checkSize } from './sizes';

export interface ToPoincareOptions extends PoincareProjectOptions {
  /** Vectors are cut to this norm first; null: they are not. Default 2. */
  clipRadius?: number | null;
  /** Whether backward multiplies the gradient by the inverse of the ball's metric, `(1 - c|y|^2)^2 / 4`. Default true. */
  riemannianGradient?: boolean;
}

/** Passes on what it gets; the gradient is that of the ball's own metric. */
class RiemannianGradient extends CustomFunction {
  static forward(ctx: FunctionContext, y: Tensor, c: number): Tensor {
    ctx.saveForBackward(y);
    ctx.c = c;
    return y.viewAs(y);
  }

  static backward(ctx: FunctionContext, gradient: Tensor): [Tensor, null] {
    const [y] = ctx.savedTensors as [Tensor];
    return [
      gradient.mul(
        depth(y, ctx.c as number)
          .square()
          .div(4),
      ),
      null,
    ];
  }
}

/**
 * Features as points of the Poincaré ball: cut to `clipRadius`, mapped by `exp_0`, or by `exp_o` at the point `o = exp_0(origin)`, and kept off
 * the boundary.
 *
 * Do not rescale the gradients in the optimizer as well when `riemannianGradient` is on.
 *
 * Shapes: x [B, D], origin [D] or null; [B, D].
 *
 * @throws for c or a radius that is not above 0, `ballEps` outside (0, 1), and other shapes
 *
 * Narayan, Patel: Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing. FG 2024, arXiv 2404.14406
 */
export function toPoincare(x: Tensor, origin?: Tensor | null, options?: ToPoincareOptions): Tensor {
  const c = checkedCurvature(options, 'toPoincare');
  const { clipRadius = 2, riemannianGradient = true, ballEps = 1e-3 } = options ?? {};
  checkBallEps(ballEps);
  const { D } = checkShapes(['x', x, 'B', 'D']);
  const clipped = clipRadius === null ? x : clipFeatures(x, { radius: clipRadius });
  let y: Tensor;
  if (origin === undefined || origin === null) y = expMap0(clipped, c);
  else {
    checkShapes(['origin', origin, D]);
    y = expMap(projected(expMap0(origin, c), c, ballEps), clipped, c);
  }
  y = projected(y, c, ballEps);
  return riemannianGradient ? RiemannianGradient.apply(y, c) : y;
}

export interface ToPoincareLayerOptions extends ToPoincareOptions, FactoryOptions {
  /** Whether the origin's tangent is a parameter, 0 in the beginning, rather than fixed at 0. Default true, the authors'. */
  trainOrigin?: boolean;
}

/**
 * `methods.toPoincare` with an origin that is learned.
 *
 * Shapes: input [B, dim], output [B, dim]; origin [dim].
 *
 * @throws as `methods.toPoincare`, and for a size that is no positive whole number
 *
 * Narayan, Patel, FG 2024, arXiv 2404.14406
 */
export class ToPoincare extends Module {
  readonly origin: Parameter | null;
  readonly #options: ToPoincareOptions;

  constructor(
    readonly dim: number,
    options?: ToPoincareLayerOptions,
  ) {
    super();
    checkSize(dim, 'dim');
    const { trainOrigin = true, device, dtype, ...rest } = checkedOptions(options, 'ToPoincare');
    checkedCurvature(rest, 'ToPoincare');
    if (rest.ballEps !== undefined) checkBallEps(rest.ballEps);
    if (rest.clipRadius !== undefined && rest.clipRadius !== null) checkPositive(rest.clipRadius, 'clipRadius');
    this.origin = trainOrigin ? new Parameter(zeros([dim], { device, dtype })) : null;
    this.#options = rest;
  }

  override forward(x: Tensor): Tensor {
    return toPoincare(x, this.origin, this.#options);
  }

  protected override extraRepr(): string {
    const { c = 0.1, clipRadius = 2 } = this.#options;
    return `${this.dim}, c=${c}, clip_radius=${clipRadius ?? 'None'}, train_origin=${this.origin === null ? 'False' : 'True'}`;
  }
}
