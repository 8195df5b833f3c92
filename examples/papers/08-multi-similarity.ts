/** The multi-similarity loss against other ways of weighting pairs, tested on classes that were not trained on. `npm run paper -- 08` */

import * as torch from 'torchwright';
import { data, losses, methods, metrics, models, nn, optim } from 'torchwright';
import { digitsInOrder } from './lib/digits';
import { NUISANCE_CLUSTERS, nuisanceClusters } from './lib/nuisance-clusters';
import { principalPlane } from './lib/principal-plane';
import { type Run, recipe } from './lib/recipe';

type Loss = (embeddings: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

function cosines(embeddings: torch.Tensor): torch.Tensor {
  return methods.pairwiseDistances(embeddings.detach(), null, { metric: 'cosine' }).neg().add(1);
}

/** In a batch with as many samples of each class, the mean over positive pairs and the mean over negative pairs of softplus. */
const binomialDeviance: Loss = (x, y) =>
  losses.generalPairWeightingLoss(x, y, methods.pairWeights(cosines(x), y, { kind: 'binomialDeviance' }));

/** The mean over positive pairs of 1 - s and the mean over negative pairs of [s - 0.5]_+. */
const contrastiveOfCosines: Loss = (x, y) => {
  const same = y.unsqueeze(1).eq(y);
  const own = same.sum(1, true);
  const count = torch.where(same, own.sub(1), own.neg().add(y.size(0)));
  return losses.generalPairWeightingLoss(x, y, methods.pairWeights(cosines(x), y, { kind: 'contrastive' }).div(count));
};

const LOSSES: Readonly<Record<string, Loss>> = {
  'binomial deviance': binomialDeviance,
  'lifted structure': (x, y) => losses.liftedStructureLoss(x, y, { normalize: true }),
  'contrastive, of distances': (x, y) => losses.contrastiveLoss(x, y),
  'contrastive, of cosines': contrastiveOfCosines,
  'batch-all triplet': (x, y) => losses.batchAllTripletLoss(x, y, { normalize: true }),
  'multi-similarity without mining': (x, y) => losses.multiSimilarityLoss(x, y, { epsilon: null }),
  'multi-similarity': (x, y) => losses.multiSimilarityLoss(x, y),
  'multi-similarity, beta 10': (x, y) => losses.multiSimilarityLoss(x, y, { beta: 10 }),
};

type Samples = readonly [inputs: torch.Tensor, labels: torch.Tensor];

/** What is learned from, what is tested with, and how. */
interface Task {
  readonly known: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  readonly test: Samples;
  readonly makeModel: () => models.MLP;
  readonly learningRate: number;
  readonly steps: number;
  /** Classes in a batch, and samples of each. */
  readonly batch: readonly [classes: number, samples: number];
  /** Some of the test samples, to be drawn. */
  readonly shown: Samples;
}

function clusters(run: Run, seed: number): Task {
  const { train: known, test } = nuisanceClusters(seed, run.device);
  return {
    known,
    test,
    makeModel: () => new models.MLP(32, [64, 16]),
    learningRate: 3e-3,
    steps: run.choose(20, 300),
    batch: [12, 5],
    shown: ofClasses(test, 0, 8),
  };
}

function digits(run: Run): Task {
  const [pixels, labels] = digitsInOrder();
  const all = [pixels.float().to(run.device), labels.to(run.device)] as const;
  const test = ofClasses(all, 5, 10);
  return {
    known: new data.TensorDataset(...ofClasses(all, 0, 5)),
    test,
    makeModel: () => new models.MLP(64, [64, 8]),
    learningRate: 1e-3,
    steps: run.choose(20, 200),
    batch: [5, 8],
    shown: [test[0].narrow(0, 0, 400), test[1].narrow(0, 0, 400)],
  };
}

/** The samples whose class is from `low` to below `high`. */
function ofClasses([inputs, labels]: Samples, low: number, high: number): [torch.Tensor, torch.Tensor] {
  const places = labels.ge(low).logicalAnd(labels.lt(high)).nonzero().squeeze(1);
  return [inputs.indexSelect(0, places), labels.indexSelect(0, places)];
}

/** The share of samples whose nearest neighbour is of their class. */
function recall(rows: torch.Tensor, labels: torch.Tensor): number {
  return Number(metrics.recallAtK(rows, labels, null, null, { ks: [1] }).item());
}

interface Trained {
  /** Among the test samples. */
  readonly recall: number;
  /** Embeddings of the samples that are drawn. */
  readonly before: torch.Tensor;
  readonly after: torch.Tensor;
}

function train({ known, test, makeModel, learningRate, steps, batch, shown }: Task, loss: Loss, seed: number): Trained {
  torch.manualSeed(seed);
  const model = makeModel().to(test[0].device);
  const embed = (inputs: torch.Tensor): torch.Tensor => torch.noGrad(() => nn.functional.normalize(model.forward(inputs)));
  const before = embed(shown[0]);
  const optimizer = new optim.Adam(model.parameters(), { lr: learningRate });
  const batches = new data.PKBatchSampler(known.tensors[1], batch[0], batch[1], { seed, numBatches: steps });
  for (const [x, y] of new data.DataLoader(known, { batchSampler: batches })) {
    optimizer.zeroGrad();
    loss(model.forward(x), y).backward();
    optimizer.step();
  }
  return { recall: recall(embed(test[0]), test[1]), before, after: embed(shown[0]) };
}

/** How far the gradient by weights is from the loss's own, relative to the largest. */
function gradientsApart([inputs, labels]: Samples): number {
  const x = inputs.double().requiresGrad_();
  const weights = methods.pairWeights(cosines(x), labels, { kind: 'multiSimilarity', epsilon: 0.1 });
  const [weighted, own] = [losses.generalPairWeightingLoss(x, labels, weights), losses.multiSimilarityLoss(x, labels)].map(
    (loss) => torch.autograd.grad(loss, [x])[0] as torch.Tensor,
  ) as [torch.Tensor, torch.Tensor];
  return Number(weighted.sub(own).abs().max().div(own.abs().max()).item());
}

export default recipe(module, {
  paper: 8,
  title: 'Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning',
  about:
    'Small networks learn from some classes which samples are alike, by losses that weight pairs differently, and are tested on others.',
  async run(run) {
    const ofClusters = run.table('Clusters among noise, unseen classes', ['recall@1']);
    const ofDigits = run.table('Handwritten digits 5 to 9, trained on 0 to 4', ['recall@1']);
    const tasks = [
      [ofClusters, (seed: number) => clusters(run, seed), 'Eight unseen classes of clusters among noise', 'class'],
      [ofDigits, () => digits(run), 'Digits that were not trained on', 'digit'],
    ] as const;
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [table, taskOf, title, classes] of tasks) {
        const task = taskOf(seed);
        table.add('raw input', { 'recall@1': recall(...task.test) });
        for (const [name, loss] of Object.entries(LOSSES)) {
          const { recall: found, before, after } = train(task, loss, seed);
          table.add(name, { 'recall@1': found });
          if (name !== 'multi-similarity' || seed !== run.seeds[0]) continue;
          const axes = { x: 'first principal component', y: 'second principal component', classes, equal: true };
          const picture = run.scatter(`${title}: embeddings before and after multi-similarity`, axes);
          for (const [when, rows] of Object.entries({ before, after })) {
            const { points, share } = principalPlane(rows);
            picture.add(`${when} training: ${Math.round(100 * share)} % of the variance`, points, task.shown[1]);
          }
        }
      }
    }
    const claim = (text: string, table: typeof ofClusters, baseline: string, by: number): void => {
      const [method, other] = [table.mean('multi-similarity', 'recall@1'), table.mean(baseline, 'recall@1')];
      run.claim(text, method >= other + by, `${method.toFixed(3)} against ${other.toFixed(3)}`);
    };
    claim('clusters: multi-similarity leads binomial deviance by 0.12', ofClusters, 'binomial deviance', 0.12);
    claim('clusters: multi-similarity leads lifted structure by 0.04', ofClusters, 'lifted structure', 0.04);
    claim('clusters: mining costs no more than 0.02', ofClusters, 'multi-similarity without mining', -0.02);
    claim('digits: multi-similarity leads lifted structure by 0.03', ofDigits, 'lifted structure', 0.03);
    claim('digits: multi-similarity leads contrastive by 0.005', ofDigits, 'contrastive, of distances', 0.005);
    const apart = Math.max(...run.seeds.map((seed) => gradientsApart(clusters(run, seed).shown)));
    run.claim(
      'pair weighting with the weights of multi-similarity has the gradient of multi-similarity',
      apart < 1e-9,
      `they differ by ${apart.toExponential(0)} of the largest`,
    );
    run.note(NUISANCE_CLUSTERS);
    run.note(
      'Clusters: network 32-64-16, Adam with 3e-3, 300 batches of 12 classes by 5 samples. Digits (UCI, 64 pixels): network 64-64-8, Adam with 1e-3, 200 batches of 5 classes by 8. Binomial deviance and contrastive of cosines are trained by general pair weighting.',
    );
  },
});
