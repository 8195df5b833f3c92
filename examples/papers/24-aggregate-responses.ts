/** Learning from mean responses of bags, between their level and that of the samples; and how large private bags should be. `npm run paper -- 24` */

import * as torch from 'torchwright';
import { data, losses, methods, models, nn, optim } from 'torchwright';
import { type Run, recipe } from './lib/recipe';
import type { Table } from './lib/table';

const RHOS = [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;
const COLUMNS = RHOS.map((rho) => `rho ${rho}`);
const SIZES = [2, 5, 10, 20, 30] as const;

/** Features with a constant, and responses, all standardised. */
async function patients(run: Run): Promise<readonly [features: torch.Tensor, responses: torch.Tensor]> {
  // The short run has to do without files.
  const [features, responses] =
    run.size === 'quick'
      ? [torch.randn(442, 10, { dtype: 'float64' }), torch.randn(442, { dtype: 'float64' })]
      : (await data.diabetes(run.data === undefined ? {} : { dir: run.data })).samples.tensors;
  const standard = (x: torch.Tensor) => x.sub(x.mean(0)).div(x.std([0], { correction: 0 }));
  return [torch.cat([standard(features), torch.ones(442, 1, { dtype: 'float64' })], { dim: 1 }), standard(responses)];
}

/** The smallest error for bags of a size with a rho between 0 and 1, and with one of the two. */
function comparison(table: Table, columns: readonly string[]) {
  const least = (size: number, of: readonly string[]) => Math.min(...of.map((column) => table.mean(`bags of ${size}`, column)));
  const inner = (size: number) => least(size, columns.slice(1, -1));
  const ends = (size: number) => least(size, [columns[0] as string, columns.at(-1) as string]);
  const compared = (size: number) => `${size}: ${inner(size).toFixed(3)} against ${ends(size).toFixed(3)}`;
  return { inner, ends, compared };
}

/** A. Real patients: which rho is best for which bag size. */
async function diabetes(run: Run): Promise<void> {
  const table = run.table('Diabetes: mean squared error on single test responses', COLUMNS);
  const [x, y] = await patients(run);
  for (const seed of data.progress(run.seeds, { label: 'diabetes' })) {
    const generator = new torch.Generator().manualSeed(seed);
    const order = torch.randperm(442, { generator });
    const [train, test] = [order.narrow(0, 0, 300), order.narrow(0, 300, 142)];
    const [features, responses] = [x.indexSelect(0, train), y.indexSelect(0, train)];
    for (const bagSize of SIZES) {
      const bags = methods.randomBags(torch.randperm(300, { generator }), { bagSize });
      const means = methods.aggregateResponses(responses, bags);
      for (const [k, rho] of RHOS.entries()) {
        const theta = methods.aggregateLeastSquares(features, bags, means, { rho });
        const error = nn.functional.mseLoss(x.indexSelect(0, test).mv(theta), y.indexSelect(0, test));
        table.add(`bags of ${bagSize}`, { [COLUMNS[k] as string]: Number(error.item()) });
      }
    }
  }
  const { inner, ends, compared } = comparison(table, COLUMNS);
  run.claim(
    'for bags of 5 and more a rho between 0 and 1 has a smaller error than both ends',
    SIZES.slice(1).every((size) => inner(size) < ends(size)),
    SIZES.slice(1).map(compared).join('; '),
  );
  run.claim('for bags of 20 it is smaller by more than 10 %', inner(20) < 0.9 * ends(20), compared(20));
  run.note(
    run.size === 'quick'
      ? 'Random numbers in place of the patients.'
      : 'Diabetes (Efron et al., 2004): 442 patients, 300 to learn from and 142 to test with, divided and put into bags by each seed; the network with the first 10 seeds.',
  );
}

const NETWORK_RHOS = [0, 0.001, 0.01, 0.1, 1] as const;
const NETWORK_SIZES = [5, 10, 20] as const;

interface Bagged {
  readonly features: torch.Tensor;
  readonly bags: torch.Tensor;
  readonly means: torch.Tensor;
}

/** A network trained on batches of whole bags; all have the same size. */
function trained({ features, bags, means }: Bagged, rho: number, epochs: number, seed: number): models.MLP {
  torch.manualSeed(seed);
  const model = new models.MLP(features.size(1), [32, 1]).to(features.device);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003, weightDecay: 0.01 });
  const bagSize = features.size(0) / means.size(0);
  // One bag after the other: [m, bagSize, d].
  const samples = features.indexSelect(0, bags.argsort()).unflatten(0, [-1, bagSize]);
  const loader = new data.DataLoader(new data.TensorDataset(samples, means), { batchSize: 5, shuffle: true, seed });
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      const inBatch = torch.arange(y.size(0), { device: y.device }).repeatInterleave(bagSize);
      losses.interpolatedAggregateLoss(model.forward(x.flatten(0, 1)).squeeze(1), inBatch, y, { rho }).backward();
      optimizer.step();
    }
  }
  return model;
}

