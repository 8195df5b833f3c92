import * as torch from '../../../lib';
import { data, nn, optim } from '../../../lib';
import { copyModule } from '../../../lib/nn/copy';
import { expectClose } from '../../close';

const { parametrizations, parametrize } = nn.utils;
const { cached, isParametrized, registerParametrization, removeParametrizations } = parametrize;

/** Twice the original; counts how often it is computed. */
class Doubled extends nn.Module {
  calls = 0;
  override forward(x: torch.Tensor): torch.Tensor {
    this.calls++;
    return x.mul(2);
  }
  rightInverse(value: torch.Tensor): torch.Tensor {
    return value.div(2);
  }
}

class Sum extends nn.Module {
  override forward(x: torch.Tensor, y: torch.Tensor): torch.Tensor {
    return x.add(y);
  }
  rightInverse(value: torch.Tensor): readonly torch.Tensor[] {
    return [value.mul(0.25), value.mul(0.75)];
  }
}

const values = [
  [1, -2],
  [3, 4],
];

function layerOf(weight: number[][] = values): nn.Linear {
  const layer = new nn.Linear(2, 2);
  layer.loadStateDict({ weight: torch.tensor(weight, { dtype: 'float32' }), bias: torch.zeros(2) });
  return layer;
}

const twice = values.map((row) => row.map((value) => 2 * value));

