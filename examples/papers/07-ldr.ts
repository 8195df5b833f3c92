/** Label-distributionally robust losses on labels of which some are wrong. `npm run paper -- 07` */

import * as torch from 'torchwright';
import { data, losses, metrics, models, nn, optim, samplers } from 'torchwright';
import { splitDigits } from './lib/digits';
import { type Run, recipe } from './lib/recipe';

/** The loss of a batch; `ids` are the samples' places in the training set. */
type Loss = (logits: torch.Tensor, labels: torch.Tensor, ids: torch.Tensor) => torch.Tensor;

/** Each makes a loss for one training over `count` samples. */
const LOSSES: Record<string, (count: number, device: torch.DeviceLike) => Loss> = {
  'cross-entropy': () => (logits, labels) => nn.functional.crossEntropy(logits, labels),
  'LDR-KL': () => (logits, labels) => losses.ldrKlLoss(logits, labels, { temperature: 10, normalization: 'softplus' }),
  'ALDR-KL': (count, device) => {
    const temperatures = torch.full([count], 10, { dtype: 'float32', device });
    return (logits, labels, ids) => {
      const given = temperatures.indexSelect(0, ids);
      const result = losses.aldrKlLoss(logits, labels, given, { temperature0: 10, normalization: 'softplus' });
      temperatures.indexCopy_(0, ids, result.temperatures);
      return result.loss;
    };
  },
};

/** What makes labels wrong: 30 % go to the next class, or 50 % are drawn from all classes. */
const NOISES: Record<string, (labels: torch.Tensor) => torch.Tensor> = {
  'class-dependent 0.3': (labels) => samplers.classDependentLabelNoise(labels, torch.rand(labels.shape), { numClasses: 10, rate: 0.3 }),
  'uniform 0.5': (labels) =>
    samplers.uniformLabelNoise(labels, torch.rand(labels.shape), torch.randint(10, labels.shape), { numClasses: 10, rate: 0.5 }),
};

/** Trains a network that is large enough to learn the wrong labels by heart; its accuracy on clean labels. */
function train(run: Run, seed: number, noise: (labels: torch.Tensor) => torch.Tensor, makeLoss: (typeof LOSSES)[string]): number {
  const { train: clean, test } = splitDigits(seed, run.device);
  const [inputs, labels] = clean.tensors;
  torch.manualSeed(seed);
  const noisy = noise(labels.cpu()).to(run.device);
  const lossOf = makeLoss(labels.size(0), run.device);
  const model = new models.MLP(64, [256, 10]).to(run.device);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const epochs = run.choose(3, 60);
  const schedule = new optim.lrScheduler.MultiStepLR(optimizer, [Math.floor(epochs / 2), Math.floor((3 * epochs) / 4)]);
  const ids = torch.arange(labels.size(0), { device: run.device });
  const loader = new data.DataLoader(new data.TensorDataset(inputs, noisy, ids), { batchSize: 120, shuffle: true, seed });
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y, places] of loader) {
      optimizer.zeroGrad();
      lossOf(model.forward(x), y, places).backward();
      optimizer.step();
    }
    schedule.step();
  }
  const logits = torch.noGrad(() => model.forward(test[0]));
  return Number(metrics.topKAccuracy(logits, test[1]).item());
}

export default recipe(module, {
  paper: 7,
  title: 'Label Distributionally Robust Losses for Multi-class Classification',
  about: 'A network learns handwritten digits from labels of which some are wrong, and is tested on right ones.',
  async run(run) {
    const columns = Object.keys(NOISES);
    const table = run.table('Test accuracy, clean labels', columns);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [name, makeLoss] of Object.entries(LOSSES)) {
        table.add(name, Object.fromEntries(columns.map((column) => [column, train(run, seed, NOISES[column] as never, makeLoss)])));
      }
    }
    for (const name of ['LDR-KL', 'ALDR-KL']) {
      const gains = columns.map((column) => 100 * (table.mean(name, column) - table.mean('cross-entropy', column))) as [number, number];
      run.claim(
        `${name} beats cross-entropy by more than 5 points on class-dependent noise`,
        gains[0] > 5,
        `${gains[0].toFixed(1)} points`,
      );
      run.claim(`${name} beats cross-entropy by more than a point on uniform noise`, gains[1] > 1, `${gains[1].toFixed(1)} points`);
    }
    run.note('1,797 handwritten digits (UCI), 1,200 to learn from; network 64-256-10, which can learn all wrong labels by heart.');
    run.note('With logits of mean 1 and T0 = 10 the temperatures hardly move, so the adaptive loss is close to the other here.');
  },
});
