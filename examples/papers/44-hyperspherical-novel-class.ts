/** Classes that training has not seen, told apart by the directions of five samples each. `npm run paper -- 44` */

import * as torch from 'torchwright';
import { data, losses, methods, metrics, models, nn, optim } from 'torchwright';
import { splitDigits } from './lib/digits';
import { nuisanceClusters, nuisanceText } from './lib/nuisance-clusters';
import { type Run, recipe } from './lib/recipe';

type Samples = readonly [inputs: torch.Tensor, labels: torch.Tensor];

/** Known classes to learn from, and novel ones, which are numbered from 0 too. */
interface Task {
  readonly known: data.TensorDataset<[torch.Tensor, torch.Tensor]>;
  readonly batches: data.BatchSampler;
  readonly numKnown: number;
  readonly numNovel: number;
  /** Supports are drawn from it. */
  readonly novel: Samples;
  /** Queries; null for what is left of `novel`. */
  readonly query: Samples | null;
  /** Test samples of all classes, known ones first; null where there are none. */
  readonly all: Samples | null;
  /** Sizes of the encoder's layers. */
  readonly layers: readonly [input: number, ...rest: number[]];
  /** Length of the features. */
  readonly scale: number;
}

const SHOTS = 5;

function subset([inputs, labels]: Samples, which: torch.Tensor): [torch.Tensor, torch.Tensor] {
  const places = which.nonzero().squeeze(1);
  return [inputs.indexSelect(0, places), labels.indexSelect(0, places)];
}

/** Samples at random, 64 at a time. */
function batches(known: Task['known'], count: number, seed: number): data.BatchSampler {
  return new data.BatchSampler(new data.RandomSampler(known, { replacement: true, numSamples: 64 * count, seed }), 64);
}

/** Digits 0 to 5 are known, 6 to 9 novel. */
function digits(run: Run, seed: number): Task {
  const { train, test } = splitDigits(seed, run.device, { known: 900 });
  const novelOf = (samples: Samples): Samples => {
    const [inputs, labels] = subset(samples, samples[1].ge(6));
    return [inputs, labels.sub(6)];
  };
  const known = new data.TensorDataset(...subset(train.tensors, train.tensors[1].lt(6)));
  return {
    known,
    batches: batches(known, run.choose(20, 400), seed),
    numKnown: 6,
    numNovel: 4,
    novel: novelOf(train.tensors),
    query: novelOf(test),
    all: test,
    layers: [64, 64, 32],
    scale: 10,
  };
}

/** Of the clusters 60 are known and 40 novel. */
function clusters(run: Run, seed: number): Task {
  const { train, test, numClasses } = nuisanceClusters(seed, run.device);
  return {
    known: train,
    batches: batches(train, run.choose(20, 1000), seed),
    numKnown: numClasses,
    numNovel: 40,
    novel: test,
    query: null,
    all: null,
    layers: [32, 64, 16],
    scale: 16,
  };
}

interface Objective {
  loss(embeddings: torch.Tensor, labels: torch.Tensor): torch.Tensor;
  readonly parameters: readonly nn.Parameter[];
  /** A row for each known class; null where the loss has none. */
  readonly weights: torch.Tensor | null;
  /** After each step of the optimizer. */
  after?(): void;
}

const METHODS: Record<string, (features: number, task: Task) => Objective> = {
  'constrained softmax'(features, { numKnown, scale, known }) {
    const head = new nn.ConstrainedSoftmaxHead(features, numKnown, { scale }).to(known.tensors[0].device);
    return {
      loss: (x, y) => head.forward(x, y),
      parameters: [...head.parameters()],
      weights: head.weights,
      after: () => head.constrain(),
    };
  },
  'normalized softmax'(features, { numKnown, scale, known }) {
    const head = new nn.NormalizedSoftmaxHead(features, numKnown, { scale }).to(known.tensors[0].device);
    return { loss: (x, y) => head.forward(x, y), parameters: [...head.parameters()], weights: head.weights };
  },
  'plain softmax'(features, { numKnown, known }) {
    const last = new nn.Linear(features, numKnown).to(known.tensors[0].device);
    return {
      loss: (x, y) => nn.functional.crossEntropy(last.forward(x), y),
      parameters: [...last.parameters()],
      weights: last.weight,
    };
  },
  'batch-hard triplet': () => ({
    loss: (x, y) => losses.batchHardTripletLoss(x, y, { normalize: true }),
    parameters: [],
    weights: null,
  }),
  contrastive: () => ({ loss: (x, y) => losses.contrastiveLoss(x, y), parameters: [], weights: null }),
};

