/** A teacher's logits and labels, learned by one head, and by two. `npm run paper -- 18` */

import * as torch from 'torchwright';
import { data, losses, methods, metrics, models, nn, optim } from 'torchwright';
import { splitDigits } from './lib/digits';
import { type Run, recipe } from './lib/recipe';

interface Teacher {
  readonly known: data.TensorDataset<[inputs: torch.Tensor, labels: torch.Tensor, teacherLogits: torch.Tensor]>;
  readonly test: readonly [inputs: torch.Tensor, labels: torch.Tensor];
  readonly accuracy: number;
}

function accuracyOf(logits: torch.Tensor, labels: torch.Tensor): number {
  return Number(metrics.topKAccuracy(logits, labels).item());
}

/** Batches of 64 at random. */
function batches<T extends readonly [torch.Tensor, ...torch.Tensor[]]>(dataset: data.TensorDataset<T>, steps: number, seed: number) {
  const sampler = new data.RandomSampler(dataset, { replacement: true, numSamples: 64 * steps, seed });
  return new data.DataLoader(dataset, { sampler, batchSize: 64 });
}

/** Trains a wide network and keeps what it says of each sample. */
function teach(run: Run, seed: number): Teacher {
  const { train, test } = splitDigits(seed, run.device, { known: 900 });
  torch.manualSeed(seed);
  const model = new models.MLP(64, [128, 10]).to(run.device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 2e-3 });
  for (const [x, y] of batches(train, run.choose(20, 300), seed)) {
    optimizer.zeroGrad();
    nn.functional.crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  }
  model.eval();
  const [inputs, labels] = train.tensors;
  const said = torch.noGrad(() => model.forward(inputs));
  const accuracy = accuracyOf(
    torch.noGrad(() => model.forward(test[0])),
    test[1],
  );
  return { known: new data.TensorDataset(inputs, labels, said), test, accuracy };
}

/** Where the student has its classifiers: on 8 features, one for labels and, in some, one more for the teacher's logits. */
class Student extends nn.Module {
  readonly backbone: nn.Sequential<[nn.Linear, nn.ReLU | nn.LeakyReLU]>;
  readonly main = new nn.Linear(8, 10);

  constructor(
    activation: nn.ReLU | nn.LeakyReLU,
    readonly aux: nn.AuxiliaryHead | nn.Linear | null,
  ) {
    super();
    this.backbone = new nn.Sequential<[nn.Linear, nn.ReLU | nn.LeakyReLU]>(new nn.Linear(64, 8), activation);
  }

  override forward(x: torch.Tensor): { logits: torch.Tensor; auxLogits: torch.Tensor } {
    const features = this.backbone.forward(x);
    const logits = this.main.forward(features);
    return { logits, auxLogits: this.aux === null ? logits : this.aux.forward(features) };
  }
}

/** The two losses of a batch, which are added unless gradients are aligned. */
interface Objective {
  readonly aux: (() => nn.AuxiliaryHead | nn.Linear) | null;
  readonly align?: boolean;
  readonly loss: (
    outputs: { logits: torch.Tensor; auxLogits: torch.Tensor },
    said: torch.Tensor,
    labels: torch.Tensor,
  ) => readonly torch.Tensor[];
}

const entropy = (logits: torch.Tensor, labels: torch.Tensor) => nn.functional.crossEntropy(logits, labels);

function objectives(alpha: number): Record<string, Objective> {
  const nonlinear = () => new nn.AuxiliaryHead(8, 10, { dropout: 0 });
  const linear = () => new nn.Linear(8, 10);
  const both: Objective['loss'] = ({ logits, auxLogits }, said, labels) => {
    const { classification, distillation } = losses.dualHeadDistillationLoss(logits, auxLogits, said, labels);
    return [classification, distillation.mul(alpha)];
  };
  return {
    'cross-entropy': { aux: null, loss: ({ logits }, _, labels) => [entropy(logits, labels)] },
    'distillation (T = 4)': { aux: null, loss: ({ logits }, said) => [losses.distillationKlLoss(logits, said)] },
    'BinaryKL-Norm': { aux: null, loss: ({ logits }, said) => [losses.binaryKlNormLoss(logits, said).mul(alpha)] },
    'both, one head': { aux: null, loss: both },
    'dual head': { aux: nonlinear, loss: both },
    'dual head, aligned': { aux: nonlinear, align: true, loss: both },
    'dual head, linear': { aux: linear, loss: both },
  };
}

interface Setting {
  readonly activation: () => nn.ReLU | nn.LeakyReLU;
  readonly rate: number;
  readonly steps: number;
  readonly alpha: number;
}

