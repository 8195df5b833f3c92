import * as torch from '../../../lib';
import { nn, optim } from '../../../lib';
import type { Parametrization, Parametrized } from '../../../lib/nn/utils/parametrize';
import { expectClose } from '../../close';
import { findPython, runPython } from '../../python';
import { as, flatOutputs, restore, restoreState, type StoredState, type StoredTensor, valuesOf, weightedSum } from '../reference';

const { parametrizations, parametrize } = nn.utils;

type AnyLayer = nn.Module & { forward(input: torch.Tensor): unknown };
type Named = 'weightNorm' | 'spectralNorm' | 'orthogonal';

interface Trained {
  readonly before: StoredState;
  readonly registered: StoredState;
  readonly repr: string;
  readonly parameters: readonly string[];
  readonly inputs: readonly StoredTensor[];
  readonly outputs: readonly StoredTensor[];
  readonly inputGrads: readonly (StoredTensor | null)[];
  readonly grads: StoredState;
  readonly trained: StoredState;
  readonly evaluated: readonly StoredTensor[];
  readonly removed: StoredState;
  readonly removedRepr: string;
}

interface Made {
  readonly function: Named;
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options?: object;
  readonly keywords: { readonly name?: string };
}

interface Values {
  readonly cases: readonly (Made & Trained)[];
  readonly chains: readonly (Trained & { readonly names: readonly string[] })[];
  readonly initial: readonly (Made & { readonly state: StoredState })[];
  readonly assigned: readonly {
    readonly function: Named;
    readonly keywords: object;
    readonly before: StoredState;
    readonly value: StoredTensor;
    readonly state: StoredState;
  }[];
  readonly net: { readonly repr: string; readonly keys: readonly string[]; readonly parameters: readonly string[] };
  readonly older: { readonly state: StoredState; readonly input: StoredTensor; readonly output: StoredTensor };
}

const stored = valuesOf<Values>('parametrizations');

class Symmetric extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.triu().add(x.triu(1).mT);
  }
  rightInverse(a: torch.Tensor): torch.Tensor {
    return a.triu();
  }
}

class MatrixExponential extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return torch.matrixExp(x);
  }
}

class RankOne extends nn.Module {
  override forward(x: torch.Tensor, y: torch.Tensor): torch.Tensor {
    return x.unsqueeze(-1).matmul(y.unsqueeze(-2));
  }
  rightInverse(z: torch.Tensor): torch.Tensor[] {
    const { U, S, Vh } = torch.linalg.svd(z, { fullMatrices: false });
    const root = S.narrow(0, 0, 1).sqrt();
    return [U.select(-1, 0).mul(root), Vh.select(-2, 0).mul(root)];
  }
}

class Doubled extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.mul(2);
  }
  rightInverse(a: torch.Tensor): torch.Tensor {
    return a.div(2);
  }
}

const own: Record<string, new () => Parametrization> = { Symmetric, MatrixExponential, RankOne, Doubled };

function build({ layer, args, options }: Pick<Made, 'layer' | 'args' | 'options'>): AnyLayer {
  const type = nn[layer as 'ReLU'] as unknown as new (...args: unknown[]) => AnyLayer;
  return new type(...args, ...(options === undefined || Object.keys(options).length === 0 ? [] : [options]));
}

function expectState(module: nn.Module, wanted: StoredState, tolerance: number): void {
  const state = module.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(wanted));
  expect(Object.values(state).map(({ shape }) => shape)).toEqual(Object.values(wanted).map(({ shape }) => shape));
  for (const [key, value] of Object.entries(state)) expectClose(value, wanted[key]?.data as number[], tolerance);
}

const all = [
  ...stored.cases.map((values) => ({
    title: `${values.function} ${JSON.stringify(values.keywords)} of ${values.layer}(${values.args.join(', ')})`,
    values,
    name: values.keywords.name ?? 'weight',
    make: () => build(values),
    register: (layer: AnyLayer) => parametrizations[values.function](layer, values.keywords),
  })),
  ...stored.chains.map((values) => ({
    title: `${values.names.join(', then ')} of Linear(3, 3)`,
    values,
    name: 'weight',
    make: () => new nn.Linear(3, 3) as AnyLayer,
    register: (layer: AnyLayer) => {
      for (const name of values.names) {
        const type = own[name];
        if (type === undefined) parametrizations[name as Named](layer);
        else parametrize.registerParametrization(layer, 'weight', new type());
      }
    },
  })),
];

