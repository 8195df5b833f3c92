/** Gradients on a CUDA device: libtorch runs backward on threads of its own, callbacks still run on the JavaScript thread. */

import * as torch from '../../lib';
import { Square, testCallbacks } from '../autograd/callbacks';
import { leaf } from '../autograd/leaf';
import { expectClose, type Numbers } from '../close';
import { describeCuda } from './gpu';

describeCuda('backward', () => {
  testCallbacks('cuda');

  test('a graph over both devices', () => {
    const here = leaf([1, 2]);
    Square.apply(Square.apply(here).to('cuda')).to('cpu').sum().backward();
    expectClose(here.grad as torch.Tensor, [4, 32]);
  });
});

describeCuda('training', () => {
  test('a few steps give the losses of the CPU', () => {
    const losses = (device: torch.DeviceLike): number[] =>
      torch.scope(() => {
        torch.manualSeed(0);
        const { nn, optim } = torch;
        const model = new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(4 * 36, 3)).to(device);
        const x = torch
          .linspace(-1, 1, 10 * 64)
          .reshape(10, 1, 8, 8)
          .to(device);
        const y = torch.arange(10).remainder(3).to(device);
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
        return Array.from({ length: 5 }, () => {
          const loss = nn.functional.crossEntropy(model.forward(x), y);
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return Number(loss.item());
        });
      });
    const wanted = losses('cpu');
    expectClose(torch.tensor(losses('cuda'), { dtype: 'float64' }), wanted as Numbers, 1e-3);
    expect(wanted.at(-1)).toBeLessThan(wanted[0] as number);
  });
});
