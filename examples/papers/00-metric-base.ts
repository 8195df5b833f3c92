/** The losses of metric learning on clusters hidden among noise, tested on other classes. `npm run paper -- 00-metric-base` */

import * as torch from 'torchwright';
import { data, losses, metrics, models, nn, optim } from 'torchwright';
import { nuisanceClusters, nuisanceText } from './lib/nuisance-clusters';
import { type Run, recipe } from './lib/recipe';

interface Objective {
  readonly loss: (embeddings: torch.Tensor, labels: torch.Tensor) => torch.Tensor;
  /** What a loss learns besides the network: a direction for each class. */
  readonly parameters: nn.Parameter[];
  /** Whether their gradients are of some classes only. */
  readonly sampled?: boolean;
}

/** A loss of the batch alone. */
const ofBatch = (loss: Objective['loss']) => (): Objective => ({ loss, parameters: [] });

/** A loss with weights of its own for each class. */
const ofHead =
  (make: (features: number, classes: number) => nn.CosFaceHead | nn.ArcFaceHead | nn.NormalizedSoftmaxHead | nn.ProxyAnchorHead) =>
  (features: number, classes: number, device: torch.DeviceLike): Objective => {
    const head = make(features, classes).to(device);
    const sampled = 'sampleRate' in head && head.sampleRate < 1;
    return { loss: (embeddings, labels) => head.forward(embeddings, labels), parameters: [...head.parameters()], sampled };
  };

const SAMPLED = 'ArcFace, three in ten classes a step';

const OBJECTIVES: Record<string, (features: number, classes: number, device: torch.DeviceLike) => Objective> = {
  contrastive: ofBatch((x, y) => losses.contrastiveLoss(x, y)),
  'batch-all triplet': ofBatch((x, y) => losses.batchAllTripletLoss(x, y, { normalize: true })),
  'batch-hard triplet': ofBatch((x, y) => losses.batchHardTripletLoss(x, y, { normalize: true })),
  'lifted structure': ofBatch((x, y) => losses.liftedStructureLoss(x, y, { normalize: true })),
  'normalized softmax': ofHead((features, classes) => new nn.NormalizedSoftmaxHead(features, classes)),
  CosFace: ofHead((features, classes) => new nn.CosFaceHead(features, classes, { scale: 20, margin: 0.2 })),
  ArcFace: ofHead((features, classes) => new nn.ArcFaceHead(features, classes, { scale: 20, margin: 0.3 })),
  [SAMPLED]: ofHead((features, classes) => new nn.ArcFaceHead(features, classes, { scale: 20, margin: 0.3, sampleRate: 0.3 })),
  'proxy-anchor': ofHead((features, classes) => new nn.ProxyAnchorHead(features, classes)),
};

/** The share of test samples whose nearest neighbour is of their class. */
function recall([inputs, labels]: readonly [torch.Tensor, torch.Tensor]): number {
  return Number(metrics.recallAtK(inputs, labels, null, null, { ks: [1] }).item());
}

/** Trains an embedding of 16 features on some classes; recall at 1 on others. */
function train(run: Run, seed: number, makeObjective: (typeof OBJECTIVES)[string]): number {
  const { train: known, test, numClasses } = nuisanceClusters(seed, run.device);
  torch.manualSeed(seed);
  const model = new models.MLP(32, [64, 16]).to(run.device);
  const { loss, parameters, sampled = false } = makeObjective(16, numClasses, run.device);
  const optimizers = [
    new optim.Adam([...model.parameters(), ...(sampled ? [] : parameters)], { lr: 3e-3 }),
    ...(sampled ? [new optim.SparseAdam(parameters, { lr: 3e-3 })] : []),
  ];
  const batches = new data.PKBatchSampler(known.tensors[1], 12, 5, { seed, numBatches: run.choose(20, 300) });
  for (const [x, y] of new data.DataLoader(known, { batchSampler: batches })) {
    for (const optimizer of optimizers) optimizer.zeroGrad();
    loss(model.forward(x), y).backward();
    for (const optimizer of optimizers) optimizer.step();
  }
  return recall([torch.noGrad(() => model.forward(test[0])), test[1]]);
}

export default recipe(module, {
  paper: 0,
  title: 'Metric learning: losses of pairs, triplets, proxies, margins and prototypes, metrics of retrieval and verification',
  about: 'A small network learns from 60 classes which samples are alike, and is tested on 40 others.',
  async run(run) {
    const table = run.table('Unseen classes', ['recall@1']);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      table.add('raw input', { 'recall@1': recall(nuisanceClusters(seed, run.device).test) });
      for (const [name, make] of Object.entries(OBJECTIVES)) table.add(name, { 'recall@1': train(run, seed, make) });
    }
    const at = (name: string): number => table.mean(name, 'recall@1');
    const told = (...names: string[]): string => names.map((name) => `${name} ${at(name).toFixed(3)}`).join(', ');
    run.claim(
      'contrastive and batch-all triplet find the neighbour of at least 45 %',
      Math.min(at('contrastive'), at('batch-all triplet')) >= 0.45,
      told('contrastive', 'batch-all triplet'),
    );
    const worst = Object.keys(OBJECTIVES).reduce((a, b) => (at(a) < at(b) ? a : b));
    run.claim('every loss is at least 8 points above the raw input', at(worst) >= at('raw input') + 0.08, told('raw input', worst));
    run.claim(
      'the margins of CosFace and ArcFace help: neither is below normalized softmax',
      Math.min(at('CosFace'), at('ArcFace')) >= at('normalized softmax'),
      told('normalized softmax', 'CosFace', 'ArcFace'),
    );
    run.claim(
      'ArcFace loses at most 5 points where it looks at three in ten of the other classes in a step',
      at(SAMPLED) >= at('ArcFace') - 0.05,
      told('ArcFace', SAMPLED),
    );
    run.note(nuisanceText());
    run.note(
      'Network 32-64-16, Adam with 3e-3, 300 batches of 12 classes by 5 samples; the proxies learn at the same rate, which is slow for them.',
    );
  },
});
