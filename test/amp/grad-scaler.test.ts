import * as torch from '../../lib';
import { nn, optim } from '../../lib';
import { expectClose } from '../close';
import { liveTensors } from '../live';
import reference from './reference.json';

const { GradScaler } = torch.amp;

interface Case {
  readonly optimizer: 'SGD' | 'Adam' | 'AdamW' | 'RMSprop';
  readonly options: object;
  readonly start: readonly number[];
  readonly trajectory: readonly (readonly number[])[];
  readonly scales: readonly number[];
  readonly saved: torch.amp.GradScalerState;
}

const cases = reference.cases as unknown as readonly Case[];
const overflows = new Map(
  Object.entries(reference.overflows).map(([step, value]) => [Number(step), value === 'inf' ? Infinity : Number.NaN]),
);

class Run {
  readonly p: torch.Tensor;
  readonly optimizer: optim.SGD | optim.Adam | optim.RMSprop;
  readonly scaler = new GradScaler('cpu', reference.scaler);

  constructor({ optimizer, options, start }: Case) {
    this.p = new nn.Parameter(torch.tensor([...start], { dtype: 'float32' }));
    this.optimizer = new optim[optimizer]([this.p], options);
  }

  step(step: number): void {
    torch.scope(() => {
      this.optimizer.zeroGrad();
      const overflow = overflows.get(step);
      const loss = this.p.sub(0.5).pow(2).sum();
      this.scaler.scale(overflow === undefined ? loss : loss.add(this.p.mul(overflow).sum())).backward();
      if (step % 2 === 1) {
        this.scaler.unscale_(this.optimizer);
        nn.utils.clipGradNorm_([this.p], 1);
      }
      this.scaler.step(this.optimizer);
      this.scaler.update();
    });
  }
}

describe.each(cases)('$optimizer', (stored) => {
  test('steps, skips and scales as in PyTorch', () => {
    const run = new Run(stored);
    for (const [step, wanted] of stored.trajectory.entries()) {
      run.step(step);
      expectClose(run.p, wanted, 1e-5);
      expect(run.scaler.getScale()).toBe(stored.scales[step]);
      if (step === reference.savedAfter) expect(run.scaler.stateDict()).toEqual(stored.saved);
    }
  });

  test('leaves no tensors behind', () => {
    const run = new Run(stored);
    for (let step = 0; step < 4; step++) run.step(step);
    const tensors = liveTensors();
    for (let step = 0; step < 6; step++) run.step(step);
    expect(liveTensors()).toBe(tensors);
  });
});

test("a skipped step leaves Adam's count, and SGD's first momentum, as they were", () => {
  const p = new nn.Parameter(torch.ones(2));
  for (const optimizer of [new optim.Adam([p]), new optim.SGD([p], { lr: 0.5, momentum: 0.9 })]) {
    const scaler = new GradScaler('cpu');
    scaler.scale(p.mul(Number.POSITIVE_INFINITY).sum()).backward();
    scaler.step(optimizer);
    scaler.update();
    optimizer.zeroGrad();
    expect(p.toArray()).toEqual([1, 1]);
    for (const value of Object.values(optimizer.state.get(p) ?? {})) expect(Number((value as torch.Tensor).abs().max().item())).toBe(0);
  }
});

test('goes on from its own state, before and after the first scale', () => {
  const scaler = new GradScaler('cpu', { initScale: 8, growthInterval: 3 });
  const state = { scale: 32, growth_factor: 4, backoff_factor: 0.25, growth_interval: 7, _growth_tracker: 2 };
  scaler.loadStateDict(state);
  expect(scaler.stateDict()).toEqual(state);
  expect(scaler.scale(torch.ones(1)).item()).toBe(32);
  scaler.loadStateDict({ ...state, scale: 2 });
  expect(scaler.scale([torch.ones(1), torch.full([1], 3)]).map((loss) => loss.item())).toEqual([2, 6]);
  expect(scaler.stateDict()).toEqual({ ...state, scale: 2 });
});

test('one that is not enabled does nothing', () => {
  const p = new nn.Parameter(torch.ones(1));
  const scaler = new GradScaler('cpu', { enabled: false });
  const optimizer = new optim.SGD([p], { lr: 1 });
  scaler.scale(p.sum()).backward();
  scaler.unscale_(optimizer);
  scaler.step(optimizer);
  scaler.update();
  expect(p.toArray()).toEqual([0]);
  expect([scaler.getScale(), scaler.stateDict()]).toEqual([1, {}]);
});

describe('wrong use gets one clear sentence', () => {
  const p = new nn.Parameter(torch.ones(1));
  const optimizer = new optim.SGD([p]);
  const scaled = (): torch.amp.GradScaler => {
    const scaler = new GradScaler('cpu');
    p.grad = null;
    scaler.scale(p.sum()).backward();
    return scaler;
  };
  test.each([
    [() => new GradScaler('cpu', { growthFactor: 1 }), 'Expected a number above 1 for growthFactor but received number 1'],
    [() => new GradScaler('cpu', { backoffFactor: 1 }), 'Expected a number in (0, 1) for backoffFactor but received number 1'],
    [() => new GradScaler('cpu').step(optimizer), 'Expected scale(loss) of GradScaler before step'],
    [() => new GradScaler('cpu').update(), 'Expected scale(loss) of GradScaler before update'],
    [() => scaled().update(), 'Expected step or unscale_ before update of GradScaler'],
    [() => new GradScaler('cpu').loadStateDict({}), 'Expected the state of an enabled scaler for loadStateDict of GradScaler'],
    [
      () => {
        const scaler = scaled();
        scaler.unscale_(optimizer);
        scaler.unscale_(optimizer);
      },
      'Expected unscale_ once before update but it was called already',
    ],
    [
      () => {
        const scaler = scaled();
        scaler.step(optimizer);
        scaler.step(optimizer);
      },
      'Expected update after step but step was called again',
    ],
    [
      () => {
        const scaler = scaled();
        p.grad = null;
        scaler.step(optimizer);
      },
      'Expected gradients for step of GradScaler but there are none',
    ],
    [
      () => {
        const half = new nn.Parameter(torch.ones(1, { dtype: 'float16' }));
        const scaler = new GradScaler('cpu');
        scaler.scale(half.float().sum()).backward();
        scaler.unscale_(new optim.SGD([half]));
      },
      'Expected gradients of float32 for unscale_ but received tensor float16[1] cpu',
    ],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
});
