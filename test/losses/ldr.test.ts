import * as torch from '../../lib';
import { losses } from '../../lib';
import { batches, expectClose } from './random';

/** Violations by their definition. */
function violations(logits: torch.Tensor, labels: torch.Tensor, margin: number): torch.Tensor {
  const own = torch.nn.functional.oneHot(labels, { numClasses: logits.size(1) }).double();
  return logits.sub(logits.mul(own).sum(1, true)).add(own.neg().add(1).mul(margin));
}

/** What a mixture p gives: `sum p q - T KL(p, uniform)`, [B]. */
function objective(p: torch.Tensor, q: torch.Tensor, temperature: number): torch.Tensor {
  return p
    .mul(q)
    .sum(1)
    .sub(
      p
        .xlogy(p.mul(q.size(1)))
        .sum(1)
        .mul(temperature),
    );
}

describe.each(batches())('%s', (_, make) => {
  test.each([0.2, 1, 5])('temperature %d: the best of all mixtures, reached by softmax(q / T)', (temperature) => {
    const { logits, labels } = make();
    const q = violations(logits, labels, 0.3);
    const loss = losses.ldrKlLoss(logits, labels, { temperature, margin: 0.3, reduction: 'none' });
    expectClose(loss, objective(q.div(temperature).softmax(1), q, temperature));
    for (let k = 0; k < 20; k++) {
      const p = torch.randn(q.shape, { dtype: 'float64' }).mul(2).softmax(1);
      expect(objective(p, q, temperature).le(loss.add(1e-12)).all().item()).toBe(true);
    }
  });

  test('the limits: cross-entropy, the largest violation, the mean', () => {
    const { logits, labels } = make();
    const classes = logits.size(1);
    const q = violations(logits, labels, 0.1);
    const at = (temperature: number, margin = 0.1) => losses.ldrKlLoss(logits, labels, { temperature, margin, reduction: 'none' });
    expectClose(at(1, 0), torch.nn.functional.crossEntropy(logits, labels, { reduction: 'none' }).sub(Math.log(classes)));
    expectClose(at(0), q.amax([1]));
    expectClose(at(1e-6), q.amax([1]), 1e-4);
    expectClose(at(Number.POSITIVE_INFINITY), q.mean(1));
    expectClose(at(1e6), q.mean(1), 1e-4);
  });

  test('spread over k classes: k = 1 is the loss itself, it falls with k, and at k = K it is the mean', () => {
    const { logits, labels } = make();
    const classes = logits.size(1);
    const at = (k: number, temperature = 0.4) => losses.ldrTopKKlLoss(logits, labels, { k, temperature, reduction: 'none' });
    expectClose(at(1), losses.ldrKlLoss(logits, labels, { temperature: 0.4, reduction: 'none' }));
    for (let k = 1; k < classes; k++)
      expect(
        at(k)
          .add(1e-9)
          .ge(at(k + 1))
          .all()
          .item(),
      ).toBe(true);
    expectClose(at(classes), violations(logits, labels, 0.1).mean(1));
    for (let k = 1; k <= classes; k++) {
      expectClose(at(k, 0), violations(logits, labels, 0.1).topk(k, 1).values.mean(1));
      expectClose(at(k, 1e-5), at(k, 0), 1e-3);
    }
  });

  test('spread over k classes: the best of all mixtures below 1 / k, found by projected ascent', () => {
    const { logits, labels } = make();
    const classes = logits.size(1);
    if (classes < 2 || classes > 10) return expect(classes).toBeGreaterThan(0); // ascent over many classes takes long
    for (const [k, temperature] of [
      [2, 0.5],
      [Math.min(3, classes), 2],
    ] as const) {
      const loss = losses.ldrTopKKlLoss(logits, labels, { k, temperature, reduction: 'none' });
      const q = violations(logits.detach(), labels, 0.1);
      // The capped softmax with the multiplier found by bisection: p = min(1 / k, exp(q / T - nu)), sum p = 1.
      let [low, high] = [torch.full([q.size(0), 1], -200, { dtype: 'float64' }), torch.full([q.size(0), 1], 200, { dtype: 'float64' })];
      for (let i = 0; i < 100; i++) {
        const nu = low.add(high).div(2);
        const tooMuch = q
          .div(temperature)
          .sub(nu)
          .exp()
          .clampMax(1 / k)
          .sum(1, true)
          .gt(1);
        low = nu.where(tooMuch, low);
        high = high.where(tooMuch, nu);
      }
      const p = q
        .div(temperature)
        .sub(high)
        .exp()
        .clampMax(1 / k);
      expectClose(loss, objective(p, q, temperature), 1e-8);
    }
  });

  test('normalised logits do not depend on their scale', () => {
    const { logits, labels } = make();
    const loss = losses.ldrKlLoss(logits, labels, { normalization: 'l1' });
    expectClose(losses.ldrKlLoss(logits.mul(9), labels, { normalization: 'l1' }), loss);
    const positive = losses.ldrKlLoss(logits, labels, { normalization: 'softplus', reduction: 'none' });
    const f = torch.nn.functional.softplus(logits);
    expectClose(positive, losses.ldrKlLoss(f.div(f.mean(1, true)), labels, { reduction: 'none' }));
  });

  test('gradients agree with differences', () => {
    const { logits, labels } = make();
    for (const normalization of ['none', 'softplus'] as const)
      expect(torch.autograd.gradcheck((x) => losses.ldrKlLoss(x, labels, { normalization }), [logits])).toBe(true);
    const k = Math.min(2, logits.size(1));
    expect(torch.autograd.gradcheck((x) => losses.ldrTopKKlLoss(x, labels, { k, temperature: 0.7 }), [logits])).toBe(true);
  });

  test('the adaptive loss: temperatures in [T0 (1 - 1 / alpha), T0], and at the fixed point the best of all temperatures', () => {
    const { logits, labels } = make();
    const classes = logits.size(1);
    const [temperature0, alpha] = [1.3, 3];
    const start = torch.full([logits.size(0)], temperature0, { dtype: 'float64' });
    const exact = { temperature0, alpha, iterations: 60, marginInProbabilities: true, probabilityFloor: 0, reduction: 'none' } as const;
    const { loss, temperatures } = losses.aldrKlLoss(logits, labels, start, exact);
    expect(
      temperatures
        .ge(temperature0 * (1 - 1 / alpha) - 1e-12)
        .logicalAnd(temperatures.le(temperature0 + 1e-12))
        .all()
        .item(),
    ).toBe(true);
    expect(temperatures.requiresGrad).toBe(false);
    for (const t of [0.9, 1, 1.1, 1.2, 1.3]) {
      const penalty = ((alpha * Math.log(classes)) / (2 * temperature0)) * (t - temperature0) ** 2;
      const other = losses.ldrKlLoss(logits, labels, { temperature: t, reduction: 'none' }).sub(penalty);
      expect(loss.add(1e-9).ge(other).all().item()).toBe(true);
    }
    const total = (x: torch.Tensor) => losses.aldrKlLoss(x, labels, start, { ...exact, reduction: 'sum' }).loss;
    if (logits.numel() < 50) expect(torch.autograd.gradcheck(total, [logits])).toBe(true); // each element asks for two calls of 60 steps
  });

  test('the hinges are what their definitions say', () => {
    const { logits, labels } = make();
    const q = violations(logits, labels, 0.7).clampMin(0);
    expectClose(losses.crammerSingerLoss(logits, labels, { margin: 0.7, reduction: 'none' }), q.amax([1]));
    expectClose(losses.westonWatkinsLoss(logits, labels, { margin: 0.7, reduction: 'none' }), q.mean(1));
    expectClose(losses.westonWatkinsLoss(logits, labels, { margin: 0.7, average: false }), q.sum(1).mean());
  });

  test('the losses that noise hardly moves are what their definitions say, and agree with differences', () => {
    const { logits, labels } = make();
    const classes = logits.size(1);
    const [p, e] = [logits.softmax(1), torch.nn.functional.oneHot(labels, { numClasses: classes }).double()];
    const py = p.mul(e).sum(1);
    const none = { reduction: 'none' } as const;
    // The cross-entropy of one class is 0, and so are all shares of it.
    if (classes > 1) expectClose(losses.normalizedCrossEntropyLoss(logits, labels, none), py.log().div(p.log().sum(1)));
    expectClose(losses.reverseCrossEntropyLoss(logits, labels, { floor: 0.01, ...none }), p.mul(e.clampMin(0.01).log()).sum(1).neg());
    expectClose(losses.asymmetricUnhingedLoss(logits, labels, { a: 2, q: 1.5, ...none }), py.neg().add(2).pow(1.5).sub(1).div(1.5));
    expectClose(
      losses.asymmetricGeneralizedCrossEntropyLoss(logits, labels, { a: 2, q: 1.5, ...none }),
      py
        .add(2)
        .pow(1.5)
        .neg()
        .add(3 ** 1.5)
        .div(1.5),
    );
    const symmetric = py
      .log()
      .neg()
      .mul(0.8)
      .add(
        py
          .neg()
          .add(1)
          .mul(0.2 * 5),
      );
    expectClose(losses.symmetricCrossEntropyLoss(logits, labels, { balance: 0.2, scale: 5, ...none }), symmetric);
    for (const w of [0.1, 0.5, 0.9]) {
      const m = e.mul(w).add(p.mul(1 - w));
      const divergence = (a: torch.Tensor) => a.xlogy(a).sub(a.xlogy(m)).sum(1);
      const wanted = divergence(e)
        .mul(w)
        .add(divergence(p).mul(1 - w))
        .div(-(1 - w) * Math.log(1 - w));
      expectClose(losses.jensenShannonLoss(logits, labels, { weight: w, ...none }), wanted, 1e-8);
    }
    const all = [
      ...(classes > 1 ? [losses.normalizedCrossEntropyLoss] : []),
      losses.reverseCrossEntropyLoss,
      losses.asymmetricUnhingedLoss,
      losses.asymmetricGeneralizedCrossEntropyLoss,
      losses.symmetricCrossEntropyLoss,
      losses.jensenShannonLoss,
    ];
    for (const loss of all) expect(torch.autograd.gradcheck((x) => loss(x, labels), [logits])).toBe(true);
  });
});

