import * as torch from '../../../lib';
import { nn } from '../../../lib';
import { expectClose } from '../../close';

const { parametersToVector, vectorToParameters } = nn.utils;

test('parameters become one vector, and a vector parameters', () => {
  const model = new nn.Linear(2, 2);
  vectorToParameters(torch.arange(1, 7, { dtype: 'float32' }), model.parameters());
  expect(model.weight.toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(model.bias?.toArray()).toEqual([5, 6]);
  expect(parametersToVector(model.parameters()).toArray()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(model.weight.requiresGrad).toBe(true);
});

test('gradients flow through the vector', () => {
  const model = new nn.Linear(2, 1);
  parametersToVector(model.parameters()).pow(2).sum().backward();
  expectClose(model.weight.grad as torch.Tensor, model.weight.detach().mul(2).toArray() as number[][]);
});

test.each([
  [() => parametersToVector([]), 'Expected at least one parameter for parametersToVector but received an array of 0'],
  [() => vectorToParameters(torch.ones(3), [torch.ones(2)]), 'Expected a vector of 2 elements for vectorToParameters but received tensor'],
])('bad arguments get one clear sentence %#', (run, message) => {
  expect(run).toThrow(message);
});
