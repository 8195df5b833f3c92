/** Naive Bayes against logistic regression: who needs how many samples. `npm run paper -- 27` */

import * as torch from 'torchwright';
import { data, methods } from 'torchwright';
import { splitDigits } from './lib/digits';
import { type Run, recipe } from './lib/recipe';

type Samples = readonly [features: torch.Tensor, labels: torch.Tensor];

const METHODS = { 'naive Bayes': fitNaiveBayes, 'logistic regression': methods.logisticRegressionFit };
type Method = keyof typeof METHODS;
const BOTH = Object.keys(METHODS) as Method[];

function fitNaiveBayes(
  features: torch.Tensor,
  labels: torch.Tensor,
  options: { numClasses: number },
): { weight: torch.Tensor; bias: torch.Tensor } {
  const { means, variances, priors } = methods.naiveBayesFit(features, labels, options);
  return methods.naiveBayesLinear(means, variances, priors);
}

/** The share of test samples that a method gets wrong. */
function error(method: Method, train: Samples, [features, labels]: Samples, numClasses: number): number {
  return torch.scope(() => {
    const { weight, bias } = METHODS[method](...train, { numClasses });
    const predicted = features.matmul(weight.t()).add(bias).argmax(1);
    return Number(predicted.ne(labels).double().mean().item());
  });
}

/** Three classes with means -1, 1 and 2 in all n features; half of the features have variance n, the others 1. */
function gaussians(n: number, count: number, device: torch.DeviceLike): Samples {
  const labels = torch.arange(count, { device }).remainder(3);
  const means = torch.tensor([-1, 1, 2], { dtype: 'float64', device }).indexSelect(0, labels).unsqueeze(1);
  const scale = torch.cat([torch.full([n / 2], Math.sqrt(n), { dtype: 'float64' }), torch.ones(n / 2, { dtype: 'float64' })]).to(device);
  return [torch.randn(count, n, { dtype: 'float64', device }).mul(scale).add(means), labels];
}

/** A. Samples needed as the number of features grows. */
function simulation(run: Run): void {
  const widths = run.choose([50, 100], [50, 100, 200, 400]);
  const sizes = run.choose([12, 96], [6, 12, 24, 48, 96, 192, 384]);
  const table = run.table(
    'Error on Gaussian classes, by the number of training samples',
    sizes.map((size) => `m = ${size}`),
  );
  for (const seed of data.progress(run.seeds, { label: 'simulation' })) {
    torch.manualSeed(seed);
    for (const n of widths) {
      const test = gaussians(n, 1500, run.device);
      for (const size of sizes) {
        const train = gaussians(n, size, run.device);
        for (const method of BOTH) table.add(`${method}, ${n} features`, { [`m = ${size}`]: error(method, train, test, 3) });
      }
    }
  }
  if (run.size === 'quick') return run.claim('all runs', true, 'no result at this size');
  const needed = (method: Method, n: number) =>
    sizes.find((size) => table.mean(`${method}, ${n} features`, `m = ${size}`) < 0.01) ?? Number.POSITIVE_INFINITY;
  const [bayes, logistic] = BOTH.map((method) => widths.map((n) => needed(method, n))) as [number[], number[]];
  const all = sizes.at(-1) as number;
  run.claim(
    'naive Bayes needs at most 96 samples for an error below 0.01, and not more as features are added',
    bayes.every((size, k) => size <= 96 && (k === 0 || size <= (bayes[k - 1] as number))),
    `${bayes.join(', ')} for ${widths.join(', ')} features`,
  );
  run.claim(
    `logistic regression needs at least 8 times as many at 100 features, and more than all ${all} from 200 features on`,
    (logistic[1] as number) >= 8 * (bayes[1] as number) && logistic.slice(2).every((size) => size > all),
    `${logistic.map((size) => (size > all ? `more than ${all}` : size)).join(', ')}`,
  );
}

/** `count` of the training samples, all classes among them. */
function subset([features, labels]: Samples, count: number): Samples {
  for (;;) {
    const chosen = torch.randperm(labels.size(0)).narrow(0, 0, count).to(labels.device);
    const part = labels.indexSelect(0, chosen);
    if (Number(part.bincount({ minlength: 10 }).gt(0).sum().item()) === 10) return [features.indexSelect(0, chosen), part];
  }
}

/** B. Two regimes on handwritten digits. */
function regimes(run: Run): void {
  const sizes = run.choose([50, 200], [20, 30, 50, 100, 200, 500, 1000]);
  const table = run.table(
    'Error on handwritten digits, by the number of training samples',
    sizes.map((size) => `m = ${size}`),
  );
  for (const seed of data.progress(run.seeds, { label: 'digits' })) {
    const { train, test } = splitDigits(seed, run.device);
    const all: Samples = [train.tensors[0].double(), train.tensors[1]];
    torch.manualSeed(seed);
    for (let draw = 0; draw < run.choose(1, 12); draw++) {
      for (const size of sizes) {
        const [features, labels] = subset(all, size);
        const scaled = (part: torch.Tensor) => methods.minMaxScale(features, part);
        const [known, held]: Samples[] = [
          [scaled(features), labels],
          [scaled(test[0].double()), test[1]],
        ];
        for (const method of BOTH) table.add(method, { [`m = ${size}`]: error(method, known as Samples, held as Samples, 10) });
      }
    }
  }
  const gaps = sizes.map((size) => table.mean('naive Bayes', `m = ${size}`) - table.mean('logistic regression', `m = ${size}`));
  const told = (least: number, most: number) =>
    sizes.flatMap((size, k) => (size >= least && size <= most ? [`${size}: ${(100 * (gaps[k] as number)).toFixed(1)}`] : [])).join(', ');
  run.claim(
    'up to 50 samples naive Bayes is at most a point worse',
    gaps.every((gap, k) => (sizes[k] as number) > 50 || gap <= 0.01),
    `points more errors: ${told(0, 50)}`,
  );
  run.claim(
    'from 200 samples on logistic regression is better by more than 2 points',
    gaps.every((gap, k) => (sizes[k] as number) < 200 || gap > 0.02),
    `points: ${told(200, 1e9)}`,
  );
}

export default recipe(module, {
  paper: 27,
  title: 'Revisiting Discriminative vs. Generative Classifiers: Theory and Implications',
  about: 'Naive Bayes and logistic regression on more and more samples, generated and real.',
  seeds: [0, 1, 2, 3, 4],
  async run(run) {
    simulation(run);
    regimes(run);
    run.note('Generated: 3 Gaussian classes, 1,500 test samples.');
    run.note('Digits (UCI): 12 subsets for each of 5 divisions, 597 test samples, features scaled by the subset.');
  },
});
