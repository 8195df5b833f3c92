import * as torch from '../../lib';
import { nn, train } from '../../lib';

class Net extends nn.Module {
  readonly first = new nn.Linear(3, 3);
  readonly second = new nn.Linear(3, 1);
  forward(x: torch.Tensor): torch.Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

function trained(input: number[]): { net: Net; loss: number } {
  const net = new Net();
  const loss = net.forward(torch.tensor([input], { dtype: 'float32' })).sum();
  loss.backward();
  return { net, loss: Number(loss.item()) };
}

test('a sound step passes', () => {
  const { net, loss } = trained([1, 2, 3]);
  expect(train.nonFinite(net)).toEqual([]);
  expect(() => train.checkFinite(net, loss)).not.toThrow();
});

test('the gradient that is no number is named, and only it', () => {
  // The loss of an infinite input: of the first layer the weight's gradient is spoiled, not the bias's.
  const { net, loss } = trained([1, Number.NaN, 0]);
  expect(train.nonFinite(net)).toEqual([
    { name: 'first.weight', where: 'gradient' },
    { name: 'second.weight', where: 'gradient' },
  ]);
  expect(() => train.checkFinite(net, loss, 'the loss of step 7')).toThrow(
    'Expected finite numbers but received NaN for the loss of step 7; also not finite: the gradient of first.weight, the gradient of second.weight',
  );
});

test('values too, and an infinite loss of sound parameters', () => {
  const { net } = trained([1, 2, 3]);
  torch.noGrad(() => net.second.bias?.fill_(Number.POSITIVE_INFINITY));
  expect(() => train.checkFinite(net)).toThrow('Expected finite numbers but received NaN or infinite numbers in the value of second.bias');
  expect(() => train.checkFinite(trained([1, 2, 3]).net, Number.POSITIVE_INFINITY)).toThrow(
    'Expected finite numbers but received Infinity for the loss; all parameters are finite',
  );
});
