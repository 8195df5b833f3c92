import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

const double = { dtype: 'float64' } as const;
const small = { dimFeedforward: 6, dropout: 0 } as const;
const numbers = (tensor: torch.Tensor): number[][] => tensor.toArray() as number[][];
const mask = (size: number): torch.Tensor => nn.Transformer.generateSquareSubsequentMask(size, double);

beforeEach(() => torch.manualSeed(0));

test('the causal mask is minus infinity above the diagonal', () => {
  const o = Number.NEGATIVE_INFINITY;
  expect(nn.Transformer.generateSquareSubsequentMask(3).toArray()).toEqual([
    [0, o, o],
    [0, 0, o],
    [0, 0, 0],
  ]);
  expect(mask(2).dtype).toBe('float64');
  expect(nn.Transformer.generateSquareSubsequentMask(2).dtype).toBe('float32');
});

test.each([true, false])('what is hidden does not matter: neither padding nor the future (normFirst: %p)', (normFirst) => {
  const model = new nn.Transformer({
    dModel: 4,
    nhead: 2,
    numEncoderLayers: 2,
    numDecoderLayers: 2,
    batchFirst: true,
    normFirst,
    ...small,
  });
  model.double();
  const [src, tgt] = [torch.randn([2, 5, 4], double), torch.randn([2, 4, 4], double)];
  const [otherSrc, otherTgt] = [src.clone(), tgt.clone()];
  otherSrc.narrow(1, 3, 2).fill_(7);
  otherTgt.narrow(1, 2, 2).fill_(-3);
  const padding = torch.tensor([false, false, false, true, true]).expand([2, 5]);
  for (const tgtIsCausal of [true, false]) {
    const options = { srcKeyPaddingMask: padding, memoryKeyPaddingMask: padding, tgtMask: mask(4), tgtIsCausal };
    const start = (src: torch.Tensor, tgt: torch.Tensor): torch.Tensor => model.forward(src, tgt, options).narrow(1, 0, 2);
    const wanted = numbers(start(src, tgt));
    expectClose(start(otherSrc, otherTgt), wanted);
    const shorter = model.forward(src.narrow(1, 0, 3), tgt.narrow(1, 0, 2), { tgtMask: mask(2), tgtIsCausal });
    expectClose(shorter, wanted);
  }
  expect(torch.allclose(model.forward(src, tgt), model.forward(otherSrc, tgt))).toBe(false);
});

test('without positions an encoder turns permuted inputs into permuted outputs', () => {
  const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, small), 2).double();
  const [x, order] = [torch.randn([5, 2, 4], double), torch.tensor([4, 2, 0, 1, 3])];
  expectClose(encoder.forward(x.indexSelect(0, order)), numbers(encoder.forward(x).indexSelect(0, order)));
});

test('batchFirst, names of masks and their kinds change nothing else', () => {
  const layer = new nn.TransformerDecoderLayer(4, 2, small).double();
  const batchFirst = new nn.TransformerDecoderLayer(4, 2, { ...small, batchFirst: true }).double();
  batchFirst.loadStateDict(layer.stateDict());
  const [tgt, memory] = [torch.randn([3, 2, 4], double), torch.randn([5, 2, 4], double)];
  const wanted = numbers(layer.forward(tgt, memory, { tgtMask: mask(3) }));
  expectClose(layer.forward(tgt, memory, { tgtMask: mask(3).isinf() }), wanted);
  expectClose(layer.forward(tgt, memory, { tgtMask: mask(3), tgtIsCausal: true }), wanted);
  expectClose(batchFirst.forward(tgt.transpose(0, 1), memory.transpose(0, 1), { tgtMask: mask(3) }).transpose(0, 1), wanted);
});

test('an activation can be a name, a function or a module', () => {
  const x = torch.randn([3, 2, 4], double);
  const make = (activation: nn.TransformerActivation): nn.TransformerEncoderLayer => {
    torch.manualSeed(1);
    return new nn.TransformerEncoderLayer(4, 2, { ...small, activation }).double();
  };
  const gelu = make('gelu');
  const wanted = numbers(gelu.forward(x));
  expectClose(make((input) => nn.functional.gelu(input)).forward(x), wanted);
  expectClose(make(new nn.GELU()).forward(x), wanted);
  expect(Object.keys(make(new nn.PReLU()).stateDict())).toEqual([...Object.keys(gelu.stateDict()), 'activation.weight']);
});

test('dropout applies while training only', () => {
  const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0.5 });
  const x = torch.randn([3, 2, 4]);
  expect(torch.equal(layer.forward(x), layer.forward(x))).toBe(false);
  layer.eval();
  expect(torch.equal(layer.forward(x), layer.forward(x))).toBe(true);
});

