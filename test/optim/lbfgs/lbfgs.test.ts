import * as torch from '../../../lib';
import { nn, optim } from '../../../lib';
import { expectClose } from '../../close';
import { liveTensors } from '../../live';
import reference from './reference.json';

interface Case {
  readonly name: string;
  readonly options: Partial<optim.LBFGSSettings>;
  readonly trajectory: readonly (readonly [number[], number[][]])[];
  readonly losses: readonly number[];
  /** After the first step, in single precision. */
  readonly float32: readonly [number[], number[][]];
  readonly stateDict: { state: Record<string, Record<string, unknown>>; param_groups: Record<string, unknown>[] };
}

const cases = reference.cases as unknown as readonly Case[];

/** Two Rosenbrock functions: (1 - a)^2 + 100 (b - a^2)^2. */
class Rosenbrock {
  readonly a: torch.Tensor;
  readonly b: torch.Tensor;
  readonly optimizer: optim.LBFGS;
  readonly #sign: number;

  constructor(options: Partial<optim.LBFGSSettings>, dtype: 'float64' | 'float32' = 'float64') {
    this.a = torch.tensor([-1.2, 0.3], { dtype, requiresGrad: true });
    this.b = torch.tensor([[1], [-0.5]], { dtype, requiresGrad: true });
    this.optimizer = new optim.LBFGS([this.a, this.b], options);
    this.#sign = options.maximize ? -1 : 1;
  }

  readonly closure = (): torch.Tensor => {
    this.optimizer.zeroGrad();
    const valley = this.b.select(1, 0).sub(this.a.pow(2)).pow(2).mul(100);
    const loss = this.a.neg().add(1).pow(2).add(valley).sum().mul(this.#sign);
    loss.backward();
    return loss;
  };
}

/** The stored state: what is a tensor there is `{ tensor }`. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if ('tensor' in value) return torch.tensor(value.tensor as number[], { dtype: 'float64' });
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revived(entry)]));
}

describe.each(cases)('$name', (stored) => {
  test('moves the parameters as PyTorch does', () => {
    const { a, b, optimizer, closure } = new Rosenbrock(stored.options);
    for (const [step, [wantedA, wantedB]] of stored.trajectory.entries()) {
      expectClose(optimizer.step(closure), stored.losses[step] as number, 1e-7);
      expectClose(a, wantedA, 1e-7);
      expectClose(b, wantedB, 1e-7);
    }
  });

  test('in single precision too', () => {
    const { a, b, optimizer, closure } = new Rosenbrock(stored.options, 'float32');
    optimizer.step(closure);
    expectClose(a, stored.float32[0], 1e-3);
    expectClose(b, stored.float32[1], 1e-3);
  });

  test("has PyTorch's state dict, and goes on from it", () => {
    const first = new Rosenbrock(stored.options);
    for (let step = 0; step <= reference.saved; step++) first.optimizer.step(first.closure);
    const saved = first.optimizer.stateDict();
    const wanted = stored.stateDict.state['0'] as Record<string, unknown>;
    const own = saved.state['0'] as Record<string, unknown>;
    for (const key of ['func_evals', 'n_iter']) expect([key, own[key]]).toEqual([key, wanted[key]]);
    for (const key of Object.keys(own)) expect(Object.keys(wanted)).toContain(key);
    expect(saved.param_groups).toEqual(stored.stateDict.param_groups);

    const { a, b, optimizer, closure } = new Rosenbrock(stored.options);
    const [savedA, savedB] = stored.trajectory[reference.saved] as Case['trajectory'][number];
    a.data = torch.tensor(savedA, { dtype: 'float64' });
    b.data = torch.tensor(savedB, { dtype: 'float64' });
    optimizer.loadStateDict(revived(stored.stateDict) as optim.OptimizerStateDict);
    for (let step = reference.saved + 1; step < stored.trajectory.length; step++) {
      optimizer.step(closure);
      expectClose(a, stored.trajectory[step]?.[0] as number[], 1e-7);
      expectClose(b, stored.trajectory[step]?.[1] as number[][], 1e-7);
    }
  });
});

test("finds the minimum of Rosenbrock's function", () => {
  const { a, b, optimizer, closure } = new Rosenbrock({ lineSearchFn: 'strong_wolfe', maxIter: 100, toleranceChange: 0 });
  optimizer.step(closure);
  expectClose(a, [1, 1], 1e-6);
  expectClose(b, [[1], [1]], 1e-6);
});

test('solves a quadratic', () => {
  const matrix = torch.tensor(
    [
      [4, 1],
      [1, 3],
    ],
    { dtype: 'float64' },
  );
  const target = torch.tensor([1, 2], { dtype: 'float64' });
  const x = new nn.Parameter(torch.zeros(2, { dtype: 'float64' }));
  const optimizer = new optim.LBFGS([x], { lineSearchFn: 'strong_wolfe', toleranceChange: 0, toleranceGrad: 1e-10 });
  optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = matrix.mv(x).dot(x).mul(0.5).sub(target.dot(x));
    loss.backward();
    return loss;
  });
  expectClose(x, [1 / 11, 7 / 11], 1e-8);
});

test('complex parameters, and those without a gradient', () => {
  const z = new nn.Parameter(torch.tensor([{ re: 3, im: -1 }], { dtype: 'complex128' }));
  const unused = new nn.Parameter(torch.tensor([{ re: 1, im: 1 }], { dtype: 'complex128' }));
  const optimizer = new optim.LBFGS([z, unused], { lineSearchFn: 'strong_wolfe' });
  const target = torch.tensor([{ re: 0.5, im: 2 }], { dtype: 'complex128' });
  optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = z.sub(target).abs().pow(2).sum();
    loss.backward();
    return loss;
  });
  expectClose(torch.viewAsReal(z.detach()), [[0.5, 2]], 1e-8);
  expectClose(torch.viewAsReal(unused.detach()), [[1, 1]]);
});

test('steps leave no tensors behind once the history is full', () => {
  const { optimizer, closure } = new Rosenbrock({
    lineSearchFn: 'strong_wolfe',
    maxIter: 3,
    historySize: 2,
    toleranceChange: 0,
    toleranceGrad: 0,
  });
  const step = (): void => torch.scope(() => void optimizer.step(closure));
  for (let k = 0; k < 3; k++) step();
  const tensors = liveTensors();
  for (let k = 0; k < 4; k++) step();
  expect(liveTensors()).toBeLessThanOrEqual(tensors);
});

describe('bad arguments get one clear sentence', () => {
  const p = (): torch.Tensor => torch.zeros(1, { requiresGrad: true });
  test.each([
    [() => new optim.LBFGS([{ params: p() }, { params: p() }]), 'Expected one parameter group for LBFGS but received another'],
    [() => new optim.LBFGS([p()], { maxIter: -1 }), 'Expected a whole number from 0 for maxIter but received number -1'],
    [() => new optim.LBFGS([p()], { lineSearchFn: 'armijo' as never }), "Expected 'strong_wolfe' or null for lineSearchFn"],
    [
      () => new optim.LBFGS([p(), torch.zeros(1, { dtype: 'float64', requiresGrad: true })]),
      'Expected parameters of one dtype and device for LBFGS but received float32 on cpu, float64 on cpu',
    ],
    [() => new optim.LBFGS([p()]).step(), 'Expected a closure that computes loss and gradients for step of LBFGS but received nothing'],
    [() => new optim.LBFGS([p()]).step(() => 'loss'), 'Expected the loss, a tensor of one element or a number,'],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
});
