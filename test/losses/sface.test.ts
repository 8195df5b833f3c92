/** SFace against its terms one by one, and the strengths of pull and push. */

import * as torch from '../../lib';
import { losses, methods, nn } from '../../lib';
import { cosine, labelledBatches, labelsOf, rowsOf, sum } from './metric-batches';
import { expectClose } from './random';

const float64 = { dtype: 'float64' } as const;
const CLASSES = 9;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const classWeights = (embeddings: torch.Tensor, classes = CLASSES): torch.Tensor =>
  torch.randn(classes, embeddings.size(1), float64).requiresGrad_();
const cosinesOf = (x: torch.Tensor, w: torch.Tensor): torch.Tensor => nn.functional.normalize(x).mm(nn.functional.normalize(w).t());

describe.each(labelledBatches())('%s', (_, make) => {
  test('strengths are sigmoids of the angles, and do not learn', () => {
    const { embeddings, labels } = make();
    const cosines = cosinesOf(embeddings, classWeights(embeddings)).mul(0.999);
    const y = labelsOf(labels);
    const angles = (cosines.detach().toArray() as number[][]).map((row) => row.map(Math.acos));
    const { intra, inter } = methods.sfaceRescale(cosines, labels, { k: 7, a: 0.9, b: 1.4 });
    const pulls = angles.map((row, i) => sigmoid(7 * ((row[y[i] as number] as number) - 0.9)));
    const pushes = angles.map((row, i) => row.map((angle, j) => (j === y[i] ? 0 : sigmoid(7 * (1.4 - angle)))));
    expectClose(intra, torch.tensor(pulls, float64));
    expectClose(inter, torch.tensor(pushes, float64));
    expect([intra.requiresGrad, inter.requiresGrad]).toEqual([false, false]);
    // k = 0: everything alike; a large k: gates.
    const even = methods.sfaceRescale(cosines, labels, { k: 0 });
    expect(even.intra.eq(0.5).all().item()).toBe(true);
    expectClose(even.inter.sum(1), torch.full([labels.size(0)], 0.5 * (CLASSES - 1), float64));
    const gates = methods.sfaceRescale(cosines, labels, { k: 1e9, a: 1.1, b: 1.6 });
    expectClose(
      gates.intra,
      torch.tensor(
        angles.map((row, i) => Number((row[y[i] as number] as number) > 1.1)),
        float64,
      ),
    );
    expectClose(
      gates.inter,
      torch.tensor(
        angles.map((row, i) => row.map((angle, j) => Number(j !== y[i] && angle < 1.6))),
        float64,
      ),
    );
  });

  test('the loss is the sum that the paper writes', () => {
    const { embeddings, labels } = make();
    if (embeddings.size(1) === 1) return; // all angles are 0 or pi
    const weights = classWeights(embeddings);
    const [x, w, y] = [rowsOf(embeddings), rowsOf(weights), labelsOf(labels)];
    const terms = x.map((row, i) =>
      sum(
        w.map((weight, j) => {
          const cos = cosine(row, weight);
          return j === y[i] ? -sigmoid(9 * (Math.acos(cos) - 0.7)) * 5 * cos : sigmoid(-9 * (Math.acos(cos) - 1.1)) * 5 * cos;
        }),
      ),
    );
    const of = (reduction: 'mean' | 'sum' | 'none') =>
      losses.sfaceLoss(embeddings, weights, labels, { scale: 5, k: 9, a: 0.7, b: 1.1, reduction });
    const wanted = torch.tensor(terms, float64);
    expectClose(of('none'), wanted);
    expectClose(of('sum'), wanted.sum());
    expectClose(of('mean'), wanted.mean());
  });

  test('gradients are those of the cosines times strengths that stand still', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings);
    const cosines = cosinesOf(embeddings, weights);
    const { intra, inter } = methods.sfaceRescale(cosines, labels, { a: 1.2, b: 1.4, k: 20 });
    const own = cosines.gather(1, labels.unsqueeze(1)).squeeze(1);
    const wanted = inter.mul(cosines).sum(1).sub(intra.mul(own)).mul(3).sum();
    const loss = losses.sfaceLoss(embeddings, weights, labels, { scale: 3, a: 1.2, b: 1.4, k: 20, reduction: 'sum' });
    const [a, b] = [wanted, loss].map((value) => torch.autograd.grad(value, [embeddings, weights])) as [torch.Tensor[], torch.Tensor[]];
    for (const k of [0, 1]) expectClose(b[k] as torch.Tensor, a[k] as torch.Tensor, 1e-9);
  });

  test('lengths do not matter, nor the order of samples, nor turning all', () => {
    const { embeddings, labels } = make();
    const weights = classWeights(embeddings);
    const width = embeddings.size(1);
    const lengths = (rows: number) => torch.rand(rows, 1, float64).add(0.1);
    const order = torch.randperm(labels.size(0));
    const rotation = torch.linalg.qr(torch.randn(width, width, float64)).Q;
    const value = losses.sfaceLoss(embeddings, weights, labels);
    expectClose(losses.sfaceLoss(embeddings.mul(lengths(labels.size(0))), weights.mul(lengths(CLASSES)), labels), value, 1e-8);
    expectClose(losses.sfaceLoss(embeddings.indexSelect(0, order), weights, labels.indexSelect(0, order)), value, 1e-8);
    expectClose(losses.sfaceLoss(embeddings.mm(rotation), weights.mm(rotation), labels.to('int32')), value, 1e-8);
  });
});

