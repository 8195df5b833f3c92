/** Scores of confidence, against the same written out sample by sample and bin by bin. */

import * as torch from '../../lib';
import { metrics } from '../../lib';

interface Told {
  readonly p: number[];
  readonly c: number[];
  readonly confidences: torch.Tensor;
  readonly correctness: torch.Tensor;
}

/** Random confidences, some of them on the edges of bins and some equal. */
function told(seed: number, count: number): Told {
  torch.manualSeed(seed);
  const raw = torch.rand(count, { dtype: 'float64' });
  const confidences = raw.mul(20).round().div(20).where(torch.rand(count).lt(0.4), raw);
  const correctness = torch.rand(count).lt(confidences.float()).long();
  return { p: confidences.toArray() as number[], c: correctness.toArray() as number[], confidences, correctness };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const value = (tensor: torch.Tensor): number => {
  expect(tensor.shape).toEqual([]);
  expect(tensor.dtype).toBe('float64');
  return Number(tensor.item());
};

/** The samples of each bin `(b / bins, (b + 1) / bins]`. */
function binned(p: readonly number[], bins: number): number[][] {
  return Array.from({ length: bins }, (_, b) =>
    [...p.keys()].filter((i) => {
      const x = p[i] as number;
      return (x > b / bins || (b === 0 && x === 0)) && x <= (b + 1) / bins;
    }),
  );
}

const at = (values: readonly number[], places: readonly number[]): number[] => places.map((i) => values[i] as number);

describe.each([
  [0, 1],
  [1, 7],
  [2, 40],
  [3, 300],
])('confidences of seed %d, %d of them', (seed, count) => {
  const { p, c, confidences, correctness } = told(seed, count);

  test.each([1, 2, 5, 10, 25, 100])('in %d bins', (bins) => {
    const places = binned(p, bins);
    const gaps = places.map((of) => Math.abs(sum(at(p, of)) - sum(at(c, of))));
    expect(value(metrics.expectedCalibrationError(confidences, correctness, { bins }))).toBeCloseTo(sum(gaps) / count, 12);
    const largest = Math.max(...places.map((of, b) => (of.length === 0 ? 0 : (gaps[b] as number) / of.length)));
    expect(value(metrics.maximumCalibrationError(confidences, correctness, { bins }))).toBeCloseTo(largest, 12);
    const diagram = metrics.reliabilityDiagram(confidences, correctness, { bins });
    expect(diagram.counts.toArray()).toEqual(places.map(({ length }) => length));
    for (const [field, values] of [
      ['accuracy', c],
      ['confidence', p],
    ] as const) {
      const means = places.map((of) => (of.length === 0 ? 0 : sum(at(values, of)) / of.length));
      (diagram[field].toArray() as number[]).map((mean, b) => expect(mean).toBeCloseTo(means[b] as number, 12));
    }
  });

  test.each([1, 3, 10, 25])('in %d groups of equal size', (bins) => {
    const order = [...p.keys()].sort((i, j) => (p[i] as number) - (p[j] as number));
    let [start, total] = [0, 0];
    for (let g = 0; g < bins; g++) {
      const group = order.slice(start, start + Math.floor(count / bins) + (g < count % bins ? 1 : 0));
      start += group.length;
      total += Math.abs(sum(at(p, group)) - sum(at(c, group))) / count;
    }
    expect(start).toBe(count);
    expect(value(metrics.adaptiveCalibrationError(confidences, correctness, { bins }))).toBeCloseTo(total, 12);
  });

  test('without bins', () => {
    const order = [...p.keys()].sort((i, j) => (p[i] as number) - (p[j] as number));
    const partial = order.map((_, j) => Math.abs(sum(at(p, order.slice(0, j + 1))) - sum(at(c, order.slice(0, j + 1)))) / count);
    expect(value(metrics.ksCalibrationError(confidences, correctness))).toBeCloseTo(Math.max(...partial), 12);
    const squares = p.map((x, i) => (x - (c[i] as number)) ** 2);
    expect(value(metrics.confidenceBrierScore(confidences, correctness))).toBeCloseTo(sum(squares) / count, 12);
    const pairs = p.flatMap((x, i) => p.flatMap((y, j) => (c[i] === 1 && c[j] === 0 ? [x > y ? 1 : x === y ? 0.5 : 0] : [])));
    const area = value(metrics.confidenceRocAuc(confidences, correctness));
    if (pairs.length === 0) expect(area).toBeNaN();
    else expect(area).toBeCloseTo(sum(pairs) / pairs.length, 12);
  });

  test('right and wrong may be bool, and any integers', () => {
    for (const metric of [
      metrics.expectedCalibrationError,
      metrics.adaptiveCalibrationError,
      metrics.ksCalibrationError,
      metrics.confidenceBrierScore,
    ]) {
      const wanted = value(metric(confidences, correctness));
      expect(value(metric(confidences, correctness.eq(1)))).toBe(wanted);
      expect(value(metric(confidences, correctness.to('uint8')))).toBe(wanted);
    }
  });
});

describe.each([
  [1, 1],
  [6, 2],
  [50, 7],
])('probabilities of %d samples, %d classes', (count, classes) => {
  torch.manualSeed(count);
  const probabilities = torch.randn(count, classes, { dtype: 'float64' }).softmax(1);
  const labels = torch.randint(classes, [count]);

  test('the static error is the mean of the expected errors of the classes', () => {
    for (const bins of [3, 25]) {
      const each = Array.from({ length: classes }, (_, k) =>
        value(metrics.expectedCalibrationError(probabilities.select(1, k), labels.eq(k), { bins })),
      );
      expect(value(metrics.staticCalibrationError(probabilities, labels, { bins }))).toBeCloseTo(sum(each) / classes, 12);
    }
  });

  test('the Brier score sums over classes', () => {
    const target = torch.nn.functional.oneHot(labels, { numClasses: classes }).double();
    const before = probabilities.clone();
    expect(value(metrics.multiclassBrierScore(probabilities, labels))).toBeCloseTo(
      Number(probabilities.sub(target).square().sum(1).mean().item()),
      12,
    );
    expect(probabilities.equal(before)).toBe(true);
  });
});

test('a confidence on an edge belongs to the lower bin in every dtype', () => {
  for (const dtype of ['float64', 'float32', 'bfloat16'] as const) {
    for (const bins of [5, 10, 25, 100]) {
      const edges = torch
        .arange(1, bins + 1, { dtype: 'float64' })
        .div(bins)
        .to(dtype);
      const { counts } = metrics.reliabilityDiagram(edges, torch.ones(bins, { dtype: 'bool' }), { bins });
      expect(counts.toArray()).toEqual(Array(bins).fill(1));
    }
  }
});

test('what is sure and right has no error; what is sure and wrong has the largest', () => {
  const sure = torch.ones(8);
  for (const [correctness, wanted] of [
    [torch.ones(8, { dtype: 'bool' }), 0],
    [torch.zeros(8, { dtype: 'bool' }), 1],
  ] as const) {
    for (const metric of [
      metrics.expectedCalibrationError,
      metrics.maximumCalibrationError,
      metrics.adaptiveCalibrationError,
      metrics.ksCalibrationError,
      metrics.confidenceBrierScore,
    ])
      expect(value(metric(sure, correctness))).toBe(wanted);
    expect(value(metrics.confidenceRocAuc(sure, correctness))).toBeNaN();
  }
});

test('the mean of the errors of batches is not below that of all samples', () => {
  const { confidences, correctness } = told(5, 200);
  const parts = [0, 1, 2, 3].map((k) =>
    value(metrics.expectedCalibrationError(confidences.narrow(0, 50 * k, 50), correctness.narrow(0, 50 * k, 50))),
  );
  expect(sum(parts) / 4).toBeGreaterThanOrEqual(value(metrics.expectedCalibrationError(confidences, correctness)));
});

test('the area agrees with the metric over batches; no gradient flows', () => {
  const { confidences, correctness } = told(6, 100);
  const area = new metrics.AUROC();
  area.update(confidences, correctness);
  expect(value(metrics.confidenceRocAuc(confidences, correctness))).toBeCloseTo(area.compute(), 14);
  expect(metrics.confidenceBrierScore(confidences.clone().requiresGrad_(), correctness).requiresGrad).toBe(false);
  expect(metrics.reliabilityDiagram(confidences.clone().requiresGrad_(), correctness).confidence.requiresGrad).toBe(false);
});

describe('bad input is refused in a sentence', () => {
  const [p, c] = [torch.tensor([0.2, 0.9]), torch.tensor([0, 1])];
  const [probabilities, labels] = [torch.full([2, 3], 1 / 3), torch.tensor([0, 2])];
  test.each<[string, () => unknown, string]>([
    [
      'a confidence above 1',
      () => metrics.expectedCalibrationError(torch.tensor([0.2, 1.25]), c),
      'Expected confidences in [0, 1] but received 1.25 at index 1',
    ],
    [
      'a confidence that is NaN',
      () => metrics.ksCalibrationError(torch.tensor([Number.NaN, 1]), c),
      'Expected confidences in [0, 1] but received NaN at index 0',
    ],
    [
      'a correctness of 2',
      () => metrics.confidenceBrierScore(p, torch.tensor([0, 2])),
      'Expected integer correctness in [0, 2) but received 2 at index 1',
    ],
    [
      'a correctness that is no whole number',
      () => metrics.confidenceRocAuc(p, torch.tensor([0.5, 1])),
      'Expected a tensor of whole numbers for correctness but received tensor float32[2] cpu',
    ],
    [
      'another length',
      () => metrics.maximumCalibrationError(p, torch.tensor([0])),
      'Expected shape [N] with N = 2 for correctness but received tensor int64[1] cpu',
    ],
    [
      'nothing',
      () => metrics.adaptiveCalibrationError(torch.zeros(0), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for confidences but received tensor float32[0] cpu',
    ],
    ['no bins', () => metrics.reliabilityDiagram(p, c, { bins: 0 }), 'Expected a whole number from 1 for bins but received number 0'],
    [
      'a probability below 0',
      () => metrics.staticCalibrationError(torch.tensor([[0.5, -0.5]]), torch.tensor([0])),
      'Expected probabilities in [0, 1] but received -0.5 at index 1',
    ],
    [
      'a label too high',
      () => metrics.multiclassBrierScore(probabilities, torch.tensor([0, 3])),
      'Expected integer labels in [0, 3) but received 3 at index 1',
    ],
    [
      'no samples',
      () => metrics.multiclassBrierScore(torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for probabilities but received tensor float32[0, 3] cpu',
    ],
    [
      'probabilities of one dimension',
      () => metrics.staticCalibrationError(p, labels),
      'Expected shape [N, C] for probabilities but received tensor float32[2] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
