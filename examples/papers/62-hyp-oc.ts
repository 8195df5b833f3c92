/** One class learned from its own samples alone, in Euclidean and in hyperbolic space. `npm run paper -- 62` */

import * as torch from 'torchwright';
import { data, losses, methods, metrics, models, nn, optim, samplers } from 'torchwright';
import { digitsInOrder } from './lib/digits';
import { recipe } from './lib/recipe';

interface Samples {
  readonly known: torch.Tensor;
  readonly test: torch.Tensor;
  /** 1 for the test samples of other classes. */
  readonly foreign: torch.Tensor;
}

/** 70 % of a class to learn from; the rest of it and all other classes to test with. */
function samplesOf(digit: number, [images, labels]: readonly [torch.Tensor, torch.Tensor]): Samples {
  const own = images.indexSelect(0, labels.eq(digit).nonzero().squeeze(1));
  const others = images.indexSelect(0, labels.ne(digit).nonzero().squeeze(1));
  const order = torch.randperm(own.size(0)).to(own.device);
  const count = Math.floor(0.7 * own.size(0));
  const known = own.indexSelect(0, order.narrow(0, 0, count));
  const held = own.indexSelect(0, order.narrow(0, count, own.size(0) - count));
  const scaled = (pixels: torch.Tensor) => pixels.sub(known.mean([0])).div(4);
  const foreign = torch.cat([torch.zeros(held.size(0)), torch.ones(others.size(0))]).long();
  return { known: scaled(known), test: scaled(torch.cat([held, others])), foreign };
}

/** What stands behind the network: logits of its embeddings, and the loss of a batch of real samples and pseudo-negatives. */
interface Head extends nn.Module {
  forward(embeddings: torch.Tensor): torch.Tensor;
  loss(real: torch.Tensor, pseudo: torch.Tensor): torch.Tensor;
}

class Euclidean extends nn.Module implements Head {
  readonly last = new nn.Linear(8, 2);

  constructor(readonly confuse: boolean) {
    super();
  }

  override forward(embeddings: torch.Tensor): torch.Tensor {
    return this.last.forward(embeddings);
  }

  loss(real: torch.Tensor, pseudo: torch.Tensor): torch.Tensor {
    const labels = torch.cat([torch.zeros(real.size(0)), torch.ones(pseudo.size(0))]).long();
    const entropy = nn.functional.crossEntropy(this.forward(torch.cat([real, pseudo])), labels.to(real.device));
    if (!this.confuse) return entropy;
    const [left, right] = real.chunk(2) as [torch.Tensor, torch.Tensor];
    return entropy.add(torch.linalg.vectorNorm(left.sub(right), 2, 1).sum().div(real.size(0)));
  }
}

class Hyperbolic extends nn.Module implements Head {
  readonly mlr = new nn.HyperbolicMlr(8, 2);

  constructor(readonly confuse: boolean) {
    super();
    nn.init.normal_(this.mlr.a, { std: 0.3 });
    nn.init.normal_(this.mlr.p, { std: 0.1 });
  }

  override forward(embeddings: torch.Tensor): torch.Tensor {
    return this.mlr.forward(methods.toPoincare(embeddings));
  }

  loss(real: torch.Tensor, pseudo: torch.Tensor): torch.Tensor {
    const { a, p } = this.mlr;
    const weights = { pcWeight: this.confuse ? 1 : 0 };
    return losses.hypOcLoss(methods.toPoincare(real), methods.toPoincare(pseudo), a, p, weights).loss;
  }
}

const HEADS: Record<string, () => Head> = {
  'cross-entropy': () => new Euclidean(false),
  'cross-entropy, pairwise confusion': () => new Euclidean(true),
  'Hyp-CE': () => new Hyperbolic(false),
  'Hyp-OC: Hyp-CE, Hyp-PC': () => new Hyperbolic(true),
};

/** Trains on one class and pseudo-negatives around its mean; the area under the ROC curve of the test samples. */
function train({ known, test, foreign }: Samples, head: Head, steps: number): number {
  const body = new models.MLP(64, [64, 32, 8]).to(known.device);
  head.to(known.device);
  const parameters = [...body.parameters(), ...head.parameters()];
  const optimizer = new optim.Adam(parameters, { lr: 0.001 });
  let state: torch.Tensor | null = null;
  for (let step = 0; step < steps; step++)
    state = torch.scope(() => {
      const real = known.indexSelect(0, torch.randperm(known.size(0)).narrow(0, 0, 64).to(known.device));
      const next = methods.adaptiveMean(real, state);
      const pseudo = samplers.gaussianPseudoNegatives(next.mean, torch.randnLike(real));
      const [a, b] = body.forward(torch.cat([real, pseudo])).chunk(2) as [torch.Tensor, torch.Tensor];
      optimizer.zeroGrad();
      head.loss(a, b).backward();
      nn.utils.clipGradNorm_(parameters, 3);
      optimizer.step();
      return next.state;
    });
  const logits = torch.noGrad(() => head.forward(body.forward(test)));
  return Number(metrics.rocAuc(logits.select(1, 1).sub(logits.select(1, 0)).cpu(), foreign).item());
}

export default recipe(module, {
  paper: 62,
  title: 'Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing',
  about: 'A network learns one handwritten digit at a time from its own images, and is to tell it from the other nine.',
  seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  async run(run) {
    const table = run.table('Area under the ROC curve, mean over the digits', ['AUC'], { digits: 4 });
    const [pixels, labels] = digitsInOrder();
    const digits = [pixels.mul(16).float().to(run.device), labels.to(run.device)] as const;
    // A seed is also the digit that is known.
    for (const seed of data.progress(run.seeds, { label: 'digit' })) {
      for (const [name, head] of Object.entries(HEADS)) {
        torch.manualSeed(seed);
        table.add(name, { AUC: train(samplesOf(seed, digits), head(), run.choose(20, 150)) });
      }
    }
    const of = (name: string) => table.mean(name, 'AUC');
    const baseline = of('cross-entropy');
    for (const [name, least] of [
      ['Hyp-CE', 0.003],
      ['Hyp-OC: Hyp-CE, Hyp-PC', 0.006],
    ] as const)
      run.claim(
        `${name} is better than Euclidean cross-entropy by ${least}`,
        of(name) - baseline >= least,
        `${of(name).toFixed(4)} against ${baseline.toFixed(4)}`,
      );
    run.note('1,797 handwritten digits (UCI), 64 pixels; 70 % of one digit to learn from, the rest of it and all others to test with.');
    run.note('Pseudo-negatives are drawn around the pixels, where the paper draws them around the features of an encoder.');
  },
});
