/** Where parameters, gradients and states lie in memory changes no step: fused kernels walk them all by the memory of one. */

import * as torch from '../../lib';

type Make = (param: torch.Tensor) => torch.optim.Adam | torch.optim.SGD;

const optimizers: [string, Make][] = [
  ['Adam', (param) => new torch.optim.Adam([param], { lr: 0.1, amsgrad: true })],
  ['AdamW', (param) => new torch.optim.AdamW([param], { lr: 0.1 })],
  ['SGD', (param) => new torch.optim.SGD([param], { lr: 0.1 })],
  ['SGD with momentum', (param) => new torch.optim.SGD([param], { lr: 0.1, momentum: 0.9, nesterov: true })],
];

const numbers = (...shape: number[]) =>
  torch
    .arange(shape.reduce((a, b) => a * b))
    .add(1)
    .sin()
    .reshape(shape);
const channelsLast = (tensor: torch.Tensor) => tensor.contiguous({ memoryFormat: 'channelsLast' });

/** A parameter and its gradient, as they lie in memory. */
const layouts: [string, () => { param: torch.Tensor; grad: torch.Tensor }][] = [
  ['a transposed gradient', () => ({ param: numbers(2, 3), grad: numbers(3, 2).t() })],
  ['a gradient of one number', () => ({ param: numbers(4, 40), grad: numbers(1, 1).expand([4, 40]) })],
  ['a gradient with gaps', () => ({ param: numbers(2, 3), grad: numbers(2, 6).narrow(1, 1, 3) })],
  ['a transposed parameter', () => ({ param: numbers(3, 2).t(), grad: numbers(2, 3) })],
  ['a parameter with gaps', () => ({ param: numbers(2, 6).narrow(1, 0, 3), grad: numbers(2, 3) })],
  ['a parameter with gaps, transposed', () => ({ param: numbers(6, 2).t().narrow(1, 2, 3), grad: numbers(2, 3) })],
  ['channels last', () => ({ param: channelsLast(numbers(2, 3, 2, 2)), grad: numbers(2, 3, 2, 2) })],
  ['channels last, of one pixel', () => ({ param: channelsLast(numbers(2, 3, 1, 1)), grad: numbers(2, 3, 1, 1) })],
];

describe.each(optimizers)('%s', (_, make) => {
  test.each(layouts)('%s', (_name, layout) => {
    const { param, grad } = layout();
    const plain = param.clone({ memoryFormat: 'contiguous' }).requiresGrad_();
    const leaf = param.detach().requiresGrad_();
    const [steps, expected] = [make(leaf), make(plain)];
    for (let step = 0; step < 3; step++) {
      leaf.grad = grad;
      plain.grad = grad.contiguous();
      steps.step();
      expected.step();
    }
    expect(leaf.toArray()).toEqual(plain.toArray());
    expect(leaf.grad?.toArray()).toEqual(grad.toArray());
  });

  test('a state that was loaded in another order of memory', () => {
    const param = channelsLast(numbers(2, 3, 2, 2)).requiresGrad_();
    const plain = numbers(2, 3, 2, 2).requiresGrad_();
    const [from, to] = [make(plain), make(param)];
    const step = (optimizer: torch.optim.Adam | torch.optim.SGD, leaf: torch.Tensor) => {
      leaf.grad = numbers(2, 3, 2, 2).add(leaf.detach());
      optimizer.step();
    };
    step(from, plain);
    torch.noGrad(() => param.copy_(plain));
    to.loadStateDict(from.stateDict());
    step(from, plain);
    step(to, param);
    expect(param.toArray()).toEqual(plain.toArray());
  });

  test('a model that becomes channels-last between steps', () => {
    const twins = [new torch.nn.Conv2d(3, 2, 2), new torch.nn.Conv2d(3, 2, 2)] as const;
    twins[1].loadStateDict(twins[0].stateDict());
    const steps = twins.map((layer) => make(layer.weight));
    const input = numbers(1, 3, 4, 4);
    for (let round = 0; round < 3; round++) {
      if (round === 1) twins[1].weight.data = channelsLast(twins[1].weight.data);
      for (const [k, layer] of twins.entries()) {
        layer.zeroGrad();
        layer.forward(input).square().sum().backward();
        steps[k]?.step();
      }
    }
    expect(torch.allclose(twins[1].weight, twins[0].weight, { rtol: 1e-5, atol: 1e-6 })).toBe(true);
  });
});

test('clipping reaches gradients of any order', () => {
  const [param, other] = [torch.ones(2, 3).requiresGrad_(), torch.ones(2, 3).requiresGrad_()];
  param.grad = numbers(3, 2).t();
  other.grad = numbers(2, 3);
  torch.nn.utils.clipGradNorm_([param, other], 1);
  const norm = Math.hypot(param.grad.norm().item() as number, other.grad.norm().item() as number);
  expect(norm).toBeCloseTo(1, 5);
});

test('a scaler divides gradients of any order in the kernel', () => {
  const [param, plain] = [torch.ones(2, 3).requiresGrad_(), torch.ones(2, 3).requiresGrad_()];
  const scaled = numbers(3, 2).t().mul(1024);
  const results = [
    [param, scaled],
    [plain, scaled.contiguous()],
  ] as const;
  for (const [leaf, grad] of results) {
    const scaler = new torch.amp.GradScaler('cpu', { initScale: 1024 });
    scaler.scale(torch.zeros([]));
    const optimizer = new torch.optim.SGD([leaf], { lr: 0.1 });
    leaf.grad = grad.clone();
    scaler.step(optimizer);
  }
  expect(param.toArray()).toEqual(plain.toArray());
  expect(param.grad?.toArray()).toEqual(plain.grad?.toArray());
  expect(param.grad?.toArray()).toEqual(numbers(3, 2).t().toArray());
});

test('a parameter that is one number for all its elements is refused, and keeps its value', () => {
  const param = torch.ones(1).expand([3]).requiresGrad_();
  param.grad = torch.ones(3);
  const optimizer = new torch.optim.AdamW([param]);
  expect(() => optimizer.step()).toThrow(/more than one element of the written-to tensor refers to a single memory location/);
  expect(param.toArray()).toEqual([1, 1, 1]);
});
