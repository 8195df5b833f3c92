import * as torch from '../../../lib';
import { nn, optim } from '../../../lib';
import { expectClose } from '../../close';
import { liveTensors } from '../../live';

const { AveragedModel, getEmaMultiAvgFn, updateBn } = optim.swaUtils;

const net = (): nn.Sequential<[nn.Conv2d, nn.BatchNorm2d]> => new nn.Sequential(new nn.Conv2d(1, 2, 1), new nn.BatchNorm2d(2));

function fill(model: nn.Module, value: number): void {
  torch.noGrad(() => {
    for (const parameter of model.parameters()) parameter.fill_(value);
    for (const buffer of model.buffers()) buffer.fill_(10 * value);
  });
}

function valuesOf(model: nn.Module): { parameters: number[]; buffers: number[] } {
  const first = (tensors: Iterable<torch.Tensor>): number[] => [...tensors].map((tensor) => Number(tensor.flatten().select(0, 0).item()));
  return { parameters: first(model.parameters()), buffers: first(model.buffers()) };
}

test('the mean of the models, buffers copied', () => {
  const model = net();
  const averaged = new AveragedModel(net());
  for (const value of [1, 2, 6]) {
    fill(model, value);
    averaged.updateParameters(model);
  }
  const { parameters, buffers } = valuesOf(averaged.module);
  expect(parameters.every((value) => Math.abs(value - 3) < 1e-6)).toBe(true);
  expect(buffers).toEqual([60, 60, 60]);
  expect(averaged.nAveraged.item()).toBe(3);
});

test('an exponential moving average, of buffers too; whole numbers are cut off', () => {
  const model = net();
  const averaged = new AveragedModel(net(), { multiAvgFn: getEmaMultiAvgFn({ decay: 0.75 }), useBuffers: true });
  for (const value of [1, 2, 6]) {
    fill(model, value);
    averaged.updateParameters(model);
  }
  const wanted = 0.75 * (0.75 * 1 + 0.25 * 2) + 0.25 * 6;
  const { parameters, buffers } = valuesOf(averaged.module);
  for (const value of parameters) expect(value).toBeCloseTo(wanted, 5);
  // 10; 0.75 10 + 0.25 20 = 12.5 -> 12; 0.75 12 + 0.25 60 = 24
  expect(buffers.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([10 * wanted, 10 * wanted, 24]);
});

test('the first update copies, and the averages have memory of their own', () => {
  const model = net();
  const averaged = new AveragedModel(net());
  averaged.updateParameters(model);
  const x = torch.randn(2, 1, 3, 3);
  expect(averaged.eval().forward(x).equal(model.eval().forward(x))).toBe(true);
  fill(model, 5);
  expect(valuesOf(averaged.module).parameters).not.toContain(5);
});

test("has PyTorch's keys, and is saved and loaded", () => {
  const model = net();
  const averaged = new AveragedModel(net());
  averaged.updateParameters(model);
  averaged.updateParameters(model);
  const state = averaged.stateDict();
  expect(Object.keys(state)).toEqual([
    'n_averaged',
    'module.0.weight',
    'module.0.bias',
    'module.1.weight',
    'module.1.bias',
    'module.1.running_mean',
    'module.1.running_var',
    'module.1.num_batches_tracked',
  ]);
  const other = new AveragedModel(net());
  other.loadStateDict(state);
  expect(other.nAveraged.item()).toBe(2);
});

test('a function of one’s own', () => {
  const model = new nn.Linear(1, 1);
  const counts: number[] = [];
  const averaged = new AveragedModel(new nn.Linear(1, 1), {
    multiAvgFn: (averages, current, count) => {
      counts.push(count);
      for (const [k, average] of averages.entries()) average.copy_(torch.maximum(average, current[k] as torch.Tensor));
    },
  });
  for (const value of [1, 3, 2]) {
    fill(model, value);
    averaged.updateParameters(model);
  }
  expect(valuesOf(averaged.module).parameters).toEqual([3, 3]);
  expect(counts).toEqual([1, 2]);
});

test('updates leave no tensors behind', () => {
  const model = net();
  const averaged = new AveragedModel(net());
  const step = (): void => torch.scope(() => averaged.updateParameters(model));
  step();
  const tensors = liveTensors();
  for (let k = 0; k < 5; k++) step();
  expect(liveTensors()).toBe(tensors);
});

test('updateBn averages the statistics of all batches, and leaves all else as it was', () => {
  const model = net();
  fill(model, 1);
  model.eval();
  const batches = [torch.randn(4, 1, 2, 2), torch.randn(4, 1, 2, 2).mul(3).add(1)];
  updateBn(
    batches.map((batch) => [batch, 'label']),
    model,
  );
  const norm = [...model.children()][1] as nn.BatchNorm2d;
  const inputs = batches.map((batch) => batch.add(1));
  expectClose(
    norm.runningMean as torch.Tensor,
    torch
      .stack(inputs.map((x) => x.mean()))
      .mean()
      .expand(2)
      .toArray() as number[],
    1e-5,
  );
  expectClose(
    norm.runningVar as torch.Tensor,
    torch
      .stack(inputs.map((x) => x.var()))
      .mean()
      .expand(2)
      .toArray() as number[],
    1e-5,
  );
  expect([norm.momentum, norm.training, norm.numBatchesTracked?.item()]).toEqual([0.1, false, 2]);
  expect(() => updateBn([[1]], model)).toThrow('Expected a tensor, or a list that begins with one, for a batch of updateBn');
  expect([norm.momentum, norm.training]).toEqual([0.1, false]);
});

test.each([
  [() => new AveragedModel({} as never), 'Expected a module for AveragedModel but received an object'],
  [() => getEmaMultiAvgFn({ decay: 2 }), 'Expected a number in [0, 1] for decay but received number 2'],
  [
    () => new AveragedModel(new nn.Linear(1, 1)).updateParameters(new nn.Linear(2, 1)),
    'Expected parameters of the shapes [1, 1], [1] for updateParameters but received [1, 2], [1]',
  ],
])('bad arguments get one clear sentence %#', (run, message) => {
  expect(run).toThrow(message);
});