describe('the layers of an encoder', () => {
  const layer = (): nn.TransformerEncoderLayer => new nn.TransformerEncoderLayer(4, 2, { ...small, activation: new nn.PReLU() });

  test('are copies with the same values, made without random numbers', () => {
    const given = layer();
    given.norm1.freeze();
    torch.manualSeed(5);
    const next = torch.rand(3).toArray();
    torch.manualSeed(5);
    const { layers } = new nn.TransformerEncoder(given, 2);
    expect(torch.rand(3).toArray()).toEqual(next);
    for (const copy of layers) {
      expect(copy).toBeInstanceOf(nn.TransformerEncoderLayer);
      for (const [name, parameter] of given.namedParameters()) {
        expect(torch.equal(copy.getParameter(name), parameter)).toBe(true);
        expect(copy.getParameter(name).requiresGrad).toBe(parameter.requiresGrad);
      }
    }
    const first = layers.at(0).linear1.weight;
    torch.noGrad(() => first.zero_());
    expect(torch.equal(layers.at(1).linear1.weight, given.linear1.weight)).toBe(true);
  });

  test('outlive the scope that they are made in', () => {
    const encoder = torch.scope(() => new nn.TransformerEncoder(layer(), 2));
    expect(encoder.forward(torch.zeros([3, 1, 4])).shape).toEqual([3, 1, 4]);
  });

  test('keep what they share within', () => {
    class Twice extends nn.Module {
      readonly one = new nn.Linear(4, 4);
      readonly other = this.one;
      override forward(src: torch.Tensor): torch.Tensor {
        return this.other.forward(this.one.forward(src));
      }
    }
    const { layers } = new nn.TransformerEncoder(new Twice(), 2);
    expect(layers.at(0).other).toBe(layers.at(0).one);
    expect(layers.at(1).one).not.toBe(layers.at(0).one);
  });

  test('can be made by a function', () => {
    const made: number[] = [];
    const encoder = new nn.TransformerEncoder((position) => {
      made.push(position);
      return layer();
    }, 3);
    expect(made).toEqual([0, 1, 2]);
    expect(torch.equal(encoder.layers.at(0).linear1.weight, encoder.layers.at(1).linear1.weight)).toBe(false);
  });
});

test('an encoder and a decoder of ones own are used', () => {
  class Half extends nn.Module {
    override forward(src: torch.Tensor): torch.Tensor {
      return src.div(2);
    }
  }
  class Sum extends nn.Module {
    override forward(tgt: torch.Tensor, memory: torch.Tensor): torch.Tensor {
      return tgt.add(memory.sum(0, true));
    }
  }
  const model = new nn.Transformer({ dModel: 4, customEncoder: new Half(), customDecoder: new Sum() });
  expectClose(model.forward(torch.ones([3, 2, 4]), torch.ones([2, 2, 4])), Array(4).fill([2.5, 2.5, 2.5, 2.5]));
});

test.each([true, false])('has right gradients (normFirst: %p)', (normFirst) => {
  const options = { ...small, activation: 'gelu', normFirst } as const;
  const model = new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, ...options }).double();
  const [src, tgt] = [torch.randn([3, 1, 4], double).requiresGrad_(), torch.randn([2, 1, 4], double).requiresGrad_()];
  expect(torch.autograd.gradcheck((src, tgt) => model.forward(src, tgt, { tgtMask: mask(2) }), [src, tgt])).toBe(true);
});

describe('what does not fit gets one clear sentence', () => {
  const layer = new nn.TransformerEncoderLayer(4, 2, small);
  const model = new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, ...small });
  const [x, memory] = [torch.zeros([3, 2, 4]), torch.zeros([5, 2, 4])];
  test.each([
    [() => new nn.TransformerEncoderLayer(5, 2), 'Expected a number that 2 heads divide for embedDim but received number 5'],
    [() => new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 0 }), 'Expected a positive whole number for outFeatures'],
    [
      () => new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' as never }),
      "Expected 'relu', 'gelu', a function or a module for activation",
    ],
    [() => new nn.TransformerEncoder(layer, 0), 'Expected a positive whole number for numLayers but received number 0'],
    [
      () => new nn.TransformerDecoder(3 as never, 2),
      'Expected a layer or a function that makes one for decoderLayer but received number 3',
    ],
    [
      () => new nn.TransformerEncoder(new nn.Sequential(new nn.Linear(4, 4)) as never, 2),
      'Expected a module with its content in fields for a copy',
    ],
    [() => nn.Transformer.generateSquareSubsequentMask(-1), 'Expected a positive whole number for size but received number -1'],
    [() => layer.forward(x, { isCausal: true }), 'Expected the causal mask, for isCausal is only a hint, for attnMask'],
    [() => layer.forward(x, { srcMask: torch.zeros([2, 2]) }), 'Expected a tensor [3, 3] or [4, 3, 3] for attnMask'],
    [() => model.forward(torch.zeros([3, 2, 6]), x), 'Expected 4 features for the last dimension of src'],
    [() => model.forward(memory, torch.zeros([3, 2, 5])), 'Expected 4 features for the last dimension of tgt'],
    [() => model.forward(memory, torch.zeros([3, 1, 4])), 'Expected a batch of 2, as in src, for tgt'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});