test('a loss is symmetric in the sense of noise when its sum over all labels is constant', () => {
  torch.manualSeed(3);
  const logits = torch.randn(6, 5, { dtype: 'float64' }).mul(2);
  const over = (loss: (labels: torch.Tensor) => torch.Tensor) =>
    torch.stack(Array.from({ length: 5 }, (_, k) => loss(torch.full([6], k, { dtype: 'int64' })))).sum(0);
  const none = { reduction: 'none' } as const;
  expectClose(
    over((labels) => losses.normalizedCrossEntropyLoss(logits, labels, none)),
    torch.ones(6, { dtype: 'float64' }),
  );
  expectClose(
    over((labels) => losses.reverseCrossEntropyLoss(logits, labels, none)),
    torch.full([6], -Math.log(1e-4) * 4, { dtype: 'float64' }),
  );
  const mean = over((labels) => losses.ldrKlLoss(logits, labels, { temperature: Number.POSITIVE_INFINITY, margin: 0, ...none }));
  expectClose(mean, torch.zeros(6, { dtype: 'float64' }));
});

test('a row of zeros has no scale, and stays zeros', () => {
  const logits = torch.zeros(1, 4, { dtype: 'float64' }).requiresGrad_();
  const loss = losses.ldrKlLoss(logits, torch.tensor([1]), { normalization: 'l1', margin: 0 });
  expect(loss.item()).toBeCloseTo(0, 14);
  loss.backward();
  expect(logits.grad?.isfinite().all().item()).toBe(true);
});

