/** Random inputs of the losses of one label per sample, of many shapes: properties hold for all of them. */

import * as torch from '../../lib';

export interface Batch {
  readonly logits: torch.Tensor;
  readonly labels: torch.Tensor;
}

/** `[description, batch]` for `test.each`: float64 logits of several sizes, from one sample and one class on. */
export function batches(scale = 2): [string, () => Batch][] {
  return [
    [1, 1],
    [1, 7],
    [5, 2],
    [8, 3],
    [17, 40],
  ].map(([samples, classes], k) => [
    `${samples} samples of ${classes} classes`,
    () => {
      torch.manualSeed(k);
      const logits = torch
        .randn(samples as number, classes as number, { dtype: 'float64' })
        .mul(scale)
        .requiresGrad_();
      return { logits, labels: torch.randint(classes as number, [samples as number]) };
    },
  ]);
}

/** Probability of the label, [B]. */
export function labelProbability({ logits, labels }: Batch): torch.Tensor {
  return logits.softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
}

/** Fails unless the tensors agree to `tolerance`, NaN and infinity included. */
export function expectClose(received: torch.Tensor, wanted: torch.Tensor, tolerance = 1e-10): void {
  expect(received.shape).toEqual(wanted.shape);
  const agree = received.detach().isclose(wanted.detach(), { rtol: tolerance, atol: tolerance, equalNan: true }).all().item();
  expect(agree ? 'agree' : `${received} instead of ${wanted}`).toBe('agree');
}
