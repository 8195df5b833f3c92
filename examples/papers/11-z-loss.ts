/** The Z-loss, its family, and an output layer whose step does not get slower with the number of classes. `npm run paper -- 11` */

import * as torch from 'torchwright';
import { data, losses, methods, models, nn, optim } from 'torchwright';
import { type Run, recipe } from './lib/recipe';

type Loss = (logits: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

const CLASSES = 600;
const FEATURES = 16;
const TOPS = [1, 5, 10, 20] as const;

const LOSSES: Readonly<Record<string, Loss>> = {
  'cross-entropy': (logits, labels) => nn.functional.crossEntropy(logits, labels),
  'Z-loss, a = 2, b = 2': (logits, labels) => losses.zLoss(logits, labels, { a: 2, b: 2 }),
  'Taylor softmax': (logits, labels) => losses.taylorSoftmaxLoss(logits, labels),
  'spherical softmax': (logits, labels) => losses.sphericalSoftmaxLoss(logits, labels),
  'squared error': (logits, labels) => losses.sphericalMseLoss(logits, labels),
};

/** Points around the centres of classes, of which the k-th is as frequent as k^-0.7. */
function samples(run: Run, seed: number): (count: number) => [inputs: torch.Tensor, labels: torch.Tensor] {
  torch.manualSeed(seed);
  const centres = torch.randn(CLASSES, FEATURES);
  const frequencies = torch
    .arange(1, CLASSES + 1)
    .float()
    .pow(-0.7);
  return (count) => {
    const labels = frequencies.multinomial(count, { replacement: true });
    const inputs = centres.indexSelect(0, labels).add(torch.randn(count, FEATURES));
    return [inputs.to(run.device), labels.to(run.device)];
  };
}

/** Of each k the share of samples whose class is not among the k best. */
function errors(logits: torch.Tensor, labels: torch.Tensor): Record<`top-${(typeof TOPS)[number]}`, number> {
  const best = logits.topk(Math.max(...TOPS), { dim: 1 }).indices.eq(labels.unsqueeze(1));
  const of = (k: number) => 1 - Number(best.narrow(1, 0, k).any(1).float().mean().item());
  return { 'top-1': of(1), 'top-5': of(5), 'top-10': of(10), 'top-20': of(20) };
}

/** A. The same training with cross-entropy and with four losses of the family. */
function quality(run: Run): void {
  const columns = TOPS.map((k) => `top-${k}` as const);
  const table = run.table('Error among the best k of 600 classes', columns);
  for (const seed of data.progress(run.seeds, { label: 'losses' })) {
    const draw = samples(run, seed);
    const train = new data.TensorDataset(...draw(run.choose(2_000, 10_000)));
    const [inputs, labels] = draw(run.choose(1_000, 4_000));
    for (const [name, loss] of Object.entries(LOSSES)) {
      torch.manualSeed(seed);
      const network = new models.MLP(FEATURES, [48, CLASSES], { activationLayer: nn.Tanh }).to(run.device);
      const optimizer = new optim.Adam(network.parameters(), { lr: 0.01 });
      const loader = new data.DataLoader(train, { batchSize: 200, shuffle: true, seed });
      for (let epoch = 0; epoch < run.choose(1, 6); epoch++) {
        for (const [x, y] of loader) {
          optimizer.zeroGrad();
          loss(network.forward(x), y).backward();
          optimizer.step();
        }
      }
      table.add(
        name,
        torch.noGrad(() => errors(network.forward(inputs), labels)),
      );
    }
  }
  const [, z, ...others] = Object.keys(LOSSES) as [string, string, ...string[]];
  const lead = Math.min(...columns.flatMap((column) => others.map((other) => table.mean(other, column) - table.mean(z, column))));
  run.claim(
    'the Z-loss has an error more than 5 points below that of every other loss of the family, for each k',
    lead > 0.05,
    `the smallest lead is ${(100 * lead).toFixed(1)} points`,
  );
  const behind = table.mean(z, 'top-20') - table.mean('cross-entropy', 'top-20');
  run.claim('among the best 20 it is within 2 points of cross-entropy', behind < 0.02, `${(100 * behind).toFixed(1)} points behind`);
}

/** Milliseconds of a call: the median of several rounds. */
function milliseconds(call: () => void, rounds: number): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    torch.scope(call);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] as number;
}

