import { noGrad } from '../../autograd/modes';
import { BatchNorm } from '../../nn/batch-norm';
import type { Module } from '../../nn/module';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import type { DeviceLike } from '../../tensor/types';

/** What batch norms have in common here. */
interface Statistics {
  momentum: number | null;
  resetRunningStats(): void;
}

/**
 * Computes the running statistics of a model's batch norms anew, as averages over all batches: averaged weights never saw the
 * data that the old ones come from.
 *
 * @param loader batches; of those that are lists the first element goes to the model
 * @param device where inputs are moved to; default: they stay
 * @throws for a batch without a tensor
 */
export function updateBn(
  loader: Iterable<Tensor | readonly unknown[]>,
  model: Module & { forward(input: Tensor): unknown },
  options?: { device?: DeviceLike },
): void {
  const { device } = checkedOptions(options, 'updateBn');
  const norms: Statistics[] = [...model.modules()].filter((module) => module instanceof BatchNorm);
  if (norms.length === 0) return;
  const momenta = norms.map(({ momentum }) => momentum);
  const wasTraining = model.training;
  model.train();
  for (const norm of norms) {
    norm.resetRunningStats();
    norm.momentum = null;
  }
  try {
    for (const batch of loader) {
      scope(() =>
        noGrad(() => {
          const input: unknown = Array.isArray(batch) ? batch[0] : batch;
          if (!(input instanceof Tensor)) throw expected('a tensor, or a list that begins with one,', 'a batch of updateBn', input);
          model.forward(device === undefined ? input : input.to(device));
        }),
      );
    }
  } finally {
    for (const [k, norm] of norms.entries()) norm.momentum = momenta[k] as number | null;
    model.train(wasTraining);
  }
}
