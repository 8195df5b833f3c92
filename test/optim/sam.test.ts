import * as torch from '../../lib';
import { nn, optim } from '../../lib';
import { expectClose } from '../close';
import { liveTensors } from '../live';

/** 1/2 x' diag(a) x: its gradient is a x. */
function quadratic(x: torch.Tensor, a: torch.Tensor): () => torch.Tensor {
  return () => {
    x.grad = null;
    const loss = x.pow(2).mul(a).sum().mul(0.5);
    loss.backward();
    return loss;
  };
}

const a = [1, 4, 0.5];
const x0 = [1, -2, 3];
const curvature = (): torch.Tensor => torch.tensor(a, { dtype: 'float64' });
const start = (): torch.Tensor => new nn.Parameter(torch.tensor(x0, { dtype: 'float64' }));

test('on a quadratic: x - lr a (x + rho g / ||g||)', () => {
  const x = start();
  const sam = new optim.SAM(new optim.SGD([x], { lr: 0.1 }), { rho: 0.3 });
  const loss = sam.step(quadratic(x, curvature()));
  expectClose(loss, 0.5 * (1 + 16 + 4.5));
  const g = x0.map((value, k) => value * (a[k] as number));
  const norm = Math.hypot(...g);
  expectClose(
    x,
    x0.map((value, k) => value - 0.1 * (a[k] as number) * (value + (0.3 * (g[k] as number)) / norm)),
  );
});

test('adaptive: x - lr a (x + rho x^2 g / || |x| g ||)', () => {
  const x = start();
  new optim.SAM(new optim.SGD([x], { lr: 0.1 }), { rho: 0.3, adaptive: true }).step(quadratic(x, curvature()));
  const g = x0.map((value, k) => value * (a[k] as number));
  const norm = Math.hypot(...g.map((value, k) => value * (x0[k] as number)));
  expectClose(
    x,
    x0.map((value, k) => value - 0.1 * (a[k] as number) * (value + (0.3 * value * value * (g[k] as number)) / norm)),
  );
});

test('the norm is over all parameters, of all groups, dtypes and the complex; those without gradients do not move', () => {
  const double = new nn.Parameter(torch.tensor([3], { dtype: 'float64' }));
  const single = new nn.Parameter(torch.tensor([4], { dtype: 'float32' }));
  const complex = new nn.Parameter(torch.tensor([{ re: 12, im: 0 }], { dtype: 'complex128' }));
  const still = new nn.Parameter(torch.ones(1));
  const sam = new optim.SAM(new optim.SGD([{ params: [double, still] }, { params: [single, complex] }], { lr: 1 }), { rho: 1.3 });
  double.grad = torch.tensor([3], { dtype: 'float64' });
  single.grad = torch.tensor([4], { dtype: 'float32' });
  complex.grad = torch.tensor([{ re: 12, im: 0 }], { dtype: 'complex128' });
  sam.firstStep({ zeroGrad: true });
  expectClose(double, [3.3], 1e-6);
  expectClose(single, [4.4], 1e-6);
  expectClose(torch.viewAsReal(complex.detach()), [[13.2, 0]], 1e-6);
  expect(double.grad).toBeNull();
  sam.secondStep();
  expect(double.toArray()).toEqual([3]);
  expect(single.toArray()).toEqual([4]);
  expect(still.toArray()).toEqual([1]);
});

test('the base keeps its momentum, and its state dict is the state', () => {
  const x = start();
  const sam = new optim.SAM(new optim.SGD([x], { lr: 0.1, momentum: 0.9 }), { rho: 0 });
  const plain = start();
  const sgd = new optim.SGD([plain], { lr: 0.1, momentum: 0.9 });
  for (let k = 0; k < 3; k++) {
    sam.step(quadratic(x, curvature()));
    sgd.step(quadratic(plain, curvature()));
  }
  expectClose(x, plain.toArray() as number[]);
  expectClose(sam.stateDict().state['0']?.momentum_buffer as torch.Tensor, sgd.state.get(plain)?.momentumBuffer?.toArray() as number[]);
});

test('a closure that throws up there leaves the parameters where they were', () => {
  const x = start();
  const sam = new optim.SAM(new optim.SGD([x], { lr: 0.1 }));
  const closure = quadratic(x, curvature());
  let calls = 0;
  expect(() =>
    sam.step(() => {
      if (++calls === 2) throw new Error('no data');
      return closure();
    }),
  ).toThrow('no data');
  expect(x.toArray()).toEqual(x0);
  sam.step(closure);
});

test('steps leave no tensors behind', () => {
  const x = start();
  const sam = new optim.SAM(new optim.SGD([x], { lr: 0.1 }));
  const closure = quadratic(x, curvature());
  torch.scope(() => void sam.step(closure));
  const tensors = liveTensors();
  for (let k = 0; k < 5; k++) torch.scope(() => void sam.step(closure));
  expect(liveTensors()).toBe(tensors);
});

test('bad use gets one clear sentence', () => {
  const x = start();
  const sam = new optim.SAM(new optim.SGD([x]));
  expect(() => new optim.SAM({} as never)).toThrow('Expected an optimizer for SAM but received an object');
  expect(() => new optim.SAM(new optim.SGD([x]), { rho: -1 })).toThrow('Expected a number from 0 for rho but received number -1');
  expect(() => sam.firstStep()).toThrow('Expected gradients for firstStep of SAM but there are none');
  expect(() => sam.secondStep()).toThrow('Expected firstStep of SAM before secondStep');
  x.grad = torch.ones(3, { dtype: 'float64' });
  sam.firstStep();
  expect(() => sam.firstStep()).toThrow('Expected secondStep of SAM but received firstStep twice');
});
