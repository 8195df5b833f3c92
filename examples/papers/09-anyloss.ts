/** Scores of a confusion matrix as losses, on imbalanced data. `npm run paper -- 09` */

import * as torch from 'torchwright';
import { data, losses, metrics, models, nn, optim } from 'torchwright';
import { type Run, recipe } from './lib/recipe';

type Loss = (logits: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

const LOSSES: Record<string, Loss> = {
  'binary cross-entropy': (logits, labels) => nn.functional.binaryCrossEntropyWithLogits(logits, labels.float()),
  'squared error': (logits, labels) => nn.functional.mseLoss(logits.sigmoid(), labels.float()),
  'AnyLoss accuracy': (logits, labels) => losses.anyLossAccuracy(logits, labels, { fromLogits: true }),
  'AnyLoss F1': (logits, labels) => losses.anyLossFBeta(logits, labels, { fromLogits: true }),
  'AnyLoss G-mean': (logits, labels) => losses.anyLossGMean(logits, labels, { fromLogits: true }),
  'AnyLoss balanced accuracy': (logits, labels) => losses.anyLossBalancedAccuracy(logits, labels, { fromLogits: true }),
};

/** 7 % of the samples are positive; each class has three clusters that overlap with the other's; 1.5 % of the labels are wrong. */
function imbalanced(count: number): [inputs: torch.Tensor, labels: torch.Tensor] {
  const positive = torch.rand(count).lt(0.07).long();
  const centres = torch.randn(6, 6).mul(0.8); // of class and cluster
  const cluster = positive.mul(3).add(torch.randint(3, [count]));
  const inputs = torch.randn(count, 20);
  inputs.narrow(1, 0, 6).add_(centres.indexSelect(0, cluster));
  return [inputs, positive.sub(torch.rand(count).lt(0.015).long()).abs()];
}

function train(run: Run, seed: number, loss: Loss): metrics.BinaryClassificationScores {
  torch.manualSeed(seed);
  const [inputs, labels] = imbalanced(4000).map((tensor) => tensor.to(run.device)) as [torch.Tensor, torch.Tensor];
  const model = new models.MLP(20, [16, 1]).to(run.device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.005 });
  const training = new data.TensorDataset(inputs.narrow(0, 0, 3000), labels.narrow(0, 0, 3000));
  const loader = new data.DataLoader(training, { batchSize: 300, shuffle: true, seed });
  for (let epoch = 0; epoch < run.choose(2, 40); epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      loss(model.forward(x).squeeze(1), y).backward();
      optimizer.step();
    }
  }
  const probabilities = torch.noGrad(() =>
    model
      .forward(inputs.narrow(0, 3000, 1000))
      .squeeze(1)
      .sigmoid(),
  );
  return metrics.binaryClassificationScores(probabilities, labels.narrow(0, 3000, 1000));
}

export default recipe(module, {
  paper: 9,
  title: 'AnyLoss: Transforming Classification Metrics into Loss Functions',
  about: 'A small network learns to find 7 % of positive samples, with the scores that are wanted as losses.',
  async run(run) {
    const table = run.table('Test scores', ['accuracy', 'F1', 'G-mean', 'balanced accuracy']);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [name, loss] of Object.entries(LOSSES)) {
        const { accuracy, fBeta, gMean, balancedAccuracy } = train(run, seed, loss);
        table.add(name, { accuracy, F1: fBeta, 'G-mean': gMean, 'balanced accuracy': balancedAccuracy });
      }
    }
    for (const [row, column, least] of [
      ['AnyLoss F1', 'F1', 0.03],
      ['AnyLoss G-mean', 'G-mean', 0.15],
      ['AnyLoss balanced accuracy', 'balanced accuracy', 0.06],
    ] as const) {
      const [method, baseline] = [table.mean(row, column), table.mean('binary cross-entropy', column)];
      const text = `trained for ${column}, the network has ${least} more of it than with binary cross-entropy`;
      run.claim(text, method - baseline > least, `${method.toFixed(3)} against ${baseline.toFixed(3)}`);
    }
    run.note('Generated: 4,000 samples of 20 features, 7 % positive, three clusters a class, 1.5 % wrong labels; 3,000 to learn from.');
    run.note('The accuracy loss does not pay on such data: like accuracy itself it ignores the minority.');
  },
});
