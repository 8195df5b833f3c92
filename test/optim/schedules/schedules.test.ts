import * as torch from '../../../lib';
import { optim } from '../../../lib';
import reference from './reference.json';

const { lrScheduler, swaUtils } = optim;

interface Spec {
  readonly scheduler: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

interface Case extends Spec {
  readonly base: 'SGD' | 'Adam';
  /** [lr, momentum] of each group, at first and after each step. */
  readonly rates: readonly (readonly (readonly [number, number])[])[];
  readonly saved: { readonly schedule: Record<string, unknown>; readonly groups: readonly Record<string, unknown>[] };
}

const cases = reference.cases as unknown as readonly Case[];

const LAMBDAS: Readonly<Record<string, (x: number) => number>> = {
  decay: (epoch) => 0.95 ** epoch,
  halves: (epoch) => 1 / (1 + Math.floor(epoch / 2)),
  root: (x) => 1 / Math.sqrt(x + 1),
};

interface AnySchedule extends Pick<optim.lrScheduler.StepLR, 'getLastLr' | 'stateDict' | 'loadStateDict'> {
  step(metric?: number): void;
}

function make(optimizer: optim.SGD | optim.Adam, { scheduler, args, options }: Spec): AnySchedule {
  const value = (arg: unknown): unknown => {
    if (Array.isArray(arg)) return arg.map(value);
    if (typeof arg === 'object' && arg !== null && 'scheduler' in arg) return make(optimizer, arg as Spec);
    return typeof arg === 'string' ? (LAMBDAS[arg] ?? arg) : arg;
  };
  const own = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, value(option)]));
  const types = { ...lrScheduler, SWALR: swaUtils.SWALR } as unknown as Record<string, new (...all: unknown[]) => AnySchedule>;
  const type = types[scheduler] as new (...all: unknown[]) => AnySchedule;
  const rest = args.map(value);
  return scheduler === 'ChainedScheduler' ? new type(...rest, own) : new type(optimizer, ...rest, own);
}

function optimizerOf(base: 'SGD' | 'Adam'): optim.SGD | optim.Adam {
  const groups = [{ params: torch.zeros(1, { requiresGrad: true }) }, { params: torch.zeros(1, { requiresGrad: true }), lr: 0.4 }];
  return base === 'SGD' ? new optim.SGD(groups, { lr: 0.1, momentum: 0.9 }) : new optim.Adam(groups, { lr: 0.1 });
}

function ratesOf(optimizer: optim.SGD | optim.Adam): number[][] {
  return optimizer.paramGroups.map((group) => [group.lr, 'betas' in group ? group.betas[0] : group.momentum]);
}

function advance(schedule: AnySchedule, scheduler: string, step: number): void {
  if (scheduler === 'ReduceLROnPlateau') schedule.step(reference.metrics[step]);
  else schedule.step();
}

/** Numbers within rounding, all else equal; infinities are stored as text. */
function expectLike(got: unknown, wanted: unknown, where = ''): void {
  if (wanted === 'inf' || wanted === '-inf') expect([where, String(got)]).toEqual([where, wanted === 'inf' ? 'Infinity' : '-Infinity']);
  else if (typeof wanted === 'number' && typeof got === 'number') expect([where, Math.abs(got - wanted) < 1e-13]).toEqual([where, true]);
  else if (Array.isArray(wanted) && Array.isArray(got)) {
    expect([where, got.length]).toEqual([where, wanted.length]);
    for (const [k, entry] of wanted.entries()) expectLike(got[k], entry, `${where}[${k}]`);
  } else if (typeof wanted === 'object' && wanted !== null && typeof got === 'object' && got !== null) {
    expect([where, Object.keys(got).sort()]).toEqual([where, Object.keys(wanted).sort()]);
    for (const [key, entry] of Object.entries(wanted)) expectLike(Reflect.get(got, key), entry, `${where}.${key}`);
  } else expect([where, got]).toEqual([where, wanted]);
}

/** Infinities in place of their text. */
function revived(value: unknown): unknown {
  if (value === 'inf' || value === '-inf') return value === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revived(entry)]));
}

describe.each(cases)('$scheduler $args $options on $base', (stored) => {
  const { scheduler, base, rates, saved } = stored;

  test('sets what PyTorch sets', () => {
    const optimizer = optimizerOf(base);
    const schedule = make(optimizer, stored);
    for (const [step, wanted] of rates.entries()) {
      if (step > 0) advance(schedule, scheduler, step - 1);
      expectLike(ratesOf(optimizer), wanted, `step ${step}`);
      expectLike(
        schedule.getLastLr(),
        wanted.map(([lr]) => lr),
      );
    }
  });

  test('has the state dict that PyTorch has, also in the groups', () => {
    const optimizer = optimizerOf(base);
    const schedule = make(optimizer, stored);
    for (let step = 0; step < reference.saved; step++) advance(schedule, scheduler, step);
    expectLike(schedule.stateDict(), saved.schedule);
    expectLike(optimizer.stateDict().param_groups, saved.groups);
  });

  test("goes on from PyTorch's state", () => {
    const optimizer = optimizerOf(base);
    const schedule = make(optimizer, stored);
    schedule.loadStateDict(revived(saved.schedule) as Record<string, unknown>);
    optimizer.loadStateDict({ state: {}, param_groups: revived(saved.groups) as Record<string, unknown>[] });
    for (let step = reference.saved + 1; step < rates.length; step++) {
      advance(schedule, scheduler, step - 1);
      expectLike(ratesOf(optimizer), rates[step], `step ${step}`);
    }
  });
});

