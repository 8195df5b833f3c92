import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

const double = { dtype: 'float64' } as const;
const numbers = (tensor: torch.Tensor): number[][] => tensor.toArray() as number[][];
const causal = (size: number): torch.Tensor => torch.ones([size, size], { dtype: 'bool' }).triu(1);

beforeEach(() => torch.manualSeed(0));

test('inputs that are the same, which are projected together, give what copies of them give', () => {
  const attention = new nn.MultiheadAttention(4, 2).double();
  const [x, memory] = [torch.randn([3, 2, 4], double), torch.randn([5, 2, 4], double)];
  const apart = attention.forward(x, x.clone(), x.clone())[0];
  expectClose(attention.forward(x, x, x)[0], numbers(apart));
  expectClose(attention.forward(x, memory, memory)[0], numbers(attention.forward(x, memory, memory.clone())[0]));
  const batchFirst = new nn.MultiheadAttention(4, 2, { batchFirst: true }).double();
  batchFirst.loadStateDict(attention.stateDict());
  const turned = x.transpose(0, 1);
  expectClose(batchFirst.forward(turned, turned, turned)[0].transpose(0, 1), numbers(apart));
});

test('the fused kernel gives what the weights give', () => {
  const attention = new nn.MultiheadAttention(4, 2).double();
  const [x, memory] = [torch.randn([3, 2, 4], double), torch.randn([5, 2, 4], double)];
  const keyPaddingMask = torch.tensor([
    [false, false, false, false, true],
    [false, false, true, true, true],
  ]);
  const [output, weights] = attention.forward(x, memory, memory, { keyPaddingMask });
  expectClose(attention.forward(x, memory, memory, { keyPaddingMask, needWeights: false })[0], numbers(output));
  expect(weights.shape).toEqual([2, 3, 5]);
  expectClose(weights.sum(-1), Array(6).fill(1));
  expect(Number(weights.select(0, 1).narrow(1, 2, 3).abs().sum().item())).toBe(0);
});

test('what is hidden does not matter: neither padding nor the future', () => {
  const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true }).double();
  const x = torch.randn([2, 5, 4], double);
  const changed = x.clone();
  changed.narrow(1, 3, 2).fill_(7);
  const keyPaddingMask = torch.tensor([false, false, false, true, true]).expand([2, 5]);
  const padded = (x: torch.Tensor): torch.Tensor => attention.forward(x, x, x, { keyPaddingMask })[0].narrow(1, 0, 3);
  expectClose(padded(changed), numbers(padded(x)));
  expectClose(padded(x), numbers(attention.forward(x.narrow(1, 0, 3), x.narrow(1, 0, 3), x.narrow(1, 0, 3))[0]));
  for (const needWeights of [true, false]) {
    const past = (x: torch.Tensor): torch.Tensor =>
      attention.forward(x, x, x, { attnMask: causal(5), isCausal: true, needWeights })[0].narrow(1, 0, 3);
    expectClose(past(changed), numbers(past(x)));
  }
});

test('permuting the batch permutes the output, permuting keys with their values changes nothing', () => {
  const attention = new nn.MultiheadAttention(4, 2).double();
  const [x, memory] = [torch.randn([3, 4, 4], double), torch.randn([5, 4, 4], double)];
  const [samples, keys] = [torch.tensor([2, 0, 3, 1]), torch.tensor([4, 2, 0, 1, 3])];
  const [output] = attention.forward(x, memory, memory);
  const moved = attention.forward(x.indexSelect(1, samples), memory.indexSelect(1, samples), memory.indexSelect(1, samples))[0];
  expectClose(moved, numbers(output.indexSelect(1, samples)));
  const shuffled = memory.indexSelect(0, keys);
  expectClose(attention.forward(x, shuffled, shuffled)[0], numbers(output));
});

test.each([true, false])('has right gradients (weights: %p)', (needWeights) => {
  const attention = new nn.MultiheadAttention(4, 2, { addBiasKv: true }).double();
  const [x, memory] = [torch.randn([2, 2, 4], double).requiresGrad_(), torch.randn([3, 2, 4], double).requiresGrad_()];
  const run = (x: torch.Tensor, memory: torch.Tensor): torch.Tensor => attention.forward(x, memory, memory, { needWeights })[0];
  expect(torch.autograd.gradcheck(run, [x, memory])).toBe(true);
});

