import { setTimeout as sleep } from 'node:timers/promises';
import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose, type Numbers } from '../close';
import reference from './reference.json';

interface Stored {
  readonly inputs: Readonly<Record<'x' | 'w' | 'b' | 'k', Numbers>>;
  readonly values: Readonly<Record<string, { readonly dtype: string; readonly value: Numbers }>>;
  readonly gradients: Readonly<Record<'x' | 'w' | 'b' | 'k', Numbers>>;
}

const stored = reference.autocast as unknown as Record<'bfloat16' | 'float16', Stored>;
const product = (): torch.Tensor => torch.ones(2, 2).mm(torch.ones(2, 2));

describe.each(['bfloat16', 'float16'] as const)('%s', (dtype) => {
  test('computes what PyTorch computes, and gradients of the parameters in float32', () => {
    const { inputs, values, gradients } = stored[dtype];
    const make = (value: Numbers): torch.Tensor => torch.tensor(value as number[], { dtype: 'float32', requiresGrad: true });
    const leaves = { x: make(inputs.x), w: make(inputs.w), b: make(inputs.b), k: make(inputs.k) };
    const { x, w, b, k } = leaves;
    const got: Record<string, torch.Tensor> = torch.autocast('cpu', { dtype }, () => {
      const linear = nn.functional.linear(x, w, b);
      const conv = torch.conv1d(x.unsqueeze(1), k);
      return { linear, conv, sum: linear.add(b), loss: nn.functional.mseLoss(linear, torch.onesLike(linear)), relu: linear.relu() };
    });
    for (const [name, { dtype: wanted, value }] of Object.entries(values)) {
      expect([name, got[name]?.dtype]).toEqual([name, wanted]);
      expectClose(got[name] as torch.Tensor, value, 1e-6);
    }
    got.loss?.add((got.conv as torch.Tensor).float().pow(2).sum()).backward();
    for (const name of ['x', 'w', 'b', 'k'] as const) {
      expect(leaves[name].grad?.dtype).toBe('float32');
      expectClose(leaves[name].grad as torch.Tensor, gradients[name], 1e-6);
    }
  });
});

test('the default is bfloat16 on the CPU and float16 on CUDA, also after another was used', () => {
  torch.autocast('cpu', { dtype: 'float16' }, () => {
    expect(product().dtype).toBe('float16');
    expect(torch.getAutocastDtype('cpu')).toBe('float16');
  });
  expect(torch.getAutocastDtype('cpu')).toBe('bfloat16');
  expect(torch.getAutocastDtype('cuda')).toBe('float16');
  expect(torch.autocast('cpu', product).dtype).toBe('bfloat16');
});

test('nests, is turned off within, and ends with its function, its block or an exception', () => {
  torch.autocast('cpu', () => {
    expect(torch.isAutocastEnabled('cpu')).toBe(true);
    expect(torch.isAutocastEnabled('cuda')).toBe(false);
    expect(torch.autocast('cpu', { enabled: false }, product).dtype).toBe('float32');
    expect(torch.autocast('cuda', product).dtype).toBe('bfloat16');
    expect(torch.autocast('cpu', { dtype: 'float16' }, product).dtype).toBe('float16');
    expect(product().dtype).toBe('bfloat16');
    expect(torch.noGrad(() => torch.scope(product)).dtype).toBe('bfloat16');
  });
  expect(() =>
    torch.autocast('cpu', () => {
      throw new Error('over');
    }),
  ).toThrow('over');
  expect(product().dtype).toBe('float32');
  {
    using _ = torch.autocast('cpu');
    expect(product().dtype).toBe('bfloat16');
  }
  expect(product().dtype).toBe('float32');
  expect(torch.isAutocastEnabled('cpu')).toBe(false);
});

test('follows await, and what runs in between does not have it', async () => {
  const inside = torch.autocast('cpu', async () => {
    const before = product().dtype;
    await sleep(5);
    return [before, product().dtype, torch.isAutocastEnabled('cpu')];
  });
  expect(product().dtype).toBe('float32');
  await sleep(1);
  expect(product().dtype).toBe('float32');
  expect(await inside).toEqual(['bfloat16', 'bfloat16', true]);
  expect(product().dtype).toBe('float32');
});

test('asynchronous operators have it on their thread', async () => {
  const a = torch.ones(4, 4);
  const result = await torch.autocast('cpu', { dtype: 'float16' }, () => torch.async(() => a.mm(a)));
  expect(result.dtype).toBe('float16');
});

test('casts of parameters are forgotten when it ends: the next forward sees new weights', () => {
  const layer = new nn.Linear(2, 1, { bias: false });
  const x = torch.ones(1, 2);
  const forward = (): number => Number(torch.autocast('cpu', () => layer.forward(x)).item());
  torch.noGrad(() => layer.weight.fill_(1));
  expect(forward()).toBe(2);
  torch.noGrad(() => layer.weight.fill_(3));
  expect(forward()).toBe(6);
});

test('trains a network whose weights stay in float32', () => {
  torch.manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 1));
  const optimizer = new torch.optim.AdamW(model.parameters(), { lr: 0.02 });
  const x = torch.randn(64, 4);
  const y = x.sum(1, { keepdim: true });
  const losses = Array.from({ length: 60 }, () =>
    torch.scope(() => {
      const loss = torch.autocast('cpu', { dtype: 'bfloat16' }, () => nn.functional.mseLoss(model.forward(x), y));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return Number(loss.item());
    }),
  );
  expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] as number));
  for (const parameter of model.parameters()) expect(parameter.dtype).toBe('float32');
});

test.each([
  [() => torch.autocast('tpu' as never, product), "Expected 'cpu' or 'cuda' for the device of autocast but received string"],
  [() => torch.autocast('cpu', { dtype: 'float64' as never }, product), "Expected 'bfloat16' or 'float16' for dtype but received string"],
  [() => torch.autocast('cpu', { enabled: 1 as never }, product), 'Expected a boolean for enabled but received number 1'],
  [() => torch.autocast('cpu', {}, 3 as never), 'Expected a function for autocast but received number 3'],
])('bad arguments get one clear sentence %#', (run, message) => {
  expect(run).toThrow(message);
});
