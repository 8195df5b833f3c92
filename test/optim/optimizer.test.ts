import * as torch from '../../lib';
import { nn, optim } from '../../lib';
import { expectClose } from '../close';
import { liveTensors } from '../live';

function withGradient(values: number[], gradient: number[]): torch.Tensor {
  const parameter = new nn.Parameter(torch.tensor(values, { dtype: 'float64' }));
  parameter.grad = torch.tensor(gradient, { dtype: 'float64' });
  return parameter;
}

describe('parameter groups', () => {
  test('share defaults and have settings of their own', () => {
    const [a, b] = [withGradient([1], [1]), withGradient([1], [1])];
    const optimizer = new optim.SGD([{ params: [a], lr: 0.5 }, { params: b }], { lr: 0.1, weightDecay: 0.5 });
    expect(optimizer.paramGroups.map(({ lr, weightDecay }) => [lr, weightDecay])).toEqual([
      [0.5, 0.5],
      [0.1, 0.5],
    ]);
    optimizer.step();
    expectClose(a, [1 - 0.5 * 1.5]);
    expectClose(b, [1 - 0.1 * 1.5]);
  });

  test('can be added and changed between steps', () => {
    const [a, b] = [withGradient([1], [1]), withGradient([1], [2])];
    const optimizer = new optim.SGD([a], { lr: 1 });
    optimizer.addParamGroup({ params: [b], lr: 0.25 });
    (optimizer.paramGroups[0] as { lr: number }).lr = 0.5;
    optimizer.step();
    expectClose(a, [0.5]);
    expectClose(b, [0.5]);
  });

  test('may mix dtypes and shapes', () => {
    const a = new nn.Parameter(torch.ones(2, 3));
    const b = new nn.Parameter(torch.ones(4, { dtype: 'float64' }));
    for (const optimizer of [new optim.SGD([a, b], { lr: 1, momentum: 0.5 }), new optim.AdamW([a, b])]) {
      a.grad = torch.ones(2, 3);
      b.grad = torch.ones(4, { dtype: 'float64' });
      optimizer.step();
    }
    expect(Number(a.max().item())).toBeCloseTo(-1e-3, 6);
    expect(Number(b.max().item())).toBeCloseTo(-1e-3, 6);
  });

  test('parameters without a gradient stay', () => {
    const [a, b] = [withGradient([1], [1]), new nn.Parameter(torch.ones(1))];
    const optimizer = new optim.Adam([a, b], { lr: 0.1 });
    optimizer.step();
    expectClose(a, [0.9], 1e-6);
    expect(b.toArray()).toEqual([1]);
    expect(optimizer.state.has(b)).toBe(false);
  });

  test('a model converted later is trained on', () => {
    const model = new nn.Linear(2, 1, { bias: false });
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    model.forward(torch.ones(1, 2)).sum().backward();
    optimizer.step();
    optimizer.zeroGrad();
    model.double();
    const before = model.weight.detach().clone();
    model
      .forward(torch.ones(1, 2, { dtype: 'float64' }))
      .sum()
      .backward();
    optimizer.step();
    expectClose(model.weight, before.sub(0.1).toArray() as number[][]);
  });
});

test('complex parameters move as their real and imaginary parts do', () => {
  for (const type of [optim.SGD, optim.AdamW]) {
    const complex = new nn.Parameter(torch.tensor([{ re: 1, im: 2 }], { dtype: 'complex128' }));
    const real = new nn.Parameter(torch.tensor([[1, 2]], { dtype: 'float64' }));
    complex.grad = torch.tensor([{ re: 0.5, im: -3 }], { dtype: 'complex128' });
    real.grad = torch.tensor([[0.5, -3]], { dtype: 'float64' });
    const options = type === optim.SGD ? { lr: 0.1, momentum: 0.9 } : { lr: 0.1 };
    const optimizer = new type([{ params: [complex] }, { params: [real] }], options);
    optimizer.step();
    optimizer.step();
    expectClose(torch.viewAsReal(complex.detach()), real.toArray() as number[][]);
  }
});

