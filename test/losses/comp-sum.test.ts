import * as torch from '../../lib';
import { losses } from '../../lib';
import { batches, expectClose, labelProbability } from './random';

const TAUS = [0, 0.5, 1, 1.3, 2, 3];

describe.each(batches())('%s', (_, make) => {
  test.each(TAUS)('tau = %d: the definition, by exponentials', (tau) => {
    const { logits, labels } = make();
    const all = logits
      .sub(logits.gather(1, labels.unsqueeze(1)))
      .exp()
      .sum(1); // 1 + u
    const wanted =
      tau === 1
        ? all.log()
        : all
            .pow(1 - tau)
            .sub(1)
            .div(1 - tau);
    expectClose(losses.compSumLoss(logits, labels, { tau, reduction: 'none' }), wanted);
    expectClose(losses.compSumLoss(logits, labels, { tau }), wanted.mean());
    expectClose(losses.compSumLoss(logits, labels, { tau, reduction: 'sum' }), wanted.sum());
  });

  test.each(TAUS)('tau = %d: the gradient is p_y^(tau - 1) (p - onehot)', (tau) => {
    const { logits, labels } = make();
    const [gradient] = torch.autograd.grad(losses.compSumLoss(logits, labels, { tau, reduction: 'sum' }), [logits]);
    const onehot = torch.nn.functional.oneHot(labels, { numClasses: logits.size(1) });
    const factor = labelProbability({ logits, labels })
      .pow(tau - 1)
      .unsqueeze(1);
    expectClose(gradient as torch.Tensor, logits.softmax(1).sub(onehot).mul(factor));
  });

  test('a shift of all logits changes nothing, and the order of the classes does not matter', () => {
    const { logits, labels } = make();
    const order = torch.randperm(logits.size(1));
    const place = order.argsort().indexSelect(0, labels);
    for (const tau of TAUS) {
      const loss = losses.compSumLoss(logits, labels, { tau });
      expectClose(losses.compSumLoss(logits.add(7), labels, { tau }), loss, 1e-9);
      expectClose(losses.compSumLoss(logits.indexSelect(1, order), place, { tau }), loss);
    }
  });

  test('generalized cross-entropy is the member tau = 1 + q, and the mean absolute error tau = 2', () => {
    const { logits, labels } = make();
    for (const q of [0, 0.4, 1])
      expectClose(losses.generalizedCrossEntropyLoss(logits, labels, { q }), losses.compSumLoss(logits, labels, { tau: 1 + q }));
    expectClose(losses.softmaxMaeLoss(logits, labels), labelProbability({ logits, labels }).neg().add(1).mean());
  });

  test('the margin loss lies above the zero-one loss and is what the definition says', () => {
    const { logits, labels } = make();
    for (const [tau, rho] of [
      [0, 1],
      [1, 0.5],
      [1.5, 2],
    ] as const) {
      const leads = logits.gather(1, labels.unsqueeze(1)).sub(logits);
      const u = leads.div(rho).neg().add(1).clamp(0, 1).sum(1).sub(1);
      const wanted =
        tau === 1
          ? u.log1p()
          : u
              .add(1)
              .pow(1 - tau)
              .sub(1)
              .div(1 - tau);
      expectClose(losses.marginCompSumLoss(logits, labels, { tau, rho, reduction: 'none' }), wanted);
    }
    const wrong = logits.argmax(1).ne(labels).double();
    expect(losses.marginCompSumLoss(logits, labels, { tau: 0, reduction: 'none' }).ge(wrong).all().item()).toBe(true);
  });

  test('gradients agree with differences, also second ones', () => {
    const { logits, labels } = make();
    for (const tau of [0.5, 1, 1.5]) expect(torch.autograd.gradcheck((x) => losses.compSumLoss(x, labels, { tau }), [logits])).toBe(true);
    expect(torch.autograd.gradgradcheck((x) => losses.compSumLoss(x, labels, { tau: 1.5 }), [logits])).toBe(true);
  });
});

