/** Logistic regression with large steps, and the perceptrons that it turns into. `npm run paper -- 52` */

import * as torch from 'torchwright';
import { data, methods } from 'torchwright';
import { digitsInOrder } from './lib/digits';
import { type Run, recipe } from './lib/recipe';

interface Problem {
  readonly features: torch.Tensor;
  readonly labels: torch.Tensor;
}

/** One sample of class +1 and n - 1 of class -1, on which the batch perceptron needs about n updates. */
function worstCase(n: number, device: torch.DeviceLike): Problem {
  const features = torch.tensor([[-0.5, -1]], { dtype: 'float64', device }).repeat([n, 1]);
  features.index(0, 0).fill_(0.5);
  const labels = torch.full([n], -1, { dtype: 'int64', device });
  labels.index(0).fill_(1);
  return { features, labels };
}

/** Images of two digits with a constant feature, the first one +1. `first` and `second` say how many of each at most. */
function pair(digits: readonly [number, number], device: torch.DeviceLike, first = Number.POSITIVE_INFINITY, second = first): Problem {
  const [images, targets] = digitsInOrder();
  const parts = digits.map((digit, k) => {
    const all = images.index(targets.eq(digit));
    return all.narrow(0, 0, Math.min(k === 0 ? first : second, all.size(0)));
  }) as [torch.Tensor, torch.Tensor];
  const pixels = torch.cat(parts);
  const labels = torch.cat([torch.ones(parts[0].size(0)), torch.ones(parts[1].size(0)).neg()]).long();
  return { features: torch.cat([pixels, torch.ones(pixels.size(0), 1, { dtype: 'float64' })], 1).to(device), labels: labels.to(device) };
}

/** Updates until solved; Infinity when it was not. */
function updates({ iterations, solved }: methods.SeparationResult): number {
  return solved.item() === 1 ? Number(iterations.item()) : Number.POSITIVE_INFINITY;
}

function descend(
  { features, labels }: Problem,
  stepSize: number,
  normalized: boolean,
  iterations: number,
): methods.LogisticGradientDescentResult {
  const start = torch.zeros(features.size(1), { dtype: 'float64', device: features.device });
  return methods.logisticGradientDescent(start, features, labels, { stepSize, normalized, iterations });
}

/** A. Where the paper gives figures. */
function lowerBound(run: Run): void {
  const n = run.choose(100, 1000);
  const problem = worstCase(n, run.device);
  const start = torch.zeros(2, { dtype: 'float64', device: run.device });
  const table = run.table(`Updates until solved, worst-case data, n = ${n}`, ['updates'], { digits: 0 });
  const rows = [
    ['gradient descent, step 100', 100, false],
    ...[100, 10, 1, 0.1].map((step) => [`normalized, step ${step}`, step, true]),
  ] as [string, number, boolean][];
  for (const [name, step, normalized] of rows) table.add(name, { updates: updates(descend(problem, step, normalized, 5000)) });
  table.add('batch perceptron', {
    updates: updates(methods.batchPerceptron(start, problem.features, problem.labels, { iterations: 5000 })),
  });
  const measured = rows.map(([name]) => table.mean(name, 'updates'));
  if (n === 1000)
    run.claim(
      'the updates are those of Table 1 of the paper: 308, 2, 2, 16, 157',
      measured.join() === '308,2,2,16,157',
      measured.join(', '),
    );
}

/** B. Handwritten digits, two at a time. */
function digits(run: Run): void {
  const most = run.choose(200, 5000);
  const steps = [0.01, 0.1, 1, 10, 100];
  const problems = {
    '3 or 8': pair([3, 8], run.device),
    '1 or 8': pair([1, 8], run.device),
    '1 or 8, imbalanced': pair([1, 8], run.device, 170, 12),
    '3 or 8, imbalanced': pair([3, 8], run.device, 170, 12),
  };
  const names = Object.keys(problems) as (keyof typeof problems)[];
  const table = run.table(`Updates until solved, at most ${most}`, names, { digits: 0 });
  const highest = run.table('Largest loss on the way', names, { digits: 2 });
  for (const name of data.progress(names, { label: 'digits' })) {
    const problem = problems[name];
    for (const step of steps) {
      const plain = descend(problem, step, false, most);
      table.add(`gradient descent, step ${step}`, { [name]: updates(plain) });
      highest.add(`gradient descent, step ${step}`, { [name]: Number(plain.losses.max().item()) });
    }
    for (const step of steps.slice(1)) table.add(`normalized, step ${step}`, { [name]: updates(descend(problem, step, true, most)) });
    const start = torch.zeros(problem.features.size(1), { dtype: 'float64', device: run.device });
    const { features, labels } = problem;
    table.add('batch perceptron', { [name]: updates(methods.batchPerceptron(start, features, labels, { iterations: most })) });
    table.add('normalized batch perceptron', {
      [name]: updates(methods.batchPerceptron(start, features, labels, { iterations: most, normalized: true })),
    });
    table.add('perceptron', { [name]: updates(methods.perceptron(start, features, labels, { iterations: most })) });
  }

  const plain = (step: number, name: keyof typeof problems) => table.mean(`gradient descent, step ${step}`, name);
  run.claim(
    'a step of 100 needs under a tenth of the updates of a step of 0.1',
    names.every((name) => plain(100, name) < plain(0.1, name) / 10),
    names.map((name) => `${plain(100, name)} against ${plain(0.1, name)}`).join('; '),
  );
  const losses = names.map((name) => steps.map((step) => highest.mean(`gradient descent, step ${step}`, name)));
  run.claim(
    'the largest loss on the way never falls as the step grows',
    losses.every((row) => row.every((loss, k) => k === 0 || loss >= (row[k - 1] as number) - 1e-12)),
    losses.map((row) => row.map((loss) => loss.toFixed(2)).join(' ')).join('; '),
  );
  run.claim(
    'with a step of 100 it is within 10 % or 3 updates of the batch perceptron',
    names.every(
      (name) =>
        Math.abs(plain(100, name) - table.mean('batch perceptron', name)) <= Math.max(3, 0.1 * table.mean('batch perceptron', name)),
    ),
    names.map((name) => `${plain(100, name)} and ${table.mean('batch perceptron', name)}`).join('; '),
  );
  const best = (prefix: string, name: keyof typeof problems) =>
    Math.min(...steps.slice(1).map((step) => table.mean(`${prefix}, step ${step}`, name)));
  const hard = ['1 or 8', '1 or 8, imbalanced'] as const;
  run.claim(
    'normalized gradient descent needs no more updates than plain on 1 or 8, each with its best step',
    hard.every((name) => best('normalized', name) <= best('gradient descent', name)),
    hard.map((name) => `${best('normalized', name)} against ${best('gradient descent', name)}`).join('; '),
  );
}

export default recipe(module, {
  paper: 52,
  title: 'From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes',
  about: 'Counts the updates after which two classes are separated. Nothing is drawn at random: one run tells all.',
  seeds: [0],
  async run(run) {
    lowerBound(run);
    digits(run);
    run.note(
      'Digits (UCI): 357 images of 3 and 8, 356 of 1 and 8; imbalanced: at most 170 of the first and 12 of the second. theta starts at 0.',
    );
  },
});
