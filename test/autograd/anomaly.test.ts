/** Anomaly detection: which operation made the NaN. */

import * as torch from '../../lib';

const leaf = (values: torch.TensorData) => torch.tensor(values, { dtype: 'float64', requiresGrad: true });
/** The gradient at zero of sqrt(x) * 0: infinity times zero. */
const nanGradient = () => {
  const x = leaf([0]);
  x.sqrt().mul(0).sum().backward();
  return x.grad?.toArray();
};

// libtorch tells with a warning where the operation was recorded.
let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((message) => {
    warnings.push(String(message));
  });
});
afterEach(() => jest.restoreAllMocks());

test('without it a NaN passes in silence', () => {
  expect(nanGradient()).toEqual([Number.NaN]);
});

test('with it backward throws and names the operation', () => {
  expect(() => torch.detectAnomaly(nanGradient)).toThrow(/SqrtBackward0.*nan/i);
  expect(warnings.join()).toMatch(/SqrtBackward0/);
});

test('it ends with the function, also when that throws', () => {
  expect(() => torch.detectAnomaly(nanGradient)).toThrow();
  expect(nanGradient()).toEqual([Number.NaN]);
});

test('checkNan: false leaves the values alone', () => {
  expect(torch.detectAnomaly(nanGradient, { checkNan: false })).toEqual([Number.NaN]);
});

test('clean gradients pass', () => {
  const x = leaf([1, 4]);
  torch.detectAnomaly(() => x.sqrt().sum().backward());
  expect(x.grad?.toArray()).toEqual([0.5, 0.25]);
});

test('setDetectAnomaly switches it for good', () => {
  torch.setDetectAnomaly(true);
  try {
    expect(nanGradient).toThrow(/nan/i);
  } finally {
    torch.setDetectAnomaly(false);
  }
  expect(nanGradient()).toEqual([Number.NaN]);
});

test('it may be nested: the inner one does not switch the outer one off', () => {
  torch.detectAnomaly(() => {
    torch.detectAnomaly(() => undefined);
    expect(nanGradient).toThrow(/nan/i);
  });
});

test('a custom function in TypeScript is named too', () => {
  class Broken extends torch.autograd.Function {
    static forward(_ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
      return x.clone();
    }
    static backward(_ctx: torch.autograd.FunctionContext, gradient: torch.Tensor) {
      return gradient.mul(Number.NaN);
    }
  }
  expect(() =>
    torch.detectAnomaly(() =>
      Broken.apply(leaf([1]))
        .sum()
        .backward(),
    ),
  ).toThrow(/nan/i);
});
