import * as torch from '../../lib';
import { expectClose, type Numbers } from '../close';
import { type Case, cases, dtypeOf, Problem, saved, steps, storedState } from './reference';

function expectAt(problem: Problem, [weight, bias]: Case['float32'], tolerance?: number): void {
  expectClose(problem.weight, weight, tolerance);
  expectClose(problem.bias, bias, tolerance);
}

describe.each(cases)('$optimizer, $name', (stored) => {
  const pointOf = (step: number): Case['float32'] => stored.trajectory[step] as Case['float32'];

  test('moves the parameters as PyTorch does', () => {
    const problem = new Problem();
    problem.run(problem.optimizer(stored), 0, steps, (step) => expectAt(problem, pointOf(step)));
  });

  test('in single precision too', () => {
    const problem = new Problem('float32');
    problem.run(problem.optimizer(stored), 0, steps);
    expectAt(problem, stored.float32, 1e-5);
  });

  test('has the state dict that PyTorch has', () => {
    const problem = new Problem();
    const optimizer = problem.optimizer(stored);
    problem.run(optimizer, 0, saved + 1);
    const { state, param_groups: groups } = optimizer.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(stored.stateDict.state));
    for (const [number, values] of Object.entries(stored.stateDict.state)) {
      const there = Object.entries(values).filter(([, value]) => value !== null);
      expect(Object.keys(state[number] ?? {}).sort()).toEqual(there.map(([name]) => name).sort());
      for (const [name, value] of there) {
        const own = state[number]?.[name] as torch.Tensor;
        expect(own.dtype).toBe(dtypeOf(name));
        expectClose(own, value as Numbers, dtypeOf(name) === 'float32' ? 1e-7 : undefined);
      }
    }
    expect(groups).toEqual(stored.stateDict.param_groups);
  });

  test("goes on from PyTorch's state", () => {
    const problem = new Problem();
    const optimizer = problem.optimizer(stored);
    const [weight, bias] = pointOf(saved);
    problem.weight.data = torch.tensor(weight, { dtype: 'float64' });
    problem.bias.data = torch.tensor(bias, { dtype: 'float64' });
    optimizer.paramGroups.forEach((group) => {
      group.lr = 100; // the saved settings replace it
    });
    optimizer.loadStateDict(storedState(stored));
    problem.run(optimizer, saved + 1, steps, (step) => expectAt(problem, pointOf(step)));
  });

  test('goes on from its own state', () => {
    const [problem, other] = [new Problem(), new Problem()];
    const optimizer = problem.optimizer(stored);
    problem.run(optimizer, 0, saved + 1);
    other.weight.data = problem.weight.detach().clone();
    other.bias.data = problem.bias.detach().clone();
    const next = other.optimizer(stored);
    next.loadStateDict(optimizer.stateDict());
    other.run(next, saved + 1, steps);
    expectAt(other, pointOf(steps - 1));
  });
});
