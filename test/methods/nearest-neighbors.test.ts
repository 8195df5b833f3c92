import * as torch from '../../lib';
import { methods } from '../../lib';

const { normalize } = torch.nn.functional;

describe.each(['cosine', 'euclidean'] as const)('%s', (metric) => {
  test.each([true, false])('as by a stable sort of whole numbers with many ties, a gallery %s', (apart) => {
    torch.manualSeed(5);
    // Lengths and products are exact.
    const rows = (count: number) =>
      (metric === 'cosine' ? torch.randint(2, [count, 4]).mul(2).sub(1) : torch.randint(4, [count, 4])).double();
    const x = rows(30);
    const gallery = apart ? rows(50) : null;
    const [a, b] = metric === 'cosine' ? [normalize(x), normalize(gallery ?? x)] : [x, gallery ?? x];
    const similarity = metric === 'cosine' ? a.mm(b.t()) : a.unsqueeze(1).sub(b).square().sum(2).sqrt().neg();
    if (!apart) similarity.fillDiagonal_(Number.NEGATIVE_INFINITY);
    const sorted = similarity.sort({ dim: 1, descending: true, stable: true });
    for (const k of [1, 3, 10, 29]) {
      const found = methods.nearestNeighbors(x, gallery, { k, metric });
      expect(found.indices.toArray()).toEqual(sorted.indices.narrow(1, 0, k).toArray());
      expect(torch.allclose(found.similarities, sorted.values.narrow(1, 0, k), { rtol: 0, atol: 1e-12 })).toBe(true);
    }
  });

  test('no more than there are', () => {
    const x = torch.randn(5, 3);
    expect(methods.nearestNeighbors(x, null, { k: 99, metric }).indices.shape).toEqual([5, 4]);
    expect(methods.nearestNeighbors(x, torch.randn(2, 3), { k: 99, metric }).indices.shape).toEqual([5, 2]);
  });
});

test('each row is its own nearest in a gallery that it is in, also block by block', () => {
  torch.manualSeed(1);
  const x = torch.randn(6000, 8);
  const { indices, similarities } = methods.nearestNeighbors(x, x, { k: 1 });
  expect(indices.squeeze(1).equal(torch.arange(6000))).toBe(true);
  expect(torch.allclose(similarities, torch.ones(6000, 1), { atol: 1e-5 })).toBe(true);
});

test('k-NN: an equal vote counts, and one by similarity weighs', () => {
  const bank = torch.tensor([1, 0, 0.8, 0.6, 0.6, 0.8]).reshape(3, 2);
  const labels = torch.tensor([2, 0, 0]).long();
  const query = torch.tensor([[3, 0]], { dtype: 'float32' });
  const uniform = methods.knnClassify(query, bank, labels, { k: 3, numClasses: 3, weighting: 'uniform' });
  expect(uniform.predictions.toArray()).toEqual([0]);
  expect(uniform.scores.toArray()).toEqual([[2, 0, 1]]);
  const exp = methods.knnClassify(query, bank, labels, { k: 3, numClasses: 3, temperature: 0.1 });
  expect(exp.predictions.toArray()).toEqual([2]);
  const votes = [Math.exp(8) + Math.exp(6), 0, Math.exp(10)];
  expect(torch.allclose(exp.scores, torch.tensor([votes]), { rtol: 1e-5 })).toBe(true);
  // Products of rows as they are: 3, 2.4 and 1.8.
  const raw = methods.knnClassify(query, bank, labels, { k: 2, numClasses: 3, temperature: 1, normalize: false });
  expect(torch.allclose(raw.scores, torch.tensor([[Math.exp(2.4), 0, Math.exp(3)]]), { rtol: 1e-5 })).toBe(true);
});

test('bad input is refused in a sentence', () => {
  const x = torch.randn(3, 2);
  const y = torch.tensor([0, 1, 10]).long();
  expect(() => methods.nearestNeighbors(x, torch.randn(3, 4))).toThrow('Expected shape [N, 2] with N = 3 for gallery but received');
  expect(() => methods.nearestNeighbors(x, x, { k: 0 })).toThrow('Expected a whole number from 1 for k but received number 0');
  expect(() => methods.nearestNeighbors(x.narrow(0, 0, 1))).toThrow('Expected two or more rows, or a gallery for queries but received');
  expect(() => methods.knnClassify(x, x, y)).toThrow('Expected integer bankLabels in [0, 10) but received 10 at index 2');
  expect(() => methods.knnClassify(x, x, y, { temperature: 0 })).toThrow('for temperature but received number 0');
  expect(() => methods.knnClassify(x, x, y, { weighting: 'linear' as 'exp' })).toThrow("Expected one of 'exp', 'uniform' for weighting");
});
