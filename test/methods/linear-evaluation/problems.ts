/** What scikit-learn fitted (reference.py writes it), as tensors, and random problems. */

import * as torch from '../../../lib';
import reference from './reference.json';

export const f64 = { dtype: 'float64' } as const;

const matrix = (rows: number[][]) => torch.tensor(rows, f64);

/** `[description, problem]` for `test.each`. */
export const problems = reference.problems.map((problem) => {
  const { smoothing, means, variances, counts, priors, joint, posterior } = problem.naiveBayes;
  const [samples, width, classes] = [problem.features.length, problem.tests[0]?.length as number, counts.length];
  return [
    `${samples} samples of ${width} features in ${classes} classes`,
    {
      features: matrix(problem.features),
      labels: torch.tensor(problem.labels),
      tests: matrix(problem.tests),
      scaled: matrix(problem.scaled),
      classes,
      naiveBayes: {
        smoothing,
        means: matrix(means),
        variances: matrix(variances),
        counts: torch.tensor(counts, f64),
        priors: torch.tensor(priors, f64),
        joint: matrix(joint),
        posterior: matrix(posterior),
      },
      logisticRegression: problem.logisticRegression.map(({ c, weight, bias }) => ({
        c,
        weight: matrix(weight),
        bias: torch.tensor(bias, f64),
      })),
    },
  ] as const;
});

/** Features of some scale in random classes; the classes are `separation` apart. */
export function drawn(
  samples: number,
  width: number,
  classes: number,
  { separation = 1, scale = 1 } = {},
): { features: torch.Tensor; labels: torch.Tensor } {
  torch.manualSeed(samples + width);
  const labels = torch.arange(samples).remainder(classes);
  const means = torch.randn(classes, width, f64).mul(separation);
  return { features: torch.randn(samples, width, f64).add(means.indexSelect(0, labels)).mul(scale), labels };
}