const precisions = [
  { dtype: 'float64', tolerance: 1e-11 },
  { dtype: 'float32', tolerance: 2e-4 },
] as const;

describe.each(all)('$title', ({ values, name, make, register }) => {
  test.each(precisions)('trains as in PyTorch ($dtype)', ({ dtype, tolerance }) => {
    const layer = make().to(dtype);
    layer.loadStateDict(restoreState(values.before));
    torch.manualSeed(8);
    register(layer);
    if (dtype === 'float64') expectState(layer, values.registered, tolerance);
    layer.loadStateDict(restoreState(values.registered)); // the random numbers of float32 are others
    expect([...layer.namedParameters()].map(([key]) => key)).toEqual(values.parameters);

    const inputs = values.inputs.map((input, k) => as(dtype, restore(input)).requiresGrad_(values.inputGrads[k] !== null));
    const run = (): torch.Tensor[] => flatOutputs(layer.forward(inputs[0] as torch.Tensor));
    const close = (tensors: readonly torch.Tensor[], wanted: readonly StoredTensor[]): void => {
      expect(tensors.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape));
      for (const [k, tensor] of tensors.entries()) expectClose(tensor, wanted[k]?.data as number[], tolerance);
    };
    const outputs = run();
    close(outputs, values.outputs);
    weightedSum(outputs).backward();
    for (const [k, wanted] of values.inputGrads.entries())
      if (wanted !== null) expectClose(inputs[k]?.grad as torch.Tensor, wanted.data as number[], tolerance);
    const grads = [...layer.parameters()].map(({ grad }) => grad as torch.Tensor);
    close(grads, Object.values(values.grads));

    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1, momentum: 0.9 });
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      weightedSum(run()).backward();
      optimizer.step();
    }
    expectState(layer, values.trained, tolerance);
    layer.eval();
    close(run(), values.evaluated);
    expectState(layer, values.trained, tolerance); // evaluation moves nothing
    parametrize.removeParametrizations(layer, name);
    expectState(layer, values.removed, tolerance);
    close(run(), values.evaluated);
  });

  test('prints as in PyTorch, with the parametrization and without', () => {
    const layer = make();
    register(layer);
    expect(layer.toString()).toBe(values.repr);
    parametrize.removeParametrizations(layer, name);
    expect(layer.toString()).toBe(values.removedRepr);
  });
});

test.each(stored.initial.map((values) => [`${values.function} ${JSON.stringify(values.keywords)} of ${values.layer}`, values] as const))(
  '%s starts from what PyTorch draws under the same seed',
  (_, values) => {
    torch.manualSeed(3);
    expectState(parametrizations[values.function](build(values), values.keywords), values.state, 1e-5);
  },
);

test.each(stored.assigned.map((values) => [`${values.function} ${JSON.stringify(values.keywords)}`, values] as const))(
  '%s: an assignment gives the originals the values that PyTorch gives them',
  (_, values) => {
    const layer = new nn.Linear(4, 3).double();
    layer.loadStateDict(restoreState(values.before));
    torch.manualSeed(8);
    parametrizations[values.function](layer, values.keywords);
    const originals = [...layer.parameters()];
    const value = restore(values.value);
    torch.manualSeed(9);
    Object.assign(layer, { weight: value });
    expectState(layer, values.state, 1e-12);
    expect([...layer.parameters()].every((parameter, k) => parameter === originals[k])).toBe(true);
    torch.noGrad(() => {
      for (const original of originals) original.zero_();
    });
    expectClose(value, values.value.data as number[], 0); // it is the program's
  },
);

