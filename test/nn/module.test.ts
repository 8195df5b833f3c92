import { inspect } from 'node:util';
import * as torch from '../../lib';
import { nn } from '../../lib';

/** A network with every kind of field that a module can have. */
class Net extends nn.Module {
  readonly firstLayer = new nn.Linear(3, 4);
  readonly norm = new nn.BatchNorm2d(2);
  readonly blocks = [new nn.Linear(4, 4), new nn.Linear(4, 4, { bias: false })];
  readonly scale = new nn.Parameter(torch.ones(4));
  readonly offset = new nn.Buffer(torch.zeros(4));
  readonly cache = new nn.Buffer(torch.zeros(1), { persistent: false });
  readonly plain = torch.zeros(2);
  readonly again = this.blocks[0]; // shared: one set of parameters under two names
  readonly count = 3;

  override forward(x: torch.Tensor): torch.Tensor {
    return this.blocks
      .reduce((value, block) => block.forward(value), this.firstLayer.forward(x))
      .mul(this.scale)
      .add(this.offset);
  }
}

const KEYS = [
  'scale',
  'offset',
  'first_layer.weight',
  'first_layer.bias',
  'norm.weight',
  'norm.bias',
  'norm.running_mean',
  'norm.running_var',
  'norm.num_batches_tracked',
  'blocks.0.weight',
  'blocks.0.bias',
  'blocks.1.weight',
  'again.weight',
  'again.bias',
];

describe('what belongs to a module', () => {
  const net = new Net();

  test('state dicts have own parameters, own buffers, then sub-modules, in PyTorch spelling and each under all its names', () => {
    expect(Object.keys(net.stateDict())).toEqual(KEYS);
  });

  test('parameters and buffers come once', () => {
    expect([...net.namedParameters()].map(([name]) => name)).toEqual([
      'scale',
      'first_layer.weight',
      'first_layer.bias',
      'norm.weight',
      'norm.bias',
      'blocks.0.weight',
      'blocks.0.bias',
      'blocks.1.weight',
    ]);
    expect([...net.namedBuffers()].map(([name]) => name)).toEqual([
      'offset',
      'cache',
      'norm.running_mean',
      'norm.running_var',
      'norm.num_batches_tracked',
    ]);
    expect([...net.namedParameters({ recurse: false })].map(([name]) => name)).toEqual(['scale']);
    expect([...net.namedBuffers({ recurse: false })].map(([name]) => name)).toEqual(['offset', 'cache']);
    const [only] = net.parameters({ recurse: false });
    expect(only).toBe(net.scale);
  });

  test('modules come once, parents first', () => {
    expect([...net.namedModules()].map(([name]) => name)).toEqual(['', 'first_layer', 'norm', 'blocks.0', 'blocks.1']);
    expect([...net.namedChildren()].map(([name]) => name)).toEqual(['first_layer', 'norm', 'blocks.0', 'blocks.1']);
    expect([...net.children()]).toEqual([net.firstLayer, net.norm, ...net.blocks]);
  });

  test('a field that points back to an ancestor does no harm', () => {
    class Child extends nn.Module {
      parent: nn.Module | null = null;
      readonly weight = new nn.Parameter(torch.zeros(1));
      override forward(): void {}
    }
    class Parent extends nn.Module {
      readonly child = new Child();
      override forward(): void {}
    }
    const parent = new Parent();
    parent.child.parent = parent;
    expect(Object.keys(parent.stateDict())).toEqual(['child.weight']);
    expect([...parent.modules()]).toHaveLength(2);
  });

  test('two fields for one key are refused', () => {
    class Twice extends nn.Module {
      readonly oneName = new nn.Parameter(torch.zeros(1));
      readonly one_name = new nn.Parameter(torch.zeros(1));
      override forward(): void {}
    }
    expect(() => new Twice().stateDict()).toThrow('Expected one field for the state dict key one_name of Twice but found two');
  });
});

