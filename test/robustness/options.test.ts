/** What is no options object is refused by its function, in one sentence: in Python it would be a wrong argument too. */

import * as torch from '../../lib';

const { autograd, data, io, nn, optim } = torch;
const { functional: F, init } = nn;

const x = torch.ones(2, 3, { requiresGrad: true });
const classes = torch.tensor([0, 1]);
const square = (input: torch.Tensor) => input.mul(input).sum();

/** Each function that takes options, called with what stands where they belong. */
const calls: Record<string, (options: never) => unknown> = {
  nllLoss: (options) => F.nllLoss(x, classes, options),
  crossEntropy: (options) => F.crossEntropy(x, classes, options),
  mseLoss: (options) => F.mseLoss(x, x, options),
  l1Loss: (options) => F.l1Loss(x, x, options),
  smoothL1Loss: (options) => F.smoothL1Loss(x, x, options),
  huberLoss: (options) => F.huberLoss(x, x, options),
  klDiv: (options) => F.klDiv(x, x, options),
  binaryCrossEntropy: (options) => F.binaryCrossEntropy(x, x, options),
  binaryCrossEntropyWithLogits: (options) => F.binaryCrossEntropyWithLogits(x, x, options),
  tripletMarginLoss: (options) => F.tripletMarginLoss(x, x, x, options),
  marginRankingLoss: (options) => F.marginRankingLoss(x, x, x, options),
  cosineEmbeddingLoss: (options) => F.cosineEmbeddingLoss(x, x, classes, options),
  hingeEmbeddingLoss: (options) => F.hingeEmbeddingLoss(x, x, options),
  softMarginLoss: (options) => F.softMarginLoss(x, x, options),
  relu: (options) => F.relu(x, options),
  leakyRelu: (options) => F.leakyRelu(x, options),
  elu: (options) => F.elu(x, options),
  hardtanh: (options) => F.hardtanh(x, options),
  softmax: (options) => F.softmax(x, 1, options),
  softmin: (options) => F.softmin(x, 1, options),
  gumbelSoftmax: (options) => F.gumbelSoftmax(x, options),
  dropout: (options) => F.dropout(x, options),
  dropout1d: (options) => F.dropout1d(x, options),
  dropout2d: (options) => F.dropout2d(x.reshape(1, 2, 3, 1), options),
  dropout3d: (options) => F.dropout3d(x.reshape(1, 2, 3, 1), options),
  batchNorm: (options) => F.batchNorm(x, null, null, options),
  layerNorm: (options) => F.layerNorm(x, [3], options),
  groupNorm: (options) => F.groupNorm(x, 1, options),
  normalize: (options) => F.normalize(x, options),
  oneHot: (options) => F.oneHot(classes, options),
  embedding: (options) => F.embedding(classes, x, options),
  pad: (options) => F.pad(x, [1, 1], options),
  unfold: (options) => F.unfold(torch.ones(1, 1, 2, 2), 2, options),
  fold: (options) => F.fold(torch.ones(1, 4, 1), 2, 2, options),
  uniform_: (options) => init.uniform_(torch.ones(2), options),
  kaimingUniform_: (options) => init.kaimingUniform_(torch.ones(2, 2), options),
  truncNormal_: (options) => init.truncNormal_(torch.ones(2), options),
  ReLU: (options) => new nn.ReLU(options),
  Dropout: (options) => new nn.Dropout(options),
  Flatten: (options) => new nn.Flatten(options),
  Linear: (options) => new nn.Linear(2, 2, options),
  Conv2d: (options) => new nn.Conv2d(2, 2, 1, options),
  BatchNorm2d: (options) => new nn.BatchNorm2d(2, options),
  MaxPool2d: (options) => new nn.MaxPool2d(2, options),
  SGD: (options) => new optim.SGD([x], options),
  Adam: (options) => new optim.Adam([x], options),
  AdamW: (options) => new optim.AdamW([x], options),
  RMSprop: (options) => new optim.RMSprop([x], options),
  StepLR: (options) => new optim.lrScheduler.StepLR(new optim.SGD([x]), 1, options),
  OneCycleLR: (options) => new optim.lrScheduler.OneCycleLR(new optim.SGD([x], { momentum: 0.9 }), 1, options),
  Accuracy: (options) => new torch.metrics.Accuracy(options),
  ConfusionMatrix: (options) => new torch.metrics.ConfusionMatrix(2, options),
  GaussianBlur: (options) => new data.transforms.GaussianBlur(3, options),
  interpolate: (options) => F.interpolate(torch.ones(1, 1, 2, 2), options),
  fractionalMaxPool2d: (options) => F.fractionalMaxPool2d(torch.ones(1, 1, 4, 4), 2, options),
  lpPool1d: (options) => F.lpPool1d(torch.ones(1, 1, 4), 2, 2, options),
  LSTM: (options) => new nn.LSTM(2, 2, options),
  DataLoader: (options) => new data.DataLoader(new data.TensorDataset(x), options),
  save: (options) => io.safetensors.save({ x }, options),
  load: (options) => io.safetensors.load(io.safetensors.save({ x }), options),
  grad: (options) => autograd.grad(square(x), x, options),
  jacobian: (options) => autograd.jacobian(square, x, options),
  hessian: (options) => autograd.hessian(square, x, options),
  gradcheck: (options) => autograd.gradcheck(square, x.double(), options),
  checkpoint: (options) => autograd.checkpoint(square, x, options),
  tensor: (options) => torch.tensor([1], options),
  fromTypedArray: (options) => torch.fromTypedArray(new Float32Array(1), options),
  memory: (options) => torch.memory(options),
  setPrintOptions: (options) => torch.setPrintOptions(options),
};

