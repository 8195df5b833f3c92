import * as torch from '../../lib';
import { nn } from '../../lib';

function network() {
  return new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.Sequential(new nn.Flatten(), new nn.Linear(8 * 4 * 4, 10)),
  );
}

test('counts parameters and bytes, and knows the shapes', () => {
  const net = network();
  net.layers[0].freeze();
  const summary = net.summary({ inputShape: [2, 3, 4, 4] });
  const [conv, norm, linear] = [3 * 8 * 9, 16, 128 * 10 + 10];
  expect(summary.totalParameters).toBe(conv + norm + linear);
  expect(summary.trainableParameters).toBe(norm + linear);
  expect(summary.parameterBytes).toBe(4 * (conv + norm + linear));
  expect(summary.bufferBytes).toBe(8 * 4 * 2 + 8); // running mean and variance, and an int64 count
  expect(summary.outputBytes).toBe(4 * (3 * 2 * 8 * 16 + 2 * 128 + 2 * 10));
  expect(summary.rows.map(({ name, type, outputShapes }) => [name, type, ...outputShapes])).toEqual([
    ['', 'Sequential', [2, 10]],
    ['0', 'Conv2d', [2, 8, 4, 4]],
    ['1', 'BatchNorm2d', [2, 8, 4, 4]],
    ['2', 'ReLU', [2, 8, 4, 4]],
    ['3', 'Sequential', [2, 10]],
    ['3.0', 'Flatten', [2, 128]],
    ['3.1', 'Linear', [2, 10]],
  ]);
  expect(`${summary}`).toBe(
    [
      'Layer             Output shape  Parameters   Memory',
      '---------------------------------------------------',
      'Sequential        [2, 10]                -        -',
      '  0: Conv2d       [2, 8, 4, 4]         216    864 B',
      '  1: BatchNorm2d  [2, 8, 4, 4]          16    136 B',
      '  2: ReLU         [2, 8, 4, 4]           -        -',
      '  3: Sequential   [2, 10]                -        -',
      '    0: Flatten    [2, 128]               -        -',
      '    1: Linear     [2, 10]            1,290  5.0 KiB',
      '---------------------------------------------------',
      'Parameters: 1,522 (trainable 1,306, frozen 216)',
      'Memory: parameters 5.9 KiB, buffers 72 B, outputs 4.1 KiB',
    ].join('\n'),
  );
});

test('changes nothing: modes, running means, random numbers, hooks', () => {
  const net = network();
  net.layers[1].eval();
  const before = Object.values(net.stateDict()).map((value) => value.toArray());
  torch.manualSeed(1);
  const next = torch.rand(1).item();
  torch.manualSeed(1);
  net.summary(torch.ones([2, 3, 4, 4]));
  expect(torch.rand(1).item()).toBe(next);
  expect(Object.values(net.stateDict()).map((value) => value.toArray())).toEqual(before);
  expect([...net.children()].map(({ training }) => training)).toEqual([true, false, true, true]);
  expect(Object.hasOwn(net, 'forward')).toBe(false);
  const live = torch.memory().tensors;
  net.summary({ inputShape: [2, 3, 4, 4] });
  expect(torch.memory().tensors).toBe(live);
  expect(() => net.summary(torch.ones([2, 4, 4, 4]))).toThrow();
  expect(net.training).toBe(true);
  expect(Object.hasOwn(net, 'forward')).toBe(false);
});

test('counts shared parameters once, takes several inputs, and works without a forward pass', () => {
  class Shared extends nn.Module {
    readonly a = new nn.Linear(2, 2, { bias: false });
    readonly weight = this.a.weight;
    override forward(x: torch.Tensor, y: torch.Tensor): [torch.Tensor, torch.Tensor] {
      return [this.a.forward(x), y];
    }
  }
  const net = new Shared();
  const summary = net.summary({ inputShape: [[1, 2], [3]] });
  expect(summary.totalParameters).toBe(4);
  expect(summary.rows[0]?.outputShapes).toEqual([[1, 2], [3]]);
  expect(net.summary().rows.map(({ outputShapes }) => outputShapes)).toEqual([[], []]);
  expect(net.summary(torch.ones(1, 2), torch.ones(1)).rows[0]?.outputShapes).toEqual([[1, 2], [1]]);
  expect(() => net.summary({ inputShape: 3 as never })).toThrow('Expected a shape such as [1, 3, 32, 32] for inputShape');
});