describe('registerParametrization', () => {
  test('one original is the parameter itself, with the values of the inverse', () => {
    const layer = layerOf();
    const { weight } = layer;
    const optimizer = new optim.SGD([weight], { lr: 1 });
    const parametrized = registerParametrization(layer, 'weight', new Doubled());
    expect(parametrized).toBe(layer);
    const list = parametrized.parametrizations.get('weight');
    expect(list.original).toBe(weight);
    expect(list.isTensor).toBe(true);
    expect(weight.toArray()).toEqual(values.map((row) => row.map((value) => value / 2)));
    expect(layer.weight.toArray()).toEqual(values);
    layer.weight.sum().backward(); // gradient 2 for the original
    optimizer.step();
    expect(layer.weight.toArray()).toEqual(values.map((row) => row.map((value) => value - 4)));
  });

  test('several originals are parameters of their own, trained as the tensor was', () => {
    const layer = layerOf();
    layer.weight.requiresGrad_(false);
    const { parametrizations } = registerParametrization(layer, 'weight', new Sum());
    const { original0, original1, originals, original, isTensor } = parametrizations.get('weight');
    expect([original0, original1].map((tensor) => tensor instanceof nn.Parameter && !tensor.requiresGrad)).toEqual([true, true]);
    expect([original, isTensor, originals.length]).toEqual([undefined, false, 2]);
    expect(layer.weight.toArray()).toEqual(values);
    layer.unfreeze();
    layer.weight.sum().backward();
    expect([original0, original1].map((tensor) => tensor?.grad?.sum().item())).toEqual([4, 4]);
  });

  test('a tensor with parametrizations gets the next behind them', () => {
    const layer = layerOf();
    const [first, second] = [new Sum(), new Doubled()];
    registerParametrization(layer, 'weight', first);
    const list = registerParametrization(layer, 'weight', second).parametrizations.get('weight');
    expect([...list]).toEqual([first, second]);
    expect([list.length, list.at(0), list.at(-1), list[1]]).toEqual([2, first, second, second]);
    expect(layer.weight.toArray()).toEqual(twice); // the original does not change
    Object.assign(layer, { weight: torch.ones(2, 2) });
    expect(layer.weight.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(list.original0?.flatten().toArray()).toEqual([0.125, 0.125, 0.125, 0.125]);
  });

  test('buffers stay buffers', () => {
    const norm = new nn.BatchNorm1d(2);
    registerParametrization(norm, 'running_var', new Doubled());
    const { original } = registerParametrization(norm, 'runningMean', new Sum()).parametrizations.get('running_var');
    expect(original).toBeInstanceOf(nn.Buffer);
    expect(norm.runningVar?.toArray()).toEqual([1, 1]);
    expect([...norm.namedBuffers()].map(([name]) => name)).toEqual([
      'num_batches_tracked',
      'parametrizations.running_var.original',
      'parametrizations.running_mean.original0',
      'parametrizations.running_mean.original1',
    ]);
    removeParametrizations(removeParametrizations(norm, 'running_var'), 'running_mean');
    expect(norm.runningMean).toBeInstanceOf(nn.Buffer);
    expect([...norm.namedBuffers()].map(([name]) => name)).toEqual(['num_batches_tracked', 'running_var', 'running_mean']);
  });

  test('fields and state dict keys name the same tensor', () => {
    const attention = new nn.MultiheadAttention(4, 2);
    parametrizations.weightNorm(attention, { name: 'inProjWeight' });
    expect(isParametrized(attention, 'in_proj_weight') && isParametrized(attention, 'inProjWeight')).toBe(true);
    expect(Object.keys(attention.stateDict()).slice(-2)).toEqual([
      'parametrizations.in_proj_weight.original0',
      'parametrizations.in_proj_weight.original1',
    ]);
    const x = torch.randn(3, 1, 4);
    const [output] = attention.forward(x, x, x);
    removeParametrizations(attention, 'in_proj_weight');
    expectClose(attention.forward(x, x, x)[0], output.flatten().toArray() as number[], 1e-6);
  });

  test('a parameter that two modules share stays shared', () => {
    class Tied extends nn.Module {
      readonly table = new nn.Embedding(5, 2);
      readonly out = new nn.Linear(2, 5, { bias: false });
      constructor() {
        super();
        Object.assign(this.out, { weight: this.table.weight });
      }
      override forward(x: torch.Tensor): torch.Tensor {
        return this.out.forward(this.table.forward(x));
      }
    }
    const net = new Tied();
    const { original } = registerParametrization(net.table, 'weight', new Doubled()).parametrizations.get('weight');
    expect(original).toBe(net.out.weight);
    expect([...net.parameters()]).toHaveLength(1);
  });

  test('a parametrization has the mode of the module', () => {
    const parametrization = new Doubled();
    const layer = layerOf().eval();
    registerParametrization(layer, 'weight', parametrization);
    expect(parametrization.training).toBe(false);
    layer.train();
    expect(parametrization.training).toBe(true);
  });

  test('unsafe lets the shape change, and looks at nothing', () => {
    class Twice extends nn.Module {
      override forward(x: torch.Tensor): torch.Tensor {
        return torch.cat([x, x]);
      }
    }
    const layer = layerOf();
    registerParametrization(layer, 'weight', new Twice(), { unsafe: true });
    expect(layer.weight.shape).toEqual([4, 2]);
    expect(layer.weight.shape).toEqual([4, 2]);
    const { original } = removeParametrizations(layer, 'weight') as { original?: unknown };
    expect([original, layer.weight.shape, layer.weight instanceof nn.Parameter]).toEqual([undefined, [4, 2], true]);
  });

  test('other modules are as they were, and so is the class', () => {
    const [layer, other] = [layerOf(), layerOf()];
    registerParametrization(layer, 'weight', new Doubled());
    expect(Object.getOwnPropertyDescriptor(other, 'weight')?.value).toBe(other.weight);
    expect([layer.constructor, other.constructor]).toEqual([nn.Linear, nn.Linear]);
    expect(layer).toBeInstanceOf(nn.Linear);
    expect('parametrizations' in other).toBe(false);
    removeParametrizations(layer, 'weight');
    expect(Object.getOwnPropertyNames(layer).sort()).toEqual(Object.getOwnPropertyNames(other).sort());
  });

  test('a walk over the module computes nothing', () => {
    const doubled = new Doubled();
    const layer = registerParametrization(layerOf(), 'weight', doubled);
    doubled.calls = 0;
    void [layer.toString(), layer.stateDict(), [...layer.parameters()], layer.double().float().zeroGrad(), layer.freeze().unfreeze()];
    torch.scope(() => layer);
    expect(doubled.calls).toBe(0);
    layer.summary({ inputShape: [1, 2] });
    expect(doubled.calls).toBe(1);
  });

  test('hooks on a parametrization see its calls', () => {
    const layer = registerParametrization(layerOf(), 'weight', new Doubled());
    const parametrization = layer.parametrizations.get('weight').at(0);
    const handle = parametrization.registerForwardHook((_, __, output) => output.mul(10));
    expect(layer.weight.sum().item()).toBe(60);
    handle.remove();
    expect(layer.weight.sum().item()).toBe(6);
  });

  test('copies have originals of their own', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 3, dropout: 0 });
    parametrizations.spectralNorm(parametrizations.weightNorm(layer.linear1));
    parametrizations.orthogonal(layer.selfAttn.outProj);
    const encoder = new nn.TransformerEncoder(layer, 2).eval();
    const [first, second] = ['0', '1'].map((position) => encoder.getSubmodule(`layers.${position}`)) as nn.TransformerEncoderLayer[];
    expect(`${first}`).toBe(`${second}`);
    expect(`${first?.linear1}`).toContain('ParametrizedLinear(');
    expect(Object.keys(first?.stateDict() ?? {})).toEqual(Object.keys(layer.stateDict()));
    const x = torch.randn(2, 1, 4);
    expect(torch.equal(first?.forward(x) as torch.Tensor, second?.forward(x) as torch.Tensor)).toBe(true);
    torch.noGrad(() => first?.getParameter('linear1.parametrizations.weight.original0').zero_());
    expect(first?.linear1.weight.isnan().all().item()).toBe(true); // 0 / 0
    expect(second?.linear1.weight.isnan().any().item()).toBe(false);
    expect([...encoder.parameters()]).toHaveLength(2 * [...layer.parameters()].length);
  });

  test('a copy of a recurrent layer computes the same, and can be parametrized further', () => {
    const lstm = parametrizations.weightNorm(new nn.LSTM(2, 3, { bidirectional: true }), { name: 'weight_hh_l0_reverse' });
    const copy = copyModule(lstm);
    expect([`${copy}`, Object.keys(copy.stateDict())]).toEqual([`${lstm}`, Object.keys(lstm.stateDict())]);
    const x = torch.randn(4, 1, 2);
    registerParametrization(copy, 'weight_hh_l0_reverse', new Doubled());
    registerParametrization(copy, 'weight_ih_l0', new Doubled());
    expect(lstm.parametrizations.get('weight_hh_l0_reverse')).toHaveLength(1);
    removeParametrizations(copy, 'weight_hh_l0_reverse');
    copy.loadStateDict({ weight_hh_l0_reverse: lstm.weight_hh_l0_reverse as torch.Tensor }, { strict: false });
    expectClose(copy.forward(x)[0], lstm.forward(x)[0].flatten().toArray() as number[], 1e-6);
  });

  test('a recurrent layer names its parameters as fields', () => {
    const lstm = new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true });
    expect(lstm.weight_hh_l1_reverse).toBe(lstm.getParameter('weight_hh_l1_reverse'));
    expect(lstm.bias_ih_l0?.shape).toEqual([12]);
  });

  const failing: readonly (readonly [what: string, run: (layer: nn.Linear) => unknown, message: string])[] = [
    [
      'no such tensor',
      (layer) => registerParametrization(layer, 'wait', new Doubled()),
      'Expected the name of a parameter or buffer in a field of Linear for the tensor but received string "wait"',
    ],
    [
      'a number for a name',
      (layer) => registerParametrization(layer, 3 as never, new Doubled()),
      'Expected the name of a parameter or buffer in a field of Linear for the tensor but received number 3',
    ],
    [
      'a field that is no tensor',
      (layer) => registerParametrization(layer, 'inFeatures', new Doubled()),
      'Expected the name of a parameter or buffer in a field of Linear for the tensor but received string "inFeatures"',
    ],
    [
      'no module',
      (layer) => registerParametrization(layer, 'weight', (() => 3) as never),
      'Expected a module for the parametrization but received function',
    ],
    [
      'a module without its tensors in fields',
      () => registerParametrization(new nn.ParameterList([torch.ones(2)]), '0', new Doubled()),
      'Expected the name of a parameter or buffer in a field of ParameterList for the tensor but received string "0"',
    ],
    [
      'another shape',
      (layer) => registerParametrization(layer, 'weight', new nn.Flatten({ startDim: 0 })),
      'Expected a tensor float32[2, 2], or { unsafe: true }, for the output of Flatten on weight but received tensor float32[4] cpu',
    ],
    [
      'another dtype',
      (layer) => registerParametrization(layer, 'weight', bad({ forward: (x) => x.double() })),
      'Expected a tensor float32[2, 2], or { unsafe: true }, for the output of Bad on weight but received tensor float64[2, 2] cpu',
    ],
    [
      'no tensor',
      (layer) => registerParametrization(layer, 'weight', bad({ forward: () => 3 as never })),
      'Expected a tensor for the output of Bad on weight but received number 3',
    ],
    [
      'an inverse that is no tensor',
      (layer) => registerParametrization(layer, 'weight', bad({ rightInverse: () => [3] as never })),
      'Expected a tensor or an array of tensors for rightInverse of Bad but received an array of 1',
    ],
    [
      'an inverse of another dtype',
      (layer) => registerParametrization(layer, 'weight', bad({ rightInverse: (x) => x.double() })),
      'Expected a tensor float32 cpu for rightInverse of Bad but received tensor float64[2, 2] cpu',
    ],
    [
      'an error of its own',
      (layer) => registerParametrization(layer, 'weight', bad({ forward: () => torch.ones(2).matmul(torch.ones(3)) })),
      'size',
    ],
    [
      'unknown options',
      (layer) => registerParametrization(layer, 'weight', new Doubled(), true as never),
      'Expected an options object for registerParametrization but received true',
    ],
    [
      'a field of that name',
      (layer) => registerParametrization(Object.assign(layer, { parametrizations: 3 }), 'weight', new Doubled()),
      'Expected a module without a field parametrizations of its own for registerParametrization but received an object of Linear',
    ],
  ];

  class Bad extends nn.Module {
    constructor(
      private readonly run: (x: torch.Tensor) => torch.Tensor,
      readonly rightInverse: (x: torch.Tensor) => torch.Tensor,
    ) {
      super();
    }
    override forward(x: torch.Tensor): torch.Tensor {
      return this.run(x);
    }
  }

  type Map = (x: torch.Tensor) => torch.Tensor;
  function bad({ forward = (x) => x.mul(1), rightInverse = (x) => x.mul(3) }: { forward?: Map; rightInverse?: Map }): Bad {
    return new Bad(forward, rightInverse);
  }

  test.each(failing)('refuses %s, and the module is what it was', (_, run, message) => {
    const layer = layerOf();
    const { weight } = layer;
    expect(() => run(layer)).toThrow(message);
    expect(layer.weight).toBe(weight);
    expect(weight.toArray()).toEqual(values);
    expect(`${layer}`).toBe('Linear(in_features=2, out_features=2, bias=True)');
  });

  test.each([
    [() => new nn.Flatten({ startDim: 0 }), 'for the output of Flatten on weight but received tensor float32[4] cpu'],
    [() => bad({ rightInverse: (x) => x.flatten() }), 'for rightInverse of Bad on weight but received tensor float32[4] cpu'],
    [() => new Sum(), ''],
  ])('refuses a second one that maps to others: %#', (make, message) => {
    const layer = registerParametrization(layerOf(), 'weight', new Doubled());
    expect(() => registerParametrization(layer, 'weight', make())).toThrow(message);
    expect(layer.parametrizations.get('weight')).toHaveLength(1);
    expect(layer.weight.toArray()).toEqual(values);
  });

  test('refuses to assign what has no inverse, no tensor, other dtypes; the originals stay', () => {
    const layer = registerParametrization(layerOf(), 'weight', new nn.Tanh());
    expect(() => Object.assign(layer, { weight: torch.ones(2, 2) })).toThrow(
      'Expected rightInverse of Tanh for assigning the tensor but received nothing',
    );
    const other = registerParametrization(layerOf(), 'weight', new Doubled());
    expect(() => Object.assign(other, { weight: 3 })).toThrow('Expected a tensor for a parametrized tensor but received number 3');
    expect(() => Object.assign(other, { weight: torch.ones(2, 2, { dtype: 'float64' }) })).toThrow(
      'Expected a tensor float32 cpu for rightInverse of Doubled but received tensor float64[2, 2] cpu',
    );
    expect(other.weight.toArray()).toEqual(values);
  });
});

