import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import type { BatchedDataset } from './dataset';

/**
 * Samples along the first axis of one or more tensors: sample `i` is `[tensors[0][i], tensors[1][i], ...]`.
 *
 * The tensors are kept: they belong to no scope.
 *
 * @throws unless the tensors have first axes of one length
 */
export class TensorDataset<Tensors extends readonly [Tensor, ...Tensor[]]> implements BatchedDataset<Tensors, Tensors> {
  /** Number of samples. */
  readonly length: number;
  readonly tensors: Tensors;

  constructor(...tensors: Tensors) {
    const lengths = tensors.map((tensor, position) => {
      if (!(tensor instanceof Tensor)) throw expected('a tensor', `tensor ${position} of the dataset`, tensor);
      const length = tensor.shape[0];
      if (length === undefined) throw expected('a tensor with at least one axis', `tensor ${position} of the dataset`, tensor);
      return length;
    });
    const [length] = lengths;
    if (length === undefined) throw expected('at least one tensor', 'the dataset', undefined);
    if (lengths.some((other) => other !== length)) {
      throw new RangeError(`Expected tensors with first axes of one length for the dataset but received lengths ${lengths.join(', ')}`);
    }
    for (const tensor of tensors) tensor.keep();
    this.length = length;
    this.tensors = tensors;
  }

  get(index: number): Tensors {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    }
    return this.tensors.map((tensor) => tensor.select(0, index)) as unknown as Tensors;
  }

  getBatch(indices: Tensor): Tensors {
    return this.tensors.map((tensor) => tensor.indexSelect(0, indices)) as unknown as Tensors;
  }
}
