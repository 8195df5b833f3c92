/** Faces from the front, and their halves. */

import { interpolate } from '../nn/functional';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange } from '../tensor/generated/root';
import { checkClosedShare, checkCount } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface SymmetricOrientationOptions {
  /** From which coefficient on a face counts as symmetric, in [0, 1]. Default 0.8. */
  threshold?: number;
}

export interface SymmetricOrientation {
  /** How frontal each face is, in [0, 1], [N]. */
  readonly rho: Tensor;
  /** How far the nose is from the middle between the eyes, in columns, [N]. */
  readonly discrepancy: Tensor;
  /** Whether rho is not below the threshold, bool [N]. */
  readonly symmetric: Tensor;
  /** The column of the nose, where the face is divided, [N]. */
  readonly splitX: Tensor;
}

/** Two eyes in one column are no face. */
const NARROWEST = 1e-12;

/**
 * How frontal faces are, by the columns of three landmarks: `rho = clamp(1 - D / half, 0, 1)`, D the distance of the nose from the middle
 * between the eyes, half that of the eyes from it. The faces are to be aligned, eyes level.
 *
 * Shapes: landmarks [N, L, 2] as (column, row) of left eye, right eye, nose, and others that do not count; four times [N]. No gradient flows.
 *
 * @throws for fewer than three landmarks, another shape, a threshold outside [0, 1]
 *
 * Prakash, Jerripothula, Sam, Singh, Umamaheswaran: SymFace. arXiv 2409.11816, which gives the three landmarks, D and rho in [0, 1]; the formula
 * of rho and the threshold are this package's
 */
export function symmetricOrientation(landmarks: Tensor, options?: SymmetricOrientationOptions): SymmetricOrientation {
  const { threshold = 0.8 } = checkedOptions(options, 'symmetricOrientation');
  checkClosedShare(threshold, 'threshold');
  const { L } = checkShapes(['landmarks', landmarks, 'N', 'L', 2]);
  if (L < 3) throw expected('at least three landmarks of each face', 'landmarks', landmarks);
  const given = landmarks.detach();
  const columns = (given.isFloatingPoint() ? given : given.float()).select(2, 0);
  const [left, right, nose] = [0, 1, 2].map((place) => columns.select(1, place)) as [Tensor, Tensor, Tensor];
  const discrepancy = left.add(right).div(2).sub(nose).abs();
  const half = right.sub(left).abs().div(2).clampMin(NARROWEST);
  const rho = discrepancy.div(half).neg().add(1).clamp(0, 1);
  return { rho, discrepancy, symmetric: rho.ge(threshold), splitX: nose.clone() };
}

export interface SplitFaceHalvesOptions {
  /** Mirror the right half, so that both show the same side of a face. Default true. */
  mirrorRight?: boolean;
  /** Height and width that the halves are brought to, such as the network's input; null leaves them. Default null. */
  resize?: readonly [height: number, width: number] | null;
}

export interface FaceHalves {
  readonly left: Tensor;
  readonly right: Tensor;
}

/**
 * The left and the right half of faces. With columns to divide them at, images are first moved so that theirs is in the middle, their last
 * column repeated where nothing is left. The middle column of an odd width is in neither half.
 *
 * Shapes: images [N, C, H, W], splitX [N] or null; left and right [N, C, H, floor(W / 2)], or [N, C, ...resize] by bilinear interpolation.
 * Differentiable in the images.
 *
 * @throws for images of one column, another shape, a `resize` that is not two positive whole numbers
 *
 * Prakash, Jerripothula, Sam, Singh, Umamaheswaran: SymFace. arXiv 2409.11816
 */
export function splitFaceHalves(images: Tensor, splitX: Tensor | null = null, options?: SplitFaceHalvesOptions): FaceHalves {
  const { mirrorRight = true, resize = null } = checkedOptions(options, 'splitFaceHalves');
  const { N, C, H, W } = checkShapes(['images', images, 'N', 'C', 'H', 'W']);
  if (splitX !== null) checkShapes(['splitX', splitX, N]);
  if (W < 2) throw expected('images of at least two columns', 'images', images);
  if (resize !== null) checkSize(resize);
  const half = Math.floor(W / 2);
  const sized = (x: Tensor): Tensor => (resize === null ? x : interpolate(x, { size: [...resize], mode: 'bilinear', alignCorners: false }));
  if (splitX === null) {
    const right = images.narrow(3, W - half, half);
    return { left: sized(images.narrow(3, 0, half)), right: sized(mirrorRight ? right.flip([3]) : right) };
  }
  const { device } = images;
  const shift = scopedNoGrad(() => checkedTensor(splitX, 'splitX').detach().to(device).round().long().sub(half).unsqueeze(1));
  const taken = (columns: Tensor): Tensor => {
    const places = shift.add(columns).clamp(0, W - 1);
    return images.gather(3, places.unsqueeze(1).unsqueeze(1).expand(N, C, H, half));
  };
  const right = mirrorRight ? arange(W - 1, W - half - 1, -1, { device }) : arange(W - half, W, { device });
  return { left: sized(taken(arange(half, { device }))), right: sized(taken(right)) };
}

function checkSize(resize: readonly [height: number, width: number]): void {
  if (!Array.isArray(resize) || resize.length !== 2) throw expected('a height and a width', 'resize', resize);
  for (const size of resize as readonly number[]) checkCount(size, 'resize', 1);
}
