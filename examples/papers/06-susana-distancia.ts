/** Embeddings for a single sample of each class, from episodes with a proto-triplet and a nearest-neighbour loss. `npm run paper -- 06` */

import * as torch from 'torchwright';
import { data, losses, methods, metrics, models, optim } from 'torchwright';
import { digitsInOrder } from './lib/digits';
import { nuisanceClusters, nuisanceText } from './lib/nuisance-clusters';
import { type Run, recipe } from './lib/recipe';

type Samples = readonly [inputs: torch.Tensor, labels: torch.Tensor];

/** Classes, samples of each to learn a class from, and samples of each to find. */
interface Episodes {
  readonly ways: number;
  readonly shots: number;
  readonly queries: number;
  readonly count: number;
}

interface Task {
  readonly known: Samples;
  readonly unseen: Samples;
  readonly layers: readonly [input: number, ...rest: number[]];
  readonly rate: number;
  readonly training: Episodes;
  readonly test: Episodes;
}

/** What the terms of the loss count: cross-entropy, proto-triplet and ICNN. */
const WEIGHTS: Record<string, readonly [crossEntropy: number, protoTriplet: number, icnn: number]> = {
  'cross-entropy': [1, 0, 0],
  'cross-entropy, proto-triplet': [1, 1, 0],
  'cross-entropy, ICNN': [1, 0, 1],
  'all three': [1, 1, 1],
  'proto-triplet': [0, 1, 0],
  ICNN: [0, 0, 1],
};

function digits(run: Run, rate: number): Task {
  const [inputs, labels] = digitsInOrder();
  const part = (which: torch.Tensor, first: number): Samples => {
    const places = which.nonzero().squeeze(1);
    return [inputs.indexSelect(0, places).float().to(run.device), labels.indexSelect(0, places).sub(first).to(run.device)];
  };
  return {
    known: part(labels.lt(6), 0),
    unseen: part(labels.ge(6), 6),
    layers: [64, 64, 32],
    rate,
    training: { ways: 5, shots: 5, queries: 5, count: run.choose(10, 150) },
    test: { ways: 4, shots: 1, queries: 10, count: run.choose(20, 300) },
  };
}

function clusters(run: Run, seed: number): Task {
  const { train, test } = nuisanceClusters(seed, run.device);
  return {
    known: train.tensors,
    unseen: test,
    layers: [32, 64, 16],
    rate: 3e-3,
    training: { ways: 12, shots: 3, queries: 3, count: run.choose(10, 300) },
    test: { ways: 10, shots: 1, queries: 10, count: run.choose(20, 300) },
  };
}

interface Episode {
  readonly support: torch.Tensor;
  readonly supportLabels: torch.Tensor;
  readonly query: torch.Tensor;
  readonly queryLabels: torch.Tensor;
}

/** Calls with one episode after the other; classes are numbered anew in each. */
function eachEpisode(
  [inputs, labels]: Samples,
  { ways, shots, queries, count }: Episodes,
  seed: number,
  what: (one: Episode) => void,
): void {
  const { device } = inputs;
  const classes = torch.arange(ways, { device });
  const [supportLabels, queryLabels] = [classes.repeatInterleave(shots), classes.repeatInterleave(queries)];
  for (const places of new data.PKBatchSampler(labels, ways, shots + queries, { seed, numBatches: count }))
    torch.scope(() => {
      // One class after the other, with as many samples each.
      const samples = inputs.indexSelect(0, places.to(device)).unflatten(0, [ways, shots + queries]);
      const [support, query] = samples.split([shots, queries], 1).map((part) => part.flatten(0, 1)) as [torch.Tensor, torch.Tensor];
      what({ support, supportLabels, query, queryLabels });
    });
}

/** Trains an encoder with episodes of known classes; its accuracy in episodes of unseen ones, by the nearest prototype. */
function train(seed: number, task: Task, [crossEntropyWeight, protoTripletWeight, icnnWeight]: (typeof WEIGHTS)[string]): number {
  torch.manualSeed(seed);
  const [input, ...sizes] = task.layers;
  const encoder = new models.MLP(input, sizes).to(task.known[0].device);
  const optimizer = new optim.Adam(encoder.parameters(), { lr: task.rate });
  const options = { numClasses: task.training.ways, crossEntropyWeight, protoTripletWeight, icnnWeight };
  eachEpisode(task.known, task.training, seed, ({ support, supportLabels, query, queryLabels }) => {
    optimizer.zeroGrad();
    losses.susanaEpisodeLoss(encoder.forward(support), supportLabels, encoder.forward(query), queryLabels, options).loss.backward();
    optimizer.step();
  });
  const embeddings = torch.noGrad(() => encoder.forward(task.unseen[0]));
  let sum = 0;
  // The same episodes for every loss.
  eachEpisode([embeddings, task.unseen[1]], task.test, 1000 + seed, ({ support, supportLabels, query, queryLabels }) => {
    const logits = methods.prototypicalLogits(query, methods.classPrototypes(support, supportLabels));
    sum += Number(metrics.topKAccuracy(logits, queryLabels).item());
  });
  return sum / task.test.count;
}

export default recipe(module, {
  paper: 6,
  title: 'SuSana Distancia is all you need',
  about: 'Encoders learn in episodes of some classes; others are then told apart by one sample of each.',
  async run(run) {
    const columns = ['digits, rate 0.001', 'digits, rate 0.003', 'clusters'] as const;
    const table = run.table('Accuracy on unseen classes, one sample of each', columns);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      const tasks: readonly [(typeof columns)[number], Task][] = [
        ['digits, rate 0.001', digits(run, 1e-3)],
        ['digits, rate 0.003', digits(run, 3e-3)],
        ['clusters', clusters(run, seed)],
      ];
      for (const [name, weights] of Object.entries(WEIGHTS))
        table.add(name, Object.fromEntries(tasks.map(([column, task]) => [column, train(seed, task, weights)])));
    }
    const claim = (name: string, column: (typeof columns)[number], by: number) => {
      const [it, baseline] = [table.mean(name, column), table.mean('cross-entropy', column)];
      run.claim(
        `${name} is ${by === 0 ? 'not worse than' : `better than`} cross-entropy${by === 0 ? '' : ` by ${by}`} (${column})`,
        it >= baseline + by,
        `${it.toFixed(3)} against ${baseline.toFixed(3)}`,
      );
    };
    claim('all three', 'digits, rate 0.001', 0.015);
    claim('cross-entropy, ICNN', 'digits, rate 0.001', 0.01);
    claim('cross-entropy, proto-triplet', 'digits, rate 0.001', 0);
    claim('ICNN', 'digits, rate 0.003', 0.08);
    run.note(
      '1,797 handwritten digits (UCI), 0 to 5 to learn from and 6 to 9 unseen; network 64-64-32, 150 episodes of 5 classes, 5 samples and 5 queries of each; test: 300 episodes of 4 classes with one sample and 10 queries each.',
    );
    run.note(
      `${nuisanceText()} Network 32-64-16, Adam with 3e-3, 300 episodes of 12 classes, 3 samples and 3 queries of each; test: episodes of 10 classes.`,
    );
  },
});
