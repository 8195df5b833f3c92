import * as torch from '../../lib';
import { losses, methods, nn } from '../../lib';
import { batches, expectClose } from '../losses/random';

describe.each(batches())('%s', (_, make) => {
  test('a temperature divides, and leaves the prediction', () => {
    const { logits } = make();
    const temperatures = torch.rand(logits.size(0), { dtype: 'float64' }).mul(2).add(0.2).requiresGrad_();
    const scaled = methods.applyTemperature(logits, temperatures);
    expectClose(scaled, logits.div(temperatures.unsqueeze(1)));
    expect(scaled.argmax(1).equal(logits.argmax(1))).toBe(true);
    expectClose(methods.applyTemperature(logits, torch.tensor(2, { dtype: 'float64' })), logits.div(2));
    expect(torch.autograd.gradcheck((x, t) => methods.applyTemperature(x as torch.Tensor, t as torch.Tensor), [logits, temperatures])).toBe(
      true,
    );
  });

  test('features are the probabilities of the likeliest classes in each view', () => {
    const { logits } = make();
    const [samples, classes] = logits.shape as [number, number];
    const views = [torch.randn(samples, classes, { dtype: 'float64' }), logits];
    const topK = Math.min(3, classes);
    const features = methods.calibratorFeatures(logits, views, { topK });
    const order = logits.argsort(1, { descending: true });
    const wanted = views.flatMap((view) =>
      Array.from({ length: topK }, (_, k) =>
        view
          .softmax(1)
          .gather(1, order.narrow(1, k, 1))
          .squeeze(1),
      ),
    );
    expectClose(features, torch.stack(wanted, 1));
    expect(features.requiresGrad).toBe(false);
    // Of the logits themselves they fall, and of all classes they sum to 1.
    const own = methods.calibratorFeatures(logits, [logits], { topK: classes });
    expectClose(own.sum(1), torch.ones(samples, { dtype: 'float64' }));
    expect(own.diff({ dim: 1 }).le(1e-12).all().item()).toBe(true);
  });
});

describe('temperature scaling', () => {
  const sampled = (seed: number, classes: number, scale: number): [torch.Tensor, torch.Tensor] => {
    torch.manualSeed(seed);
    const honest = torch.randn(4000, classes, { dtype: 'float64' }).mul(1.5);
    return [honest.mul(scale), honest.softmax(1).multinomial(1).squeeze(1)];
  };
  const cross = (logits: torch.Tensor, labels: torch.Tensor, temperature: number): number =>
    Number(nn.functional.crossEntropy(logits.div(temperature), labels).item());

  test.each([
    [0, 3, 0.4],
    [1, 10, 1],
    [2, 10, 3],
    [3, 2, 7],
  ])('finds by how much the logits are too large (seed %d, %d classes, %d times)', (seed, classes, scale) => {
    const [logits, labels] = sampled(seed, classes, scale);
    const temperature = Number(methods.fitTemperature(logits, labels).item());
    expect(temperature / scale).toBeGreaterThan(0.9);
    expect(temperature / scale).toBeLessThan(1.1);
    const least = cross(logits, labels, temperature);
    for (const factor of [0.98, 0.9999, 1.0001, 1.02]) expect(cross(logits, labels, temperature * factor)).toBeGreaterThan(least);
    // The derivative in 1 / T is 0 there.
    const beta = torch.tensor(1 / temperature, { dtype: 'float64', requiresGrad: true });
    nn.functional.crossEntropy(logits.mul(beta), labels).backward();
    expect(Math.abs(Number(beta.grad?.item()))).toBeLessThan(1e-13 * scale * 10);
  });

  test('scales with the logits, and shifts of a row do not matter', () => {
    const [logits, labels] = sampled(4, 5, 1);
    const temperature = Number(methods.fitTemperature(logits, labels).item());
    expect(Number(methods.fitTemperature(logits.mul(3), labels).item())).toBeCloseTo(3 * temperature, 10);
    expect(Number(methods.fitTemperature(logits.add(torch.randn(4000, 1, { dtype: 'float64' })), labels).item())).toBeCloseTo(
      temperature,
      10,
    );
    const single = methods.fitTemperature(logits.float().requiresGrad_(), labels);
    expect([single.dtype, single.shape, single.requiresGrad]).toEqual(['float32', [], false]);
    expect(Number(single.item())).toBeCloseTo(temperature, 5);
  });

  test('gives the bound where the least lies beyond', () => {
    const logits = torch.eye(4, { dtype: 'float64' }).mul(3);
    expect(methods.fitTemperature(logits, torch.arange(4)).item()).toBe(0.05);
    expect(methods.fitTemperature(logits, torch.arange(4), { minTemperature: 0.5 }).item()).toBe(0.5);
    expect(methods.fitTemperature(logits, torch.tensor([1, 2, 3, 0])).item()).toBe(20);
    expect(methods.fitTemperature(logits, torch.tensor([1, 2, 3, 0]), { maxTemperature: 4 }).item()).toBe(4);
    const [fine, labels] = sampled(5, 3, 1);
    expect(methods.fitTemperature(fine, labels, { minTemperature: 2, maxTemperature: 2 }).item()).toBe(2);
  });

  test('extreme logits do no harm, NaN goes through', () => {
    const [logits, labels] = sampled(6, 4, 1000);
    expect(Number(methods.fitTemperature(logits, labels, { maxTemperature: 1e6 }).item()) / 1000).toBeCloseTo(1, 0);
    expect(methods.fitTemperature(torch.tensor([[0, Number.NaN]]), torch.tensor([0])).item()).toBeNaN();
  });
});