test('with strengths that are constant the gradients, also second ones, agree with differences', () => {
  torch.manualSeed(0);
  const embeddings = torch.randn(4, 3, float64).requiresGrad_();
  const weights = classWeights(embeddings, 3);
  const labels = torch.tensor([0, 2, 0, 1]);
  // Halves of everything; and gates, of which no angle is near.
  for (const k of [0, 1e6]) {
    const loss = (x: torch.Tensor, w: torch.Tensor) => losses.sfaceLoss(x, w, labels, { k, scale: 2 });
    expect(torch.autograd.gradcheck(loss, [embeddings, weights])).toBe(true);
    expect(torch.autograd.gradgradcheck(loss, [embeddings, weights])).toBe(true);
  }
});

test('the gradient with respect to cosines is -scale intra and scale inter, exactly', () => {
  torch.manualSeed(1);
  // Weights along the axes: the cosines are the coordinates of rows of length 1.
  const x = nn.functional
    .normalize(torch.randn(6, 5, float64))
    .detach()
    .requiresGrad_();
  const labels = torch.tensor([0, 4, 2, 2, 1, 3]);
  const loss = losses.sfaceLoss(x, torch.eye(5, float64), labels, { scale: 7, k: 10, reduction: 'sum' });
  const { intra, inter } = methods.sfaceRescale(x, labels, { k: 10 });
  const wanted = inter.scatter(1, labels.unsqueeze(1), intra.neg().unsqueeze(1)).mul(7);
  // The length of a row does not matter: nothing is left along it.
  const along = wanted.mul(x).sum(1, true).mul(x);
  expectClose(torch.autograd.grad(loss, [x])[0] as torch.Tensor, wanted.sub(along).detach());
});

test('within a of its class and beyond b of the others a sample is left alone', () => {
  const angles = torch.linspace(0.01, 1.5, 150, float64);
  const x = torch.stack([angles.cos(), angles.sin(), torch.zeros(150, float64)], 1).requiresGrad_();
  const weights = torch.tensor(
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
    float64,
  );
  const loss = losses.sfaceLoss(x, weights, torch.zeros(150, { dtype: 'int64' }), { reduction: 'sum' });
  // The way a sample turns to its class: towards smaller angles.
  const [gradient] = torch.autograd.grad(loss, [x]) as [torch.Tensor];
  const turn = gradient.select(1, 1).mul(angles.cos()).sub(gradient.select(1, 0).mul(angles.sin()));
  const expected = angles.sin().mul(64).mul(angles.sub(0.87).mul(80).sigmoid());
  expectClose(turn, expected, 1e-8);
  expect(turn.maskedSelect(angles.lt(0.6)).abs().max().item()).toBeLessThan(1e-6);
});

test('one class pulls only', () => {
  const x = torch.tensor([[0, 2]], float64);
  const loss = losses.sfaceLoss(x, torch.tensor([[1, 1]], float64), torch.tensor([0]), { scale: 4, k: 0 });
  expect(Number(loss.item())).toBeCloseTo(-4 * 0.5 * Math.SQRT1_2, 12);
});

test('on its class, opposite to it or nowhere: values and gradients are finite, in every precision, however steep', () => {
  for (const dtype of ['float32', 'float64', 'bfloat16'] as const) {
    for (const k of [0, 80, 1e6]) {
      const x = torch
        .eye(3)
        .mul(torch.tensor([[2], [-1], [0]]))
        .to(dtype)
        .requiresGrad_();
      const weights = torch.eye(3).to(dtype).requiresGrad_();
      const loss = losses.sfaceLoss(x, weights, torch.arange(3), { k, scale: 1000 });
      expect(loss.isfinite().item()).toBe(true);
      for (const gradient of torch.autograd.grad(loss, [x, weights])) {
        expect(gradient?.isfinite().all().item()).toBe(true);
        expect(gradient?.dtype).toBe(dtype);
      }
    }
  }
});

test('half-precision rows are compared in float32; NaN shows', () => {
  torch.manualSeed(0);
  const [x, w, y] = [torch.randn(5, 8).to('bfloat16'), torch.randn(4, 8).to('bfloat16'), torch.tensor([0, 3, 1, 2, 2])];
  expectClose(losses.sfaceLoss(x, w, y, { k: 5 }), losses.sfaceLoss(x.float(), w.float(), y, { k: 5 }), 1e-6);
  expect(losses.sfaceLoss(x.float().mul(Number.NaN), w, y).item()).toBeNaN();
});

