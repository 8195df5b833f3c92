import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

test.each([
  ['BatchNorm2d', () => new nn.BatchNorm2d(4), [0, 2, 3]],
  ['InstanceNorm2d', () => new nn.InstanceNorm2d(4), [2, 3]],
  ['LayerNorm', () => new nn.LayerNorm([4, 5, 6]), [1, 2, 3]],
  ['GroupNorm of one group', () => new nn.GroupNorm(1, 4), [1, 2, 3]],
] as const)('%s leaves mean 0 and variance 1 where it normalises', (_, make, dims) => {
  const x = torch.randn([3, 4, 5, 6], { dtype: 'float64' }).mul(5).add(2);
  const y = make().double().forward(x);
  expect(Number(y.mean(dims).abs().max().item())).toBeLessThan(1e-12);
  expect(Number(y.var(dims, { correction: 0 }).sub(1).abs().max().item())).toBeLessThan(1e-5);
});

test('without momentum the running statistics are the mean over all batches', () => {
  const layer = new nn.BatchNorm1d(2, { momentum: null });
  const batches = [torch.randn(5, 2), torch.randn(5, 2), torch.randn(5, 2)];
  for (const batch of batches) layer.forward(batch);
  expectClose(layer.runningMean as torch.Tensor, torch.cat(batches).mean(0).toArray() as number[], 1e-6);
  expect(layer.numBatchesTracked?.item()).toBe(3);
  layer.resetRunningStats();
  expect(layer.runningVar?.toArray()).toEqual([1, 1]);
  expect(layer.numBatchesTracked?.item()).toBe(0);
});

test('resetParameters takes learned weights back', () => {
  for (const layer of [new nn.LayerNorm(2), new nn.GroupNorm(1, 2), new nn.BatchNorm2d(2), new nn.RMSNorm(2)]) {
    for (const parameter of layer.parameters()) nn.init.constant_(parameter, 7);
    layer.resetParameters();
    expect(layer.weight?.toArray()).toEqual([1, 1]);
    if ('bias' in layer) expect(layer.bias?.toArray()).toEqual([0, 0]);
  }
});

test('InstanceNorm without parameters takes other channels, with a warning', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  expect(new nn.InstanceNorm1d(3).forward(torch.randn(2, 4, 5)).shape).toEqual([2, 4, 5]);
  expect(warn).toHaveBeenCalledWith('Expected 3 channels for InstanceNorm1d but received tensor float32[2, 4, 5] cpu');
  warn.mockRestore();
});

test.each([
  [
    () => new nn.BatchNorm2d(2).forward(torch.zeros(3, 2)),
    'Expected a tensor [N, C, H, W] for BatchNorm2d but received tensor float32[3, 2] cpu',
  ],
  [() => new nn.BatchNorm2d(2).forward(torch.zeros(1, 2, 1, 1)), 'Expected more than one value per channel while training'],
  [() => new nn.BatchNorm1d(2).forward(torch.zeros(1, 2, 3, 4)), 'Expected a tensor [N, C] or [N, C, L] for BatchNorm1d'],
  [() => new nn.BatchNorm3d(2).forward(torch.zeros(1, 2, 3, 4)), 'Expected a tensor [N, C, D, H, W] for BatchNorm3d'],
  [() => new nn.InstanceNorm2d(2, { affine: true }).forward(torch.zeros(1, 3, 2, 2)), 'Expected 2 channels for InstanceNorm2d'],
  [() => new nn.InstanceNorm1d(2).forward(torch.zeros(1, 2, 1)), 'Expected more than one value per channel for instanceNorm'],
  [() => new nn.InstanceNorm3d(2).forward(torch.zeros(1, 2, 1)), 'Expected a tensor [C, D, H, W] or [N, C, D, H, W] for InstanceNorm3d'],
  [() => new nn.GroupNorm(2, 3), 'Expected channels that numGroups 2 divides but received numChannels 3'],
  [() => new nn.LayerNorm([2, 0]), 'Expected whole numbers from 1 for normalizedShape but received an array of 2'],
  [() => new nn.LayerNorm(3).forward(torch.zeros(2, 4)), 'Given normalized_shape=[3], expected input with shape [*, 3]'],
  [() => new nn.RMSNorm(3).forward(torch.zeros(2, 4)), 'Given normalized_shape=[3], expected input with shape [*3]'],
  [
    () => new nn.LocalResponseNorm(2).forward(torch.zeros(2, 4)),
    'Expected a tensor of at least three dimensions [N, C, *] for localResponseNorm',
  ],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
