/** SFace on labels of which four in ten are drawn at random, tested on other classes. `npm run paper -- 42` */

import * as torch from 'torchwright';
import { data, models, nn, optim, samplers } from 'torchwright';
import { nuisanceClusters, nuisanceText } from './lib/nuisance-clusters';
import { type Run, recipe } from './lib/recipe';
import { judged } from './lib/unseen-classes';

const DEVIATIONS = { within: 0.35, nuisance: 1 };
const RATE = 0.4;

type Head = nn.NormalizedSoftmaxHead | nn.ArcFaceHead | nn.CosFaceHead | nn.SFaceHead;

/** All with the same scale, so that their steps compare. */
const HEADS: Record<string, (classes: number) => Head> = {
  'normalized softmax': (classes) => new nn.NormalizedSoftmaxHead(32, classes, { scale: 16 }),
  ArcFace: (classes) => new nn.ArcFaceHead(32, classes, { scale: 16, margin: 0.3 }),
  CosFace: (classes) => new nn.CosFaceHead(32, classes, { scale: 16, margin: 0.2 }),
  'SFace, a 1.2, b 1.4': (classes) => new nn.SFaceHead(32, classes, { scale: 16, a: 1.2, b: 1.4 }),
  'SFace, a 1.3, b 1.45': (classes) => new nn.SFaceHead(32, classes, { scale: 16, a: 1.3, b: 1.45 }),
};

const LABELS = { 'wrong labels': RATE, 'right labels': 0 } as const;

/** Trains an embedding on some classes with labels of which a share is drawn at random. */
function train(run: Run, seed: number, rate: number, makeHead: (typeof HEADS)[string]) {
  const { train: clean, test, numClasses } = nuisanceClusters(seed, run.device, DEVIATIONS);
  torch.manualSeed(seed);
  const [inputs, labels] = clean.tensors;
  const drawn = torch.randint(numClasses, labels.shape).to(run.device);
  const noisy = samplers.uniformLabelNoise(labels, torch.rand(labels.shape).to(run.device), drawn, { numClasses, rate });
  const known = new data.TensorDataset(inputs, noisy);
  const model = new models.MLP(32, [192, 192, 32]).to(run.device);
  const head = makeHead(numClasses).to(run.device);
  nn.init.normal_(head.weights, { std: 0.1 });
  const optimizer = new optim.Adam([{ params: model.parameters() }, { params: head.parameters(), lr: 0.02 }], { lr: 0.002 });
  const sampler = new data.RandomSampler(known, { numSamples: 128 * run.choose(20, 500), seed });
  for (const [x, y] of new data.DataLoader(known, { batchSize: 128, sampler })) {
    optimizer.zeroGrad();
    head.forward(model.forward(x), y).backward();
    optimizer.step();
  }
  return torch.noGrad(() => {
    const predicted = head.logits(model.forward(inputs)).argmax(1);
    const fitted = Number(predicted.eq(noisy).double().mean().item());
    return { fitted, ...judged(model.forward(test[0]), test[1]) };
  });
}

export default recipe(module, {
  paper: 42,
  title: 'SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition',
  about: 'A network learns 60 classes from labels of which four in ten are drawn at random, and is tested on 40 others.',
  async run(run) {
    const columns = ['recall@1', 'EER', 'TAR at FAR 1 %', 'fitted'] as const;
    const tables = Object.entries(LABELS).map(([name, rate]) => [run.table(`Unseen classes, learnt from ${name}`, columns), rate] as const);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [table, rate] of tables) {
        for (const [name, makeHead] of Object.entries(HEADS)) {
          const { recall, eer, tar, fitted } = train(run, seed, rate, makeHead);
          table.add(name, { 'recall@1': recall, EER: eer, 'TAR at FAR 1 %': tar[1], fitted });
        }
      }
    }
    const noisy = tables[0]?.[0] as (typeof tables)[0][0];
    const sface = 'SFace, a 1.3, b 1.45';
    const lead = (column: 'recall@1' | 'EER'): number => noisy.mean(sface, column) - noisy.mean('ArcFace', column);
    const told = (column: 'recall@1' | 'EER'): string =>
      `${noisy.mean(sface, column).toFixed(3)} against ${noisy.mean('ArcFace', column).toFixed(3)}`;
    run.claim(
      'with wrong labels SFace finds the neighbour of 3 points more samples than ArcFace',
      lead('recall@1') >= 0.03,
      told('recall@1'),
    );
    run.claim('with wrong labels its equal error rate is 2 points lower', lead('EER') <= -0.02, told('EER'));
    run.note(nuisanceText(DEVIATIONS));
    run.note(
      `Of the labels to learn from a share of ${RATE} is drawn from all classes; "fitted" is the share of the given labels that the network reproduces, wrong ones too. Network 32-192-192-32, scale 16, Adam with 0.002, class weights 0.02, 500 batches of 128.`,
    );
    run.note('The angles a and b are larger than for faces: directions of 60 classes in 32 dimensions are nearly at right angles.');
  },
});
