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