class Net extends nn.Module {
  readonly body = new nn.Sequential(
    parametrizations.weightNorm(new nn.Conv2d(1, 2, 3)),
    new nn.ReLU(),
    new nn.Flatten(),
    parametrizations.spectralNorm(new nn.Linear(8, 2)),
  );
  readonly head = parametrizations.orthogonal(parametrizations.weightNorm(new nn.Linear(2, 2), { name: 'bias' }));

  override forward(x: torch.Tensor): torch.Tensor {
    return this.head.forward(this.body.forward(x));
  }
}

describe('inside other modules', () => {
  const x = torch.linspace(-1, 1, 32).reshape(2, 1, 4, 4);

  test('names and prints as in PyTorch', () => {
    const net = new Net();
    expect(net.toString()).toBe(stored.net.repr);
    expect(Object.keys(net.stateDict())).toEqual(stored.net.keys);
    expect([...net.namedParameters()].map(([key]) => key)).toEqual(stored.net.parameters);
  });

  test('state dicts, dtypes, freezing and optimizers reach the originals', () => {
    const [net, other] = [new Net(), new Net()];
    other.loadStateDict(net.stateDict());
    expect(torch.equal(net.eval().forward(x), other.eval().forward(x))).toBe(true);
    net.double();
    expect(net.forward(x.double()).dtype).toBe('float64');
    expect(net.getBuffer('body.3.parametrizations.weight.0._u').dtype).toBe('float64');
    net.head.freeze();
    net.train().forward(x.double()).pow(2).sum().backward();
    expect([...net.namedParameters()].filter(([, { grad }]) => grad === null).map(([key]) => key)).toEqual(
      stored.net.parameters.filter((key) => key.startsWith('head.')),
    );
    const before = net.body.layers[0].weight.clone();
    new optim.SGD(net.parameters(), { lr: 0.1 }).step();
    expect(torch.allclose(net.body.layers[0].weight, before)).toBe(false);
    expect(net.body.layers[3].parametrizations.get('weight').at(0).training).toBe(true);
    expect(net.eval().body.layers[3].parametrizations.get('weight').at(0).training).toBe(false);
  });

  test('Python torch reads the state dict, and gives the same output', () => {
    const python = findPython(['torch'], 'reading a state dict of parametrized layers');
    if (python === null) return;
    const net = new Net().double().eval();
    const code = `
import json, sys, torch
from torch import nn
from torch.nn.utils.parametrizations import orthogonal, spectral_norm, weight_norm
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(weight_norm(nn.Conv2d(1, 2, 3)), nn.ReLU(), nn.Flatten(), spectral_norm(nn.Linear(8, 2)))
        self.head = orthogonal(weight_norm(nn.Linear(2, 2), name="bias"))
    def forward(self, x):
        return self.head(self.body(x))
net = Net().double().eval()
net.load_state_dict({key: torch.tensor(value, dtype=torch.float64) for key, value in json.loads(sys.argv[1]).items()})
print(json.dumps(net(torch.linspace(-1, 1, 32, dtype=torch.float64).reshape(2, 1, 4, 4)).tolist()))`;
    const state = Object.fromEntries(Object.entries(net.stateDict()).map(([key, value]) => [key, value.toArray()]));
    const output = JSON.parse(runPython(python, code, [JSON.stringify(state)])) as number[][];
    expectClose(net.forward(torch.linspace(-1, 1, 32, { dtype: 'float64' }).reshape(2, 1, 4, 4)), output, 1e-12);
  }, 60_000);
});

test("state dicts of PyTorch's older weight norm are read", () => {
  const net = new nn.Sequential(parametrizations.weightNorm(new nn.Linear(4, 3))).double();
  const state = Object.entries(restoreState(stored.older.state)).map(([key, value]) => [`0.${key}`, value] as const);
  expect(net.loadStateDict(Object.fromEntries(state))).toEqual({ missingKeys: [], unexpectedKeys: [] });
  expectClose(net.forward(restore(stored.older.input)), stored.older.output.data as number[]);
});