test('a closure is run with recording, and its loss returned', () => {
  const parameter = new nn.Parameter(torch.tensor([3], { dtype: 'float64' }));
  const optimizer = new optim.SGD([parameter], { lr: 0.25 });
  const loss = torch.noGrad(() =>
    optimizer.step(() => {
      optimizer.zeroGrad();
      const value = parameter.pow(2).sum();
      value.backward();
      return value.item();
    }),
  );
  expect(loss).toBe(9);
  expectClose(parameter, [1.5]);
});

test('zeroGrad forgets gradients, or fills them with zeros', () => {
  const parameter = withGradient([1], [5]);
  const optimizer = new optim.SGD([parameter]);
  optimizer.zeroGrad({ setToNone: false });
  expect(parameter.grad?.toArray()).toEqual([0]);
  optimizer.zeroGrad();
  expect(parameter.grad).toBeNull();
});

test('steps leave no tensors behind, and the state outlives the scope of its first step', () => {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Linear(4, 1));
  const optimizers = [
    new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }),
    new optim.AdamW(model.parameters(), { amsgrad: true }),
  ];
  const step = (): void => {
    torch.scope(() => {
      for (const optimizer of optimizers) {
        optimizer.zeroGrad();
        model.forward(torch.ones(2, 3)).sum().backward();
        optimizer.step();
      }
    });
  };
  step();
  const tensors = liveTensors();
  for (let k = 0; k < 20; k++) step();
  expect(liveTensors()).toBe(tensors);
});

describe('state dicts', () => {
  test('are copied when loaded, and settings that are not known are passed over', () => {
    const a = withGradient([1], [1]);
    const first = new optim.SGD([a], { lr: 0.5, momentum: 0.5 });
    first.step();
    const saved = first.stateDict();
    const second = new optim.SGD([a], { lr: 7 });
    second.loadStateDict({ ...saved, param_groups: saved.param_groups.map((group) => ({ ...group, foreach: null, initial_lr: 0.5 })) });
    expect(second.paramGroups[0]).toMatchObject({ lr: 0.5, momentum: 0.5, initialLr: 0.5 });
    expect(second.paramGroups[0]).not.toHaveProperty('foreach');
    first.step();
    expectClose(second.state.get(a)?.momentumBuffer as torch.Tensor, [1]);
  });

  test('that do not fit are refused', () => {
    const optimizer = new optim.SGD([withGradient([1], [1]), withGradient([1], [1])], { momentum: 0.9 });
    const other = new optim.SGD([withGradient([1], [1])], { momentum: 0.9 });
    expect(() => optimizer.loadStateDict(other.stateDict())).toThrow('Expected parameter groups of sizes [2] for SGD but received [1]');
    const wrong = { ...optimizer.stateDict(), state: { '1': { momentum_buffer: torch.zeros(2) } } };
    expect(() => optimizer.loadStateDict(wrong)).toThrow(
      "Expected a tensor of the parameter's shape [1] for momentum_buffer of parameter 1",
    );
  });
});

describe('bad arguments get one clear sentence', () => {
  const a = new nn.Parameter(torch.ones(1));
  test.each([
    [() => new optim.SGD([]), 'Expected at least one parameter for SGD but received an array of 0'],
    [() => new optim.SGD(a as never), 'Expected parameters, such as model.parameters(), or parameter groups for SGD'],
    [() => new optim.SGD([a, a]), 'Expected every parameter once but parameter 1 of SGD is in a group already'],
    [() => new optim.SGD([a.mul(2)]), 'Expected a leaf, which no recorded operation made, for parameter 0 of SGD'],
    [() => new optim.SGD([a], { lr: -1 }), 'Expected a number from 0 for lr but received number -1'],
    [() => new optim.SGD([a], { nesterov: true }), 'Expected momentum and no dampening for nesterov'],
    [() => new optim.Adam([a], { betas: [0.9, 1] }), 'Expected a number in [0, 1) for betas[1] but received number 1'],
    [() => new optim.Adam([a], { eps: Number.NaN }), 'Expected a number from 0 for eps but received number NaN'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