/** Trains a student; its accuracy by the main head. `watch` sees it before each step. */
function study(
  seed: number,
  { known, test }: Teacher,
  { activation, rate, steps }: Setting,
  { aux, align = false, loss }: Objective,
  watch?: (step: number, student: Student, batch: readonly [torch.Tensor, torch.Tensor, torch.Tensor]) => void,
): number {
  torch.manualSeed(100 + seed);
  const student = new Student(activation(), aux?.() ?? null).to(test[0].device);
  const parameters = [...student.parameters()];
  const optimizer = new optim.SGD(parameters, { lr: rate, momentum: 0.9, weightDecay: 5e-4 });
  let step = 0;
  for (const batch of batches(known, steps, 100 + seed)) {
    watch?.(step++, student, batch);
    const [x, labels, said] = batch;
    const [first, second] = loss(student.forward(x), said, labels) as readonly [torch.Tensor, torch.Tensor | undefined];
    optimizer.zeroGrad();
    if (second === undefined) first.backward();
    else if (!align) first.add(second).backward();
    else {
      const main = torch.autograd.grad(first, parameters, { retainGraph: true, allowUnused: true });
      const other = torch.autograd.grad(second, parameters, { allowUnused: true });
      for (const [k, gradient] of methods.alignGradients(main, other).combined.entries()) (parameters[k] as nn.Parameter).grad = gradient;
    }
    optimizer.step();
  }
  student.eval();
  const logits = torch.noGrad(() => student.forward(test[0]).logits);
  return accuracyOf(logits, test[1]);
}

/** How far the gradients of cross-entropy and of BinaryKL-Norm on one head agree after 100 steps of cross-entropy. */
function agreement(seed: number, teacher: Teacher, setting: Setting, at: number): { classifier: number; backbone: number } {
  const cosines = { classifier: Number.NaN, backbone: Number.NaN };
  study(seed, teacher, { ...setting, steps: at + 1 }, objectives(1)['cross-entropy'] as Objective, (step, student, [x, labels, said]) => {
    if (step !== at) return;
    const { logits } = student.forward(x);
    const parts = { classifier: [student.main.weight], backbone: [...student.backbone.parameters()] };
    for (const name of ['classifier', 'backbone'] as const) {
      const flat = (loss: torch.Tensor) =>
        torch.cat(torch.autograd.grad(loss, parts[name], { retainGraph: true }).map((gradient) => (gradient as torch.Tensor).flatten()));
      const [a, b] = [flat(entropy(logits, labels)), flat(losses.binaryKlNormLoss(logits, said))];
      cosines[name] = Number(nn.functional.cosineSimilarity(a, b, { dim: 0 }).item());
    }
  });
  return cosines;
}

export default recipe(module, {
  paper: 18,
  title: 'Dual-Head Knowledge Distillation: Enhancing Logits Utilization with an Auxiliary Head',
  about: 'A network of eight features learns handwritten digits from labels and from a larger network, by one head and by two.',
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  async run(run) {
    const settings = {
      'small steps': { activation: () => new nn.ReLU(), rate: 0.02, steps: run.choose(20, 300), alpha: 1 },
      'large steps': { activation: () => new nn.LeakyReLU({ negativeSlope: 0.1 }), rate: 0.1, steps: run.choose(20, 250), alpha: 4 },
    };
    const columns = ['small steps', 'large steps'] as const;
    const table = run.table('Test accuracy', columns);
    const cosines = run.table('Cosine of the gradients of the two losses on one head', ['classifier', 'backbone']);
    const at = run.choose(10, 100);
    for (const seed of data.progress(run.seeds, { label: 'seed' })) {
      const teacher = teach(run, seed);
      table.add('teacher', { 'small steps': teacher.accuracy, 'large steps': teacher.accuracy });
      for (const column of columns)
        for (const [name, objective] of Object.entries(objectives(settings[column].alpha)))
          table.add(name, { [column]: study(seed, teacher, settings[column], objective) });
      cosines.add(`after ${at} steps`, agreement(seed, teacher, settings['large steps'], at));
    }
    const small = (name: string) => table.mean(name, 'small steps');
    const ours = small('dual head, aligned');
    for (const [name, by] of [
      ['cross-entropy', 0.03],
      ['distillation (T = 4)', 0.015],
      ['both, one head', 0],
    ] as const)
      run.claim(
        by === 0 ? `two heads, aligned, are not worse than ${name}` : `two heads, aligned, are better than ${name} by ${100 * by} points`,
        ours >= small(name) + by,
        `${ours.toFixed(3)} against ${small(name).toFixed(3)}`,
      );
    const large = (name: string) => table.mean(name, 'large steps');
    run.claim(
      'with large steps the one head fails and the two do not',
      large('both, one head') <= 0.5 && large('dual head') >= 0.75,
      `${large('both, one head').toFixed(3)} against ${large('dual head').toFixed(3)}`,
    );
    const row = `after ${at} steps`;
    const lead = cosines.values(row, 'backbone').map((cosine, k) => cosine - (cosines.values(row, 'classifier')[k] as number));
    run.claim(
      'the two losses agree less about the classifier than about the backbone, by 0.1 of the cosine',
      cosines.mean(row, 'backbone') - cosines.mean(row, 'classifier') >= 0.1,
      `${cosines.mean(row, 'classifier').toFixed(2)} against ${cosines.mean(row, 'backbone').toFixed(2)}, on ${lead.filter((by) => by >= 0.1).length} of ${lead.length} seeds`,
    );
    run.note(
      '1,797 handwritten digits (UCI), 900 to learn from; teacher 64-128-10, student 64-8-10, SGD with momentum 0.9, weight decay 0.0005 and batches of 64. The second head has 200 hidden units, without dropout, or is linear.',
    );
    run.note(
      'Small steps: rate 0.02, 300 steps, ReLU, weight of the distillation 1; large steps: 0.1, 250, leaky ReLU, 4. Where logits have become NaN, the accuracy is 0. The cosines are of a student that learns from labels alone, at the large steps.',
    );
  },
});