/** B. A step of the factored layer and one of a plain layer with cross-entropy, for more and more classes. */
function speed(run: Run): void {
  const table = run.table('Milliseconds of a step of the output layer, 50 samples of 64 features', ['plain', 'factored'], { digits: 1 });
  const sizes = run.choose([1_000, 10_000], [1_000, 10_000, 100_000]);
  const [least, most] = [sizes[0] as number, sizes.at(-1) as number];
  torch.manualSeed(0);
  for (const classes of data.progress(sizes, { label: 'speed' })) {
    const hidden = torch.randn(50, 64).to(run.device).requiresGrad_();
    const labels = torch.randint(classes, [50]).to(run.device);
    const plain = new nn.Linear(64, classes, { bias: false, device: run.device });
    const optimizer = new optim.SGD(plain.parameters(), { lr: 0.01 });
    const factored = new nn.FactoredOutputLayer(64, classes, { device: run.device });
    const rounds = run.choose(3, 21);
    table.add(`${classes} classes`, {
      plain: milliseconds(() => {
        optimizer.zeroGrad();
        nn.functional.crossEntropy(plain.forward(hidden), labels).backward();
        optimizer.step();
      }, rounds),
      factored: milliseconds(() => factored.step(hidden, labels), rounds),
    });
  }
  const growth = (column: 'plain' | 'factored') => table.mean(`${most} classes`, column) / table.mean(`${least} classes`, column);
  run.claim(
    `from ${least} to ${most} classes a factored step gets less than twice as long, and a plain one more than ten times`,
    growth('factored') < 2 && growth('plain') > 10,
    `${growth('factored').toFixed(1)} times and ${growth('plain').toFixed(1)} times`,
  );
}

/** C. The factored layer against a plain one with the same weights and batches, in float64. */
function exactness(run: Run): void {
  const column = 'log10 of the largest difference';
  const table = run.table('Weights of the factored layer and of a plain one after 30 batches', [column], { digits: 1 });
  const [classes, features, batch] = [500, 24, 16];
  const plainLosses: Readonly<Record<'z' | 'taylor' | 'spherical' | 'mse', Loss>> = {
    z: losses.zLoss,
    taylor: losses.taylorSoftmaxLoss,
    spherical: losses.sphericalSoftmaxLoss,
    mse: losses.sphericalMseLoss,
  };
  for (const [loss, plainLoss] of Object.entries(plainLosses) as [keyof typeof plainLosses, Loss][]) {
    for (const seed of run.seeds) {
      torch.manualSeed(seed);
      const layer = new nn.FactoredOutputLayer(features, classes, { loss, dtype: 'float64' });
      const weights = layer.weights().requiresGrad_();
      const plain = new optim.SGD([weights], { lr: layer.learningRate });
      for (let k = 0; k < 30; k++) {
        const [hidden, labels] = [torch.randn([batch, features], { dtype: 'float64' }), torch.randint(classes, [batch])];
        layer.step(hidden, labels);
        plain.zeroGrad();
        plainLoss(hidden.mm(weights.t()), labels).backward();
        plain.step();
      }
      const factored = methods.factoredOutputWeights(layer.v, layer.u, layer.omega);
      table.add(loss, { [column]: Math.log10(Number(factored.sub(weights).abs().max().item())) });
    }
  }
  const worst = Math.max(...Object.keys(plainLosses).flatMap((loss) => table.values(loss, column)));
  run.claim('the two have the same weights, to 1e-8', worst < -8, `they differ by ${(10 ** worst).toExponential(0)} at most`);
}

export default recipe(module, {
  paper: 11,
  title: 'The Z-loss: a shift and scale invariant classification loss belonging to the Spherical Family',
  about:
    'A small network learns 600 classes with cross-entropy and the losses of the spherical family; the factored output layer is timed and compared with a plain one.',
  async run(run) {
    quality(run);
    speed(run);
    exactness(run);
    run.note(
      'Generated: 600 class centres and points around them are normal in 16 dimensions, class k as frequent as k^-0.7; 10,000 points to learn from, 4,000 to test with; network 16-48-600, Adam, 6 epochs.',
    );
  },
});