describe.each(Object.entries(calls))('%s', (name, call) => {
  test.each([
    ['null', null],
    ['string "sum"', 'sum'],
    ['number 2', 2],
    ['an array of 1', [1]],
    ['tensor float32[] cpu', torch.ones([])],
  ])('refuses %s', (received, value) => {
    expect(() => call(value as never)).toThrow(
      new RegExp(`^Expected (an options object|options such as {.*}) for ${name} but received ${received.replaceAll(/[[\]]/g, '\\$&')}$`),
    );
  });
});

describe('other arguments of the wrong kind', () => {
  const loose = (value: unknown) => value as never;
  test.each<[string, () => unknown, RegExp]>([
    ['relu of null', () => F.relu(loose(null)), /relu: expected a tensor for self but received null/],
    ['softsign of nothing', () => F.softsign(loose(undefined)), /abs: expected a tensor for self but received nothing/],
    ['embedding without weights', () => F.embedding(classes, loose(null)), /Expected a tensor for weight but received null/],
    ['init of an array', () => init.zeros_(loose([1])), /Expected a tensor for zeros_ but received an array of 1/],
    ['a pool of nothing', () => new nn.MaxPool2d(loose(undefined)), /Expected a whole number from 1, or two of them, for kernelSize/],
    ['a chain of no layers', () => new nn.Sequential(...loose([])), /Expected at least one layer for Sequential/],
    ['apply without a function', () => new nn.ReLU().apply(loose(1)), /Expected a function for apply but received number 1/],
    [
      'a state dict of nothing',
      () => new nn.Linear(1, 1).loadStateDict(loose(undefined)),
      /Expected a state dict for loadStateDict but received nothing/,
    ],
    [
      'a loader of nothing',
      () => new data.DataLoader(loose(undefined)),
      /Expected a dataset: with length and get, or iterable, for DataLoader/,
    ],
    ['zip of a tensorless object', () => [...data.zip(loose({}))], /Expected a loader or another iterable for zip/],
    ['an IDX file of null', () => data.parseIdx(loose(null)), /Expected a Uint8Array for parseIdx but received null/],
    ['a safetensors file of text', () => io.safetensors.load(loose('x')), /Expected bytes for safetensors.load but received string "x"/],
    ['a group without parameters', () => new optim.SGD([x]).addParamGroup(loose({})), /Expected a parameter or several for params/],
    ['a step of no state', () => new optim.SGD([x]).loadStateDict(loose({})), /Expected an object for state of the state dict/],
    ['gradcheck without a function', () => autograd.gradgradcheck(loose(1), x), /Expected a function for gradcheck/],
    ['inputs with holes', () => square(x).backward({ inputs: loose(new Array(2)) }), /Expected an array of tensors for inputs/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
