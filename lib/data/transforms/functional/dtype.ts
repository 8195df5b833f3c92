import { checkedOptions, checkedTensor } from '../../../tensor/checked';
import { tensor } from '../../../tensor/creation';
import { isFloatingDType } from '../../../tensor/dtype';
import { expected } from '../../../tensor/expected';
import { Tensor } from '../../../tensor/tensor';
import type { DType } from '../../../tensor/types';
import { checkImage, isReal, valueBits } from './image';

/**
 * The image with another dtype. With `scale` the range goes along: whole numbers 0 ... largest, real numbers 0 ... 1. From real to
 * whole x becomes floor(x (largest + 1 - 0.001)), so that all whole numbers get equal shares.
 *
 * @throws for a conversion with `scale` that cannot be exact: float32 to int32 or int64, float64 to int64
 */
export function toDtype(image: Tensor, dtype: DType = 'float32', options?: { scale?: boolean }): Tensor {
  checkedTensor(image, 'image');
  const { scale = false } = checkedOptions(options, 'toDtype');
  const from = image.dtype;
  if (from === dtype || !scale) return image.to(dtype);
  const toReal = isFloatingDType(dtype);
  if (isReal(image)) {
    if (toReal) return image.to(dtype);
    const exact = from === 'float64' ? 31 : 15;
    if (valueBits(dtype) > exact) throw expected(`a dtype of at most ${exact} bits`, `scaling a ${from} image`, dtype);
    return image.mul(2 ** valueBits(dtype) - 0.001).to(dtype);
  }
  if (toReal) return image.to(dtype).mul(1 / (2 ** valueBits(from) - 1));
  const shift = valueBits(dtype) - valueBits(from);
  return shift < 0 ? image.bitwiseRightShift(-shift).to(dtype) : image.to(dtype).bitwiseLeftShift(shift);
}

/** A number for all channels, or one for each. */
export type PerChannel = number | readonly number[] | Tensor;

/**
 * (image - mean) / std, channel by channel.
 *
 * @throws for an image that is not of a floating-point dtype, and for a `std` of 0
 */
export function normalize(image: Tensor, mean: PerChannel, std: PerChannel): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'normalize');
  if (!isReal(image)) throw expected('an image of a floating-point dtype', 'normalize', image);
  const zero = typeof std === 'number' ? std === 0 : Array.isArray(std) && std.includes(0);
  if (zero) throw expected('numbers other than 0', 'std', std);
  return image.sub(perChannel(mean, image, 'mean')).div(perChannel(std, image, 'std'));
}

function perChannel(values: PerChannel, image: Tensor, where: string): Tensor {
  if (!(values instanceof Tensor) && typeof values !== 'number' && !Array.isArray(values))
    throw expected('a number, an array of numbers or a tensor', where, values);
  const given = values instanceof Tensor ? values : tensor(typeof values === 'number' ? [values] : [...values], { dtype: 'float64' });
  const count = given.numel();
  if (given.dim() > 1 || (count !== 1 && count !== image.size(-3))) throw expected(`1 or ${image.size(-3)} numbers`, where, values);
  return given.to(image.device, image.dtype).reshape(-1, 1, 1);
}
