import * as torch from '../../lib';
import { methods, nn } from '../../lib';
import { expectClose } from '../losses/random';

const double = { dtype: 'float64' } as const;
const random = (...shape: number[]): torch.Tensor => torch.randn(shape, double).requiresGrad_();

/** features, weight1, bias1, weight2, bias2 */
function inputs(samples: number, width: number, hidden: number): [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor] {
  torch.manualSeed(samples);
  return [random(samples, width), random(hidden, width), random(hidden), random(1, hidden), random(1)];
}

test.each([
  [1, 1, 1],
  [6, 12, 5],
  [20, 3, 7],
])('temperatures of %d samples with %d features by %d hidden units: as layers give them, within the bounds', (samples, width, hidden) => {
  const all = inputs(samples, width, hidden);
  const [features, weight1, bias1, weight2, bias2] = all;
  const network = new nn.Sequential(new nn.Linear(width, hidden, double), new nn.ReLU(), new nn.Linear(hidden, 1, double));
  network.loadStateDict({ '0.weight': weight1, '0.bias': bias1, '2.weight': weight2, '2.bias': bias2 });
  const plain = network.forward(features).squeeze(1);
  expectClose(nn.temperatureCalibrator(...all), plain.clamp(0.1, 10));
  expectClose(nn.temperatureCalibrator(...all, { minTemperature: 0.7, maxTemperature: 1.4 }), plain.clamp(0.7, 1.4));
  const wide = { minTemperature: 1e-9, maxTemperature: 1e9 };
  expect(torch.autograd.gradcheck((...args: torch.Tensor[]) => nn.temperatureCalibrator(...(args as typeof all), wide), all)).toBe(true);
});

test('at a bound there is no gradient', () => {
  const all = inputs(4, 3, 2);
  const [bias2] = [torch.full([1], 100, double).requiresGrad_()];
  const temperatures = nn.temperatureCalibrator(all[0], all[1], all[2], all[3].detach().mul(0), bias2);
  expect(temperatures.toArray()).toEqual([10, 10, 10, 10]);
  temperatures.sum().backward();
  expect(bias2.grad?.item()).toBe(0);
});

describe('the layer', () => {
  const make = () => {
    torch.manualSeed(3);
    return new nn.TemperatureCalibrator({
      numViews: 3,
      topK: 2,
      hidden: 4,
      initialTemperature: 1.5,
      minTemperature: 0.5,
      maxTemperature: 6,
    });
  };
  const [logits, views] = [torch.randn(7, 5), [0, 1, 2].map(() => torch.randn(7, 5))];

  test('gives temperatures from the features of the views', () => {
    const layer = make();
    const features = methods.calibratorFeatures(logits, views, { topK: 2 });
    const wanted = nn.temperatureCalibrator(features, layer.weight1, layer.bias1, layer.weight2, layer.bias2, {
      minTemperature: 0.5,
      maxTemperature: 6,
    });
    expectClose(layer.forward(logits, views), wanted, 0);
    expectClose(layer.fromFeatures(layer.features(logits, views)), wanted, 0);
  });

  test('has PyTorch keys, begins at its temperature, and goes on from a state', () => {
    const layer = make();
    expect(Object.entries(layer.stateDict()).map(([key, { shape }]) => [key, shape])).toEqual([
      ['weight1', [4, 6]],
      ['bias1', [4]],
      ['weight2', [1, 4]],
      ['bias2', [1]],
    ]);
    expect(layer.bias2.item()).toBe(1.5);
    expectClose(make().weight1, layer.weight1, 0);
    const other = new nn.TemperatureCalibrator({ numViews: 3, topK: 2, hidden: 4, minTemperature: 0.5, maxTemperature: 6 });
    other.loadStateDict(layer.stateDict());
    expectClose(other.forward(logits, views), layer.forward(logits, views), 0);
    expect(String(layer)).toBe('TemperatureCalibrator(num_views=3, top_k=2, hidden=4, min_temperature=0.5, max_temperature=6)');
    expect(new nn.TemperatureCalibrator({ numViews: 3 }).weight1.shape).toEqual([5, 12]);
    expect(new nn.TemperatureCalibrator({ numViews: 1, dtype: 'float64' }).weight2.dtype).toBe('float64');
  });

  test('hardly any temperature begins at a bound, where it has no gradient', () => {
    torch.manualSeed(0);
    const inside = Array.from({ length: 40 }, () => {
      const temperatures = new nn.TemperatureCalibrator({ numViews: 3 }).forward(
        logits,
        views.map((view) => view.mul(5)),
      );
      return Number(temperatures.gt(0.1).logicalAnd(temperatures.lt(10)).float().mean().item());
    });
    expect(inside.reduce((sum, share) => sum + share, 0) / inside.length).toBeGreaterThan(0.95);
  });

  test.each<[string, () => unknown, string]>([
    [
      'another number of views',
      () => make().forward(logits, views.slice(1)),
      'Expected an array of numViews = 3 tensors for transformedLogits but received an array of 2',
    ],
    [
      'no number of views',
      () => new nn.TemperatureCalibrator({} as never),
      'Expected a positive whole number for numViews but received nothing',
    ],
    [
      'no hidden units',
      () => new nn.TemperatureCalibrator({ numViews: 1, hidden: 0 }),
      'Expected a positive whole number for hidden but received number 0',
    ],
    [
      'a lowest temperature of 0',
      () => new nn.TemperatureCalibrator({ numViews: 1, minTemperature: 0 }),
      'Expected a number above 0 for minTemperature but received number 0',
    ],
    [
      'bounds in the wrong order',
      () => new nn.TemperatureCalibrator({ numViews: 1, minTemperature: 2, maxTemperature: 1 }),
      'Expected a number from minTemperature = 2 for maxTemperature but received number 1',
    ],
    [
      'a first temperature outside the bounds',
      () => new nn.TemperatureCalibrator({ numViews: 1, initialTemperature: 11 }),
      'Expected a number in [0.1, 10] for initialTemperature but received number 11',
    ],
    [
      'features of another width',
      () => make().fromFeatures(torch.zeros(2, 7)),
      'Expected shape [H, F] with H = 4, F = 7 for weight1 but received tensor float32[4, 6] cpu',
    ],
    [
      'a second layer with two outputs',
      () => nn.temperatureCalibrator(torch.zeros(2, 3), torch.zeros(4, 3), torch.zeros(4), torch.zeros(2, 4), torch.zeros(2)),
      'Expected shape [1, H] with H = 4 for weight2 but received tensor float32[2, 4] cpu',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