/** Trains an encoder on the known classes; it, and weights of these classes. */
function train(
  seed: number,
  task: Task,
  method: (typeof METHODS)[string],
): { encode: (x: torch.Tensor) => torch.Tensor; known: torch.Tensor } {
  torch.manualSeed(seed);
  const [inputs, ...sizes] = task.layers;
  const encoder = new models.MLP(inputs, sizes).to(task.known.tensors[0].device);
  const objective = method(sizes.at(-1) as number, task);
  const optimizer = new optim.Adam([...encoder.parameters(), ...objective.parameters], { lr: 3e-3 });
  for (const [x, y] of new data.DataLoader(task.known, { batchSampler: task.batches })) {
    optimizer.zeroGrad();
    objective.loss(encoder.forward(x), y).backward();
    optimizer.step();
    objective.after?.();
  }
  const encode = (x: torch.Tensor): torch.Tensor => torch.noGrad(() => encoder.forward(x));
  const [x, y] = task.known.tensors;
  return { encode, known: objective.weights?.detach() ?? methods.novelClassWeights(encode(x), y) };
}

interface Scores {
  disjoint: number;
  joint: number;
  leakage: number;
  all?: number;
}

/** Novel classes from a few samples each, and how well queries find them: the mean over several draws. */
function judge(seed: number, task: Task, draws: number, { encode, known }: ReturnType<typeof train>): Scores {
  const [embeddings, labels] = [encode(task.novel[0]), task.novel[1]];
  const supports = new data.PKBatchSampler(labels, task.numNovel, SHOTS, { seed: 1000 + seed, numBatches: draws });
  const sums: Required<Scores> = { disjoint: 0, joint: 0, leakage: 0, all: 0 };
  for (const places of supports)
    torch.scope(() => {
      const support = places.to(labels.device);
      const novel = methods.novelClassWeights(embeddings.indexSelect(0, support), labels.indexSelect(0, support));
      const others = subset([embeddings, labels], torch.ones(labels.shape, { device: labels.device }).indexFill(0, support, 0));
      const [query, queryLabels] = task.query === null ? others : [encode(task.query[0]), task.query[1]];
      const scores = metrics.novelClassAccuracy(query, queryLabels, novel, known);
      for (const name of ['disjoint', 'joint', 'leakage'] as const) sums[name] += Number(scores[name].item()) / draws;
      if (task.all === null) return;
      const predicted = methods.hypersphericalPredict(encode(task.all[0]), methods.extendClassWeights(known, novel));
      sums.all += Number(predicted.labels.eq(task.all[1]).double().mean().item()) / draws;
    });
  const { all, ...scores } = sums;
  return task.all === null ? scores : { ...scores, all };
}

export default recipe(module, {
  paper: 44,
  title: 'Hyperspherical embedding for novel class classification',
  about: 'Encoders learn from some classes; others are then told apart by five samples of each, without further training.',
  async run(run) {
    const onDigits = run.table('Digits: 6 known classes, 4 novel', ['disjoint', 'joint', 'leakage', 'all']);
    const onClusters = run.table('Clusters: 60 known classes, 40 novel', ['disjoint', 'joint', 'leakage']);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      for (const [name, method] of Object.entries(METHODS)) {
        const [ofDigits, ofClusters] = [digits(run, seed), clusters(run, seed)];
        onDigits.add(name, { ...judge(seed, ofDigits, run.choose(2, 20), train(seed, ofDigits, method)) });
        onClusters.add(name, { ...judge(seed, ofClusters, run.choose(2, 20), train(seed, ofClusters, method)) });
      }
    }
    const of = (name: string, column: 'disjoint' | 'joint' | 'all') => onDigits.mean(name, column);
    const beats = (name: string, by: number, ...columns: readonly ('disjoint' | 'joint')[]) =>
      run.claim(
        `on the digits constrained softmax is better than ${name} by ${100 * by} points, ${columns.join(' and ')}`,
        columns.every((column) => of('constrained softmax', column) >= of(name, column) + by),
        columns.map((column) => `${of('constrained softmax', column).toFixed(3)} against ${of(name, column).toFixed(3)}`).join(', '),
      );
    beats('plain softmax', 0.05, 'disjoint', 'joint');
    beats('contrastive', 0.1, 'disjoint', 'joint');
    beats('batch-hard triplet', 0.02, 'joint');
    const columns = ['disjoint', 'joint', 'all'] as const;
    const apart = columns.map((column) => Math.abs(of('constrained softmax', column) - of('normalized softmax', column)));
    run.claim(
      'projecting the weights after each step, or normalising them within the loss, is the same to 3 points',
      Math.max(...apart) <= 0.03,
      `apart by ${apart.map((by) => by.toFixed(3)).join(', ')}`,
    );
    const ofClusters = (column: 'disjoint' | 'joint') =>
      Object.keys(METHODS).reduce((a, b) => (onClusters.mean(a, column) >= onClusters.mean(b, column) ? a : b));
    run.note(
      `Accuracy on queries of novel classes, among these alone (disjoint) and among all (joint), and the share taken for a known class (leakage); all: on test samples of all ten digits. ${SHOTS} samples of each novel class, 20 draws.`,
    );
    run.note(
      '1,797 handwritten digits (UCI), 900 to learn from, of which 0 to 5 are known; network 64-64-32, Adam with 3e-3, 400 batches of 64, features of length 10.',
    );
    run.note(
      `${nuisanceText()} Network 32-64-16, 1,000 batches of 64, features of length 16. Best there: ${ofClusters('disjoint')} (disjoint), ${ofClusters('joint')} (joint).`,
    );
  },
});