describe.each(batches())('the smooth adversarial loss of %s', (_, make) => {
  const moved = (logits: torch.Tensor) => logits.detach().add(torch.randnLike(logits)).requiresGrad_();

  test('without an attack it is the clean loss, and the change has gradient 0', () => {
    const { logits, labels } = make();
    const same = logits.detach().clone().requiresGrad_();
    const loss = losses.smoothAdversarialCompSumLoss(logits, same, labels, { nu: 3, reduction: 'sum' });
    expectClose(loss, losses.compSumLoss(logits, labels, { reduction: 'sum' }));
    const [, gradient] = torch.autograd.grad(loss, [logits, same]);
    expectClose(gradient as torch.Tensor, torch.zerosLike(same));
  });

  test('a shift of the attacked logits changes nothing', () => {
    const { logits, labels } = make();
    const attacked = moved(logits);
    const loss = losses.smoothAdversarialCompSumLoss(logits, attacked, labels);
    expectClose(losses.smoothAdversarialCompSumLoss(logits, attacked.add(5), labels), loss, 1e-9);
  });

  test('with nu >= sqrt(C - 1) / rho it lies above the margin loss at the attacked input', () => {
    const { logits, labels } = make();
    const attacked = moved(logits);
    for (const [tau, rho] of [
      [1, 1],
      [0, 2],
      [1.5, 0.5],
    ] as const) {
      const nu = Math.sqrt(logits.size(1) - 1) / rho;
      const bound = losses.smoothAdversarialCompSumLoss(logits, attacked, labels, { tau, rho, nu, reduction: 'none' });
      const margin = losses.marginCompSumLoss(attacked, labels, { tau, rho, reduction: 'none' });
      expect(bound.add(1e-12).ge(margin).all().item()).toBe(true);
    }
  });

  test('gradients agree with differences', () => {
    const { logits, labels } = make();
    const attacked = moved(logits);
    const loss = (x: torch.Tensor, y: torch.Tensor) => losses.smoothAdversarialCompSumLoss(x, y, labels, { tau: 1.5, rho: 0.7, nu: 2 });
    // Of one class there is no change to differentiate: the norm is 0.
    if (logits.size(1) > 1) expect(torch.autograd.gradcheck(loss, [logits, attacked])).toBe(true);
  });
});