describe('removeParametrizations', () => {
  test('leaves the present values in the same parameter, or the original', () => {
    for (const leaveParametrized of [true, false]) {
      const layer = layerOf();
      const { weight } = layer;
      registerParametrization(layer, 'weight', new nn.Softplus());
      const wanted = (leaveParametrized ? layer.weight : weight).flatten().toArray();
      expect(removeParametrizations(layer, 'weight', { leaveParametrized })).toBe(layer);
      expect(layer.weight).toBe(weight);
      expect(layer.weight.flatten().toArray()).toEqual(wanted);
      expect([isParametrized(layer), 'parametrizations' in layer, weight.requiresGrad]).toEqual([false, false, true]);
    }
  });

  test('several originals become one new parameter, frozen when all of them were', () => {
    for (const trains of [true, false]) {
      const layer = registerParametrization(layerOf(), 'weight', new Sum());
      if (!trains) layer.freeze();
      removeParametrizations(layer, 'weight');
      expect(layer.weight).toBeInstanceOf(nn.Parameter);
      expect([layer.weight.requiresGrad, layer.weight.isLeaf, layer.weight.toArray()]).toEqual([trains, true, values]);
    }
  });

  test('others of the module stay', () => {
    const layer = layerOf();
    registerParametrization(layer, 'weight', new Doubled());
    registerParametrization(layer, 'bias', new Doubled());
    removeParametrizations(layer, 'weight');
    expect([isParametrized(layer), isParametrized(layer, 'weight'), isParametrized(layer, 'bias')]).toEqual([true, false, true]);
    expect(Object.keys(layer.stateDict())).toEqual(['weight', 'parametrizations.bias.original']);
    registerParametrization(layer, 'weight', new Doubled());
    expect(layer.weight.toArray()).toEqual(values);
  });

  test.each([
    [(layer: nn.Linear) => removeParametrizations(layer, 'bias'), 'Expected the name of a parametrized tensor of Linear'],
    [
      (layer: nn.Linear) => removeParametrizations(layer, 'weight', { leaveParametrized: false }),
      'Expected true, as weight has 2 originals, for leaveParametrized but received false',
    ],
    [(layer: nn.Linear) => removeParametrizations(3 as never, `${layer}`), 'Expected a module for removeParametrizations'],
  ])('refuses %#, and the module is what it was', (run, message) => {
    const layer = registerParametrization(layerOf(), 'weight', new Sum());
    expect(() => run(layer)).toThrow(message);
    expect(isParametrized(layer, 'weight')).toBe(true);
    expect(layer.weight.toArray()).toEqual(values);
  });
});

