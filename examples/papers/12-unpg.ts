/** UNPG: negative pairs of the batch beside those with class weights, tested on other classes. `npm run paper -- 12` */

import * as torch from 'torchwright';
import { data, losses, metrics, models, nn, optim, samplers } from 'torchwright';
import { nuisanceClusters, nuisanceText } from './lib/nuisance-clusters';
import { type Run, recipe } from './lib/recipe';
import { judged } from './lib/unseen-classes';

const DEVIATIONS = { within: 0.25, nuisance: 1 };

type Loss = (embeddings: torch.Tensor, weights: torch.Tensor, labels: torch.Tensor) => torch.Tensor;

const LOSSES: Record<string, Loss> = {
  'normalized softmax': (x, w, y) => losses.normalizedSoftmaxLoss(x, w, y, { scale: 64 }),
  'with UNPG': (x, w, y) => losses.unpgLoss(x, w, y, { head: 'normface' }),
  'with UNPG, no filter': (x, w, y) => losses.unpgLoss(x, w, y, { head: 'normface', whisker: null }),
};

/** For honesty: what UNPG does to losses with a margin. */
const MARGIN_LOSSES: Record<string, Loss> = {
  ArcFace: (x, w, y) => losses.arcFaceLoss(x, w, y, { scale: 16, margin: 0.3 }),
  'ArcFace with UNPG': (x, w, y) => losses.unpgLoss(x, w, y, { head: 'arcface', scale: 16, margin: 0.3 }),
};

/** Trains an embedding on some classes, and judges it on others. */
function train(run: Run, seed: number, loss: Loss) {
  const { train: known, test, numClasses } = nuisanceClusters(seed, run.device, DEVIATIONS);
  torch.manualSeed(seed);
  const model = new models.MLP(32, [64, 32]).to(run.device);
  const weights = new nn.Parameter(torch.randn(numClasses, 32).mul(0.1).to(run.device));
  const optimizer = new optim.Adam([{ params: model.parameters() }, { params: [weights], lr: 0.03 }], { lr: 0.003 });
  const sampler = new data.RandomSampler(known, { numSamples: 96 * run.choose(20, 300), seed });
  for (const [x, y] of new data.DataLoader(known, { batchSize: 96, sampler })) {
    optimizer.zeroGrad();
    loss(model.forward(x), weights, y).backward();
    optimizer.step();
  }
  return torch.noGrad(() => {
    const embeddings = model.forward(test[0]);
    const { positive, negative } = samplers.pairSimilarities(embeddings, test[1]);
    return { gap: Number(metrics.wdfsGap(positive, negative).item()), ...judged(embeddings, test[1]) };
  });
}

export default recipe(module, {
  paper: 12,
  title: 'UNPG: Unified Negative Pair Generation toward Well-discriminative Feature Space for Face Recognition',
  about: 'A small network learns from 60 classes which samples are alike, and is tested on 40 others.',
  async run(run) {
    const columns = ['recall@1', 'TAR at FAR 0.1 %', 'TAR at FAR 1 %', 'gap'] as const;
    const table = run.table('Unseen classes', columns);
    const margins = run.table('The same for ArcFace', columns);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [where, of] of [
        [table, LOSSES],
        [margins, MARGIN_LOSSES],
      ] as const) {
        for (const [name, loss] of Object.entries(of)) {
          const { recall, tar, gap } = train(run, seed, loss);
          where.add(name, { 'recall@1': recall, 'TAR at FAR 0.1 %': tar[0], 'TAR at FAR 1 %': tar[1], gap });
        }
      }
    }
    const [plain, unpg] = ['normalized softmax', 'with UNPG'] as const;
    for (const column of ['recall@1', 'TAR at FAR 1 %'] as const) {
      const [a, b] = [table.values(plain, column), table.values(unpg, column)];
      const told = `${table.mean(unpg, column).toFixed(3)} against ${table.mean(plain, column).toFixed(3)}`;
      run.claim(`${column} is 4 points higher with UNPG`, table.mean(unpg, column) - table.mean(plain, column) >= 0.04, told);
      run.claim(
        `${column} is higher with each seed`,
        b.every((value, k) => value > (a[k] as number)),
        b.map((value, k) => `${value.toFixed(3)} against ${(a[k] as number).toFixed(3)}`).join(', '),
      );
    }
    run.note(nuisanceText(DEVIATIONS));
    run.note(
      'Network 32-64-32, scale 64 (ArcFace: 16, margin 0.3), Adam with 0.003, class weights 0.03, 300 batches of 96 random samples; all pairs of the test samples.',
    );
    run.note(
      'The gap is the least cosine of a positive pair less the greatest of a negative one: above 0 the space would be well-discriminative.',
    );
  },
});