describe('parameters and buffers', () => {
  test('are tensors, made with or without new', () => {
    const data = torch.randn(3);
    for (const parameter of [new nn.Parameter(data), nn.Parameter(data)]) {
      expect(parameter).toBeInstanceOf(torch.Tensor);
      expect(parameter).toBeInstanceOf(nn.Parameter);
      expect(parameter).not.toBeInstanceOf(nn.Buffer);
      expect(parameter.requiresGrad).toBe(true);
      expect(parameter.isLeaf).toBe(true);
      expect(parameter.dataPtr()).toBe(data.dataPtr());
    }
    expect(data).not.toBeInstanceOf(nn.Parameter);
    expect(data.requiresGrad).toBe(false);
    expect(nn.Buffer(data)).toBeInstanceOf(nn.Buffer);
    expect(new nn.Parameter(data, { requiresGrad: false }).requiresGrad).toBe(false);
    expect(() => nn.Parameter([1, 2] as never)).toThrow('Expected a tensor for the parameter but received an array of 2');
  });

  test('of recorded tensors are leaves', () => {
    const made = torch.ones(2, { requiresGrad: true }).mul(2);
    expect(new nn.Parameter(made).isLeaf).toBe(true);
    expect(new nn.Buffer(made).requiresGrad).toBe(false);
  });

  test('outlive the scope they were made in', () => {
    const net = torch.scope(() => {
      torch.zeros(10);
      return { made: new Net() };
    }).made;
    torch.scope(() => expect(net.forward(torch.ones(1, 3)).shape).toEqual([1, 4]));
    let inner: Net | undefined;
    torch.scope(() => {
      inner = new Net();
    });
    expect(inner?.forward(torch.ones(1, 3)).shape).toEqual([1, 4]);
  });
});