describe('cached', () => {
  const counted = (): { layer: nn.Linear; doubled: Doubled } => {
    const doubled = new Doubled();
    const layer = registerParametrization(layerOf(), 'weight', doubled);
    doubled.calls = 0;
    return { layer, doubled };
  };

  test('computes once, and anew behind it', () => {
    const { layer, doubled } = counted();
    const weight = cached(() => {
      cached(() => layer.weight); // nested: the outermost forgets
      expect(layer.weight).toBe(layer.weight);
      return layer.weight;
    });
    expect(doubled.calls).toBe(1);
    weight.sum().backward();
    expect(layer.weight).not.toBe(weight);
    expect(layer.getParameter('parametrizations.weight.original').grad?.flatten().toArray()).toEqual([2, 2, 2, 2]);
    {
      using _ = cached();
      using __ = cached();
      expect(layer.weight).toBe(layer.weight);
    }
    expect(layer.weight).not.toBe(layer.weight);
  });

  test('ends with an exception', () => {
    const { layer } = counted();
    expect(() =>
      cached(() => {
        void layer.weight;
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(layer.weight).not.toBe(layer.weight);
  });

  test('lasts across awaits, and only in its own flow', async () => {
    const { layer } = counted();
    const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const inside = cached(async () => {
      const { weight } = layer;
      await tick();
      expect(layer.weight).toBe(weight);
      await tick();
      return layer.weight === weight;
    });
    expect(layer.weight).not.toBe(layer.weight);
    expect(await inside).toBe(true);
    expect(layer.weight).not.toBe(layer.weight);
    await expect(
      cached(async () => {
        await tick();
        throw new Error('later');
      }),
    ).rejects.toThrow('later');
    expect(layer.weight).not.toBe(layer.weight);
  });

  test('is over for what was begun in it and goes on behind it', async () => {
    const { layer } = counted();
    let late: Promise<boolean> | undefined;
    cached(() => {
      void layer.weight;
      late = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        const { weight } = layer;
        return layer.weight === weight;
      });
    });
    expect(await late).toBe(false);
  });

  test('gradients are not lost to a first use that did not record', () => {
    const { layer } = counted();
    cached(() => {
      torch.noGrad(() => layer.weight);
      const { weight } = layer;
      expect(weight.requiresGrad).toBe(true);
      expect(torch.noGrad(() => layer.weight)).toBe(weight);
    });
  });

  test('an assignment and another parametrization are seen', () => {
    const { layer } = counted();
    cached(() => {
      void layer.weight;
      Object.assign(layer, { weight: torch.ones(2, 2) });
      expect(layer.weight.sum().item()).toBe(4);
      registerParametrization(layer, 'weight', new Doubled());
      expect(layer.weight.sum().item()).toBe(8);
    });
  });

  test('values outlive the scope that they were first used in', () => {
    const { layer } = counted();
    cached(() => {
      torch.scope(() => void layer.weight);
      const { weight } = layer;
      expect(weight.isReleased).toBe(false);
      torch.scope(() => expect(layer.weight).toBe(weight));
    });
    torch.scope(() => {
      const weight = cached(() => torch.scope(() => layer.weight));
      expect(weight.toArray()).toEqual(values);
    });
  });

  test.each([3, 'weight', null])('refuses %s', (value) => {
    expect(() => cached(value as never)).toThrow('Expected a function for cached but received');
  });
});

test('training keeps no more tensors from step to step', () => {
  const net = new nn.Sequential(
    parametrizations.spectralNorm(new nn.Linear(4, 8)),
    new nn.Tanh(),
    parametrizations.orthogonal(parametrizations.weightNorm(new nn.Linear(8, 8))),
  );
  const optimizer = new optim.AdamW(net.parameters());
  const loader = new data.DataLoader(new data.TensorDataset(torch.randn(64, 4)), { batchSize: 4 });
  const counts: number[] = [];
  for (const [x] of loader) {
    optimizer.zeroGrad();
    cached(() => net.forward(x).pow(2).sum()).backward();
    optimizer.step();
    counts.push(torch.memory().tensors);
  }
  // Fewer is collected garbage of other tests; the first two steps make the optimizer's state.
  const settled = counts.slice(2);
  expect(settled.filter((count, step) => count > (settled[step - 1] ?? count))).toEqual([]);
});
