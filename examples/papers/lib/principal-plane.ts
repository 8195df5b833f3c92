import * as torch from 'torchwright';

export interface PrincipalPlane {
  /** [N, 2]: along the direction in which the rows vary most, and along the next. */
  readonly points: torch.Tensor;
  /** How much of the variance they have. */
  readonly share: number;
}

/** Rows [N, D], D from 2, seen from where they are spread most: their first two principal components. */
export function principalPlane(rows: torch.Tensor): PrincipalPlane {
  const centred = rows
    .detach()
    .double()
    .sub(rows.detach().double().mean([0]));
  const { S, Vh } = torch.linalg.svd(centred, false);
  const axes = Vh.narrow(0, 0, 2);
  // Of a direction and its opposite the one whose largest part is positive: the same picture on every machine.
  const largest = axes.gather(1, axes.abs().argmax(1, true));
  const variances = S.square();
  return {
    points: centred.mm(axes.mul(largest.sign()).t()),
    share: Number(variances.narrow(0, 0, 2).sum().div(variances.sum()).item()),
  };
}
