import * as torch from '../../lib';
import { metrics } from '../../lib';

/** Rates at a threshold, by counting. */
function ratesAt(threshold: number, scores: readonly number[], labels: readonly number[]): { fpr: number; tpr: number; right: number } {
  const said = scores.map((score) => (score >= threshold ? 1 : 0));
  const share = (label: number) => {
    const of = said.filter((_, i) => labels[i] === label);
    return of.filter((value) => value === 1).length / of.length;
  };
  return { fpr: share(0), tpr: share(1), right: said.filter((value, i) => value === labels[i]).length / labels.length };
}

const cases = [2, 5, 40, 300].map((count, seed): [number, number[], number[]] => {
  torch.manualSeed(seed);
  const labels = torch.cat([torch.tensor([0, 1]), torch.randint(2, [count - 2])]);
  // Tenths, so that there are ties.
  const scores = torch.rand(count, { dtype: 'float64' }).add(labels.mul(0.3)).mul(10).round().div(10);
  return [count, scores.toArray() as number[], (labels.toArray() as (number | bigint)[]).map(Number)];
});

describe.each(cases)('%d scores', (_, scores, labels) => {
  const [s, y] = [torch.tensor(scores, { dtype: 'float64' }), torch.tensor(labels)];
  const levels = [Number.POSITIVE_INFINITY, ...[...new Set(scores)].sort((a, b) => b - a)];
  const points = levels.map((level) => ratesAt(level, scores, labels));

  test('the curve has every point', () => {
    const { fpr, tpr, thresholds } = metrics.rocCurve(s, y);
    expect(thresholds.toArray()).toEqual(levels);
    expect(fpr.toArray()).toEqual(points.map((point) => point.fpr));
    expect(tpr.toArray()).toEqual(points.map((point) => point.tpr));
  });

  test('the area is the share of pairs in the right order', () => {
    let total = 0;
    let count = 0;
    for (const [i, a] of scores.entries())
      for (const [j, b] of scores.entries())
        if (labels[i] === 1 && labels[j] === 0) {
          count++;
          total += a > b ? 1 : a === b ? 0.5 : 0;
        }
    const area = metrics.rocAuc(s, y);
    expect(Number(area.item())).toBeCloseTo(total / count, 12);
    const streaming = new metrics.AUROC();
    streaming.update(s, y);
    expect(streaming.compute()).toBe(area.item());
    expect(Number(metrics.rocAuc(s.neg(), y).item())).toBeCloseTo(1 - total / count, 12);
  });

  test('true acceptances at given false ones', () => {
    const fars = [0, 0.001, 0.1, 0.25, 0.5, 1];
    const { tar, thresholds } = metrics.tarAtFar(s, y, { fars });
    const last = fars.map((far) => points.map((point) => point.fpr <= far).lastIndexOf(true));
    expect(tar.toArray()).toEqual(last.map((i) => points[i]?.tpr));
    expect(thresholds.toArray()).toEqual(last.map((i) => levels[i]));
  });

  test('the equal error rate is where the curve meets the diagonal', () => {
    const { eer, threshold } = metrics.equalErrorRate(s, y);
    const rate = Number(eer.item());
    const i = levels.indexOf(Number(threshold.item()));
    const [before, after] = [points[i - 1], points[i]] as [(typeof points)[0], (typeof points)[0]];
    expect(before.fpr + before.tpr).toBeLessThan(1);
    expect(after.fpr + after.tpr).toBeGreaterThanOrEqual(1 - 1e-12);
    // On the segment, with as many misses as false acceptances.
    const along =
      after.fpr === before.fpr ? (1 - rate - before.tpr) / (after.tpr - before.tpr) : (rate - before.fpr) / (after.fpr - before.fpr);
    expect(1 - (before.tpr + along * (after.tpr - before.tpr))).toBeCloseTo(rate, 12);
    expect(before.fpr + along * (after.fpr - before.fpr)).toBeCloseTo(rate, 12);
  });

  test('the best accuracy, at the highest threshold that has it', () => {
    const { accuracy, threshold } = metrics.verificationAccuracy(s, y);
    const best = Math.max(...points.map((point) => point.right));
    expect(Number(accuracy.item())).toBeCloseTo(best, 12);
    expect(threshold.item()).toBe(levels[points.findIndex((point) => point.right === best)]);
  });
});

test('scores that separate, and scores that say the opposite', () => {
  const y = torch.tensor([1, 1, 0, 0]);
  const good = torch.tensor([0.9, 0.8, 0.2, 0.1]);
  expect(metrics.rocAuc(good, y).item()).toBe(1);
  expect(metrics.equalErrorRate(good, y).eer.item()).toBe(0);
  expect(metrics.verificationAccuracy(good, y).accuracy.item()).toBe(1);
  expect(metrics.rocAuc(good.neg(), y).item()).toBe(0);
  expect(metrics.equalErrorRate(good.neg(), y).eer.item()).toBe(1);
  expect(metrics.verificationAccuracy(good.neg(), y)).toMatchObject({ accuracy: { shape: [] } });
});

test('all scores equal: a coin', () => {
  const [s, y] = [torch.zeros(6), torch.tensor([1, 0, 1, 0, 0, 0])];
  expect(metrics.rocAuc(s, y).item()).toBe(0.5);
  expect(metrics.equalErrorRate(s, y).eer.item()).toBe(0.5);
  // Nothing is taken for positive: the threshold of infinity.
  const { accuracy, threshold } = metrics.verificationAccuracy(s, y);
  expect([accuracy.item(), threshold.item()]).toEqual([4 / 6, Number.POSITIVE_INFINITY]);
});

test('equal shares compare as equal: 3 of 10 misses, 3 of 10 false acceptances', () => {
  const positive = [1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1];
  const negative = [0.5, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0];
  const labels = [...positive.map(() => 1), ...negative.map(() => 0)];
  const { eer, threshold } = metrics.equalErrorRate(torch.tensor([...positive, ...negative], { dtype: 'float64' }), torch.tensor(labels));
  expect([eer.item(), threshold.item()]).toEqual([0.3, 0.5]);
});

describe('bad input is refused in a sentence', () => {
  const s = torch.tensor([0.1, 0.2]);
  const y = torch.tensor([0, 1]);
  test.each<[string, () => unknown, string]>([
    [
      'labels of another length',
      () => metrics.rocCurve(s, torch.tensor([1])),
      'Expected shape [N] with N = 2 for labels but received tensor int64[1] cpu',
    ],
    [
      'no scores',
      () => metrics.rocAuc(torch.zeros(0), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for scores but received tensor float32[0] cpu',
    ],
    ['a label of 2', () => metrics.rocAuc(s, torch.tensor([0, 2])), 'Expected integer labels in [0, 2) but received 2 at index 1'],
    [
      'one class',
      () => metrics.equalErrorRate(s, torch.tensor([1, 1])),
      'Expected both 0 and 1 for labels but received tensor int64[2] cpu',
    ],
    [
      'NaN',
      () => metrics.verificationAccuracy(torch.tensor([Number.NaN, 1]), y),
      'Expected scores that are numbers but received NaN among them',
    ],
    [
      'scores that are whole numbers',
      () => metrics.rocAuc(y, y),
      'Expected a floating-point dtype for scores but received tensor int64[2] cpu',
    ],
    ['a share above 1', () => metrics.tarAtFar(s, y, { fars: [2] }), 'Expected a number in [0, 1] for fars but received number 2'],
    [
      'no shares',
      () => metrics.tarAtFar(s, y, { fars: [] }),
      'Expected an array of one or more shares for fars but received an array of 0',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
