import * as torch from '../../lib';
import { nn, optim } from '../../lib';

type Rows = readonly number[];

/** Steps over a table of 6 rows, each with the gradients of some of them; what the table is in the end. */
function trained(
  make: (table: torch.Tensor) => { step(): void },
  steps: readonly Rows[],
  sparse: boolean,
  options: { dtype?: 'float64' | 'float32' } = {},
): torch.Tensor {
  const { dtype = 'float64' } = options;
  const start = torch.arange(18, { dtype }).mul(0.7).sin().reshape([6, 3]);
  const table = start.clone().requiresGrad_();
  const optimizer = make(table);
  const weights = torch.arange(1, 4, { dtype });
  for (const rows of steps) {
    table.grad = null;
    const picked = nn.functional.embedding(torch.tensor([...rows]).long(), table, { sparse });
    picked.mul(weights).square().sum().backward();
    expect(table.grad === null ? null : (table.grad as torch.Tensor).layout).toBe(sparse ? 'sparse' : 'strided');
    optimizer.step();
  }
  return table.detach();
}

const STEPS: readonly Rows[] = [[0, 2, 2], [5], [2, 4, 0, 0], [3]];

describe('sparse gradients give what dense ones give', () => {
  test.each<[string, (table: torch.Tensor) => { step(): void }]>([
    ['SGD', (table) => new optim.SGD([table], { lr: 0.1 })],
    ['SGD, maximize', (table) => new optim.SGD([table], { lr: 0.1, maximize: true })],
    ['Adagrad', (table) => new optim.Adagrad([table], { lr: 0.1, lrDecay: 0.2, initialAccumulatorValue: 0.3 })],
    ['Adagrad, maximize', (table) => new optim.Adagrad([table], { lr: 0.1, maximize: true })],
  ])('%s', (_, make) => {
    expect(torch.allclose(trained(make, STEPS, true), trained(make, STEPS, false), { rtol: 0, atol: 1e-12 })).toBe(true);
  });

  test('SparseAdam is Adam where every row is there', () => {
    const all = Array.from({ length: 4 }, () => [0, 1, 2, 3, 4, 5]);
    // eps has another place: beside the square root before its correction.
    const settings = { lr: 0.05, betas: [0.8, 0.95] as const, eps: 1e-20 };
    for (const maximize of [false, true]) {
      const sparse = trained((table) => new optim.SparseAdam([table], { ...settings, maximize }), all, true);
      const dense = trained((table) => new optim.Adam([table], { ...settings, maximize }), all, false);
      expect(torch.allclose(sparse, dense, { rtol: 0, atol: 1e-12 })).toBe(true);
    }
  });
});

test('SparseAdam: a row that is not there keeps its averages, and steps are counted for all', () => {
  const [lr, b1, b2, eps] = [0.1, 0.9, 0.99, 1e-8];
  const found = trained((table) => new optim.SparseAdam([table], { lr, betas: [b1, b2], eps }), STEPS, true);
  // One number after the other, as the paper has it.
  const table = Array.from({ length: 18 }, (_, k) => Math.sin(0.7 * k));
  const [m, v] = [Array(18).fill(0) as number[], Array(18).fill(0) as number[]];
  for (const [t, rows] of STEPS.entries())
    for (const row of new Set(rows))
      for (let column = 0; column < 3; column++) {
        const k = row * 3 + column;
        const g = 2 * (column + 1) ** 2 * (table[k] as number) * rows.filter((other) => other === row).length;
        m[k] = b1 * (m[k] as number) + (1 - b1) * g;
        v[k] = b2 * (v[k] as number) + (1 - b2) * g * g;
        const rate = (lr * Math.sqrt(1 - b2 ** (t + 1))) / (1 - b1 ** (t + 1));
        table[k] = (table[k] as number) - (rate * (m[k] as number)) / (Math.sqrt(v[k] as number) + eps);
      }
  expect(torch.allclose(found.flatten(), torch.tensor(table, { dtype: 'float64' }), { rtol: 0, atol: 1e-12 })).toBe(true);
});

test('a step with sparse and dense gradients in one group', () => {
  const [table, other] = [torch.ones(4, 2).requiresGrad_(), torch.ones(2).requiresGrad_()];
  const optimizer = new optim.SGD([other, table], { lr: 0.5 });
  nn.functional
    .embedding(torch.tensor([1]).long(), table, { sparse: true })
    .mul(other)
    .sum()
    .backward();
  optimizer.step();
  expect(other.toArray()).toEqual([0.5, 0.5]);
  expect(table.toArray()).toEqual([[1, 1], [0.5, 0.5], [1, 1], [1, 1]]); // biome-ignore format: rows
});

test('the state of SparseAdam goes into another', () => {
  const make = (table: torch.Tensor) => new optim.SparseAdam([table], { lr: 0.1 });
  const whole = trained(make, STEPS, true);
  let first: optim.SparseAdam | undefined;
  const half = trained((table) => (first = make(table)), STEPS.slice(0, 2), true);
  const table = half.clone().requiresGrad_();
  const second = make(table);
  second.loadStateDict((first as optim.SparseAdam).stateDict());
  for (const rows of STEPS.slice(2)) {
    table.grad = null;
    const picked = nn.functional.embedding(torch.tensor([...rows]).long(), table, { sparse: true });
    picked
      .mul(torch.arange(1, 4, { dtype: 'float64' }))
      .square()
      .sum()
      .backward();
    second.step();
  }
  expect(torch.allclose(table, whole, { rtol: 0, atol: 1e-12 })).toBe(true);
});

describe('refused in a sentence', () => {
  const step =
    (make: (table: torch.Tensor) => { step(): unknown }, sparse = true) =>
    () =>
      trained(make, [[0]], sparse);
  test.each<[string, () => unknown, string]>([
    [
      'Adam',
      step((table) => new optim.Adam([table])),
      'Expected dense gradients (SGD, Adagrad and SparseAdam take sparse ones) for Adam but received tensor float64[6, 3] cpu',
    ],
    [
      'RMSprop',
      step((table) => new optim.RMSprop([table])),
      'Expected dense gradients (SGD, Adagrad and SparseAdam take sparse ones) for RMSprop',
    ],
    [
      'SGD with momentum',
      step((table) => new optim.SGD([table], { momentum: 0.9 })),
      'Expected no momentum and no weight decay with sparse gradients for SGD',
    ],
    [
      'Adagrad with decay',
      step((table) => new optim.Adagrad([table], { weightDecay: 0.1 })),
      'Expected no weight decay with sparse gradients for Adagrad',
    ],
    [
      'SparseAdam with dense ones',
      step((table) => new optim.SparseAdam([table]), false),
      'Expected sparse gradients (Adam takes dense ones) for SparseAdam',
    ],
    ['an eps of 0', step((table) => new optim.SparseAdam([table], { eps: 0 })), 'for eps but received number 0'],
    ['betas of 1', step((table) => new optim.SparseAdam([table], { betas: [1, 0.9] })), 'for betas[0] but received number 1'],
    [
      'LBFGS',
      () => {
        const table = torch.ones(2, 2).requiresGrad_();
        const optimizer = new optim.LBFGS([table]);
        optimizer.step(() => {
          const loss = nn.functional.embedding(torch.tensor([1]).long(), table, { sparse: true }).sum();
          loss.backward();
          return loss;
        });
      },
      'Expected dense gradients for LBFGS but received',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