describe('what they promise holds after training', () => {
  const train = (layer: nn.Linear): void => {
    const optimizer = new optim.Adam(layer.parameters(), { lr: 0.05 });
    const x = torch.randn(16, layer.inFeatures, { dtype: 'float64' });
    for (let step = 0; step < 8; step++) {
      optimizer.zeroGrad();
      layer.forward(x).pow(3).sum().backward();
      optimizer.step();
    }
  };

  test.each([
    [6, 4],
    [4, 6],
    [5, 5],
  ])('orthonormal rows or columns, whichever are fewer (%d, %d)', (inputs, outputs) => {
    for (const orthogonalMap of ['matrix_exp', 'cayley', 'householder'] as const) {
      for (const useTrivialization of [true, false]) {
        const layer = parametrizations.orthogonal(new nn.Linear(inputs, outputs).double(), { orthogonalMap, useTrivialization });
        const start = layer.weight.detach();
        train(layer);
        const weight = layer.weight.detach();
        expect(torch.allclose(weight, start, { atol: 1e-3 })).toBe(false);
        const products = outputs < inputs ? weight.matmul(weight.mT) : weight.mT.matmul(weight);
        expectClose(products, torch.eye(Math.min(inputs, outputs)).flatten().toArray() as number[], 1e-12);
      }
    }
  });

  test('weight decay leaves reflectors reflectors', () => {
    const layer = parametrizations.orthogonal(new nn.Linear(4, 3).double(), { orthogonalMap: 'householder' });
    const optimizer = new optim.AdamW(layer.parameters(), { lr: 0.1, weightDecay: 1 });
    layer.weight.sum().backward();
    optimizer.step();
    expectClose(layer.weight.matmul(layer.weight.mT), torch.eye(3).flatten().toArray() as number[], 1e-12);
  });

  test('an orthogonal weight stays what it is when the parametrization comes', () => {
    const layer = new nn.Linear(4, 4).double();
    nn.init.orthogonal_(layer.weight);
    const weight = layer.weight.detach().clone();
    expectClose(parametrizations.orthogonal(layer).weight, weight.flatten().toArray() as number[], 1e-12);
  });

  test('a complex weight becomes unitary', () => {
    const layer = new nn.Linear(3, 3, { dtype: 'complex128' });
    const { weight } = parametrizations.orthogonal(layer, { orthogonalMap: 'cayley' });
    const distance = weight.mH.matmul(weight).sub(torch.eye(3)).abs().max();
    expect(Number(distance.item())).toBeLessThan(1e-12);
  });

  test('the largest singular value is 1, once the power iteration has found it', () => {
    const layer = parametrizations.spectralNorm(new nn.Linear(6, 4).double(), { nPowerIterations: 300 });
    train(layer);
    expect(Number(torch.linalg.matrixNorm(layer.weight, 2).item())).toBeCloseTo(1, 10);
  });

  test('the magnitudes are the norms of the rows', () => {
    const layer = parametrizations.weightNorm(new nn.Linear(6, 4).double());
    train(layer);
    const { original0 } = layer.parametrizations.get('weight');
    expectClose(layer.weight.norm(2, 1, { keepdim: true }).abs(), original0?.abs().flatten().toArray() as number[], 1e-12);
  });
});

