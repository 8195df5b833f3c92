import * as torch from '../../../lib';
import { nn } from '../../../lib';
import { expectClose } from '../../close';

const { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } = nn.utils;

function withGradient(values: number[], dtype: 'float64' | 'float32' = 'float64'): torch.Tensor {
  const parameter = new nn.Parameter(torch.zeros(values.length, { dtype }));
  parameter.grad = torch.tensor(values, { dtype });
  return parameter;
}

const gradients = (parameters: readonly torch.Tensor[]): unknown[] => parameters.map(({ grad }) => grad?.toArray());

test('scales gradients to the norm of them all, and returns the norm before', () => {
  const parameters = [withGradient([3, 0]), new nn.Parameter(torch.ones(5)), withGradient([-4])];
  const norm = clipGradNorm_(parameters, 2);
  expectClose(norm, 5);
  const share = 2 / (5 + 1e-6);
  expectClose(parameters[0]?.grad as torch.Tensor, [3 * share, 0]);
  expectClose(parameters[2]?.grad as torch.Tensor, [-4 * share]);
  expect(parameters[1]?.grad).toBeNull();
});

test('leaves gradients of a smaller norm as they are', () => {
  const parameters = [withGradient([3, 4])];
  expectClose(clipGradNorm_(parameters, 100), 5);
  expect(gradients(parameters)).toEqual([[3, 4]]);
});

test.each([
  [1, 3 + 4 + 12],
  [3, (27 + 64 + 1728) ** (1 / 3)],
  [Number.POSITIVE_INFINITY, 12],
  [Number.NEGATIVE_INFINITY, 3],
])('the norm of order %d', (normType, wanted) => {
  const list = [torch.tensor([3, -4], { dtype: 'float64' }), torch.tensor([[12]], { dtype: 'float64' })];
  expectClose(getTotalNorm(list, { normType }), wanted);
});

test('the norm of several dtypes, of one tensor and of none', () => {
  expectClose(getTotalNorm([torch.tensor([3], { dtype: 'float64' }), torch.tensor([4], { dtype: 'float32' })]), 5);
  expectClose(getTotalNorm(torch.tensor([3, 4], { dtype: 'float64' })), 5);
  expect(getTotalNorm([]).item()).toBe(0);
});

test('clips with a norm that is known', () => {
  const parameter = withGradient([3, 4]);
  clipGradsWithNorm_(parameter, 1, torch.tensor(10, { dtype: 'float64' }));
  expectClose(parameter.grad as torch.Tensor, [0.3, 0.4], 1e-6);
});

test('clamps each element', () => {
  const parameters = [withGradient([3, -0.5, -9]), withGradient([2], 'float32')];
  clipGradValue_(parameters, 1);
  expect(gradients(parameters)).toEqual([[1, -0.5, -1], [1]]);
});

test('a norm that is not finite is an error if asked for, and gradients stay', () => {
  const parameters = [withGradient([3, Number.NaN]), withGradient([1])];
  expect(() => clipGradNorm_(parameters, 1, { errorIfNonfinite: true })).toThrow(
    'Expected a finite norm of order 2 of the gradients but it is NaN',
  );
  expect(gradients(parameters)).toEqual([[3, Number.NaN], [1]]);
  expect(clipGradNorm_(parameters, 1).item()).toBeNaN();
});

test('the norm belongs to the scope around', () => {
  const parameter = withGradient([3, 4]);
  let norm: torch.Tensor | undefined;
  torch.scope(() => {
    norm = clipGradNorm_(parameter, 1);
    expectClose(norm, 5);
  });
  expect(norm?.isReleased).toBe(true);
});

test.each([
  [() => clipGradNorm_([], -1), 'Expected a number from 0 for maxNorm but received number -1'],
  [() => clipGradNorm_([1 as never], 1), 'Expected a tensor for the parameters of clipGradNorm_ at 0 but received number 1'],
  [() => clipGradValue_([], Number.NaN), 'Expected a number from 0 for clipValue but received number NaN'],
  [() => getTotalNorm([], { normType: '2' as never }), 'Expected a number for normType but received string "2"'],
])('bad arguments get one clear sentence %#', (run, message) => {
  expect(run).toThrow(message);
});