test('dropout applies to the weights, while training only', () => {
  const attention = new nn.MultiheadAttention(4, 1, { dropout: 0.5 });
  const x = torch.randn([8, 1, 4]);
  const zeros = (): number => Number(attention.forward(x, x, x)[1].eq(0).sum().item());
  expect(zeros()).toBeGreaterThan(0);
  attention.eval();
  expect(zeros()).toBe(0);
});

test('keys and values of the heads can be given as they are', () => {
  const attention = new nn.MultiheadAttention(4, 2).double();
  const x = torch.randn([3, 2, 4], double);
  const [staticK, staticV] = [torch.randn([4, 5, 2], double), torch.randn([4, 5, 2], double)];
  const run = (options: nn.MultiHeadAttentionForwardOptions): [torch.Tensor, torch.Tensor | null] =>
    nn.functional.multiHeadAttentionForward(
      x,
      x,
      x,
      4,
      2,
      attention.inProjWeight,
      attention.inProjBias,
      null,
      null,
      false,
      0,
      attention.outProj.weight,
      attention.outProj.bias,
      options,
    );
  const [output, weights] = run({ staticK, staticV });
  expect([output.shape, weights?.shape]).toEqual([
    [3, 2, 4],
    [2, 3, 5],
  ]);
  expectClose(run({ staticK, staticV, needWeights: false })[0], numbers(output));
});

describe('what does not fit gets one clear sentence', () => {
  const attention = new nn.MultiheadAttention(4, 2);
  const [x, memory] = [torch.zeros([3, 2, 4]), torch.zeros([5, 2, 4])];
  const { MultiheadAttention } = nn;
  test.each([
    [() => new MultiheadAttention(5, 2), 'Expected a number that 2 heads divide for embedDim but received number 5'],
    [() => new MultiheadAttention(4, 0), 'Expected a positive whole number for numHeads but received number 0'],
    [() => new MultiheadAttention(4, 2, { dropout: -1 }), 'Expected a probability in [0, 1] for dropout but received number -1'],
    [() => attention.forward(torch.zeros(4), x, x), 'Expected a tensor of two or three dimensions for query'],
    [() => attention.forward(torch.zeros([3, 2, 6]), x, x), 'Expected 4 features for the last dimension of query'],
    [() => attention.forward(x, torch.zeros(3, 4), x), 'Expected a tensor of 3 dimensions, as the query, for key'],
    [() => attention.forward(x, torch.zeros([5, 3, 4]), x), 'Expected a batch of 2, as the query, for key'],
    [() => attention.forward(x, memory, x), 'Expected a tensor [5, 2, 4] for value'],
    [() => attention.forward(x, memory, memory, { isCausal: true }), 'Expected the causal mask, for isCausal is only a hint, for attnMask'],
    [() => attention.forward(x, memory, memory, { attnMask: causal(3) }), 'Expected a tensor [3, 5] or [4, 3, 5] for attnMask'],
    [() => attention.forward(x, memory, memory, { keyPaddingMask: causal(2) }), 'Expected a tensor [2, 5] for keyPaddingMask'],
    [
      () => attention.forward(x, x, x, { attnMask: torch.zeros([3, 3], { dtype: 'int64' }) }),
      'Expected a mask of booleans or floating-point numbers for attnMask but received tensor int64[3, 3] cpu',
    ],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});

test('multiHeadAttentionForward: what is no number of heads, and no tensor, is refused in a sentence', () => {
  const x = torch.ones(3, 16);
  const call = (heads: unknown, key: unknown = x) =>
    torch.nn.functional.multiHeadAttentionForward(
      x,
      key as torch.Tensor,
      x,
      16,
      heads as number,
      torch.ones(48, 16),
      null,
      null,
      null,
      false,
      0,
      torch.ones(16, 16),
      null,
    );
  expect(() => call({})).toThrow('Expected a whole number from 1 for numHeads but received');
  expect(() => call(4, {})).toThrow('Expected a tensor for key but received');
});