/** B. The same with a network. */
async function network(run: Run): Promise<void> {
  const columns = NETWORK_RHOS.map((rho) => `rho ${rho}`);
  const table = run.table('Diabetes with a network of 32 hidden units', columns);
  const [x, y] = (await patients(run)).map((tensor) => tensor.float().to(run.device)) as [torch.Tensor, torch.Tensor];
  for (const seed of data.progress(run.seeds.slice(0, 10), { label: 'network' })) {
    const generator = new torch.Generator().manualSeed(seed);
    const order = torch.randperm(442, { generator }).to(run.device);
    const [train, test] = [order.narrow(0, 0, 300), order.narrow(0, 300, 142)];
    const features = x.indexSelect(0, train);
    for (const bagSize of NETWORK_SIZES) {
      const bags = methods.randomBags(torch.randperm(300, { generator }), { bagSize }).to(run.device);
      const means = methods.aggregateResponses(y.indexSelect(0, train), bags);
      for (const [k, rho] of NETWORK_RHOS.entries()) {
        const model = trained({ features, bags, means }, rho, run.choose(0.4, 20) * bagSize, seed);
        const predictions = torch.noGrad(() => model.forward(x.indexSelect(0, test)).squeeze(1));
        table.add(`bags of ${bagSize}`, {
          [columns[k] as string]: Number(nn.functional.mseLoss(predictions, y.indexSelect(0, test)).item()),
        });
      }
    }
  }
  const { inner, ends, compared } = comparison(table, columns);
  run.claim(
    'with a network, too, a rho between has a smaller error than both ends, for each bag size',
    NETWORK_SIZES.every((size) => inner(size) < ends(size)),
    NETWORK_SIZES.map(compared).join('; '),
  );
}

const EPSILONS = [2, 0.5] as const;
const BAGS = [1, 2, 4, 8, 20] as const;
const PROBLEM = { samples: 400, dimension: 40, signal: 3, noise: 0.5, bound: 3 } as const;

/** The squared distance from the true theta of one learned from private means, with and without holding responses in the bound. */
function learned(seed: number, bagSize: number, epsilon: number, rho: number): { plain: number; clipped: number } {
  const { samples, dimension, signal, noise, bound } = PROBLEM;
  const options = { dtype: 'float64', generator: new torch.Generator().manualSeed(seed) } as const;
  const theta = nn.functional.normalize(torch.randn(dimension, options), { dim: 0 }).mul(signal);
  const features = torch.randn(samples, dimension, options);
  const responses = features.mv(theta).add(torch.randn(samples, options), { alpha: noise });
  const bags = methods.randomBags(torch.randperm(samples, { generator: options.generator }), { bagSize });
  const laplace = methods.laplaceNoise(torch.rand(samples / bagSize, options));
  const privately = (values: torch.Tensor) => methods.privatizeBagResponses(values, bags, laplace, { epsilon, bound });
  const distance = (means: torch.Tensor) =>
    Number(methods.aggregateLeastSquares(features, bags, means, { rho }).sub(theta).square().sum().item());
  return {
    // The noise alone, which is what the formula is about.
    plain: distance(methods.aggregateResponses(responses, bags).add(privately(torch.zerosLike(responses)))),
    clipped: distance(privately(responses)),
  };
}

/** C. Private responses: larger bags need less noise. */
function privacy(run: Run): void {
  const columns = BAGS.map((k) => `bags of ${k}`);
  const seeds = run.seeds.slice(0, 20);
  const off: number[] = [];
  for (const epsilon of EPSILONS) {
    const table = run.table(
      `Private responses, epsilon ${epsilon}: squared distance from the true theta, each with its best rho`,
      columns,
      {
        digits: 2,
      },
    );
    for (const [j, bagSize] of BAGS.entries()) {
      const column = columns[j] as string;
      const { rho, risk } = methods.optimalInterpolation({ ...PROBLEM, bagSize, epsilon });
      table.add('formula', { [column]: risk });
      for (const seed of data.progress(seeds, { label: `epsilon ${epsilon}, ${column}` })) {
        const { plain, clipped } = torch.scope(() => learned(seed, bagSize, epsilon, rho));
        table.add('simulated', { [column]: plain });
        table.add('simulated, responses held in the bound too', { [column]: clipped });
      }
      off.push(table.mean('simulated', column) / risk - 1);
    }
  }
  run.claim(
    'the formula is within 15 % of the simulation',
    off.every((share) => Math.abs(share) < 0.15),
    off.map((share) => `${(100 * share).toFixed(1)} %`).join(', '),
  );
  const best = [4, 1, 0.5, 0.25].map(
    (epsilon) =>
      methods.optimalBagSize({ samples: 1000, dimension: 100, signal: 3, noise: 0.5, bound: 3, epsilon, candidates: [1, 2, 4, 5, 10, 20] })
        .bagSize,
  );
  run.claim(
    'the more private, the larger the best bags: 1000 samples, 100 features, epsilon 4, 1, 0.5, 0.25',
    best.every((size, k) => k === 0 || size > (best[k - 1] as number)),
    `bags of ${best.join(', ')}`,
  );
  run.note(
    `Private: ${PROBLEM.samples} samples of ${PROBLEM.dimension} features N(0, 1), |theta| = ${PROBLEM.signal}, noise ${PROBLEM.noise}, bound ${PROBLEM.bound}; ${seeds.length} runs of each.`,
  );
}

export default recipe(module, {
  paper: 24,
  title: 'Learning from Aggregate responses: Instance Level versus Bag Level Loss Functions',
  about: 'Linear models from the mean response of each bag of samples, with the bag-level loss, the instance-level loss and between them.',
  seeds: Array.from({ length: 30 }, (_, k) => k),
  async run(run) {
    await diabetes(run);
    await network(run);
    privacy(run);
  },
});
