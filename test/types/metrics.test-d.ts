/** Types of metrics: right calls compile, wrong calls do not. */

import { metrics, type Tensor } from '../../lib';

function is<T>(): (value: T) => void {
  return () => undefined;
}

declare const x: Tensor;

// Each takes what it needs and gives what it is.
const accuracy = new metrics.Accuracy({ topK: 5, ignoreIndex: -1 });
accuracy.update(x, x);
is<number>()(accuracy.compute());
accuracy.reset();
// @ts-expect-error a prediction and what is true
accuracy.update(x);
// @ts-expect-error numbers in arrays are no tensor
accuracy.update([0, 1], [0, 1]);
// @ts-expect-error two tensors
accuracy.update(x, x, x);
// @ts-expect-error a number, not a tensor
is<Tensor>()(accuracy.compute());
// @ts-expect-error no such option
new metrics.Accuracy({ k: 5 });
// @ts-expect-error options in an object
new metrics.Accuracy(5);

new metrics.BinaryAccuracy({ threshold: 0 }).update(x, x);
// @ts-expect-error of yes and no there are no five best
new metrics.BinaryAccuracy({ topK: 5 });

// How many classes there are is positional.
is<Tensor>()(new metrics.ConfusionMatrix(3, { normalize: 'true' }).compute());
// @ts-expect-error how many classes?
new metrics.ConfusionMatrix();
// @ts-expect-error no such normalisation
new metrics.ConfusionMatrix(3, { normalize: 'rows' });
is<number | number[]>()(new metrics.Precision(3, { average: 'none' }).compute());
new metrics.Recall(3, { average: 'weighted' }).update(x, x);
new metrics.FBetaScore(3, { beta: 2, average: 'micro' }).update(x, x);
// @ts-expect-error no such mean
new metrics.Recall(3, { average: 'median' });
// @ts-expect-error only F has a beta
new metrics.Precision(3, { beta: 2 });
// @ts-expect-error the number of classes comes first
new metrics.FBetaScore({ beta: 2 });

for (const ranking of [new metrics.AUROC(), new metrics.AveragePrecision()]) {
  ranking.update(x, x);
  is<number>()(ranking.compute());
}
// @ts-expect-error they have no options
new metrics.AUROC({ average: 'macro' });
for (const error of [new metrics.MeanSquaredError(), new metrics.MeanAbsoluteError(), new metrics.R2Score()]) {
  error.update(x, x);
  is<number>()(error.compute());
}
new metrics.Perplexity({ ignoreIndex: 0 }).update(x, x);
new metrics.Perplexity({ ignoreIndex: null });
// @ts-expect-error what is ignored is a number
new metrics.Perplexity({ ignoreIndex: 'none' });

// A mean takes numbers and tensors, with a weight.
const mean = new metrics.Mean();
mean.update(1);
mean.update(x, 3);
mean.loadStateDict(mean.stateDict());
// @ts-expect-error a text is no number
mean.update('1');
// @ts-expect-error nor is a tensor a weight
mean.update(1, x);
// @ts-expect-error that was no state of a mean
mean.loadStateDict({ sum: 1 });

// One's own says what it takes and gives.
class Largest extends metrics.Metric<[value: Tensor], number | null> {
  #largest: number | null = null;

  protected override accumulate(value: Tensor): void {
    this.#largest = Math.max(this.#largest ?? Number.NEGATIVE_INFINITY, Number(value.max().item()));
  }

  protected override evaluate(): number | null {
    return this.#largest;
  }

  protected override clear(): void {
    this.#largest = null;
  }
}
const largest = new Largest();
largest.update(x);
is<number | null>()(largest.compute());
// @ts-expect-error one tensor
largest.update(x, x);
// @ts-expect-error one that says nothing about its values
class Nothing extends metrics.Metric<[Tensor], number> {}
void Nothing;
// @ts-expect-error the base is for others to extend
new metrics.Metric();

// Known classes are what the joint accuracy and the leakage are about.
is<Tensor>()(metrics.novelClassAccuracy(x, x, x).disjoint);
is<Tensor>()(metrics.novelClassAccuracy(x, x, x, x).leakage);
// @ts-expect-error without known classes there is nothing that leaks
metrics.novelClassAccuracy(x, x, x).leakage;
// @ts-expect-error nor is there with null
metrics.novelClassAccuracy(x, x, x, null).joint;
