import { checkedOptions } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { conv2d, linspace } from '../../../tensor/generated/root';
import { Tensor } from '../../../tensor/tensor';
import { pad, type Size, sizeOf } from './geometry';
import { asColumn, asImages, checkImage, inReals, type PerImage } from './image';

/** One number for both directions, or [x, y]; null: 0.15 kernel size + 0.35. */
export type Sigma = PerImage | readonly [x: number, y: number] | null;

export interface GaussianBlurOptions {
  /** Default null. */
  sigma?: Sigma;
}

/**
 * Averages with weights exp(-(d / sigma)^2 / 2) over kernelSize pixels; the border is reflected.
 *
 * @param kernelSize odd, one number or [x, y]
 * @throws for sizes that are not odd, and for a sigma that is not above 0
 */
export function gaussianBlur(image: Tensor, kernelSize: Size, options?: GaussianBlurOptions): Tensor {
  const { sigma = null } = checkedOptions(options, 'gaussianBlur');
  checkImage(image, 'gaussianBlur');
  const [kx, ky] = sizeOf(kernelSize, 'kernelSize');
  if (kx % 2 === 0 || ky % 2 === 0) throw expected('odd numbers', 'kernelSize', kernelSize);
  const [sx, sy]: readonly [PerImage, PerImage] =
    sigma === null ? [kx * 0.15 + 0.35, ky * 0.15 + 0.35] : typeof sigma === 'number' || sigma instanceof Tensor ? [sigma, sigma] : sigma;
  for (const value of [sx, sy]) if (typeof value === 'number' && !(value > 0)) throw expected('numbers above 0', 'sigma', value);
  return inReals(image, (real) =>
    asImages(real, (images) => {
      const [count, channels, height, width] = images.shape as [number, number, number, number];
      const wide = pad(images, [(kx - 1) / 2, (ky - 1) / 2], { paddingMode: 'reflect' });
      // Every channel of every image by itself: groups of a convolution.
      const groups = count * channels;
      const flat = wide.reshape(1, groups, wide.size(2), wide.size(3));
      const kernel = (size: number, value: PerImage): Tensor => {
        const kernels = gaussian(size, asColumn(value, image, 'sigma')).to(images.device, images.dtype);
        return kernels.size(0) === 1 ? kernels.expand([groups, size]) : kernels.repeatInterleave(channels, 0);
      };
      const across = conv2d(flat, kernel(kx, sx).reshape(groups, 1, 1, kx), null, { groups });
      return conv2d(across, kernel(ky, sy).reshape(groups, 1, ky, 1), null, { groups }).reshape(count, channels, height, width);
    }),
  );
}

/** Weights that sum to 1, [N, size]. */
function gaussian(size: number, sigma: Tensor): Tensor {
  const reach = (size - 1) / 2;
  const distance = linspace(-reach, reach, size, { dtype: 'float64' });
  return distance.div(sigma.unsqueeze(1)).square().div(-2).softmax(1);
}
