import * as torch from '../../lib';
import { metrics } from '../../lib';
import { cosine, distance } from '../losses/metric-batches';

/** Sorted neighbours, one query after the other; among equals those of the query's label come first. */
function reference(
  x: number[][],
  labels: number[],
  gallery: number[][] | null,
  galleryLabels: number[] | null,
  ks: number[],
  euclidean: boolean,
): number[] {
  const ranks = x.map((row, i) => {
    const others = (gallery ?? x).flatMap((other, j) => {
      if (gallery === null && i === j) return [];
      const own = (galleryLabels ?? labels)[j] === labels[i];
      return [{ own, similarity: euclidean ? -distance(row, other) : cosine(row, other) }];
    });
    others.sort((a, b) => b.similarity - a.similarity || Number(b.own) - Number(a.own));
    const first = others.findIndex(({ own }) => own);
    return first < 0 ? Number.POSITIVE_INFINITY : first;
  });
  return ks.map((k) => ranks.filter((rank) => rank < k).length / x.length);
}

describe.each(['cosine', 'euclidean'] as const)('%s', (metric) => {
  const ks = [1, 2, 3, 5, 100];

  test.each([
    [2, 1],
    [9, 3],
    [40, 6],
  ])('%d samples of %d classes, as by sorting', (count, classes) => {
    torch.manualSeed(count);
    const [x, labels] = [torch.randn(count, 4, { dtype: 'float64' }), torch.randint(classes, [count])];
    const gallery = torch.randn(count + 3, 4, { dtype: 'float64' });
    const galleryLabels = torch.randint(classes + 1, [count + 3]);
    const numbers = (t: torch.Tensor) => (t.toArray() as (number | bigint)[]).map(Number);
    const rows = (t: torch.Tensor) => t.toArray() as number[][];
    const among = metrics.recallAtK(x, labels, null, null, { ks, metric });
    expect(among.toArray()).toEqual(reference(rows(x), numbers(labels), null, null, ks, metric === 'euclidean'));
    const from = metrics.recallAtK(x, labels, gallery, galleryLabels, { ks, metric });
    expect(from.toArray()).toEqual(reference(rows(x), numbers(labels), rows(gallery), numbers(galleryLabels), ks, metric === 'euclidean'));
    expect(from.dtype).toBe('float64');
  });

  test('ties favour the right one', () => {
    const query = torch.tensor([[1, 0]], { dtype: 'float32' });
    const gallery = torch.tensor([0, 1, 0, 1], { dtype: 'float32' }).reshape(2, 2);
    const recall = metrics.recallAtK(query, torch.tensor([0]), gallery, torch.tensor([0, 1]), { ks: [1], metric });
    expect(recall.toArray()).toEqual([1]);
  });

  test('a query without a row of its label is a miss for any k, and a row with NaN never finds', () => {
    const x = torch.tensor([
      [1, 0],
      [1, 0.1],
      [0.5, 0.5],
      [0, 1],
      [Number.NaN, 0],
    ]);
    const ks = [1, 99];
    // The last two labels are there once each; the rows of label 0 find each other.
    expect(metrics.recallAtK(x.narrow(0, 0, 4), torch.tensor([0, 0, 1, 2]), null, null, { ks, metric }).toArray()).toEqual([0.5, 0.5]);
    // The NaN has label 1 too: neither does it find the third row, nor is it found.
    const found = metrics.recallAtK(x, torch.tensor([0, 0, 1, 2, 1]), null, null, { ks: [99], metric });
    expect(found.item()).toBe(2 / 5);
  });
});

test('a row with NaN in the gallery stands before all', () => {
  const gallery = torch.tensor([
    [1, 0],
    [Number.NaN, 0],
  ]);
  expect(metrics.recallAtK(torch.ones(1, 2), torch.tensor([0]), gallery, torch.tensor([0, 1]), { ks: [1, 2] }).toArray()).toEqual([0, 1]);
});

test('many queries go in blocks, with the same result and bounded memory', () => {
  torch.manualSeed(0);
  const count = 9000;
  const labels = torch.randint(300, [count]);
  const x = torch.randn(300, 16).indexSelect(0, labels).add(torch.randn(count, 16));
  const before = torch.memory();
  const recall = metrics.recallAtK(x, labels, null, null, { ks: [1, 4] });
  expect(torch.memory().bytes - before.bytes).toBeLessThan(2 ** 20);
  const parts = [0, 4500].map((from) =>
    metrics.recallAtK(x.narrow(0, from, 10), labels.narrow(0, from, 10), x, labels, { ks: [1] }).item(),
  );
  // Each is its own nearest where it is in the gallery.
  expect(parts).toEqual([1, 1]);
  const similarity = torch.nn.functional.normalize(x);
  const products = similarity.narrow(0, 0, 4000).mm(similarity.t()).fillDiagonal_(-2);
  const nearest = labels.indexSelect(0, products.argmax(1)).eq(labels.narrow(0, 0, 4000));
  const rest = similarity.narrow(0, 4000, 5000).mm(similarity.t());
  rest.scatter_(1, torch.arange(4000, 9000).unsqueeze(1), -2);
  const others = labels.indexSelect(0, rest.argmax(1)).eq(labels.narrow(0, 4000, 5000));
  expect(recall.select(0, 0).item()).toBe(Number(torch.cat([nearest, others]).double().mean().item()));
});

test('a progress bar goes along', () => {
  const written: string[] = [];
  const output = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  metrics.recallAtK(torch.randn(5, 2), torch.zeros(5, { dtype: 'int64' }), null, null, { progress: { label: 'finding', output } });
  expect(written.join('')).toContain('finding 1/1');
});

describe('bad input is refused in a sentence', () => {
  const [x, y] = [torch.randn(3, 2), torch.tensor([0, 0, 1])];
  test.each<[string, () => unknown, string]>([
    [
      'labels of another length',
      () => metrics.recallAtK(x, torch.tensor([0])),
      'Expected shape [Q] with Q = 3 for labels but received tensor int64[1] cpu',
    ],
    [
      'no queries',
      () => metrics.recallAtK(torch.zeros(0, 2), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for embeddings but received tensor float32[0, 2] cpu',
    ],
    [
      'a gallery without labels',
      () => metrics.recallAtK(x, y, x),
      'Expected both or none for gallery and galleryLabels but received tensor float32[3, 2] cpu',
    ],
    [
      'a gallery of another width',
      () => metrics.recallAtK(x, y, torch.randn(3, 4), y),
      'Expected shape [N, 2] with N = 3 for gallery but received tensor float32[3, 4] cpu',
    ],
    [
      'an empty gallery',
      () => metrics.recallAtK(x, y, torch.zeros(0, 2), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for gallery but received tensor float32[0, 2] cpu',
    ],
    [
      'whole numbers for embeddings',
      () => metrics.recallAtK(torch.ones(3, 2, { dtype: 'int64' }), y),
      'Expected a floating-point dtype for embeddings but received tensor int64[3, 2] cpu',
    ],
    ['k = 0', () => metrics.recallAtK(x, y, null, null, { ks: [0] }), 'Expected a whole number from 1 for ks but received number 0'],
    [
      'no ks',
      () => metrics.recallAtK(x, y, null, null, { ks: [] }),
      'Expected an array of one or more whole numbers for ks but received an array of 0',
    ],
    [
      'an unknown metric',
      () => metrics.recallAtK(x, y, null, null, { metric: 'dot' as 'cosine' }),
      "Expected one of 'cosine', 'euclidean' for metric but received string \"dot\"",
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
