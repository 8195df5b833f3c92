import { checkShares } from '../nn/metric-learning/shares';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';

/**
 * Mixtures of samples: `lambda x + (1 - lambda) y`.
 *
 * Shapes: x and y [N, ...], lambda in [0, 1], a scalar or [N]; [N, ...]. Differentiable. There are no options.
 *
 * @throws for shapes that differ, samples that are not floating-point, a lambda outside [0, 1]
 *
 * Zhang, Cisse, Dauphin, Lopez-Paz: mixup: Beyond Empirical Risk Minimization. ICLR 2018, arXiv 1710.09412
 */
export function mixup(x: Tensor, y: Tensor, lambda: Tensor, options?: Record<string, never>): Tensor {
  checkedOptions(options, 'mixup');
  const { shape } = checkedTensor(x, 'x');
  if (shape.length === 0) throw expected('shape [N, ...]', 'x', x);
  if (checkedTensor(y, 'y').shape.join() !== shape.join()) throw expected(`shape [${shape.join(', ')}]`, 'y', y);
  for (const [name, samples] of Object.entries({ x, y }))
    if (!samples.isFloatingPoint()) throw expected('a floating-point dtype', name, samples);
  checkShares(lambda, shape[0] as number);
  const share = lambda.to(x.dtype);
  return y.lerp(x, share.dim() === 0 ? share : share.reshape([-1, ...shape.slice(1).map(() => 1)]));
}
