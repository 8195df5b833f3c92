import * as torch from '../../lib';
import { metrics } from '../../lib';

const { normalize } = torch.nn.functional;

/** All pairs, and `tarAtFar` of them. */
function ofAllPairs(
  x: torch.Tensor,
  labels: torch.Tensor,
  gallery: torch.Tensor | null,
  galleryLabels: torch.Tensor | null,
  euclidean: boolean,
  fars: number[],
) {
  const [a, b] = euclidean ? [x, gallery ?? x] : [normalize(x), normalize(gallery ?? x)];
  const similarity = euclidean ? a.unsqueeze(1).sub(b).square().sum(2).neg() : a.mm(b.t());
  const same = labels.unsqueeze(1).eq(galleryLabels ?? labels);
  const pairs = gallery === null ? torch.onesLike(same).triu(1) : torch.onesLike(same);
  return metrics.tarAtFar(similarity.maskedSelect(pairs), same.maskedSelect(pairs).long(), { fars });
}

const FARS = [0, 1e-3, 0.01, 0.037, 0.1, 0.5, 0.999, 1];

describe.each(['cosine', 'euclidean'] as const)('%s', (metric) => {
  test.each([
    ['float64', false],
    ['float64', true],
    ['float32', false],
    ['float32', true],
  ] as const)('as of the list of all pairs: %s, a gallery %s', (dtype, apart) => {
    torch.manualSeed(apart ? 1 : 2);
    // Products and sums that are exact, and many pairs that are alike; rows of four ones have length 2.
    const rows = (count: number) =>
      (metric === 'cosine' ? torch.randint(2, [count, 4]).mul(2).sub(1) : torch.randint(5, [count, 4]).sub(2)).to(dtype);
    const [x, labels] = [rows(60), torch.randint(7, [60])];
    const [gallery, galleryLabels] = apart ? [rows(45), torch.randint(9, [45])] : [null, null];
    const found = metrics.pairTarAtFar(x, labels, gallery, galleryLabels, { metric, fars: FARS });
    const expected = ofAllPairs(x, labels, gallery, galleryLabels, metric === 'euclidean', FARS);
    expect(found.tar.toArray()).toEqual(expected.tar.toArray());
    // -0 becomes 0.
    expect(found.thresholds.toArray()).toEqual(expected.thresholds.add(0).toArray());
    expect(found.positives + found.negatives).toBe(apart ? 60 * 45 : (60 * 59) / 2);
    expect(found.thresholds.dtype).toBe(dtype);
  });
});

test('one-hot rows: cosines 0 and 1 alone', () => {
  const x = torch.eye(4).indexSelect(0, torch.tensor([0, 0, 1, 1, 2, 3]).long());
  const labels = torch.tensor([0, 0, 1, 2, 2, 2]).long();
  // Positives: (0, 1) alike, three pairs of label 2 not; negatives: (2, 3) alike, ten others not.
  const { tar, thresholds, positives, negatives } = metrics.pairTarAtFar(x, labels, null, null, { fars: [0, 1 / 11, 0.5, 1] });
  expect([positives, negatives]).toEqual([4, 11]);
  expect(tar.toArray()).toEqual([0, 1 / 4, 1 / 4, 1]);
  expect(thresholds.toArray()).toEqual([Number.POSITIVE_INFINITY, 1, 1, 0]);
});

test('random rows, whose pairs are all different, as of the list', () => {
  torch.manualSeed(3);
  const labels = torch.randint(20, [400]);
  const x = torch
    .randn(20, 8, { dtype: 'float64' })
    .indexSelect(0, labels)
    .add(torch.randn(400, 8, { dtype: 'float64' }));
  const found = metrics.pairTarAtFar(x, labels, null, null, { fars: FARS });
  const expected = ofAllPairs(x, labels, null, null, false, FARS);
  expect(found.tar.toArray()).toEqual(expected.tar.toArray());
  expect(torch.allclose(found.thresholds, expected.thresholds, { rtol: 0, atol: 1e-12 })).toBe(true);
});

test('many rows go in blocks, with the same result and bounded memory', () => {
  torch.manualSeed(0);
  const count = 6000;
  const labels = torch.randint(300, [count]);
  const x = torch.randn(300, 16).indexSelect(0, labels).add(torch.randn(count, 16));
  const before = torch.memory();
  const found = metrics.pairTarAtFar(x, labels, null, null, { fars: [1e-4, 1e-2] });
  expect(torch.memory().bytes - before.bytes).toBeLessThan(2 ** 20);
  const expected = ofAllPairs(x, labels, null, null, false, [1e-4, 1e-2]);
  expect(torch.allclose(found.tar, expected.tar, { rtol: 0, atol: 1e-4 })).toBe(true);
  expect(torch.allclose(found.thresholds, expected.thresholds, { rtol: 0, atol: 1e-6 })).toBe(true);
});

test('half precision, no order of labels, a progress bar', () => {
  const written: string[] = [];
  const output = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const x = torch.tensor([1, 0, 0, 1, 1, 1]).reshape(3, 2).to('bfloat16');
  const labels = torch.tensor([7, -3, 7]).long();
  const { tar, thresholds } = metrics.pairTarAtFar(x, labels, null, null, { fars: [0.5], progress: { label: 'pairing', output } });
  // Two negatives, of 0 and of the same 45 degrees as the positive: one of them may be accepted.
  expect(tar.toArray()).toEqual([1]);
  expect(thresholds.item()).toBeCloseTo(Math.SQRT1_2, 6);
  expect(written.join('')).toContain('pairing 2/2');
});

describe('bad input is refused in a sentence', () => {
  const [x, y] = [torch.eye(3), torch.tensor([0, 0, 1]).long()];
  test.each<[string, () => unknown, string]>([
    [
      'one label',
      () => metrics.pairTarAtFar(x, torch.zeros(3).long()),
      'Expected embeddings of two or more labels for labels but received',
    ],
    [
      'no two of a label',
      () => metrics.pairTarAtFar(x, torch.arange(3)),
      'Expected two or more embeddings of one label for labels but received',
    ],
    ['NaN', () => metrics.pairTarAtFar(x.mul(Number.NaN), y), 'Expected finite numbers for embeddings but received'],
    [
      'squares that overflow',
      () => metrics.pairTarAtFar(x.mul(1e30), y, null, null, { metric: 'euclidean' }),
      'Expected embeddings whose squares are finite numbers for embeddings but received',
    ],
    [
      'a share of 2',
      () => metrics.pairTarAtFar(x, y, null, null, { fars: [2] }),
      'Expected a number in [0, 1] for fars but received number 2',
    ],
    [
      'no shares',
      () => metrics.pairTarAtFar(x, y, null, null, { fars: [] }),
      'Expected an array of one or more shares for fars but received',
    ],
    ['labels of another length', () => metrics.pairTarAtFar(x, y.narrow(0, 0, 2)), 'Expected shape [Q] with Q = 3 for labels but received'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
