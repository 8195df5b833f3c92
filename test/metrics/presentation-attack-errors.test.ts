import * as torch from '../../lib';
import { metrics } from '../../lib';

const float64 = { dtype: 'float64' } as const;
const numbers = (errors: metrics.PresentationAttackErrors) =>
  Object.fromEntries(Object.entries(errors).map(([name, value]) => [name, Number((value as torch.Tensor).item())]));

test('counted by hand, at a threshold and at that of the equal error rate', () => {
  // Bona fide .1 .2 .6, attacks .3 .4 .8 .9.
  const [scores, labels] = [torch.tensor([0.1, 0.2, 0.6, 0.4, 0.8, 0.9, 0.3], float64), torch.tensor([0, 0, 0, 1, 1, 1, 1])];
  const half = numbers(metrics.presentationAttackErrors(scores, labels, { threshold: 0.5 }));
  expect(half).toMatchObject({ apcer: 2 / 4, bpcer: 1 / 3, threshold: 0.5 });
  expect(half.acer).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
  const { eer, threshold } = metrics.equalErrorRate(scores, labels);
  const balanced = numbers(metrics.presentationAttackErrors(scores, labels));
  expect(balanced).toMatchObject({ apcer: 1 / 4, bpcer: 1 / 3, eer: eer.item(), threshold: threshold.item() });
});

test('at the ends all is accepted, or all rejected; what equals the threshold is an attack', () => {
  torch.manualSeed(0);
  const [scores, labels] = [torch.rand(30), torch.arange(30).remainder(3).eq(0).long()];
  const at = (threshold: number) => numbers(metrics.presentationAttackErrors(scores, labels, { threshold }));
  expect(at(Number.POSITIVE_INFINITY)).toMatchObject({ apcer: 1, bpcer: 0, acer: 0.5 });
  expect(at(Number(scores.min().item()))).toMatchObject({ apcer: 0, bpcer: 1, acer: 0.5 });
});

test.each<[string, () => unknown, string]>([
  [
    'one class alone',
    () => metrics.presentationAttackErrors(torch.rand(3), torch.ones(3).long()),
    'Expected both 0 and 1 for labels but received tensor int64[3] cpu',
  ],
  [
    'a threshold that is no number',
    () => metrics.presentationAttackErrors(torch.rand(2), torch.tensor([0, 1]), { threshold: Number.NaN }),
    'Expected a number or null for threshold but received number NaN',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
