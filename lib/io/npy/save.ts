import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { writeAll, writeAtomically } from '../atomic';
import { eachPiece } from '../tensor-bytes';
import { ZipWriter } from '../zip/writer';
import { encodeHeader } from './header';

/**
 * Writes a tensor to a file that `numpy.load` reads. Columns are kept together where they lie together in memory (Fortran order), as
 * numpy does. bfloat16 and other dtypes that numpy lacks are written as bytes (`V2`): `numpy.load(path).view(ml_dtypes.bfloat16)`.
 * The file appears under its name only when it is whole.
 *
 * @throws for tensors that are not dense or are quantized, and when the file cannot be written
 */
export function saveNpy(tensor: Tensor, path: string): void {
  if (typeof path !== 'string') throw expected('a path', 'saveNpy', path);
  const array = arrayOf(tensor, 'saveNpy');
  writeAtomically(path, (file) => array.give((bytes) => writeAll(file, bytes)));
}

export interface SaveNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does; each is in memory once more for it. Default false. */
  compressed?: boolean;
}

/**
 * Writes tensors to a file that `numpy.load` reads as a dictionary of arrays.
 *
 * @throws as `saveNpy` does
 */
export function saveNpz(tensors: Readonly<Record<string, Tensor>>, path: string, options?: SaveNpzOptions): void {
  const { compressed = false } = checkedOptions(options, 'saveNpz');
  if (typeof path !== 'string') throw expected('a path', 'saveNpz', path);
  const arrays = Object.entries(tensors).map(([name, tensor]) => ({ name: `${name}.npy`, ...arrayOf(tensor, JSON.stringify(name)) }));
  writeAtomically(path, (file) => {
    const zip = new ZipWriter(file);
    for (const { name, bytes, give } of arrays) {
      if (!compressed) zip.add(name, bytes, give);
      else {
        const pieces: Buffer[] = [];
        give((piece) => pieces.push(Buffer.from(piece)));
        zip.addDeflated(name, Buffer.concat(pieces));
      }
    }
    zip.end();
  });
}

interface Encoded {
  readonly bytes: number;
  readonly give: (put: (bytes: Uint8Array) => void) => void;
}

function arrayOf(tensor: Tensor, where: string): Encoded {
  if (!(tensor instanceof Tensor)) throw expected('a tensor', where, tensor);
  if (tensor.layout !== 'strided') throw expected('a dense tensor', where, tensor);
  if (/^qu?int/.test(tensor.dtype)) throw expected('a tensor that is not quantized', where, tensor);
  const fortranOrder = scope(() => !tensor.isContiguous() && tensor.detach().T.isContiguous());
  const header = encodeHeader(tensor.dtype, tensor.shape, fortranOrder);
  return {
    bytes: header.length + tensor.nbytes,
    give: (put) => {
      put(header);
      scope(() => eachPiece(fortranOrder ? tensor.detach().T : tensor, put));
    },
  };
}