test('an unsure network keeps its temperature, a sure one lowers it', () => {
  const logits = torch.tensor(
    [
      [0, 0, 0],
      [50, 0, 0],
    ],
    { dtype: 'float64' },
  );
  const { temperatures } = losses.aldrKlLoss(logits, torch.tensor([0, 0]), torch.ones(2, { dtype: 'float64' }), { probabilityFloor: 0 });
  expect(temperatures.select(0, 0).item()).toBeCloseTo(1, 12);
  expect(temperatures.select(0, 1).item()).toBeCloseTo(0.5, 12); // T0 (1 - 1 / alpha): the divergence is all of log K
});

describe('bad input is refused in a sentence', () => {
  const logits = torch.zeros(2, 3);
  const labels = torch.tensor([0, 2]);
  const ones = torch.ones(2);
  test.each<[string, () => unknown, string]>([
    [
      'a negative temperature',
      () => losses.ldrKlLoss(logits, labels, { temperature: -1 }),
      'Expected a number from 0 for temperature but received number -1',
    ],
    [
      'a negative margin',
      () => losses.ldrKlLoss(logits, labels, { margin: -1 }),
      'Expected a number from 0 for margin but received number -1',
    ],
    [
      'another normalization',
      () => losses.ldrKlLoss(logits, labels, { normalization: 'l2' as 'l1' }),
      "Expected one of 'none', 'l1', 'softplus' for normalization but received string \"l2\"",
    ],
    [
      'more classes than there are',
      () => losses.ldrTopKKlLoss(logits, labels, { k: 4 }),
      'Expected a whole number up to the 3 classes for k but received number 4',
    ],
    ['k = 0', () => losses.ldrTopKKlLoss(logits, labels, { k: 0 }), 'Expected a whole number from 1 for k but received number 0'],
    ['alpha = 1', () => losses.aldrKlLoss(logits, labels, ones, { alpha: 1 }), 'Expected a number above 1 for alpha but received number 1'],
    [
      'temperatures of another length',
      () => losses.aldrKlLoss(logits, labels, torch.ones(3)),
      'Expected shape [2] for temperatures but received tensor float32[3] cpu',
    ],
    [
      'a label too high',
      () => losses.crammerSingerLoss(logits, torch.tensor([0, 3])),
      'Expected integer labels in [0, 3) but received 3 at index 1',
    ],
    [
      'a floor of 0',
      () => losses.reverseCrossEntropyLoss(logits, labels, { floor: 0 }),
      'Expected a number in (0, 1] for floor but received number 0',
    ],
    ['a = 1', () => losses.asymmetricUnhingedLoss(logits, labels, { a: 1 }), 'Expected a number above 1 for a but received number 1'],
    [
      'q = 0',
      () => losses.asymmetricGeneralizedCrossEntropyLoss(logits, labels, { q: 0 }),
      'Expected a number above 0 for q but received number 0',
    ],
    [
      'a balance above 1',
      () => losses.symmetricCrossEntropyLoss(logits, labels, { balance: 2 }),
      'Expected a number in [0, 1] for balance but received number 2',
    ],
    [
      'a weight of 1',
      () => losses.jensenShannonLoss(logits, labels, { weight: 1 }),
      'Expected a number in (0, 1) for weight but received number 1',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
