import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { restore, restoreState, type StoredState, type StoredTensor, valuesOf } from './reference';

interface Stored {
  readonly state: StoredState;
  readonly input: StoredTensor;
  readonly logProb: StoredTensor;
  readonly predict: StoredTensor;
}

const { adaptive } = valuesOf<{ adaptive: Stored }>('adaptive');

function restored(): nn.AdaptiveLogSoftmaxWithLoss {
  const layer = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], { divValue: 2, dtype: 'float64' });
  layer.loadStateDict(restoreState(adaptive.state));
  return layer;
}

test("gives PyTorch's log-probabilities of all classes, and its predictions", () => {
  const [layer, input] = [restored(), restore(adaptive.input)];
  expectClose(layer.logProb(input), adaptive.logProb.data as number[]);
  expect(layer.predict(input).toArray()).toEqual(adaptive.predict.data);
});

test('the probabilities of all classes sum to one, those of targets are among them, predictions are the largest', () => {
  const [layer, input] = [restored(), restore(adaptive.input)];
  const all = layer.logProb(input);
  expectClose(all.exp().sum(1), Array(12).fill(1));
  const target = torch.arange(12, { dtype: 'int64' });
  const { output, loss } = layer.forward(input, target);
  expectClose(output, all.gather(1, target.unsqueeze(1)).flatten().toArray() as number[]);
  expectClose(loss, Number(output.mean().neg().item()));
  expect(torch.equal(layer.predict(input), all.argmax(1))).toBe(true);
});

test('with headBias off and drawn anew it has no bias and other weights', () => {
  const layer = restored();
  layer.resetParameters();
  expect(layer.head.bias).toBeNull();
  expect(torch.equal(layer.head.weight, restore(adaptive.state['head.weight'] as StoredTensor))).toBe(false);
});

test('gradients are those of finite differences', () => {
  const layer = restored();
  const input = restore(adaptive.input).requiresGrad_();
  const target = torch.arange(12, { dtype: 'int64' });
  expect(torch.autograd.gradcheck((x: torch.Tensor) => layer.forward(x, target).output, [input])).toBe(true);
});

describe('what does not fit is refused', () => {
  const make = (cutoffs: readonly number[], divValue = 2) => new nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs, { divValue });
  const targets = (...classes: number[]) => torch.tensor(classes, { dtype: 'int64' });
  test.each([
    [() => make([]), 'Expected whole numbers that rise between 1 and 19 for cutoffs but received an array of 0'],
    [() => make([4, 4]), 'Expected whole numbers that rise between 1 and 19 for cutoffs but received an array of 2'],
    [() => make([4, 20]), 'Expected whole numbers that rise between 1 and 19 for cutoffs but received an array of 2'],
    [() => make([0.5]), 'Expected whole numbers that rise between 1 and 19 for cutoffs but received an array of 1'],
    [() => make(4 as never), 'Expected whole numbers that rise between 1 and 19 for cutoffs but received number 4'],
    [
      () => make([4, 10]).forward(torch.zeros(2, 8), targets(1, 20)),
      'Expected classes from 0 to 19 for target but received tensor int64[2] cpu',
    ],
    [
      () => make([4, 10]).forward(torch.zeros(2, 8), targets(-1, 2)),
      'Expected classes from 0 to 19 for target but received tensor int64[2] cpu',
    ],
    [
      () => make([4]).forward(torch.zeros(3, 8), targets(1, 2)),
      'Expected inputs [2, 8] for AdaptiveLogSoftmaxWithLoss but received tensor float32[3, 8] cpu',
    ],
    [
      () => make([4]).forward(torch.zeros(1, 8), targets(1).squeeze(0)),
      'Expected an input [8] for AdaptiveLogSoftmaxWithLoss but received',
    ],
    [() => make([4]).forward(torch.zeros(1, 8), targets(1).reshape(1, 1)), 'Expected one class for each input for target but received'],
    [() => make([4, 10], 8), 'Expected a number that leaves cluster 1 of 8 features vectors for divValue but received number 8'],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
});
