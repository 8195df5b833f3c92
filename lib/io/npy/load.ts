import { checkedOptions } from '../../tensor/checked';
import { dtypeBytes, dtypeCode } from '../../tensor/dtype';
import { expected } from '../../tensor/expected';
import { empty } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { DeviceLike, DType } from '../../tensor/types';
import { swapBytes } from '../byte-order';
import { malformed, type Source, withSource } from '../source';
import { stridedOver, typedView } from '../typed-view';
import { ZipArchive } from '../zip/archive';
import { parseHeader } from './header';

export interface LoadNpyOptions {
  /**
   * The tensor is the file's own pages, read when they are touched. Writing to it changes the tensor and not the file, which must
   * not be cut short while the tensor lives. Default false: a copy.
   */
  mmap?: boolean;
  /** Where the tensor is put. Default `'cpu'`. */
  device?: DeviceLike;
  /**
   * What the bytes are, where numpy does not know: it has no bfloat16 and no eight-bit floats, and files of them say `V2` or `V1`.
   * Default: what the file says.
   */
  dtype?: DType;
}

/**
 * Reads an array that numpy saved (`numpy.save`): versions 1 to 3, any byte order, rows or columns first (Fortran order comes as
 * strides).
 *
 * @param file a path, or what is in the file
 * @throws when the file cannot be read, is no such file or a damaged one, and for arrays of texts, of Python objects and of records
 */
export function loadNpy(file: string | Uint8Array, options?: LoadNpyOptions): Tensor {
  const given = checkedOptions(options, 'loadNpy');
  check(file, given, 'loadNpy');
  return withSource(file, { mmap: given.mmap }, (source) => scope(() => readArray(source, 0, source.size, given)));
}

/**
 * Reads the arrays that numpy saved together (`numpy.savez`, `numpy.savez_compressed`), by name.
 *
 * @throws as `loadNpy` does, and when the archive holds something else than arrays
 */
export function loadNpz(file: string | Uint8Array, options?: LoadNpyOptions): Record<string, Tensor> {
  const given = checkedOptions(options, 'loadNpz');
  check(file, given, 'loadNpz');
  return withSource(file, { mmap: given.mmap }, (whole) =>
    scope(() => {
      const archive = new ZipArchive(whole);
      return Object.fromEntries(
        archive.names().map((name) => {
          if (!name.endsWith('.npy')) throw malformed(whole, 'an archive of .npy files', `one with ${JSON.stringify(name)}`);
          const { source, begin, size } = archive.open(name);
          return [name.slice(0, -'.npy'.length), readArray(source, begin, begin + size, given)];
        }),
      );
    }),
  );
}

function check(file: unknown, { dtype }: LoadNpyOptions, where: string): void {
  if (typeof file !== 'string' && !(file instanceof Uint8Array)) throw expected('a path or bytes', where, file);
  if (dtype !== undefined) dtypeCode(dtype);
}

function readArray(source: Source, begin: number, end: number, { device, dtype: wanted }: LoadNpyOptions): Tensor {
  const { dtype: said, width, bigEndian, fortranOrder, shape, begin: first } = parseHeader(source, begin, end);
  const dtype = wanted ?? said;
  if (dtype === null) throw malformed(source, 'a dtype that numpy has, or the option dtype,', `V${width}`);
  if (dtypeBytes(dtype) !== width) throw malformed(source, `elements of ${dtypeBytes(dtype)} bytes for the dtype ${dtype}`, `${width}`);
  const bytes = shape.reduce((product, size) => product * size, width);
  if (bytes !== end - begin - first) throw malformed(source, `${bytes} bytes for ${dtype} [${shape.join(', ')}]`, `${end - begin - first}`);
  const raw = bytes === 0 ? empty([0], { dtype: 'uint8' }) : source.tensor(begin + first, bytes);
  if (bigEndian) swapBytes(raw, dtype);
  const tensor = bytes === 0 ? empty(shape, { dtype }) : stridedOver(typedView(raw, dtype), shape, stridesOf(shape, fortranOrder));
  return device === undefined ? tensor : tensor.to(device);
}

function stridesOf(shape: readonly number[], fortranOrder: boolean): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let k = 0; k < shape.length; k++) {
    const dim = fortranOrder ? k : shape.length - 1 - k;
    strides[dim] = step;
    step *= shape[dim] as number;
  }
  return strides;
}
