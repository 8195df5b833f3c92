/** Anomaly detection: which operation made the NaN, and where it was recorded. */

import * as torch from '../../lib';
import { nextMessage, resultOf, startWorker } from '../robustness/processes';
import { thrownBy } from '../thrown';
import { leaf } from './leaf';

/** The gradient at zero of sqrt(x) * 0: infinity times zero. */
const nanGradient = () => {
  const x = leaf([0]);
  x.sqrt().mul(0).sum().backward();
  return x.grad?.toArray();
};

class Broken extends torch.autograd.Function {
  static forward(_ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
    return x.clone();
  }
  static backward(_ctx: torch.autograd.FunctionContext, gradient: torch.Tensor) {
    return gradient.mul(Number.NaN);
  }
}

// libtorch tells with a warning where the operation was recorded.
let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((message) => {
    warnings.push(String(message));
  });
});
afterEach(() => jest.restoreAllMocks());

/** Which line of this file calls this function. */
const thisLine = () => Number(/anomaly\.test\.ts:(\d+)/.exec((new Error().stack ?? '').split('\n')[2] ?? '')?.[1]);

/** The first line that each paragraph of the only warning names. */
const namedLines = () => {
  expect(warnings).toHaveLength(1);
  return (warnings[0] ?? '').split('\n\n').map((paragraph) => Number(/^[^\n]*\n +at .*anomaly\.test\.ts:(\d+)/.exec(paragraph)?.[1]));
};

test('without it a NaN passes in silence', () => {
  expect(nanGradient()).toEqual([Number.NaN]);
  expect(warnings).toEqual([]);
});

test('with it backward throws and names the operation', () => {
  expect(() => torch.detectAnomaly(nanGradient)).toThrow("Function 'SqrtBackward0' returned nan values in its 0th output.");
  expect(warnings).toEqual([
    expect.stringMatching(/^Error detected in SqrtBackward0\. Traceback of forward call that caused the error:\n/),
  ]);
});