describe('gradients are those of finite differences', () => {
  const cases: readonly (readonly [title: string, make: () => Parametrized<AnyLayer>, shape: readonly number[]])[] = [
    ['weightNorm', () => parametrizations.weightNorm(new nn.Linear(3, 2)), [2, 3]],
    ['weightNorm of all', () => parametrizations.weightNorm(new nn.Conv1d(2, 2, 2), { dim: null }), [1, 2, 3]],
    ['spectralNorm', () => parametrizations.spectralNorm(new nn.Linear(3, 2)), [2, 3]],
    ['spectralNorm of ConvTranspose1d', () => parametrizations.spectralNorm(new nn.ConvTranspose1d(2, 2, 2)), [1, 2, 2]],
    ['orthogonal by exp', () => parametrizations.orthogonal(new nn.Linear(3, 2), { orthogonalMap: 'matrix_exp' }), [2, 3]],
    ['orthogonal by Cayley', () => parametrizations.orthogonal(new nn.Linear(2, 3), { orthogonalMap: 'cayley' }), [2, 2]],
    ['two', () => parametrizations.spectralNorm(parametrizations.weightNorm(new nn.Linear(3, 2))), [2, 3]],
  ];

  test.each(cases)('%s', (_, make, shape) => {
    torch.manualSeed(1);
    const layer = make().double().eval(); // no power iteration between two calls
    const x = torch.randn(shape, { dtype: 'float64' }).requiresGrad_();
    const parameters = [...layer.parameters()];
    const forward = (...values: torch.Tensor[]): torch.Tensor => {
      for (const [k, parameter] of parameters.entries()) parameter.data = (values[k + 1] as torch.Tensor).detach();
      return layer.forward(values[0] as torch.Tensor) as torch.Tensor;
    };
    expect(torch.autograd.gradcheck(forward, [x, ...parameters])).toBe(true);
  });

  test('of the reflectors', () => {
    torch.manualSeed(1);
    const layer = parametrizations.orthogonal(new nn.Linear(2, 3).double(), { orthogonalMap: 'householder' });
    const { original } = layer.parametrizations.get('weight');
    const signs = original?.detach().tril().sub(original.detach().tril(-1)) as torch.Tensor;
    const below = torch.randn(3, 2, { dtype: 'float64' }).requiresGrad_();
    const list = layer.parametrizations.get('weight').at(0);
    // The diagonal holds signs, which have no gradient.
    expect(torch.autograd.gradcheck((vectors: torch.Tensor) => list.forward(vectors.tril(-1).add(signs)), [below])).toBe(true);
  });
});

const linear = (): nn.Linear => new nn.Linear(3, 2);

test.each([
  [() => parametrizations.weightNorm(linear(), { dim: 2 }), 'Expected a dimension from -2 to 1, or null, for dim but received number 2'],
  [
    () => parametrizations.weightNorm(linear(), { name: 'scale' }),
    'Expected the name of a parameter or buffer in a field of Linear for weightNorm but received string "scale"',
  ],
  [
    () => parametrizations.weightNorm(new nn.Linear(3, 2, { bias: false }), { name: 'bias' }),
    'Expected the name of a parameter or buffer in a field of Linear for weightNorm but received string "bias"',
  ],
  [() => parametrizations.weightNorm(3 as never), 'Expected a module for weightNorm but received number 3'],
  [
    () => parametrizations.weightNorm(linear(), 'weight' as never),
    'Expected an options object for weightNorm but received string "weight"',
  ],
  [() => parametrizations.spectralNorm(linear(), { dim: -3 }), 'Expected a dimension from -2 to 1 for dim but received number -3'],
  [
    () => parametrizations.spectralNorm(linear(), { nPowerIterations: 0 }),
    'Expected a positive whole number for nPowerIterations but received number 0',
  ],
  [() => parametrizations.spectralNorm(linear(), { eps: Number.NaN }), 'Expected a number from 0 for eps but received number NaN'],
  [
    () => parametrizations.orthogonal(linear(), { name: 'bias' }),
    'Expected a tensor of at least two dimensions for orthogonal but received tensor float32[2] cpu',
  ],
  [
    () => parametrizations.orthogonal(linear(), { orthogonalMap: 'exp' as never }),
    "Expected 'matrix_exp', 'cayley' or 'householder' for orthogonalMap but received string \"exp\"",
  ],
  [
    () => parametrizations.orthogonal(new nn.Linear(3, 2, { dtype: 'complex64' }), { orthogonalMap: 'householder' }),
    "Expected a real tensor for orthogonalMap 'householder' but received tensor complex64[2, 3] cpu",
  ],
  [
    () => Object.assign(parametrizations.orthogonal(linear()), { weight: torch.zeros(3, 3) }),
    'Expected a tensor [2, 3] for an orthogonal weight but received tensor float32[3, 3] cpu',
  ],
  [
    () =>
      Object.assign(parametrizations.orthogonal(linear(), { orthogonalMap: 'cayley', useTrivialization: false }), {
        weight: torch.zeros(2, 3),
      }),
    'Expected rightInverse of Orthogonal for assigning the tensor but received nothing',
  ],
])('bad arguments get one clear sentence: %#', (run, message) => {
  expect(run).toThrow(message);
});
