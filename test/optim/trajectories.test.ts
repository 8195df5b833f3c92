import * as torch from '../../lib';
import { expectClose, type Numbers } from '../close';
import { cases, Problem, saved, steps, storedState } from './reference';

describe.each(cases)('$optimizer, $name', (stored) => {
  test('moves the parameters as PyTorch does', () => {
    const problem = new Problem();
    const optimizer = problem.optimizer(stored);
    for (let step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      problem.backward(step);
      optimizer.step();
      const [weight, bias] = stored.trajectory[step] as (typeof stored.trajectory)[number];
      expectClose(problem.weight, weight);
      expectClose(problem.bias, bias);
    }
  });

  test('has the state dict that PyTorch has', () => {
    const problem = new Problem();
    const optimizer = problem.optimizer(stored);
    for (let step = 0; step <= saved; step++) {
      optimizer.zeroGrad();
      problem.backward(step);
      optimizer.step();
    }
    const { state, param_groups: groups } = optimizer.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(stored.stateDict.state));
    for (const [number, values] of Object.entries(stored.stateDict.state)) {
      expect(Object.keys(state[number] ?? {}).sort()).toEqual(
        Object.keys(values)
          .filter((name) => values[name] !== null)
          .sort(),
      );
      for (const [name, value] of Object.entries(values)) expectClose(state[number]?.[name] as never, value as Numbers);
    }
    for (const [k, group] of groups.entries()) expect(stored.stateDict.param_groups[k]).toMatchObject(group);
  });

  test("goes on from PyTorch's state", () => {
    const problem = new Problem();
    const optimizer = problem.optimizer(stored);
    const [weight, bias] = stored.trajectory[saved] as (typeof stored.trajectory)[number];
    problem.weight.data = torch.tensor(weight, { dtype: 'float64' });
    problem.bias.data = torch.tensor(bias, { dtype: 'float64' });
    optimizer.paramGroups.forEach((group) => {
      group.lr = 100; // the saved settings replace it
    });
    optimizer.loadStateDict(storedState(stored));
    for (let step = saved + 1; step < steps; step++) {
      optimizer.zeroGrad();
      problem.backward(step);
      optimizer.step();
      const [nextWeight, nextBias] = stored.trajectory[step] as (typeof stored.trajectory)[number];
      expectClose(problem.weight, nextWeight);
      expectClose(problem.bias, nextBias);
    }
  });
});
