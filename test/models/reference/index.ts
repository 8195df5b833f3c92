/** What networks are and compute in PyTorch, as `make.py` recorded it, and the numbers of `pattern.py`. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { nn } from '../../../lib';
import * as torch from '../../../lib';

/** One number for a whole tensor, and the tensor's norm. */
export type Mark = readonly [value: number, norm: number];

export interface ModelCase {
  readonly repr: string;
  /** The shapes of the state dict's tensors. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  /** Of the state's tensors under seed 3, in float32. */
  readonly initial: readonly Mark[];
  readonly shape: readonly number[];
  /** Where the input is made of tokens, how many different ones. */
  readonly vocabulary: number | null;
  readonly outputShape: readonly number[];
  /** The first twenty numbers of the output in evaluation. */
  readonly evaluated: readonly number[];
  readonly evaluatedMark: Mark;
  /** Of the output while training, under seed 4, and of what follows from it. */
  readonly trained: Mark;
  /** Tokens have none. */
  readonly inputGrad: Mark | null;
  readonly grads: readonly Mark[];
  readonly stateAfter: readonly Mark[];
}

interface Stored {
  readonly cases: Readonly<Record<string, ModelCase>>;
  readonly 'resnet.pt': readonly (readonly number[])[];
  /** The whole ViT-B/16, filled by `fill`. */
  readonly vitB16: Pick<ModelCase, 'state' | 'initial'> & { readonly logits: readonly number[] };
  /** Rows that the GPT of the cases, filled by `fill`, made of the same four tokens, under seed 6. */
  readonly generated: readonly { readonly temperature: number; readonly topK: number | null; readonly tokens: readonly number[][] }[];
}

export const stored = JSON.parse(readFileSync(path.join(__dirname, 'models.json'), 'utf8')) as Stored;
export const savedResNet = path.join(__dirname, 'resnet.pt');

/** The numbers of `pattern.py`. */
export function pattern(count: number, k: number): torch.Tensor {
  const i = torch.arange(count, { dtype: 'int64' });
  const whole = i
    .mul(i)
    .mul(7919)
    .add(i.mul(104729))
    .add(k * 1299709)
    .remainder(65521);
  return whole.to('float64').div(65521).mul(2).sub(1);
}

/** The numbers of `numbers` in `make.py`. */
export function numbers(shape: readonly number[]): torch.Tensor {
  return pattern(
    shape.reduce((product, size) => product * size),
    1,
  ).reshape(shape);
}

/** The tokens of `tokens` in `make.py`. */
export function tokens(shape: readonly number[], vocabulary: number): torch.Tensor {
  return numbers(shape).add(1).div(2).mul(vocabulary).long();
}

/** Gives all parameters and running statistics the numbers that `fill` of `pattern.py` gives them. */
export function fill(model: nn.Module): void {
  for (const [k, [key, value]] of Object.entries(model.stateDict()).entries()) {
    if (!value.isFloatingPoint()) continue;
    const numbers = pattern(value.numel(), k);
    if (value.dim() > 1) numbers.mul_(Math.sqrt((6 * value.size(0)) / value.numel()));
    else if (key.endsWith('running_var')) numbers.mul_(0.5).add_(1);
    else if (key.endsWith('weight')) numbers.mul_(0.2).add_(1);
    else numbers.mul_(0.1);
    value.copy_(numbers.reshape(value.shape));
  }
}

/** The tensor's mark has to be the stored one, within the share `tolerance` of it. */
export function expectMark(tensor: torch.Tensor | null, k: number, [value, norm]: Mark, tolerance: number): void {
  const flat = (tensor as torch.Tensor).detach().to('float64').flatten();
  const within = tolerance * Math.max(norm, Math.abs(value)) + 1e-13;
  expect(Math.abs(Number(flat.norm().item()) - norm)).toBeLessThanOrEqual(within);
  expect(Math.abs(Number(flat.dot(pattern(flat.numel(), k)).item()) - value)).toBeLessThanOrEqual(within);
}