test('truncated generalized cross-entropy gives a constant and no gradient below the threshold', () => {
  const logits = torch.tensor(
    [
      [0, 4],
      [4, 0],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  const labels = torch.tensor([0, 0]);
  const loss = losses.generalizedCrossEntropyLoss(logits, labels, { q: 0.5, truncation: 0.3, reduction: 'none' });
  expect(loss.select(0, 0).item()).toBeCloseTo((1 - 0.3 ** 0.5) / 0.5, 12);
  expect(loss.select(0, 1).item()).toBeCloseTo((1 - (1 / (1 + Math.exp(-4))) ** 0.5) / 0.5, 12);
  loss.sum().backward();
  expect(logits.grad?.select(0, 0).abs().toArray()).toEqual([0, 0]);
  expect(losses.generalizedCrossEntropyLoss(logits, labels, { q: 0, truncation: 0.3, reduction: 'none' }).select(0, 0).item()).toBeCloseTo(
    -Math.log(0.3),
    12,
  );
});

test('from tau = 1 on nothing overflows, below the loss is honestly infinite', () => {
  const logits = torch.tensor(
    [
      [0, 2000],
      [2000, 0],
    ],
    { dtype: 'float32', requiresGrad: true },
  );
  const labels = torch.tensor([0, 0]);
  for (const tau of [1, 1.5, 2, 4]) {
    const loss = losses.compSumLoss(logits, labels, { tau });
    expect(Number.isFinite(loss.item())).toBe(true);
    expect(torch.autograd.grad(loss, [logits])[0]?.isfinite().all().item()).toBe(true);
  }
  expect(losses.compSumLoss(logits, labels, { tau: 0.5 }).item()).toBe(Number.POSITIVE_INFINITY);
  expect(losses.compSumLoss(logits, labels, { tau: 1, reduction: 'none' }).abs().toArray()).toEqual([2000, 0]);
});

test('NaN goes through', () => {
  const logits = torch.tensor([[Number.NaN, 1]], { dtype: 'float64' });
  expect(losses.compSumLoss(logits, torch.tensor([1]), { tau: 1.5 }).item()).toBeNaN();
});

test('near tau = 1 it is exact', () => {
  const logits = torch.tensor([[0, 1, 3]], { dtype: 'float64' });
  const labels = torch.tensor([0]);
  const at = (tau: number) => losses.compSumLoss(logits, labels, { tau }).item() as number;
  // The derivative of the family with respect to tau at 1 is -l^2 / 2.
  expect((at(1 + 1e-9) - at(1)) / 1e-9).toBeCloseTo(-(at(1) ** 2) / 2, 5);
});

describe('bad input is refused in a sentence', () => {
  const logits = torch.zeros(3, 4);
  const labels = torch.tensor([0, 1, 2]);
  test.each<[string, () => unknown, string]>([
    [
      'a label too high',
      () => losses.compSumLoss(logits, torch.tensor([0, 12, 2])),
      'Expected integer labels in [0, 4) but received 12 at index 1',
    ],
    [
      'a label below 0',
      () => losses.softmaxMaeLoss(logits, torch.tensor([0, 1, -1])),
      'Expected integer labels in [0, 4) but received -1 at index 2',
    ],
    [
      'labels that are no whole numbers',
      () => losses.compSumLoss(logits, torch.ones(3)),
      'Expected a tensor of whole numbers for labels but received tensor float32[3] cpu',
    ],
    [
      'another number of labels',
      () => losses.compSumLoss(logits, torch.tensor([0])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'logits of one dimension',
      () => losses.compSumLoss(torch.zeros(3), labels),
      'Expected shape [B, C] for logits but received tensor float32[3] cpu',
    ],
    [
      'no samples',
      () => losses.compSumLoss(torch.zeros(0, 4), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for logits but received tensor float32[0, 4] cpu',
    ],
    ['a negative tau', () => losses.compSumLoss(logits, labels, { tau: -1 }), 'Expected a number from 0 for tau but received number -1'],
    [
      'a tau that is no number',
      () => losses.compSumLoss(logits, labels, { tau: Number.NaN }),
      'Expected a number from 0 for tau but received number NaN',
    ],
    [
      'another reduction',
      () => losses.compSumLoss(logits, labels, { reduction: 'max' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"max\"",
    ],
    [
      'no options object',
      () => losses.compSumLoss(logits, labels, null as never),
      'Expected an options object for compSumLoss but received null',
    ],
    [
      'q above 1',
      () => losses.generalizedCrossEntropyLoss(logits, labels, { q: 1.1 }),
      'Expected a number in [0, 1] for q but received number 1.1',
    ],
    [
      'a truncation of 1',
      () => losses.generalizedCrossEntropyLoss(logits, labels, { truncation: 1 }),
      'Expected a number in [0, 1) for truncation but received number 1',
    ],
    [
      'a margin of 0',
      () => losses.marginCompSumLoss(logits, labels, { rho: 0 }),
      'Expected a number above 0 for rho but received number 0',
    ],
    [
      'attacked logits of another shape',
      () => losses.smoothAdversarialCompSumLoss(logits, torch.zeros(3, 5), labels),
      'Expected shape [3, 4] for adversarialLogits but received tensor float32[3, 5] cpu',
    ],
    ['what is no tensor', () => losses.compSumLoss([[0, 1]] as never, labels), 'Expected a tensor for logits but received an array of 1'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
