import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

const words = torch.tensor([
  [0, 3, 3],
  [1, 2, 4],
]);

describe.each([nn.Embedding, nn.EmbeddingBag])('%p', (Layer) => {
  test('gives sparse gradients with the dense values', () => {
    const dense = new Layer(5, 2);
    const sparse = new Layer(5, 2, { sparse: true });
    sparse.loadStateDict(dense.stateDict());
    for (const layer of [dense, sparse]) layer.forward(words).pow(2).sum().backward();
    expect(sparse.weight.grad?.layout).toBe('sparse');
    expectClose(sparse.weight.grad?.toDense() as torch.Tensor, dense.weight.grad?.toArray() as number[][], 1e-6);
  });

  test('takes vectors as they are, frozen unless told otherwise', () => {
    const vectors = torch.randn(5, 2);
    const layer = Layer.fromPretrained(vectors, { paddingIdx: -1 });
    expect(layer.weight.dataPtr()).toBe(vectors.dataPtr());
    expect([layer.weight.requiresGrad, layer.paddingIdx, layer.numEmbeddings, layer.embeddingDim]).toEqual([false, 4, 5, 2]);
    expect(Object.keys(layer.stateDict())).toEqual(['weight']);
    expect(Layer.fromPretrained(vectors, { freeze: false }).weight.requiresGrad).toBe(true);
    expect(() => Layer.fromPretrained(torch.zeros(3))).toThrow('Expected a tensor of two dimensions for fromPretrained');
  });

  test('takes no random numbers for vectors that are given', () => {
    torch.manualSeed(2);
    const next = torch.rand(1).item();
    torch.manualSeed(2);
    Layer.fromPretrained(torch.zeros(5, 2));
    expect(torch.rand(1).item()).toBe(next);
  });

  test('padding gets no gradient and starts as zeros', () => {
    const layer = new Layer(5, 2, { paddingIdx: 3 });
    layer.forward(words).sum().backward();
    expect([layer.weight.select(0, 3).toArray(), layer.weight.grad?.select(0, 3).toArray()]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('refuses positions outside the table', () => {
    expect(() => new Layer(5, 2, { paddingIdx: 5 })).toThrow('Expected a position from -5 to 4 for paddingIdx but received number 5');
    expect(() => new Layer(0, 2)).toThrow('Expected a positive whole number for numEmbeddings but received number 0');
    expect(() => new Layer(2, 2).forward(words)).toThrow(/out of range|index_size|valid range/);
  });
});

test('a bag is the mean of its looked-up vectors, in any order', () => {
  const bag = new nn.EmbeddingBag(5, 2).double();
  const single = nn.Embedding.fromPretrained(bag.weight);
  expectClose(bag.forward(words), single.forward(words).mean(1).toArray() as number[][]);
  expectClose(bag.forward(words.flip(1)), bag.forward(words).toArray() as number[][]);
  expectClose(bag.forward(words.reshape(-1), { offsets: torch.tensor([0, 3]) }), bag.forward(words).toArray() as number[][]);
});

test('gradients of the table and of the weights of samples', () => {
  const double = { dtype: 'float64' } as const;
  const [table, weights] = [torch.randn(5, 2, double).requiresGrad_(), torch.rand(2, 3, double).requiresGrad_()];
  const bag = (table: torch.Tensor, perSampleWeights: torch.Tensor): torch.Tensor =>
    nn.functional.embeddingBag(words, table, { mode: 'sum', perSampleWeights });
  expect(torch.autograd.gradcheck(bag, [table, weights])).toBe(true);
});

describe('bags that do not fit get one clear sentence', () => {
  const table = torch.zeros(5, 2);
  const [flat, offsets] = [torch.tensor([1, 2]), torch.tensor([0])];
  const bag = nn.functional.embeddingBag;
  test.each([
    [() => bag(words, table, { offsets }), 'Expected nothing, for the rows are the bags, for offsets but received tensor int64[1] cpu'],
    [() => bag(flat, table), 'Expected a tensor of one dimension for offsets but received null'],
    [() => bag(words.unsqueeze(0), table), 'Expected a tensor of one or two dimensions for embeddingBag'],
    [() => bag(words, torch.zeros(5)), 'Expected a tensor of two dimensions for weight of embeddingBag'],
    [() => bag(words, table, { mode: 'avg' as 'mean' }), "Expected 'sum', 'mean' or 'max' for mode but received string \"avg\""],
    [() => bag(words, table, { mode: 'max', sparse: true }), "Expected false for mode 'max' for sparse"],
    [() => bag(words, table, { mode: 'max', scaleGradByFreq: true }), 'Expected false, for the maximum has no frequency,'],
    [() => bag(words, table, { perSampleWeights: table }), "Expected mode 'sum', for perSampleWeights, for mode"],
    [() => bag(words, table, { mode: 'sum', perSampleWeights: table }), "Expected weights of the input's shape [2, 3]"],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});
