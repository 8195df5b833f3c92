import * as torch from '../../lib';
import { metrics, samplers } from '../../lib';
import { selectedQuartiles, sortedQuartiles } from '../../lib/nn/metric-learning/pair-similarities';
import { cosine, labelledBatches, labelsOf, rowsOf, sum } from '../losses/metric-batches';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;

describe.each(labelledBatches())('%s', (_, make) => {
  test('pairs i < j, row by row, of one label and of two', () => {
    const { embeddings, labels } = make();
    const [x, y] = [rowsOf(embeddings), labelsOf(labels)];
    for (const normalize of [true, false]) {
      const kinds: [number[], number[]] = [[], []];
      for (let i = 0; i < y.length; i++)
        for (let j = i + 1; j < y.length; j++) {
          const [a, b] = [x[i] as number[], x[j] as number[]];
          kinds[y[i] === y[j] ? 0 : 1].push(normalize ? cosine(a, b) : sum(a.map((value, k) => value * (b[k] as number))));
        }
      const { positive, negative } = samplers.pairSimilarities(embeddings, labels, { normalize });
      expectClose(positive, torch.tensor(kinds[0], float64));
      expectClose(negative, torch.tensor(kinds[1], float64));
      if (y.length > 11) continue; // differences of many numbers take long
      for (const kind of ['positive', 'negative'] as const) {
        if (normalize && embeddings.size(1) === 1) continue; // cosines are -1 or 1
        const of = (given: torch.Tensor) => samplers.pairSimilarities(given, labels, { normalize })[kind];
        expect(torch.autograd.gradcheck(of, [embeddings])).toBe(true);
        expect(torch.autograd.gradgradcheck(of, [embeddings])).toBe(true);
      }
    }
  });

  test('both ways to the quartiles of some of the values agree', () => {
    const { embeddings, labels } = make();
    const values = embeddings.detach().mm(embeddings.detach().t());
    for (const mask of [labels.unsqueeze(1).ne(labels), values.gt(0)]) {
      const [a, b] = [selectedQuartiles(values, mask), sortedQuartiles(values, mask)];
      expect(a?.map((quartile) => quartile.item())).toEqual(b.map((quartile) => quartile.item()));
    }
    expect(selectedQuartiles(values, values.isnan())).toBeNull();
  });
});

test('without pairs both are empty, and the graph is there', () => {
  for (const count of [0, 1]) {
    const embeddings = torch.randn(count, 3).requiresGrad_();
    const { positive, negative } = samplers.pairSimilarities(embeddings, torch.zeros(count, { dtype: 'int64' }));
    expect([positive.shape, negative.shape]).toEqual([[0], [0]]);
    expect(torch.autograd.grad(positive.sum().add(negative.sum()), [embeddings])[0]?.eq(0).all().item()).toBe(true);
  }
});

describe('the box and its whiskers', () => {
  const filtered = (values: readonly number[], whisker: number): unknown =>
    samplers.boxAndWhiskerFilter(torch.tensor([...values], float64), { whisker }).toArray();

  test('keeps what is within, in order', () => {
    // Quartiles at the places 2 and 6 of 8: 3 and 7.
    const values = [8, 1, 7, 2, 6, 3, 5, 4];
    expect(filtered(values, 0)).toEqual([3, 4, 5, 6, 7]);
    expect(filtered(values, 0.25)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(filtered(values, 0.24)).toEqual([3, 4, 5, 6, 7]);
    expect(filtered([...values, 1000, -1000], 1.5)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('of one, two or equal values all are left, of none nothing', () => {
    expect(filtered([3], 0)).toEqual([3]);
    expect(filtered([4, 3], 0)).toEqual([3, 4]);
    expect(filtered([2, 2, 2, 2, 2], 0)).toEqual([2, 2, 2, 2, 2]);
    expect(filtered([], 1)).toEqual([]);
  });

  test('is the rule, counted, for random values', () => {
    for (let seed = 0; seed < 8; seed++) {
      torch.manualSeed(seed);
      const values = torch
        .randn(1 + seed * 7, float64)
        .pow(3)
        .toArray() as number[];
      const sorted = [...values].sort((a, b) => a - b);
      const [low, high] = [sorted[Math.floor(values.length / 4)], sorted[Math.floor((3 * values.length) / 4)]] as [number, number];
      for (const whisker of [0, 0.5, 1.5]) {
        const reach = whisker * (high - low);
        expect(filtered(values, whisker)).toEqual(sorted.filter((value) => value >= low - reach && value <= high + reach));
      }
    }
  });

  test('gradients reach what is left and nothing else, and the limits do not learn', () => {
    const values = torch.tensor([0.5, 9, 0.1, 0.3, 0.2, 0.4], float64).requiresGrad_();
    const left = samplers.boxAndWhiskerFilter(values, { whisker: 1 });
    const [gradient] = torch.autograd.grad(left.mul(torch.arange(1, 6)).sum(), [values]);
    expect(gradient?.toArray()).toEqual([5, 0, 1, 3, 2, 4]);
    expect(torch.autograd.gradcheck((v) => samplers.boxAndWhiskerFilter(v, { whisker: 1 }), [values])).toBe(true);
  });

  test('NaN stays, to be seen', () => {
    expect(filtered([1, Number.NaN, 2, 3, 2, 2], 1.5)).toContainEqual(Number.NaN);
  });
});

test('the gap is above 0 when one threshold tells all pairs apart', () => {
  expect(metrics.wdfsGap(torch.tensor([0.9, 0.7]), torch.tensor([0.2, 0.4], { requiresGrad: true })).item()).toBeCloseTo(0.3, 6);
  expect(metrics.wdfsGap(torch.tensor([0.9, 0.1]), torch.tensor([0.2])).item()).toBeCloseTo(-0.1, 6);
  expect(metrics.wdfsGap(torch.tensor([0.9]).requiresGrad_(), torch.tensor([0.2])).requiresGrad).toBe(false);
  expect(metrics.wdfsGap(torch.tensor([Number.NaN, 1]), torch.tensor([0.2])).item()).toBeNaN();
});

describe('bad input is refused in a sentence', () => {
  test.each<[string, () => unknown, string]>([
    [
      'labels of another length',
      () => samplers.pairSimilarities(torch.zeros(3, 2), torch.tensor([0])),
      'Expected shape [B] with B = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'similarities of two dimensions',
      () => samplers.boxAndWhiskerFilter(torch.zeros(3, 2)),
      'Expected shape [N] for similarities but received tensor float32[3, 2] cpu',
    ],
    [
      'a negative whisker',
      () => samplers.boxAndWhiskerFilter(torch.zeros(3), { whisker: -1 }),
      'Expected a number from 0 for whisker but received number -1',
    ],
    [
      'no positive pair',
      () => metrics.wdfsGap(torch.zeros(0), torch.zeros(2)),
      'Expected at least one element for positive but received tensor float32[0] cpu',
    ],
    [
      'no negative pair',
      () => metrics.wdfsGap(torch.zeros(2), torch.zeros(0)),
      'Expected at least one element for negative but received tensor float32[0] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
