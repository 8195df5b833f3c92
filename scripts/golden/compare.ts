/** Whether numbers agree: `|a - b| <= atol + rtol |b|`, NaN with NaN and infinity with infinity of one sign. */

import type * as torch from '../../lib';

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Why they do not agree, in a sentence; null when they do. */
export function difference(received: torch.Tensor, wanted: torch.Tensor, { rtol, atol }: Tolerance): string | null {
  if (received.shape.join() !== wanted.shape.join()) return `shape [${received.shape}] instead of [${wanted.shape}]`;
  const [a, b] = [received, wanted].map((tensor) => tensor.detach().cpu().to('float64').flatten()) as [torch.Tensor, torch.Tensor];
  if (a.isclose(b, { rtol, atol, equalNan: true }).all().item()) return null;
  const off = a.sub(b).abs().nanToNum({ nan: Number.POSITIVE_INFINITY });
  const place = Number(off.argmax().item());
  return `${a.select(0, place).item()} instead of ${b.select(0, place).item()} at index ${place} of ${a.numel()}`;
}
