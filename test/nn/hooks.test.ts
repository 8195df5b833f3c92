import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { restore, type StoredTensor, valuesOf } from './reference';

const x = torch.tensor([[1, -2]], { dtype: 'float32' });

describe('forward hooks', () => {
  test('see and replace inputs and outputs, also when a parent calls', () => {
    const layer = new nn.ReLU();
    const net = new nn.Sequential(new nn.Flatten(), layer);
    const seen: unknown[] = [];
    const pre = layer.registerForwardPreHook((module, [input]) => {
      seen.push(module, input.toArray());
      return [input.neg()];
    });
    const post = layer.registerForwardHook((_, [input], output) => {
      seen.push(input.toArray(), output.toArray());
      return output.add(10);
    });
    expect(net.forward(x).toArray()).toEqual([[10, 12]]);
    expect(seen).toEqual([layer, [[1, -2]], [[-1, 2]], [[0, 2]]]);
    pre.remove();
    expect(layer.forward(x).toArray()).toEqual([[11, 10]]);
    post.remove();
    post.remove(); // once more does no harm
    expect(layer.forward(x).toArray()).toEqual([[1, 0]]);
  });

  test('leave nothing behind: the method is that of the class again', () => {
    const layer = new nn.ReLU();
    const handle = layer.registerForwardHook(() => undefined);
    expect(Object.hasOwn(layer, 'forward')).toBe(true);
    expect(Object.keys(layer)).not.toContain('forward');
    handle.remove();
    expect(Object.hasOwn(layer, 'forward')).toBe(false);
  });

  test('keep a forward that is a field', () => {
    class Net extends nn.Module {
      override forward = (input: torch.Tensor): torch.Tensor => input.mul(3);
    }
    const net = new Net();
    const { forward } = net;
    const handle = net.registerForwardHook((_, __, output) => output.neg());
    expect(net.forward(x).toArray()).toEqual([[-3, 6]]);
    handle.remove();
    expect(net.forward).toBe(forward);
  });

  test('are called in order, prepended ones first, each as often as it was registered', () => {
    const layer = new nn.ReLU();
    const order: string[] = [];
    const hook = (name: string) => (): undefined => void order.push(name);
    const again = hook('again');
    layer.registerForwardHook(hook('first'));
    layer.registerForwardHook(again);
    const twice = layer.registerForwardHook(again);
    layer.registerForwardHook(hook('zeroth'), { prepend: true });
    layer.forward(x);
    expect(order).toEqual(['zeroth', 'first', 'again', 'again']);
    twice.remove();
    order.length = 0;
    layer.forward(x);
    expect(order).toEqual(['zeroth', 'first', 'again']);
  });

  test('refuse what is no hook and no inputs', () => {
    const layer = new nn.ReLU();
    expect(() => layer.registerForwardHook(3 as never)).toThrow('Expected a function for a hook of ReLU but received number 3');
    layer.registerForwardPreHook(() => x as never);
    expect(() => layer.forward(x)).toThrow('Expected an array of all inputs, or nothing, for the result of a forward pre-hook');
  });
});

describe('backward hooks', () => {
  const stored = valuesOf<{
    backwardHook: Record<'weight' | 'bias' | 'x' | 'grad' | 'gradInput' | 'gradOutput', StoredTensor>;
  }>('containers').backwardHook;

  test('see and replace gradients as in PyTorch', () => {
    const layer = new nn.Linear(3, 2).double();
    layer.loadStateDict({ weight: restore(stored.weight), bias: restore(stored.bias) });
    const input = restore(stored.x).requiresGrad_();
    let calls = 0;
    const handle = layer.registerFullBackwardHook((module, [gradInput], [gradOutput]) => {
      calls++;
      expect(module).toBe(layer);
      expectClose(gradInput as torch.Tensor, stored.gradInput.data as number[]);
      expectClose(gradOutput as torch.Tensor, stored.gradOutput.data as number[]);
      return [(gradInput as torch.Tensor).mul(2)];
    });
    layer.forward(input.mul(1)).pow(2).sum().backward();
    expectClose(input.grad as torch.Tensor, stored.grad.data as number[]);
    handle.remove();
    layer.forward(input).sum().backward();
    expect(calls).toBe(1);
  });

  test('of the first layer have no gradient for the data', () => {
    const layer = new nn.Linear(2, 2);
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInputs, [gradOutput]) => void seen.push(gradInputs, gradOutput?.shape));
    layer.forward(x).sum().backward();
    expect(seen).toEqual([[null], [1, 2]]);
    torch.noGrad(() => layer.forward(x));
    expect(seen).toHaveLength(2);
  });

  test('must give a gradient for each input', () => {
    const layer = new nn.ReLU();
    layer.registerFullBackwardHook(() => []);
    const output = layer.forward(torch.ones(2, { requiresGrad: true }));
    expect(() => output.sum().backward()).toThrow('Expected an array of 1 gradients, or nothing, for the result of a backward hook');
  });
});

test('freeze and unfreeze', () => {
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 1));
  net.layers[0].freeze();
  net.forward(x).sum().backward();
  expect([...net.namedParameters()].filter(([, { grad }]) => grad !== null).map(([name]) => name)).toEqual(['1.weight', '1.bias']);
  expect([...net.unfreeze().parameters()].every(({ requiresGrad }) => requiresGrad)).toBe(true);
});