test('the arguments stay as they are', () => {
  const [x, w, y] = [torch.randn(4, 3), torch.randn(5, 3), torch.tensor([0, 4, 2, 2])];
  const cosines = cosinesOf(x, w);
  const before = [x.clone(), w.clone(), cosines.clone()];
  losses.sfaceLoss(x, w, y);
  methods.sfaceRescale(cosines, y);
  for (const [k, tensor] of [x, w, cosines].entries()) expect(tensor.equal(before[k] as torch.Tensor)).toBe(true);
});

describe('the head', () => {
  test('is the function with weights of its own, and tells logits', () => {
    const [x, y] = [torch.randn(6, 4), torch.tensor([0, 1, 2, 2, 1, 0])];
    const head = new nn.SFaceHead(4, 3, { scale: 5, k: 3, a: 1, b: 1.5, reduction: 'none' });
    const options = { scale: 5, k: 3, a: 1, b: 1.5, reduction: 'none' } as const;
    expectClose(head.forward(x, y), losses.sfaceLoss(x, head.weights, y, options));
    expectClose(head.logits(x), cosinesOf(x, head.weights).mul(5), 1e-5);
    expect(String(head)).toBe('SFaceHead(in_features=4, num_classes=3, scale=5, k=3, a=1, b=1.5)');
    expectClose(new nn.SFaceHead(4, 3).forward(x, y).isfinite(), torch.tensor(true));
  });

  test('begins as the authors let it', () => {
    torch.manualSeed(0);
    const { weights } = new nn.SFaceHead(100, 300);
    expect(Number(weights.std().item())).toBeCloseTo(2 * Math.sqrt(2 / 300), 2);
    expect([...new nn.SFaceHead(2, 2).namedParameters()].map(([name]) => name)).toEqual(['weights']);
  });

  test('learns: target angles fall to a, others stay beyond b', () => {
    torch.manualSeed(0);
    const head = new nn.SFaceHead(16, 5);
    const embeddings = torch.randn(40, 16).requiresGrad_();
    const labels = torch.arange(40).remainder(5);
    const optimizer = new torch.optim.Adam([embeddings, head.weights], { lr: 0.02 });
    for (let step = 0; step < 300; step++)
      torch.scope(() => {
        optimizer.zeroGrad();
        head.forward(embeddings, labels).backward();
        optimizer.step();
      });
    const angles = torch.noGrad(() => cosinesOf(embeddings, head.weights).acos());
    const own = nn.functional.oneHot(labels, { numClasses: 5 }).bool();
    expect(Number(angles.maskedSelect(own).max().item())).toBeLessThan(0.95);
    expect(Number(angles.maskedSelect(own.logicalNot()).min().item())).toBeGreaterThan(1.1);
  });
});

describe('bad input is refused in a sentence', () => {
  const [x, w, y] = [torch.randn(2, 3), torch.randn(4, 3), torch.tensor([0, 3])];
  test.each<[string, () => unknown, string]>([
    ['a label too high', () => losses.sfaceLoss(x, w, torch.tensor([0, 4])), 'Expected integer labels in [0, 4) but received 4 at index 1'],
    [
      'a negative label',
      () => methods.sfaceRescale(x, torch.tensor([-1, 0])),
      'Expected integer labels in [0, 3) but received -1 at index 0',
    ],
    [
      'labels of another length',
      () => methods.sfaceRescale(x, torch.tensor([0])),
      'Expected shape [B] with B = 2 for labels but received tensor int64[1] cpu',
    ],
    [
      'weights of another width',
      () => losses.sfaceLoss(x, torch.randn(4, 2), y),
      'Expected shape [C, D] with C = 4, D = 3 for weights but received tensor float32[4, 2] cpu',
    ],
    [
      'no sample',
      () => losses.sfaceLoss(torch.zeros(0, 3), w, torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for embeddings but received tensor float32[0, 3] cpu',
    ],
    ['a scale of 0', () => losses.sfaceLoss(x, w, y, { scale: 0 }), 'Expected a number above 0 for scale but received number 0'],
    ['a negative k', () => losses.sfaceLoss(x, w, y, { k: -1 }), 'Expected a number from 0 for k but received number -1'],
    [
      'an infinite k',
      () => new nn.SFaceHead(3, 4, { k: Number.POSITIVE_INFINITY }),
      'Expected a finite number for k but received number Infinity',
    ],
    ['an a above pi', () => losses.sfaceLoss(x, w, y, { a: 4 }), 'Expected a number in [0, pi] for a but received number 4'],
    ['a negative b', () => methods.sfaceRescale(x, y, { b: -1 }), 'Expected a number in [0, pi] for b but received number -1'],
    [
      'another reduction',
      () => losses.sfaceLoss(x, w, y, { reduction: 'x' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"x\"",
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
