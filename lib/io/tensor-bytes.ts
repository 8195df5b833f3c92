import { noGrad } from '../autograd/modes';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/** Bytes of a piece: little enough to come from a GPU without much memory, so many that a write costs nothing beside them. */
const PIECE = 256 << 20;

/**
 * Hands on the elements' bytes in order, row by row, in pieces. A piece may be the tensor's own memory: it must be used at once,
 * and not written to.
 */
export function eachPiece(tensor: Tensor, use: (bytes: Uint8Array) => void): void {
  const count = tensor.numel();
  if (count === 0) return;
  scope(() =>
    noGrad(() => {
      const flat = tensor.detach().reshape([-1]);
      const step = Math.floor(PIECE / flat.itemsize);
      for (let begin = 0; begin < count; begin += step) {
        scope(() => {
          const { buffer, byteOffset, byteLength } = flat.narrow(0, begin, Math.min(step, count - begin)).toTypedArray();
          use(new Uint8Array(buffer, byteOffset, byteLength));
        });
      }
    }),
  );
}
