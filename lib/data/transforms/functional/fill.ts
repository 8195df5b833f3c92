import { checkedTensor } from '../../../tensor/checked';
import { tensor } from '../../../tensor/creation';
import { expected } from '../../../tensor/expected';
import type { Tensor } from '../../../tensor/tensor';
import type { Fill } from './image';

/** A fill as [C or 1, 1, 1] of the image's dtype. @throws unless there is one number, or one for each channel */
export function fillImage(fill: Exclude<Fill, null>, image: Tensor): Tensor {
  checkedTensor(image, 'image');
  const values = typeof fill === 'number' ? [fill] : [...fill];
  if (values.length !== 1 && values.length !== image.size(-3)) throw expected(`1 or ${image.size(-3)} numbers`, 'fill', fill);
  return tensor(values, { dtype: 'float64' }).to(image.device, image.dtype).reshape(-1, 1, 1);
}
