import * as torch from '../../lib';
import { models, nn } from '../../lib';
import { expectClose } from '../close';
import { expectMark, fill, numbers, pattern, stored, tokens } from './reference';

type Model = nn.Module & { forward(input: torch.Tensor): torch.Tensor };

const MODELS: Readonly<Record<string, () => Model>> = {
  resnet18: () => models.resnet18({ numClasses: 10 }),
  resnet34: () => models.resnet34({ numClasses: 10 }),
  resnet50: () => models.resnet50({ numClasses: 10 }),
  'resnet18 zeroInitResidual': () => models.resnet18({ numClasses: 3, zeroInitResidual: true }),
  'resnet18 cifarStem': () => models.resnet18({ numClasses: 10, cifarStem: true, width: 8 }),
  'resnet50 width': () => models.resnet50({ numClasses: 4, width: 4 }),
  MLP: () => new models.MLP(6, [8, 4, 3]),
  'MLP with all options': () =>
    new models.MLP(6, [8, 4, 3], { normLayer: nn.BatchNorm1d, activationLayer: nn.Tanh, bias: false, dropout: 0.25 }),
  LeNet: () => new models.LeNet(),
  'LeNet for 32': () => new models.LeNet({ imageSize: 32 }),
  mobilenetV2: () => models.mobilenetV2({ numClasses: 10 }),
  'mobilenetV2 narrow': () => models.mobilenetV2({ numClasses: 5, widthMult: 0.35, dropout: 0.5 }),
  efficientnetB0: () => models.efficientnetB0({ numClasses: 10 }),
  UNet: () => new models.UNet(3, 2, { width: 4 }),
  'UNet with odd sides': () => new models.UNet(1, 2, { width: 4 }),
  'UNet bilinear': () => new models.UNet(3, 2, { bilinear: true, width: 4 }),
  ConvAutoencoder: () => new models.ConvAutoencoder(3),
  VisionTransformer: () => new models.VisionTransformer(16, 4, 2, 3, 24, 40, { numClasses: 5 }),
  'VisionTransformer with all options': () =>
    new models.VisionTransformer(8, 4, 2, 2, 16, 24, { dropout: 0.1, attentionDropout: 0.2, numClasses: 5, representationSize: 12 }),
  GPT: () => new models.GPT(11, 8, { numLayers: 2, numHeads: 2, embedDim: 16 }),
  'GPT with all options': () =>
    new models.GPT(11, 8, { numLayers: 3, numHeads: 4, embedDim: 24, dropout: 0.1, bias: false, tieWeights: false, approximate: 'tanh' }),
};

test('there is a network for each stored one', () => {
  expect(Object.keys(MODELS)).toEqual(Object.keys(stored.cases));
});

describe.each(Object.entries(stored.cases))('%s', (name, wanted) => {
  const make = MODELS[name] as () => Model;
  const input = (dtype: 'float32' | 'float64'): torch.Tensor =>
    wanted.vocabulary === null ? numbers(wanted.shape).to(dtype) : tokens(wanted.shape, wanted.vocabulary);

  test("prints as PyTorch's; has its keys, its shapes and, under the same seed, its initial values", () => {
    torch.manualSeed(3);
    const model = make();
    const state = model.stateDict();
    expect(model.toString()).toBe(wanted.repr);
    expect(Object.keys(state)).toEqual(Object.keys(wanted.state));
    expect(Object.values(state).map((value) => value.shape)).toEqual(Object.values(wanted.state));
    for (const [k, value] of Object.values(state).entries()) expectMark(value, k, wanted.initial[k] as never, 1e-11);
  });

  test("gives PyTorch's output in evaluation, and output, gradients and running statistics while training", () => {
    const model = make().to('float64');
    fill(model);
    const x = input('float64').requiresGrad_(wanted.vocabulary === null);
    const evaluated = model.eval().forward(x);
    expect(evaluated.shape).toEqual(wanted.outputShape);
    expectClose(evaluated.flatten().narrow(0, 0, wanted.evaluated.length), wanted.evaluated, 1e-10);
    expectMark(evaluated, 0, wanted.evaluatedMark, 1e-10);

    torch.manualSeed(4);
    const trained = model.train().forward(x);
    expectMark(trained, 0, wanted.trained, 1e-9);
    trained.mul(pattern(trained.numel(), 2).reshape(trained.shape)).sum().backward();
    if (wanted.inputGrad !== null) expectMark(x.grad, 0, wanted.inputGrad, 1e-8);
    for (const [k, parameter] of [...model.parameters()].entries()) expectMark(parameter.grad, k, wanted.grads[k] as never, 1e-8);
    for (const [k, value] of Object.values(model.stateDict()).entries()) expectMark(value, k, wanted.stateAfter[k] as never, 1e-9);
  });

  test("gives PyTorch's output in float32", () => {
    const model = make();
    fill(model);
    expectMark(model.eval().forward(input('float32')), 0, wanted.evaluatedMark, 1e-4);
  });
});

