import * as torch from '../../lib';
import { nn } from '../../lib';
import { valuesOf } from './reference';

const stored = valuesOf<{ repr: string; keys: string[] }>('containers');

class Named extends nn.Module {
  readonly blocks = new nn.ModuleList<nn.Module>([new nn.Linear(2, 2), new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 1)]);
  readonly heads = new nn.ModuleDict({ left: new nn.Linear(2, 3), rightSide: new nn.Flatten() });
  readonly scales = new nn.ParameterList([torch.zeros(2), torch.zeros(2, 3)]);
  readonly single = new nn.ParameterList([torch.zeros(2)]);
  readonly offsets = new nn.ParameterDict({ a: torch.zeros(2), bC: torch.zeros(1) });
  readonly empty = new nn.ModuleList();
  override forward(): void {}
  protected override extraRepr(): string {
    return 'hidden=2';
  }
}

test('print as in PyTorch, and have its state dict keys', () => {
  expect(new Named().toString()).toBe(stored.repr);
  expect(Object.keys(new Named().stateDict())).toEqual(stored.keys);
});

describe('ModuleList', () => {
  const [a, b, c] = [new nn.Linear(1, 1), new nn.Linear(1, 1), new nn.Linear(1, 1)] as const;

  test('grows, and counts from both ends', () => {
    const list = new nn.ModuleList([a]).append(b).insert(0, c);
    expect([...list]).toEqual([c, a, b]);
    expect(list.at(-1)).toBe(b);
    expect(list.set(1, b).at(1)).toBe(b);
    expect(list.extend([a]).length).toBe(4);
    expect([...list.modules()]).toEqual([list, c, b, a]);
  });

  test('refuses what does not fit, and has no forward', () => {
    const list = new nn.ModuleList([a, b]);
    expect(() => list.at(2)).toThrow('Expected a position from -2 to 1 for a ModuleList but received number 2');
    expect(() => list.append(torch.zeros(1) as never)).toThrow('Expected a module for position 2 of a ModuleList but received tensor');
    expect(() => new nn.ModuleList(3 as never)).toThrow('Expected an array of modules for ModuleList but received number 3');
    expect(() => new nn.ModuleList().at(0)).toThrow('Expected nothing, it is empty, for a ModuleList');
    expect(() => list.forward()).toThrow('Expected forward of a member but received one of the ModuleList');
    expect(list.length).toBe(2);
  });
});

describe('dictionaries', () => {
  test('know their names and types', () => {
    const heads = new nn.ModuleDict({ left: new nn.Linear(2, 3), flat: new nn.Flatten() });
    const width: number = heads.get('left').outFeatures;
    expect(width).toBe(3);
    // @ts-expect-error no such name
    expect(() => heads.get('right')).toThrow('Expected one of the names left, flat for a ModuleDict but received string "right"');
    expect([...heads.keys()]).toEqual(['left', 'flat']);
    expect(heads.delete('flat')).toBe(true);
    expect([heads.has('flat'), heads.size]).toEqual([false, 1]);
  });

  test('of parameters make parameters of tensors', () => {
    const dict = new nn.ParameterDict({ a: torch.zeros(2) });
    expect(dict.get('a')).toBeInstanceOf(nn.Parameter);
    const own = new nn.Parameter(torch.ones(1));
    expect(dict.set('a', own).get('a')).toBe(own);
    expect([...dict.parameters()].map((parameter) => parameter === own)).toEqual([true]);
  });

  test('refuse names that state dict keys cannot have', () => {
    expect(() => new nn.ModuleDict({ 'a.b': new nn.ReLU() })).toThrow('Expected a name without dots for a ModuleDict');
    expect(() => new nn.ParameterDict({ '': torch.zeros(1) })).toThrow('Expected a name without dots for a ParameterDict');
    expect(() => new nn.ParameterDict({ a: 1 as never })).toThrow('Expected a tensor for a parameter but received number 1');
  });
});

test('ParameterList moves and trains its parameters with the module', () => {
  const list = new nn.ParameterList([torch.zeros(2), torch.ones(3)]);
  list.double();
  expect(list.at(1).dtype).toBe('float64');
  expect(list.append(torch.zeros(1)).length).toBe(3);
  expect([...list].every(({ requiresGrad }) => requiresGrad)).toBe(true);
});

describe('paths', () => {
  const net = new Named();

  test('lead to modules, parameters and buffers', () => {
    expect(net.getSubmodule('')).toBe(net);
    expect(net.getSubmodule('blocks.1')).toBe(net.blocks.at(1));
    expect(net.getParameter('heads.left.bias')).toBe(net.heads.get('left').bias);
    expect(net.getParameter('offsets.bC')).toBe(net.offsets.get('bC'));
    const norm = new nn.Sequential(new nn.BatchNorm2d(2));
    expect(norm.getBuffer('0.running_mean')).toBe(norm.layers[0].runningMean);
  });

  test('reach into plain arrays', () => {
    class Plain extends nn.Module {
      readonly layers = [new nn.Linear(1, 1)];
      override forward(): void {}
    }
    const plain = new Plain();
    expect(plain.getSubmodule('layers.0')).toBe(plain.layers[0]);
    expect(plain.getParameter('layers.0.weight')).toBe(plain.layers[0]?.weight);
  });

  test.each([
    [() => net.getSubmodule('blocks.9'), 'Expected the path of a module of Named for path but received string "blocks.9"'],
    [() => net.getSubmodule('scales.0'), 'Expected the path of a module of Named'],
    [() => net.getParameter('blocks.1'), 'Expected the path of a parameter of Named'],
    [() => net.getBuffer('blocks.1.weight'), 'Expected the path of a buffer of Named'],
    [() => net.getParameter(3 as never), 'Expected the path of a parameter of Named for path but received number 3'],
  ])('that lead nowhere are refused: %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
