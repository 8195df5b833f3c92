/** Cross-entropy loss functions: the comp-sum family, and training that resists attacks. `npm run paper -- 05` */

import * as torch from 'torchwright';
import { data, losses, methods, models, nn, optim } from 'torchwright';
import { splitDigits } from './lib/digits';
import { type Run, recipe } from './lib/recipe';

type Model = (inputs: torch.Tensor) => torch.Tensor;
type Loss = (model: Model, inputs: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

/** Pixels in [0, 1] may change by so much. */
const EPSILON = 0.15;
const ATTACK = { epsilon: EPSILON, stepSize: 0.03, steps: 5 };

/** Trains the same network on the same batches with a loss of choice. */
function trained(run: Run, seed: number, epochs: number, lossOf: Loss): { model: Model; test: readonly [torch.Tensor, torch.Tensor] } {
  const { train, test } = splitDigits(seed, run.device);
  torch.manualSeed(seed);
  const network = new models.MLP(64, [128, 10]).to(run.device);
  const optimizer = new optim.SGD(network.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-4 });
  const loader = new data.DataLoader(train, { batchSize: 100, shuffle: true, seed });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, epochs * loader.length);
  const model: Model = (inputs) => network.forward(inputs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [inputs, labels] of loader) {
      optimizer.zeroGrad();
      lossOf(model, inputs, labels).backward();
      optimizer.step();
      schedule.step();
    }
  }
  return { model, test };
}

function accuracy(model: Model, [inputs, labels]: readonly [torch.Tensor, torch.Tensor]): number {
  return torch.noGrad(() => Number(model(inputs).argmax(1).eq(labels).float().mean().item()));
}

/** Projected gradient ascent on cross-entropy. */
function crossEntropyAttack(model: Model, inputs: torch.Tensor, labels: torch.Tensor, steps: number, stepSize: number): torch.Tensor {
  let attacked = inputs.add(torch.randLike(inputs).mul(2).sub(1), { alpha: EPSILON }).clamp(0, 1);
  for (let k = 0; k < steps; k++) {
    const leaf = attacked.detach().requiresGrad_();
    const [gradient] = torch.autograd.grad(nn.functional.crossEntropy(model(leaf), labels), [leaf]);
    attacked = methods.projectedSignStep(leaf.detach(), inputs, gradient as torch.Tensor, { stepSize, epsilon: EPSILON });
  }
  return attacked;
}

/** A. The same training with five members of the family. */
function family(run: Run): void {
  const taus = [0, 0.5, 1, 1.5, 2];
  const table = run.table('Test accuracy on the digits', ['accuracy']);
  for (const seed of data.progress(run.seeds, { label: 'family' })) {
    for (const tau of taus) {
      const { model, test } = trained(run, seed, run.choose(2, 20), (network, inputs, labels) =>
        losses.compSumLoss(network(inputs), labels, { tau }),
      );
      table.add(`comp-sum, tau = ${tau}`, { accuracy: accuracy(model, test) });
    }
  }
  const [zero, half, one, oneAndHalf, two] = taus.map((tau) => table.mean(`comp-sum, tau = ${tau}`, 'accuracy')) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const best = Math.max(zero, half, one, oneAndHalf, two);
  run.claim(
    'cross-entropy (tau = 1) beats the extremes of the family, tau = 0 and tau = 2, by more than 10 points',
    one - Math.max(zero, two) > 0.1,
    `${percent(one)} against ${percent(zero)} and ${percent(two)}`,
  );
  run.claim(
    'cross-entropy is within 3 points of the best of the five',
    best - one < 0.03,
    `${percent(one)}, the best has ${percent(best)}`,
  );
}

/** B. Training against attacks. */
function robustness(run: Run): void {
  const table = run.table(`Accuracy under an attack of at most ${EPSILON} per pixel`, ['clean', 'robust']);
  const trainings: Record<string, Loss> = {
    'cross-entropy': (model, inputs, labels) => nn.functional.crossEntropy(model(inputs), labels),
    'adversarial training': (model, inputs, labels) =>
      nn.functional.crossEntropy(model(crossEntropyAttack(model, inputs, labels, ATTACK.steps, ATTACK.stepSize)), labels),
    'smooth adversarial comp-sum': (model, inputs, labels) => {
      const attacked = methods.compSumAttack(model, inputs, labels, ATTACK);
      return losses.smoothAdversarialCompSumLoss(model(inputs), model(attacked), labels, { nu: 0.3 });
    },
  };
  for (const seed of data.progress(run.seeds, { label: 'robustness' })) {
    for (const [name, loss] of Object.entries(trainings)) {
      const { model, test } = trained(run, seed, run.choose(1, 15), loss);
      const attacked = crossEntropyAttack(model, ...test, 20, 0.02);
      table.add(name, { clean: accuracy(model, test), robust: accuracy(model, [attacked, test[1]]) });
    }
  }
  const of = (row: string, column: 'clean' | 'robust') => table.mean(row, column);
  const [baseline, method] = ['adversarial training', 'smooth adversarial comp-sum'] as const;
  run.claim(
    'the smooth adversarial loss is at least as robust as adversarial training',
    of(method, 'robust') >= of(baseline, 'robust'),
    `${percent(of(method, 'robust'))} against ${percent(of(baseline, 'robust'))}`,
  );
  run.claim(
    'and loses no more than a point on clean images',
    of(method, 'clean') >= of(baseline, 'clean') - 0.01,
    `${percent(of(method, 'clean'))} against ${percent(of(baseline, 'clean'))}`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export default recipe(module, {
  paper: 5,
  title: 'Cross-Entropy Loss Functions: Theoretical Analysis and Applications',
  about: 'A small network learns handwritten digits with five losses of one family, and then to withstand attacks.',
  async run(run) {
    family(run);
    robustness(run);
    run.note('1,797 handwritten digits (UCI), 1,200 to learn from, another division for each seed; network 64-128-10.');
  },
});