test('warm restarts can be told the epoch', () => {
  const optimizer = new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 0.1 });
  const schedule = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 3 });
  const { epochs, rates } = reference.fractions;
  for (const [k, epoch] of epochs.entries()) {
    schedule.step(epoch);
    expect(optimizer.paramGroups[0]?.lr).toBeCloseTo(rates[k] as number, 13);
  }
});

test('a chain within a sequence starts from its first epoch', () => {
  const optimizer = new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 1 });
  const constant = new lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
  const chain = new lrScheduler.ChainedScheduler([
    new lrScheduler.ExponentialLR(optimizer, 0.5),
    new lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 }),
  ]);
  const schedule = new lrScheduler.SequentialLR(optimizer, [constant, chain], [2]);
  const seen = [0, 1, 2, 3, 4].map((step) => {
    if (step > 0) schedule.step();
    return optimizer.paramGroups[0]?.lr;
  });
  expect(seen).toEqual([0.5, 0.5, 1, 0.25, 0.0625]);
});

test('a run goes on from lastEpoch when the groups know their initial rate', () => {
  const parameter = torch.zeros(1, { requiresGrad: true });
  const fresh = new optim.SGD([parameter], { lr: 0.1 });
  expect(() => new lrScheduler.StepLR(fresh, 2, { lastEpoch: 3 })).toThrow(
    'Expected a group with an initialLr, as lastEpoch is given, for group 0 of StepLR',
  );
  const optimizer = new optim.SGD([{ params: [parameter], initialLr: 0.4 } as { params: torch.Tensor[] }], { lr: 0.1 });
  const schedule = new lrScheduler.CosineAnnealingLR(optimizer, 4, { lastEpoch: 1 });
  schedule.step();
  expect(schedule.lastEpoch).toBe(3);
  expect(schedule.baseLrs).toEqual([0.4]);
});

test('SAM can be scheduled', () => {
  const sam = new optim.SAM(new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 1, momentum: 0.9 }));
  const schedule = new lrScheduler.ExponentialLR(sam, 0.5);
  schedule.step();
  expect(sam.base.paramGroups[0]?.lr).toBe(0.5);
});

describe('bad arguments get one clear sentence', () => {
  const optimizer = new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 0.1 });
  const other = new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 0.1 });
  test.each([
    [() => new lrScheduler.StepLR(null as never, 2), 'Expected an optimizer for StepLR but received null'],
    [() => new lrScheduler.StepLR(optimizer, 0), 'Expected a whole number from 1 for stepSize but received number 0'],
    [() => new lrScheduler.LambdaLR(optimizer, [(x) => x, (x) => x]), 'Expected 1 values, one for each parameter group, for lrLambda'],
    [() => new lrScheduler.LambdaLR(optimizer, 3 as never), 'Expected a function for lrLambda but received number 3'],
    [() => new lrScheduler.ConstantLR(optimizer, { factor: 2 }), 'Expected a number in [0, 1] for factor but received number 2'],
    [() => new lrScheduler.LinearLR(optimizer, { startFactor: 0 }), 'Expected a number in (0, 1] for startFactor but received number 0'],
    [() => new lrScheduler.OneCycleLR(optimizer, 1, {}), 'Expected totalSteps, or epochs and stepsPerEpoch, whole numbers from 1,'],
    [() => new lrScheduler.ReduceLROnPlateau(optimizer, { factor: 1 }), 'Expected a number below 1 for factor but received number 1'],
    [() => new lrScheduler.ReduceLROnPlateau(optimizer).step(), 'Expected a number or a tensor of one for step of ReduceLROnPlateau'],
    [() => new lrScheduler.ChainedScheduler([]), 'Expected at least one schedule for ChainedScheduler'],
    [
      () => new lrScheduler.SequentialLR(optimizer, [new lrScheduler.StepLR(other, 1)], []),
      'Expected a schedule of the same optimizer for schedule 0 of SequentialLR',
    ],
    [
      () => new lrScheduler.ChainedScheduler([new lrScheduler.ReduceLROnPlateau(optimizer)]),
      'Expected a schedule that needs no metric for schedule 0 of ChainedScheduler',
    ],
    [
      () => new lrScheduler.CyclicLR(new optim.Adagrad([torch.zeros(1, { requiresGrad: true })]), 0.1, 1),
      'Expected an optimizer with momentum or betas for cycleMomentum',
    ],
    [
      () => new lrScheduler.StepLR(optimizer, 1).loadStateDict(new lrScheduler.ExponentialLR(optimizer, 0.5).stateDict()),
      'Expected a value for step_size of the state dict of StepLR but received nothing',
    ],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });

  test('and more steps than OneCycleLR was told of', () => {
    const schedule = new lrScheduler.OneCycleLR(other, 1, { totalSteps: 2 });
    schedule.step();
    schedule.step();
    expect(() => schedule.step()).toThrow('Expected at most 2 steps, as OneCycleLR was told, but received step 3');
  });
});
