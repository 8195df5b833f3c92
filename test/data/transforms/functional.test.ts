/** Transforms with given parameters against stored results of torchvision. */

import * as torch from '../../../lib';
import { data } from '../../../lib';
import { expectClose, type Numbers } from '../../close';
import reference from './functional.json';

const { functional } = data.transforms;

interface Stored {
  readonly dtype: string;
  readonly shape: number[];
  readonly values: number[];
}
const stored = ({ dtype, shape, values }: Stored): torch.Tensor => torch.tensor(values, { dtype: dtype as torch.DType }).reshape(shape);
const inputs = Object.fromEntries(Object.entries(reference.inputs).map(([key, value]) => [key, stored(value).keep()]));
const titled = reference.cases.map(
  (entry) => [`${entry.name} ${JSON.stringify(entry.arguments)} ${JSON.stringify(entry.options)}`, entry] as const,
);

type Function = (image: torch.Tensor, ...more: unknown[]) => torch.Tensor;

/** Whole numbers where a last digit of a float decides: one step is allowed. */
const ROUNDED = ['adjustHue', 'gaussianBlur', 'rotate', 'affine', 'perspective'];

test.each(titled)('%s', (_, { name, arguments: given, options, results }) => {
  const call = functional[name as keyof typeof functional] as unknown as Function;
  for (const [key, wanted] of Object.entries(results) as [string, Stored][]) {
    const image = inputs[key] as torch.Tensor;
    const before = image.clone();
    const got = call(image, ...given, ...(Object.keys(options).length === 0 ? [] : [options]));
    expect([key, got.dtype, got.shape]).toEqual([key, wanted.dtype, wanted.shape]);
    expect(torch.equal(image, before)).toBe(true);
    // torchvision turns hues in float32 whatever the image.
    if (wanted.dtype === 'float64') expectClose(got, wanted.values, name === 'adjustHue' ? 3e-6 : 1e-9);
    else if (wanted.dtype === 'float32') expectClose(got, wanted.values, 3e-5);
    else if (!ROUNDED.includes(name)) expect(got.flatten().toArray() as number[]).toEqual(wanted.values);
    else {
      const off = got.to('int64').flatten().sub(torch.tensor(wanted.values)).abs();
      expect(off.max().item()).toBeLessThanOrEqual(1);
    }
    // One image as one of a batch, and the other way round.
    const other = image.dim() === 3 ? image.unsqueeze(0) : image.select(0, 1);
    const twin = call(other, ...given, ...(Object.keys(options).length === 0 ? [] : [options]));
    const part = image.dim() === 3 ? twin.squeeze(0) : twin;
    expectClose(part, (image.dim() === 3 ? got : got.select(0, 1)).toArray() as Numbers, 1e-6);
  }
});
