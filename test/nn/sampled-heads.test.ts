import * as torch from '../../lib';
import { losses, nn, optim, samplers } from '../../lib';

const integers = (...values: number[]) => torch.tensor(values).long();

describe('sampledClasses', () => {
  test('those of the samples, and those whose number is below the rate', () => {
    const uniforms = torch.tensor([0.3, 0.05, 0.9, 0.1, 0.09, 0.5]);
    const { classes, labels } = samplers.sampledClasses(integers(5, 2, 5), uniforms, { rate: 0.1 });
    expect(classes.toArray()).toEqual([1, 2, 4, 5]);
    expect(labels.toArray()).toEqual([3, 1, 3]);
    const all = samplers.sampledClasses(integers(5, 2, 5), uniforms, { rate: 1 });
    expect(all.classes.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(all.labels.toArray()).toEqual([5, 2, 5]);
  });

  test('a class comes with the probability of the rate', () => {
    torch.manualSeed(0);
    const [count, rate] = [200_000, 0.1];
    const { classes } = samplers.sampledClasses(integers(7), torch.rand(count), { rate });
    const deviations = (classes.size(0) - count * rate) / Math.sqrt(count * rate * (1 - rate));
    expect(Math.abs(deviations)).toBeLessThan(5);
  });

  test('refused in a sentence', () => {
    const uniforms = torch.rand(4);
    expect(() => samplers.sampledClasses(integers(4), uniforms)).toThrow('Expected integer labels in [0, 4) but received 4 at index 0');
    expect(() => samplers.sampledClasses(integers(1), uniforms, { rate: 0 })).toThrow(
      'Expected a number in (0, 1] for rate but received number 0',
    );
    expect(() => samplers.sampledClasses(integers(1), torch.rand(0))).toThrow('Expected at least one element for uniforms but received');
  });
});

describe.each([
  ['NormalizedSoftmaxHead', losses.normalizedSoftmaxLoss],
  ['ConstrainedSoftmaxHead', losses.constrainedSoftmaxLoss],
  ['CosFaceHead', losses.cosFaceLoss],
  ['ArcFaceHead', losses.arcFaceLoss],
] as const)('%s', (name, loss) => {
  const [x, labels] = [torch.randn(6, 8), integers(3, 50, 99, 3, 0, 17)];

  test('in training the loss of the classes that were drawn, with gradients for these alone', () => {
    const head = new nn[name](8, 100, { sampleRate: 0.2, scale: 16 });
    torch.manualSeed(4);
    const value = head.forward(x, labels);
    value.backward();
    torch.manualSeed(4);
    const { classes, labels: places } = samplers.sampledClasses(labels, torch.rand(100), { rate: 0.2 });
    expect(classes.size(0)).toBeLessThan(50);
    const rows = head.weights.detach().indexSelect(0, classes).requiresGrad_();
    const expected = loss(x, rows, places, { scale: 16 });
    expected.backward();
    expect(value.item()).toBeCloseTo(expected.item() as number, 6);
    const grad = head.weights.grad as torch.Tensor;
    expect(grad.layout).toBe('sparse');
    const whole = torch.zeros(100, 8).indexCopy(0, classes, rows.grad as torch.Tensor);
    expect(torch.allclose(grad.toDense(), whole, { atol: 1e-6 })).toBe(true);
  });

  test('in evaluation, and at a rate of 1, the loss of all classes', () => {
    const head = new nn[name](8, 100, { sampleRate: 0.2, scale: 16 });
    head.eval();
    const expected = loss(x, head.weights, labels, { scale: 16 }).item() as number;
    expect(head.forward(x, labels).item()).toBe(expected);
    const plain = new nn[name](8, 100, { scale: 16 });
    plain.loadStateDict(head.stateDict());
    const value = plain.forward(x, labels);
    expect(value.item()).toBe(expected);
    value.backward();
    expect(plain.weights.grad?.layout).toBe('strided');
  });

  test('learns to tell the classes apart', () => {
    torch.manualSeed(2);
    const means = torch.randn(60, 16);
    const head = new nn[name](16, 60, { sampleRate: 0.3, scale: 16 });
    const optimizer = new optim.SparseAdam(head.parameters(), { lr: 0.02 });
    const batch = () => {
      const classes = torch.randint(60, [64]);
      return [means.indexSelect(0, classes).add(torch.randn(64, 16).mul(0.2)), classes] as const;
    };
    for (let step = 0; step < 150; step++)
      torch.scope(() => {
        const [samples, classes] = batch();
        optimizer.zeroGrad();
        head.forward(samples, classes).backward();
        optimizer.step();
      });
    const [samples, classes] = batch();
    expect(head.logits(samples).argmax(1).eq(classes).double().mean().item()).toBeGreaterThan(0.95);
  });

  test('says its rate, and refuses one that leaves nothing', () => {
    expect(String(new nn[name](8, 10, { sampleRate: 0.5 }))).toContain('sample_rate=0.5');
    expect(() => new nn[name](8, 10, { sampleRate: 0 })).toThrow('Expected a number in (0, 1] for sampleRate but received number 0');
    expect(() => new nn[name](8, 100, { sampleRate: 0.5 }).forward(x, labels.add(1))).toThrow(
      'Expected integer labels in [0, 100) but received 100',
    );
  });
});
