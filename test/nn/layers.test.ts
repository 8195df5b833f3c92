import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { initial, type LayerCase, layers, restore, restoreState, weightsOf } from './reference';

type AnyLayer = nn.Module & { forward(input: torch.Tensor): torch.Tensor };

function build({ layer, args, options }: LayerCase): AnyLayer {
  const type = nn[layer as 'ReLU'] as unknown as new (...args: unknown[]) => AnyLayer;
  return new type(...args, options).to('float64');
}

describe.each(layers.map((stored) => ({ title: `${stored.layer} ${JSON.stringify([...stored.args, stored.options])}`, stored })))(
  '$title',
  ({ stored }) => {
    test("gives PyTorch's output and gradients, and changes its state as PyTorch does", () => {
      const layer = build(stored);
      layer.loadStateDict(restoreState(stored.state));
      layer.forward(restore(stored.first));
      const input = restore(stored.input).requiresGrad_();
      const output = layer.forward(input);
      expect(output.shape).toEqual(stored.output.shape);
      expectClose(output, stored.output.data as number[]);

      output.mul(weightsOf(output)).sum().backward();
      expectClose(input.grad as torch.Tensor, stored.gradInput.data as number[]);
      const named = [...layer.namedParameters()];
      expect(named.map(([name]) => name)).toEqual(Object.keys(stored.grads));
      for (const [name, parameter] of named) expectClose(parameter.grad as torch.Tensor, stored.grads[name]?.data as number[]);

      const state = layer.stateDict();
      expect(Object.keys(state)).toEqual(Object.keys(stored.stateAfter));
      for (const [key, value] of Object.entries(state)) {
        expect(value.dtype).toBe(stored.stateAfter[key]?.dtype);
        expectClose(value, stored.stateAfter[key]?.data as number[]);
      }
      expectClose(layer.eval().forward(input), stored.evaluated.data as number[]);
    });

    test('prints as in PyTorch', () => {
      expect(build(stored).toString()).toBe(stored.repr);
    });
  },
);

test.each([
  ['Linear', () => new nn.Linear(5, 3)],
  ['Conv2d', () => new nn.Conv2d(2, 4, [3, 2], { groups: 2 })],
  [
    'Sequential',
    () => new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2)),
  ],
] as const)('%s has the initial values that PyTorch draws under the same seed', (name, make) => {
  torch.manualSeed(3);
  const state = make().stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(initial[name]));
  for (const [key, value] of Object.entries(state)) expect(value.flatten().toArray()).toEqual(initial[name][key]?.data);
});

describe('sizes that make no layer are refused', () => {
  test.each([
    [() => new nn.Linear(0, 3), 'Expected a positive whole number for inFeatures but received number 0'],
    [() => new nn.Linear(2, 1.5), 'Expected a positive whole number for outFeatures but received number 1.5'],
    [() => new nn.Conv2d(3, 4, 3, { groups: 2 }), 'Expected channels that groups 2 divides but received inChannels 3 and outChannels 4'],
    [() => new nn.Conv2d(1, 1, -1), 'Expected a whole number from 1, or two of them, for kernelSize but received number -1'],
    [() => new nn.Conv2d(1, 1, 3, { stride: 2, padding: 'same' }), "Expected stride 1 for padding 'same'"],
    [() => new nn.MaxPool2d(2, { padding: [1, 0.5] }), 'Expected a whole number from 0, or two of them, for padding'],
    [() => new nn.Dropout({ p: 1.1 }), 'Expected a probability in [0, 1] for p but received number 1.1'],
    [() => new nn.Dropout(0.5 as never), 'Expected options such as { p: 0.5 } for Dropout but received number 0.5'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});

test('BatchNorm2d refuses what has not four dimensions, and a single value per channel while training', () => {
  const layer = new nn.BatchNorm2d(2);
  expect(() => layer.forward(torch.zeros(3, 2))).toThrow('Expected a tensor of four dimensions [N, C, H, W] for BatchNorm2d');
  expect(() => layer.forward(torch.zeros(1, 2, 1, 1))).toThrow('Expected more than one value per channel while training');
});

test('Dropout keeps the mean while training and is the identity in evaluation', () => {
  const layer = new nn.Dropout({ p: 0.25 });
  const x = torch.ones(100_000);
  const dropped = layer.forward(x);
  expect(Number(dropped.eq(0).sum().item()) / 100_000).toBeCloseTo(0.25, 2);
  expect(Number(dropped.max().item())).toBeCloseTo(4 / 3, 6);
  expect(torch.equal(layer.eval().forward(x), x)).toBe(true);
});