describe('training a calibrator', () => {
  /** The first view says whether the prediction is right. */
  const samples = (seed: number): [torch.Tensor, torch.Tensor[], torch.Tensor] => {
    torch.manualSeed(seed);
    const labels = torch.randint(4, [300]);
    const right = torch.rand(300).lt(0.7);
    const said = labels.where(right, labels.add(1).remainder(4));
    const logits = nn.functional.oneHot(said, { numClasses: 4 }).mul(2).add(torch.randn(300, 4).mul(0.2));
    return [logits, [logits.mul(right.mul(2).unsqueeze(1)), torch.randn(300, 4)], labels];
  };
  const options = { steps: 150, learningRate: 0.03, topK: 2 };

  test.each(['correctnessAware', 'balanced', 'crossEntropy'] as const)('for %s lowers it, on other samples too', (objective) => {
    const loss = (calibrator: nn.TemperatureCalibrator, seed: number) => {
      const [logits, views, labels] = samples(seed);
      const temperatures = calibrator.forward(logits, views);
      const value =
        objective === 'crossEntropy'
          ? nn.functional.crossEntropy(logits.div(temperatures.unsqueeze(1)), labels)
          : losses.correctnessAwareLoss(logits, temperatures, labels, { weighting: objective === 'balanced' ? 'balanced' : 'none' });
      return Number(value.item());
    };
    torch.manualSeed(7);
    const calibrator = new nn.TemperatureCalibrator({ numViews: 2, topK: 2 });
    const before = [0, 1].map((seed) => loss(calibrator, seed));
    expect(methods.trainCalibrator(...samples(0), { ...options, objective, calibrator })).toBe(calibrator);
    expect(loss(calibrator, 0)).toBeLessThan(0.95 * (before[0] as number));
    expect(loss(calibrator, 1)).toBeLessThan(0.95 * (before[1] as number));
    expect([...calibrator.parameters()].every(({ grad }) => grad === null)).toBe(true);
  });

  test('is the same under the same seed, and a step is one of Adam', () => {
    const train = (steps: number) => {
      const given = samples(0);
      torch.manualSeed(1);
      return methods.trainCalibrator(...given, { ...options, steps });
    };
    expectClose(train(5).weight1, train(5).weight1, 0);
    const given = samples(0);
    torch.manualSeed(1);
    const mine = new nn.TemperatureCalibrator({ numViews: 2, topK: 2 });
    const optimizer = new torch.optim.Adam(mine.parameters(), { lr: 0.03 });
    losses.correctnessAwareLoss(given[0], mine.forward(given[0], given[1]), given[2]).backward();
    optimizer.step();
    expectClose(train(1).weight1, mine.weight1, 1e-6);
  });

  test('works where nothing is recorded, takes the dtype of the logits, and leaves the classifier alone', () => {
    const [logits, views, labels] = samples(2);
    const leaf = logits.double().requiresGrad_();
    const wide = views.map((view) => view.double());
    const calibrator = torch.noGrad(() => methods.trainCalibrator(leaf, wide, labels, { steps: 3, hidden: 3, initialTemperature: 2 }));
    expect([calibrator.weight1.dtype, calibrator.weight1.shape]).toEqual(['float64', [3, 8]]);
    expect(calibrator.initialTemperature).toBe(2);
    expect(leaf.grad).toBeNull();
  });

  test.each<[string, () => unknown, string]>([
    [
      'another objective',
      () => methods.trainCalibrator(...samples(0), { objective: 'nll' as 'balanced' }),
      "Expected one of 'correctnessAware', 'balanced', 'crossEntropy' for objective but received string \"nll\"",
    ],
    [
      'no steps',
      () => methods.trainCalibrator(...samples(0), { steps: 0 }),
      'Expected a whole number from 1 for steps but received number 0',
    ],
    [
      'a step size of 0',
      () => methods.trainCalibrator(...samples(0), { learningRate: 0 }),
      'Expected a number above 0 for learningRate but received number 0',
    ],
    [
      'what is no calibrator',
      () => methods.trainCalibrator(...samples(0), { calibrator: new nn.Linear(1, 1) as never }),
      'Expected a TemperatureCalibrator or null for calibrator but received an object of Linear',
    ],
    [
      'a label too high',
      () => methods.trainCalibrator(torch.zeros(2, 4), [torch.zeros(2, 4)], torch.tensor([0, 4])),
      'Expected integer labels in [0, 4) but received 4 at index 1',
    ],
    [
      'no views',
      () => methods.trainCalibrator(torch.zeros(1, 4), [], torch.tensor([0])),
      'Expected an array of at least one tensor for transformedLogits but received an array of 0',
    ],
    [
      'a view of another shape',
      () => methods.calibratorFeatures(torch.zeros(2, 4), [torch.zeros(2, 4), torch.zeros(2, 5)]),
      'Expected shape [2, 4] for transformedLogits[1] but received tensor float32[2, 5] cpu',
    ],
    [
      'a tensor for the views',
      () => methods.calibratorFeatures(torch.zeros(2, 4), torch.zeros(1, 2, 4) as never),
      'Expected an array of at least one tensor for transformedLogits but received tensor float32[1, 2, 4] cpu',
    ],
    [
      'more classes than there are',
      () => methods.calibratorFeatures(torch.zeros(2, 3), [torch.zeros(2, 3)]),
      'Expected at most the number of classes, 3, for topK but received number 4',
    ],
    [
      'a temperature of 0',
      () => methods.applyTemperature(torch.zeros(2, 3), torch.tensor([1, 0])),
      'Expected temperatures above 0 but received 0 at index 1',
    ],
    [
      'temperatures in a column',
      () => methods.applyTemperature(torch.zeros(2, 3), torch.ones(2, 1)),
      'Expected shape [2] for temperatures but received tensor float32[2, 1] cpu',
    ],
    [
      'bounds in the wrong order',
      () => methods.fitTemperature(torch.zeros(1, 3), torch.tensor([0]), { minTemperature: 3, maxTemperature: 1 }),
      'Expected a number from minTemperature = 3 for maxTemperature but received number 1',
    ],
    [
      'no samples',
      () => methods.fitTemperature(torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for logits but received tensor float32[0, 3] cpu',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