describe('what makes no network is refused', () => {
  test.each([
    [() => models.resnet18({ numClasses: 0 }), 'Expected a positive whole number for numClasses but received number 0'],
    [() => models.resnet18({ width: 1.5 }), 'Expected a positive whole number for width but received number 1.5'],
    [
      () => new models.ResNet(models.BasicBlock, [1, 2, 3]),
      'Expected the numbers of blocks of four stages for layers but received an array of 3',
    ],
    [() => new models.ResNet(models.BasicBlock, [1, 0, 1, 1]), 'Expected a positive whole number for layers but received number 0'],
    [() => new models.MLP(3, []), 'Expected the sizes of one or more layers for hiddenChannels but received an array of 0'],
    [() => new models.MLP(3, 4 as never), 'Expected the sizes of one or more layers for hiddenChannels but received number 4'],
    [() => new models.MLP(3, [4], { dropout: 2 }), 'Expected a probability in [0, 1] for p but received number 2'],
    [() => new models.LeNet({ imageSize: 30 as never }), 'Expected 28 or 32 for imageSize but received number 30'],
    [() => models.mobilenetV2({ widthMult: 0 }), 'Expected a positive number for widthMult but received number 0'],
    [() => models.efficientnetB0({ stochasticDepthProb: 2 }), 'Expected a probability in [0, 1] for p but received number'],
    [() => new models.UNet(3, 2, { bilinear: true, width: 3 }), 'Expected an even number for width but received number 3'],
    [
      () => new models.ConvAutoencoder(1, { channels: [] }),
      'Expected one or more numbers of channels for channels but received an array of 0',
    ],
    [
      () => new models.ConvAutoencoder(1).forward(torch.zeros(1, 1, 8, 6)),
      'Expected images with sides that 4 divides for ConvAutoencoder but received tensor float32[1, 1, 8, 6] cpu',
    ],
    [() => new models.StochasticDepth(-0.1, 'row'), 'Expected a probability in [0, 1] for p but received number -0.1'],
    [() => new models.StochasticDepth(0.1, 'rows' as never), `Expected 'batch' or 'row' for mode but received string "rows"`],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});

test('StochasticDepth keeps the mean, drops whole samples or all of them, and is the identity in evaluation', () => {
  const layer = new models.StochasticDepth(0.25, 'row');
  const x = torch.ones(10_000, 2);
  const dropped = layer.forward(x);
  expect(torch.equal(dropped.select(1, 0), dropped.select(1, 1))).toBe(true);
  expect(Number(dropped.eq(0).to('float32').mean().item())).toBeCloseTo(0.25, 1);
  expect(Number(dropped.max().item())).toBeCloseTo(4 / 3, 6);
  expect(layer.eval().forward(x)).toBe(x);
  expect(torch.equal(new models.StochasticDepth(1, 'batch').forward(x), torch.zeros(10_000, 2))).toBe(true);
  const together = new models.StochasticDepth(0.5, 'batch').forward(x);
  expect(Number(together.min().item())).toBe(Number(together.max().item()));
});

test('blocks of a ResNet with zeroInitResidual start as identities', () => {
  const block = models.resnet18({ zeroInitResidual: true, width: 4 }).layer1.layers[0];
  const x = torch.rand(2, 4, 8, 8);
  expect(torch.equal(block.forward(x), x)).toBe(true);
});

test('an autoencoder decodes its codes', () => {
  const model = new models.ConvAutoencoder(3, { channels: [4, 8, 2] });
  const x = torch.rand(2, 3, 16, 24);
  const code = model.encode(x);
  expect(code.shape).toEqual([2, 2, 2, 3]);
  expect(torch.equal(model.decode(code), model.forward(x))).toBe(true);
});
