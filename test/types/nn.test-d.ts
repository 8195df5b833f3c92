/** Types of modules: right calls compile, wrong calls do not. */

import * as torch from '../../lib';

const { nn } = torch;

function is<T>(): (value: T) => void {
  return () => undefined;
}

const x = torch.zeros(2, 3);

// Hooks know the inputs and the output of their module.
const layer = new nn.Linear(3, 4);
layer.registerForwardHook((module, [input], output) => {
  is<number>()(module.outFeatures);
  is<torch.Tensor>()(input);
  return output.mul(2);
});
layer.registerForwardPreHook((_, [input]) => [input.mul(2)]);
// @ts-expect-error the output of this layer is a tensor
layer.registerForwardHook(() => 3);
// @ts-expect-error all inputs, in an array
layer.registerForwardPreHook((_, [input]) => input);

// Summaries take the inputs of forward, or options.
layer.summary(x);
layer.summary({ inputShape: [2, 3] });
layer.summary();
// @ts-expect-error one input
layer.summary(x, x);
// @ts-expect-error no such option
layer.summary({ shape: [2, 3] });

// Containers.
const list = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 1)]);
is<number>()(list.at(0).inFeatures);
for (const linear of list) is<number>()(linear.inFeatures);
// @ts-expect-error a list of linear layers
list.append(new nn.ReLU());
const heads = new nn.ModuleDict({ left: new nn.Linear(1, 1), flat: new nn.Flatten() });
is<number>()(heads.get('left').inFeatures);
is<number>()(heads.get('flat').startDim);
// @ts-expect-error no such name
heads.get('right');
// @ts-expect-error another kind of layer
heads.set('left', new nn.ReLU());
new nn.ModuleDict<Record<string, torch.nn.Module>>().set('any', new nn.ReLU());
const scales = new nn.ParameterDict({ a: x });
is<torch.nn.Parameter>()(scales.get('a'));
// @ts-expect-error no such name
scales.get('b');

// Losses.
is<torch.Tensor>()(new nn.CrossEntropyLoss({ labelSmoothing: 0.1, weight: x }).forward(x, x));
// @ts-expect-error no such reduction
new nn.MSELoss({ reduction: 'batchmean' });
new nn.KLDivLoss({ reduction: 'batchmean' });
// @ts-expect-error 1 or 2
new nn.MultiMarginLoss({ p: 3 });
// @ts-expect-error options in an object
new nn.MarginRankingLoss(0.5);
// @ts-expect-error needs a variance
new nn.GaussianNLLLoss().forward(x, x);

// Recurrent layers give what they are given: tensors, or packed sequences.
const lstm = new nn.LSTM(3, 4, { projSize: 2 });
const [output, [hidden, cell]] = lstm.forward(x);
is<torch.Tensor>()(output);
is<torch.Tensor>()(hidden);
is<torch.Tensor>()(cell);
const [packed] = lstm.forward(nn.utils.rnn.packSequence([x]), [hidden, cell]);
is<InstanceType<typeof nn.utils.rnn.PackedSequence>>()(packed);
// @ts-expect-error two states
lstm.forward(x, hidden);
// @ts-expect-error only LSTM has projections
new nn.GRU(3, 4, { projSize: 2 });
new nn.GRU(3, 4).forward(x, hidden);
// @ts-expect-error tables of vectors are looked up by tensors
new nn.Embedding(3, 4).forward([1, 2]);

// Attention gives weights unless it is told not to.
const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
is<torch.Tensor>()(attention.forward(x, x, x)[1]);
is<null>()(attention.forward(x, x, x, { needWeights: false })[1]);
// @ts-expect-error there are none
attention.forward(x, x, x, { needWeights: false })[1].sum();
// @ts-expect-error no such option
attention.forward(x, x, x, { mask: x });

// Parametrized layers are what they were, with their parametrizations.
const { parametrizations, parametrize } = nn.utils;
const normed = parametrizations.weightNorm(new nn.Linear(3, 4), { dim: null });
is<number>()(normed.outFeatures);
is<torch.Tensor>()(normed.forward(x));
is<torch.Tensor>()(normed.parametrizations.get('weight').forward());
is<torch.nn.Parameter | torch.nn.Buffer | undefined>()(normed.parametrizations.get('weight').original0);
// @ts-expect-error only parametrized layers have some
new nn.Linear(3, 4).parametrizations.get('weight');
const unknown: torch.nn.Module = new nn.Linear(3, 4);
if (parametrize.isParametrized(unknown, 'weight')) is<torch.Tensor>()(unknown.parametrizations.get('weight').forward());
is<torch.nn.Linear>()(parametrize.removeParametrizations(normed, 'weight', { leaveParametrized: true }));
// @ts-expect-error no such option
parametrizations.spectralNorm(new nn.Linear(3, 4), { nIterations: 2 });
// @ts-expect-error not null
parametrizations.spectralNorm(new nn.Linear(3, 4), { dim: null });
// @ts-expect-error no such map
parametrizations.orthogonal(new nn.Linear(3, 4), { orthogonalMap: 'exp' });
// @ts-expect-error no tensor is parametrized
parametrizations.orthogonal(x);
// @ts-expect-error options in an object
parametrizations.weightNorm(new nn.Linear(3, 4), 'weight');
parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new nn.Tanh(), { unsafe: true });
class Rounded extends nn.Module {
  override forward(value: torch.Tensor): torch.Tensor {
    return value.round();
  }
  rightInverse(value: torch.Tensor): number[] {
    return value.toArray() as number[];
  }
}
// @ts-expect-error its inverse gives no tensors
parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new Rounded());
// @ts-expect-error gives no tensor
parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new nn.LSTM(1, 1));
// @ts-expect-error a module
parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', (value: torch.Tensor) => value);
is<number>()(parametrize.cached(() => 3));
is<Promise<number>>()(parametrize.cached(async () => 3));
is<torch.Tensor | undefined>()(new nn.LSTM(3, 4).weight_ih_l0);

// The calibrator's number of views has no default.
is<torch.Tensor>()(new nn.TemperatureCalibrator({ numViews: 2 }).forward(x, [x, x]));
// @ts-expect-error no number of views
new nn.TemperatureCalibrator({ topK: 2 });
// @ts-expect-error views in an array
new nn.TemperatureCalibrator({ numViews: 1 }).forward(x, x);
// @ts-expect-error no such objective
torch.methods.trainCalibrator(x, [x], x, { objective: 'nll' });
// @ts-expect-error views give their number
torch.methods.trainCalibrator(x, [x], x, { numViews: 1 });