describe('loadStateDict', () => {
  test('copies values, also from another dtype, and keeps the tensors', () => {
    const [from, to] = [new Net().double(), new Net()];
    const { weight } = to.firstLayer;
    expect(to.loadStateDict(from.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(to.firstLayer.weight).toBe(weight);
    expect(weight.dtype).toBe('float32');
    expect(torch.equal(weight, from.firstLayer.weight.to('float32'))).toBe(true);
    expect(weight.requiresGrad).toBe(true);
  });

  test('lists everything that does not fit in one message, and copies nothing then', () => {
    const net = new Net();
    const state = { ...net.stateDict(), 'norm.weight': torch.zeros(3), extra: torch.zeros(1), scale: torch.full([4], 7) };
    delete (state as Record<string, torch.Tensor>)['first_layer.bias'];
    delete (state as Record<string, torch.Tensor>).offset;
    const wrong =
      'Expected the state dict of a Net but received one with missing keys: offset, first_layer.bias; unexpected keys: extra; ' +
      'other shapes: norm.weight expected [2] but received [3]';
    expect(() => net.loadStateDict(state)).toThrow(wrong);
    expect(net.scale.toArray()).toEqual([1, 1, 1, 1]);
  });

  test('not strict: reports keys, but shapes must fit', () => {
    const net = new Net();
    const result = net.loadStateDict({ scale: torch.full([4], 7), extra: torch.zeros(1) }, { strict: false });
    expect(result.unexpectedKeys).toEqual(['extra']);
    expect(result.missingKeys).toEqual(KEYS.filter((key) => key !== 'scale'));
    expect(net.scale.toArray()).toEqual([7, 7, 7, 7]);
    expect(() => net.loadStateDict({ scale: torch.zeros(2) }, { strict: false })).toThrow('scale expected [4] but received [2]');
  });

  test('refuses what is no tensor', () => {
    expect(() => new Net().loadStateDict({ scale: [1, 2] as never })).toThrow(
      'Expected a tensor for state dict key scale but received an array of 2',
    );
  });
});

describe('modes and places', () => {
  test('train and eval reach every module', () => {
    const net = new Net();
    expect(net.eval()).toBe(net);
    expect([...net.modules()].map(({ training }) => training)).toEqual(Array(5).fill(false));
    net.train();
    expect([...net.modules()].every(({ training }) => training)).toBe(true);
  });

  test('to converts floating-point tensors in place, gradients too', () => {
    const net = new Net();
    const { scale } = net;
    net.forward(torch.ones(1, 3)).sum().backward();
    expect(net.to('float64')).toBe(net);
    expect(net.scale).toBe(scale);
    expect(scale.dtype).toBe('float64');
    expect(scale.grad?.dtype).toBe('float64');
    expect(scale.requiresGrad).toBe(true);
    expect(net.norm.numBatchesTracked?.dtype).toBe('int64');
    expect(net.cache.dtype).toBe('float64');
    expect(net.to('cpu', 'float32').firstLayer.weight.dtype).toBe('float32');
    expect(net.to({ dtype: 'bfloat16' }).offset.dtype).toBe('bfloat16');
    expect(net.float().offset.dtype).toBe('float32');
    expect(() => net.to('int64')).toThrow('Expected a floating-point or complex dtype for to but received string "int64"');
    expect(() => net.to('gpu' as 'cuda')).toThrow("Expected a device such as 'cuda:0', a dtype such as 'float64', or options for to");
  });

  test('zeroGrad forgets gradients, or fills them with zeros', () => {
    const net = new Net();
    net.forward(torch.ones(1, 3)).sum().backward();
    net.zeroGrad({ setToNone: false });
    expect(net.scale.grad?.toArray()).toEqual([0, 0, 0, 0]);
    net.zeroGrad();
    expect(net.scale.grad).toBeNull();
  });

  test('apply visits children first', () => {
    const names: string[] = [];
    new nn.Sequential(new nn.ReLU(), new nn.Sequential(new nn.Linear(1, 1))).apply((module) => names.push(module.constructor.name));
    expect(names).toEqual(['ReLU', 'Linear', 'Sequential', 'Sequential']);
  });

  test('requiresGrad_ freezes', () => {
    const net = new Net().requiresGrad_(false);
    expect([...net.parameters()].some(({ requiresGrad }) => requiresGrad)).toBe(false);
  });
});

test('prints the tree of modules', () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.ReLU()));
  expect(inspect(net)).toBe(
    ['Sequential(', '  (0): Linear(in_features=2, out_features=3, bias=True)', '  (1): Sequential(', '    (0): ReLU()', '  )', ')'].join(
      '\n',
    ),
  );
});

describe('Sequential', () => {
  test('hands each output on', () => {
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
    const [first, , last] = net.layers;
    const x = torch.randn(5, 3);
    expect(torch.equal(net.forward(x), last.forward(first.forward(x).relu()))).toBe(true);
    expect(net.length).toBe(3);
    expect([...net]).toEqual([...net.layers]);
  });

  test('its types carry through, and layers that do not fit are type errors', () => {
    class Pair extends nn.Module {
      override forward(x: torch.Tensor, scale: number): [torch.Tensor, torch.Tensor] {
        return [x, x.mul(scale)];
      }
    }
    class Sum extends nn.Module {
      override forward([a, b]: [torch.Tensor, torch.Tensor]): torch.Tensor {
        return a.add(b);
      }
    }
    const net = new nn.Sequential(new Pair(), new Sum(), new nn.ReLU());
    const result: torch.Tensor = net.forward(torch.ones(1), 2);
    expect(result.toArray()).toEqual([3]);
    // @ts-expect-error the first layer needs a scale
    expect(() => net.forward(torch.ones(1), undefined)).toThrow();
    // @ts-expect-error ReLU takes one tensor, Pair gives two
    expect(new nn.Sequential(new Pair(), new nn.ReLU())).toBeDefined();
    expect(() => new nn.Sequential((() => 1) as never)).toThrow('Expected a module for layer 0 but received function');
  });
});
