import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import {
  as,
  flatOutputs,
  initial,
  type LayerCase,
  layers,
  restore,
  restoreState,
  type StoredInput,
  type StoredState,
  type StoredTensor,
  valuesOf,
  weightedSum,
} from './reference';

type Input = torch.Tensor | readonly Input[];
type AnyLayer = nn.Module & { forward(...inputs: unknown[]): unknown };

type Recipe = Pick<LayerCase, 'layer' | 'args' | 'options' | 'tensors'>;

function build({ layer, args, options, tensors = {} }: Recipe): AnyLayer {
  const type = nn[layer as 'ReLU'] as unknown as new (...args: unknown[]) => AnyLayer;
  const given = Object.entries(options).map(([key, value]) => [key, argument(value)]);
  return new type(...args.map(argument), { ...Object.fromEntries(given), ...restoreState(tensors) });
}

/** A layer that is an argument of another is described by how it is made. */
function argument(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'layer' in value ? build(value as Recipe) : value;
}

const titled = layers.map((stored) => {
  const named = Object.keys(stored.tensors ?? {}).map((key) => `, ${key}`);
  return { title: `${stored.layer} ${JSON.stringify([...stored.args, stored.options])}${named.join('')}`, stored };
});
/** The gradients of nested inputs in order. */
function flatGrads(grads: readonly unknown[]): (StoredTensor | null)[] {
  return grads.flatMap((grad) => (Array.isArray(grad) ? flatGrads(grad) : [grad as StoredTensor | null]));
}

const precisions = [
  { dtype: 'float64', tolerance: 1e-12 },
  { dtype: 'float32', tolerance: 1e-4 },
] as const;

describe.each(titled)('$title', ({ stored }) => {
  test.each(precisions)("gives PyTorch's output and gradients, and changes its state as PyTorch does ($dtype)", ({ dtype, tolerance }) => {
    const given = (input: StoredInput): Input => ('dtype' in input ? as(dtype, restore(input)) : input.map(given));
    const close = (tensors: readonly (torch.Tensor | null)[], wanted: readonly (StoredTensor | null)[]): void => {
      expect(tensors.map((tensor) => tensor?.shape)).toEqual(wanted.map((tensor) => tensor?.shape));
      for (const [k, tensor] of tensors.entries()) if (tensor !== null) expectClose(tensor, wanted[k]?.data as number[], tolerance);
    };
    const layer = build(stored).to(dtype);
    layer.loadStateDict(restoreState(stored.state));
    const options = Object.entries(stored.keywords ?? {}).map(([key, value]): [string, unknown] => {
      if ('value' in value) return [key, value.value];
      return [key, as(dtype, restore(value)).requiresGrad_(stored.keywordGrads?.[key] !== null)];
    });
    const keywords = options.length === 0 ? [] : [Object.fromEntries(options)];
    layer.forward(...stored.first.map(given), ...keywords);

    const inputs = stored.inputs.map(given);
    const leaves = flatOutputs(inputs);
    const leafGrads = flatGrads(stored.inputGrads);
    for (const [k, leaf] of leaves.entries()) leaf.requiresGrad_(leafGrads[k] !== null);
    const outputs = flatOutputs(layer.forward(...inputs, ...keywords));
    close(outputs, stored.outputs);

    if (outputs.some((output) => output.requiresGrad)) weightedSum(outputs).backward();
    close(
      leaves.map((leaf) => leaf.grad),
      leafGrads,
    );
    const optionGrads = Object.entries(stored.keywordGrads ?? {}).filter(([, grad]) => grad !== null);
    close(
      optionGrads.map(([key]) => (Object.fromEntries(options)[key] as torch.Tensor).grad),
      optionGrads.map(([, grad]) => grad),
    );
    const grads = [...layer.namedParameters()].filter(([, parameter]) => parameter.grad !== null);
    expect(grads.map(([name]) => name)).toEqual(Object.keys(stored.grads));
    close(
      grads.map(([, parameter]) => parameter.grad),
      Object.values(stored.grads),
    );

    const state = layer.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(stored.stateAfter));
    close(Object.values(state), Object.values(stored.stateAfter));
    if (dtype === 'float64') {
      expect(Object.values(state).map((value) => value.dtype)).toEqual(Object.values(stored.stateAfter).map((value) => value.dtype));
    }
    close(flatOutputs(layer.eval().forward(...inputs, ...keywords)), stored.evaluated);
  });

  test('prints as in PyTorch', () => {
    expect(build(stored).toString()).toBe(stored.repr);
  });
});

const { sequential } = valuesOf<{ sequential: StoredState }>('random');

test.each([
  ...initial.map(
    (stored) => [`${stored.layer} ${JSON.stringify([...stored.args, stored.options])}`, () => build(stored), stored.state] as const,
  ),
  [
    'Sequential',
    () => new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2)),
    sequential,
  ] as const,
])('%s has the initial values that PyTorch draws under the same seed', (_, make, wanted) => {
  torch.manualSeed(3);
  const state = make().stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(wanted));
  for (const [key, value] of Object.entries(state)) expect(value.flatten().toArray()).toEqual(wanted[key]?.data);
});

describe('sizes that make no layer are refused', () => {
  test.each([
    [() => new nn.Linear(0, 3), 'Expected a positive whole number for inFeatures but received number 0'],
    [() => new nn.Linear(2, 1.5), 'Expected a positive whole number for outFeatures but received number 1.5'],
    [() => new nn.Conv2d(3, 4, 3, { groups: 2 }), 'Expected channels that groups 2 divides but received inChannels 3 and outChannels 4'],
    [() => new nn.Conv2d(1, 1, -1), 'Expected a whole number from 1, or two of them, for kernelSize but received number -1'],
    [() => new nn.Conv2d(1, 1, 3, { stride: 2, padding: 'same' }), "Expected stride 1 for padding 'same'"],
    [() => new nn.MaxPool2d(2, { padding: [1, 0.5] }), 'Expected a whole number from 0, or two of them, for padding'],
    [() => new nn.Dropout({ p: 1.1 }), 'Expected a probability in [0, 1] for p but received number 1.1'],
    [() => new nn.Dropout(0.5 as never), 'Expected an options object for Dropout but received number 0.5'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});

test('Dropout keeps the mean while training and is the identity in evaluation', () => {
  const layer = new nn.Dropout({ p: 0.25 });
  const x = torch.ones(100_000);
  const dropped = layer.forward(x);
  expect(Number(dropped.eq(0).sum().item()) / 100_000).toBeCloseTo(0.25, 2);
  expect(Number(dropped.max().item())).toBeCloseTo(4 / 3, 6);
  expect(torch.equal(layer.eval().forward(x), x)).toBe(true);
});
