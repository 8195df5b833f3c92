/** Random calibrated losses instead of one, where a network overfits. `npm run paper -- 16` */

import * as torch from 'torchwright';
import { data, losses, methods, models, optim } from 'torchwright';
import { type Run, recipe } from './lib/recipe';

/** What a batch's outputs are trained with; `epochEnds` is called after each epoch. */
interface Training {
  loss(outputs: torch.Tensor, labels: torch.Tensor): torch.Tensor;
  epochEnds?(): void;
}

const FIXED = ['logistic', 'hinge', 'exponential'] as const;

function trainings(): Record<string, () => Training> {
  const fixed = FIXED.map((kind) => [
    kind,
    () => ({ loss: (outputs: torch.Tensor, labels: torch.Tensor) => losses.binaryMarginLoss(outputs, labels, { kind }) }),
  ]);
  const ensemble = (period: number | null) => (): Training => {
    const schedule = new methods.EnsLossSchedule({ period });
    return {
      loss: (outputs, labels) =>
        losses.ensLoss(outputs, labels, torch.randn(labels.size(0), { device: labels.device }), { exponent: schedule.exponent }),
      epochEnds: () => schedule.step(),
    };
  };
  return { ...Object.fromEntries(fixed), EnsLoss: ensemble(null), 'EnsLoss, exponent redrawn every 10 epochs': ensemble(10) };
}

/** 400 inputs of which 12 matter, and two of these together: labels that a large network can only learn by heart from 300 samples. */
function samples(count: number): [inputs: torch.Tensor, labels: torch.Tensor] {
  const inputs = torch.randn(count, 400);
  const score = inputs
    .narrow(1, 0, 12)
    .sum(1)
    .div(Math.sqrt(12))
    .add(inputs.select(1, 0).mul(inputs.select(1, 1)), { alpha: 0.8 });
  return [inputs, torch.rand(count).lt(score.mul(3).sigmoid()).long()];
}

function train(run: Run, seed: number, { loss, epochEnds }: Training): { train: number; test: number } {
  torch.manualSeed(seed);
  const [inputs, labels] = samples(3300).map((tensor) => tensor.to(run.device)) as [torch.Tensor, torch.Tensor];
  const model = new models.MLP(400, [128, 128, 1]).to(run.device);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.03, momentum: 0.9, weightDecay: 5e-6 });
  const epochs = run.choose(3, 100);
  const training = new data.TensorDataset(inputs.narrow(0, 0, 300), labels.narrow(0, 0, 300));
  const loader = new data.DataLoader(training, { batchSize: 50, shuffle: true, seed });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      loss(model.forward(x), y).backward();
      optimizer.step();
    }
    schedule.step();
    epochEnds?.();
  }
  const accuracy = (from: number, count: number) =>
    torch.noGrad(() =>
      Number(
        model
          .forward(inputs.narrow(0, from, count))
          .squeeze(1)
          .gt(0)
          .eq(labels.narrow(0, from, count))
          .double()
          .mean()
          .item(),
      ),
    );
  return { train: accuracy(0, 300), test: accuracy(300, 3000) };
}

export default recipe(module, {
  paper: 16,
  title: 'EnsLoss: Stochastic Calibrated Loss Ensembles for Preventing Overfitting in Classification',
  about: 'A network that learns its few samples by heart, with one loss and with a random one at each step.',
  async run(run) {
    const table = run.table('Accuracy', ['train', 'test']);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [name, make] of Object.entries(trainings())) table.add(name, train(run, seed, make()));
    }
    const best = FIXED.reduce((a, b) => (table.mean(a, 'test') >= table.mean(b, 'test') ? a : b));
    const [ours, theirs] = [table.values('EnsLoss', 'test'), table.values(best, 'test')];
    const differences = ours.map((value, k) => `${(100 * (value - (theirs[k] as number))).toFixed(1)}`);
    run.claim(
      'EnsLoss is at least as good on test samples as the best fixed loss',
      table.mean('EnsLoss', 'test') >= table.mean(best, 'test'),
      `${table.mean('EnsLoss', 'test').toFixed(3)} against ${table.mean(best, 'test').toFixed(3)} of the ${best} loss; by seed ${differences.join(', ')} points`,
    );
    run.note('Generated: 400 features, 12 of which matter, 300 samples to learn from and 3,000 to test with; network 400-128-128-1.');
  },
});
