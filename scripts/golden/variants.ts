/** The ways in which the tensors of a case are given: as they are, in float32, on a GPU, with gaps in memory, without rows. */

import * as torch from '../../lib';
import type { CaseInput, CaseTensor } from './cases';

export type Variant = 'float64' | 'float32' | 'cuda' | 'strided';

export type Argument = torch.Tensor | torch.Tensor[] | null;

/** The ways that this machine has. */
export function variants(): Variant[] {
  return torch.cuda.isAvailable() ? ['float64', 'strided', 'float32', 'cuda'] : ['float64', 'strided', 'float32'];
}

/** Makes the leaf tensors of a call anew. */
export function argumentOf(input: CaseInput, variant: Variant): Argument {
  if (input === null) return null;
  return 'list' in input ? input.list.map((tensor) => tensorOf(tensor, variant)) : tensorOf(input, variant);
}

export function tensorOf({ dtype, shape, data, requiresGrad = false }: CaseTensor, variant: Variant): torch.Tensor {
  const numbers = data.map((value) => (typeof value === 'string' ? Number(value) : value));
  const made = torch.tensor(numbers, { dtype: variant === 'float32' && dtype === 'float64' ? 'float32' : dtype }).reshape([...shape]);
  const placed = variant === 'cuda' ? made.to('cuda') : variant === 'strided' ? withGaps(made) : made;
  return requiresGrad ? placed.detach().requiresGrad_() : placed;
}

/** The same elements with others between them, and with the first dimension innermost. */
function withGaps(tensor: torch.Tensor): torch.Tensor {
  if (tensor.dim() === 0) return tensor;
  const room = torch.zeros([2, ...[...tensor.shape].reverse()], { dtype: tensor.dtype });
  const view = room.permute([...tensor.shape.map((_, k) => tensor.dim() - k), 0]).select(tensor.dim(), 1);
  return view.copy_(tensor);
}

/** The arguments with no rows in the first of them, and in those that have as many. */
export function withoutRows(args: readonly Argument[]): Argument[] {
  const first = args.find((arg): arg is torch.Tensor => arg instanceof torch.Tensor && arg.dim() > 0);
  const rows = first?.size(0);
  const emptied = (tensor: torch.Tensor): torch.Tensor => {
    if (tensor.dim() === 0 || tensor.size(0) !== rows) return tensor;
    const empty = tensor.detach().narrow(0, 0, 0);
    return tensor.requiresGrad ? empty.requiresGrad_() : empty;
  };
  return args.map((arg) => (Array.isArray(arg) ? arg.map(emptied) : arg === null ? null : emptied(arg)));
}