test('the warning shows the line of the forward call, and nothing of the library', () => {
  let line = 0;
  torch.detectAnomaly(() => {
    const x = leaf([0]);
    line = thisLine() + 1;
    const y = x.sqrt();
    expect(() => y.mul(0).sum().backward()).toThrow(/SqrtBackward0/);
  });
  expect(namedLines()).toEqual([line]);
  expect(warnings[0]).not.toMatch(/torch::|\.so|\/lib\/tensor\//);
});

test('gradients of gradients: the lines of both passes', () => {
  const lines: number[] = [];
  torch.detectAnomaly(() => {
    const x = leaf([0]);
    lines.push(thisLine() + 1);
    const y = x.pow(1.5);
    lines.unshift(thisLine() + 1);
    const [first] = torch.autograd.grad(y, x, { createGraph: true }) as [torch.Tensor];
    // the second derivative of x^1.5 at zero is infinite
    expect(() => first.mul(0).backward()).toThrow(/PowBackward0/);
  });
  expect(namedLines()).toEqual(lines);
  expect(warnings[0]).toContain('Previous calculation was induced by PowBackward0.');
});

test('an operation on another thread: the line that sent it there', async () => {
  torch.setDetectAnomaly(true);
  try {
    const x = leaf([0]);
    const line = thisLine() + 1;
    const y = await torch.async(() => x.sqrt());
    await expect(torch.backwardAsync(y.mul(0))).rejects.toThrow(/SqrtBackward0/);
    expect(namedLines()).toEqual([line]);
  } finally {
    torch.setDetectAnomaly(false);
  }
});

test('switched on after the forward pass it says how to learn more', () => {
  const y = leaf([0]).sqrt().mul(0).sum();
  expect(() => torch.detectAnomaly(() => y.backward())).toThrow(/SqrtBackward0/);
  expect(warnings).toEqual([
    'Error detected in SqrtBackward0. No forward pass information available. Enable detect anomaly during forward pass for more information.',
  ]);
});

test('other errors of backward are placed too', () => {
  const problem = new Error('in the callback');
  let line = 0;
  torch.detectAnomaly(() => {
    line = thisLine() + 1;
    const y = Broken.apply(leaf([1]));
    y.registerHook(() => {
      throw problem;
    });
    expect(thrownBy(() => y.sum().backward())).toBe(problem);
  });
  expect(namedLines()).toEqual([line]);
});

test('it ends with the function, also when that throws', () => {
  expect(() => torch.detectAnomaly(nanGradient)).toThrow();
  expect(nanGradient()).toEqual([Number.NaN]);
});

test('checkNan: false leaves the values alone', () => {
  expect(torch.detectAnomaly(nanGradient, { checkNan: false })).toEqual([Number.NaN]);
  expect(
    torch.detectAnomaly(() => torch.autograd.grad(Broken.apply(leaf([1])), leaf([1]), { allowUnused: true }), { checkNan: false }),
  ).toEqual([null]);
});

test('clean gradients pass', () => {
  const x = leaf([1, 4]);
  torch.detectAnomaly(() => x.sqrt().sum().backward());
  expect(x.grad?.toArray()).toEqual([0.5, 0.25]);
  expect(warnings).toEqual([]);
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

test('a custom function is called by its own name', () => {
  let line = 0;
  torch.detectAnomaly(() => {
    line = thisLine() + 1;
    const y = Broken.apply(leaf([1]));
    expect(() => y.sum().backward()).toThrow("Function 'BrokenBackward' returned nan values in its 0th output.");
  });
  expect(namedLines()).toEqual([line]);
  expect(warnings[0]).toContain('Error detected in BrokenBackward.');
});

test('a stack that cannot be had costs only the trace', () => {
  const before = Error.prepareStackTrace;
  torch.detectAnomaly(() => {
    Error.prepareStackTrace = () => {
      throw null;
    };
    const y = (() => {
      try {
        return leaf([0]).sqrt();
      } finally {
        Error.prepareStackTrace = before;
      }
    })();
    expect(() => y.mul(0).sum().backward()).toThrow(/SqrtBackward0/);
  });
  expect(warnings).toEqual([expect.stringMatching(/No forward pass information/)]);
});

test('in a worker thread, and the end of a worker switches nothing off or on for others', async () => {
  const worker = startWorker(`
    process.removeAllListeners('warning').once('warning', ({ message }) => parentPort.postMessage(message));
    torch.setDetectAnomaly(true);
    const x = torch.zeros(1, { requiresGrad: true });
    function here() { return x.sqrt(); }
    try { here().mul(0).sum().backward(); } catch {}`);
  expect(await nextMessage(worker)).toMatch(/^Error detected in SqrtBackward0\.[^\n]*\n +at here /);
  await worker.terminate();
  expect(nanGradient()).toEqual([Number.NaN]);
  torch.setDetectAnomaly(true);
  try {
    const other = startWorker(`torch.detectAnomaly(() => {}); parentPort.postMessage(0);`);
    await nextMessage(other);
    await other.terminate();
    expect(nanGradient).toThrow(/nan/i);
  } finally {
    torch.setDetectAnomaly(false);
  }
});

test('graphs that remember lines go with everything that they hold', async () => {
  const { freed, held } = await resultOf<{ freed: number; held: number }>(`
    const x = torch.ones(8, { requiresGrad: true });
    const kept = [];
    // Traces name functions: with this name each has some 20 KB, so that they show beside everything else.
    const name = 'f'.repeat(20_000);
    const { [name]: step } = { [name]: (keep) => torch.scope(() => {
      const [first] = torch.autograd.grad(x.sin().mul(2).sum(), x, { createGraph: true });
      if (keep) kept.push(first.keep());
    }) };
    torch.setDetectAnomaly(true);
    for (let i = 0; i < 100; i++) step(false);
    const growth = (keep) => {
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 1000; i++) step(keep);
      return (process.memoryUsage().rss - before) / 2 ** 20;
    };
    console.log(JSON.stringify({ freed: growth(false), held: growth(true) }));`);
  expect(freed).toBeLessThan(15);
  expect(held).toBeGreaterThan(30); // what it would be if traces stayed: the measure sees them
});
