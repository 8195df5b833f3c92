import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { Tensor } from '../../tensor/tensor';
import { writeAll, writeAtomically } from '../atomic';
import { eachPiece } from '../tensor-bytes';
import { BY_DTYPE, ENCODINGS, shapeInFile } from './dtypes';

const ALIGNMENT = 8;

export interface SaveOptions {
  /** Texts to keep beside the tensors, such as the name of the model. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * The tensors as the bytes of a safetensors file.
 *
 * @throws for a dtype that the format lacks (complex128 among the common ones), and for tensors that are not dense
 */
export function save(tensors: Readonly<Record<string, Tensor>>, options: SaveOptions = {}): Buffer {
  const chunks: Uint8Array[] = [];
  encode(tensors, checkedOptions(options, 'save'), (bytes) => chunks.push(new Uint8Array(bytes)));
  return Buffer.concat(chunks);
}

/**
 * Writes the tensors to a safetensors file. The file appears under its name only when it is whole: a crash leaves the old
 * one, or none.
 *
 * @throws as `save` does, and when the file cannot be written
 */
export function saveFile(tensors: Readonly<Record<string, Tensor>>, path: string, options: SaveOptions = {}): void {
  writeAtomically(path, (file) => encode(tensors, checkedOptions(options, 'saveFile'), (bytes) => writeAll(file, bytes)));
}

/** Hands the file's bytes on piece by piece; a piece may be the tensor's own memory, so it must be used at once. */
function encode(tensors: Readonly<Record<string, Tensor>>, { metadata }: SaveOptions, put: (bytes: Uint8Array) => void): void {
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    if (!(tensor instanceof Tensor)) throw expected('a tensor', JSON.stringify(name), tensor);
    if (tensor.layout !== 'strided') throw expected('a dense tensor', JSON.stringify(name), tensor);
    const encoding = BY_DTYPE.get(tensor.dtype);
    if (encoding === undefined)
      throw expected(`a tensor of a dtype that safetensors has (${[...BY_DTYPE.keys()].join(', ')})`, JSON.stringify(name), tensor);
    return { name, tensor, encoding };
  });
  entries.sort((a, b) => ENCODINGS.indexOf(a.encoding) - ENCODINGS.indexOf(b.encoding) || compareNames(a.name, b.name));
  const header = new Map<string, unknown>();
  if (metadata !== undefined) {
    for (const [key, text] of Object.entries(metadata))
      if (typeof text !== 'string') throw expected('a string', `metadata ${JSON.stringify(key)}`, text);
    header.set('__metadata__', metadata);
  }
  let end = 0;
  for (const { name, tensor, encoding } of entries) {
    if (name === '__metadata__') throw new TypeError('Expected another name than __metadata__ for a tensor: the format keeps it for texts');
    const begin = end;
    end += tensor.numel() * encoding.bytes;
    header.set(name, { dtype: encoding.name, shape: shapeInFile(tensor.dtype, tensor.shape), data_offsets: [begin, end] });
  }
  const json = Buffer.from(toJson(header));
  const padded = Buffer.alloc(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  put(length);
  put(padded);
  for (const { tensor } of entries) eachPiece(tensor, put);
}

/** An object's JSON in the order of a map: plain objects would put names that are whole numbers first. */
function toJson(fields: ReadonlyMap<string, unknown>): string {
  return `{${[...fields].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
