import * as torch from '../../lib';
import { methods, nn } from '../../lib';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;

/** Points of the ball, of norms up to `most` times its radius. */
function points(c: number, most: number, ...shape: number[]): torch.Tensor {
  const direction = torch.randn(shape, float64);
  const norms = torch.rand([...shape.slice(0, -1), 1], float64).mul(most / Math.sqrt(c));
  return direction.div(torch.linalg.vectorNorm(direction, 2, -1, true)).mul(norms);
}
const dot = (x: torch.Tensor, y: torch.Tensor) => x.mul(y).sum(-1);

describe.each([
  [0.1, 1, 4],
  [1, 5, 1],
  [2.5, 7, 3],
])('curvature -%p, [%p, %p]', (c, N, D) => {
  let x: torch.Tensor;
  let y: torch.Tensor;
  let z: torch.Tensor;
  beforeEach(() => {
    torch.manualSeed(N);
    [x, y, z] = [points(c, 0.9, N, D), points(c, 0.9, N, D), points(c, 0.9, N, D)] as [torch.Tensor, torch.Tensor, torch.Tensor];
  });

  test('Möbius addition: its definition, left cancellation, and what 0 and the opposite do', () => {
    const [xy, x2, y2] = [dot(x, y), dot(x, x), dot(y, y)].map((t) => t.unsqueeze(1)) as [torch.Tensor, torch.Tensor, torch.Tensor];
    const numerator = x
      .mul(
        xy
          .mul(2 * c)
          .add(y2.mul(c))
          .add(1),
      )
      .add(y.mul(x2.mul(-c).add(1)));
    const denominator = xy
      .mul(2 * c)
      .add(x2.mul(y2).mul(c * c))
      .add(1);
    const sum = methods.mobiusAdd(x, y, { c });
    expectClose(sum, numerator.div(denominator));
    expect(dot(sum, sum).mul(c).lt(1).all().item()).toBe(true);
    expectClose(methods.mobiusAdd(x.neg(), sum, { c }), y, 1e-9);
    expectClose(methods.mobiusAdd(torch.zeros(D, float64), y, { c }), y);
    expectClose(methods.mobiusAdd(x, x.neg(), { c }), torch.zerosLike(x));
  });

  test('the logarithms undo the exponentials', () => {
    const u = torch.randn([N, D], float64).div(Math.sqrt(c));
    expectClose(methods.poincareLogMap0(methods.poincareExpMap0(u, { c }), { c }), u, 1e-7);
    const short = u.mul(0.3);
    expectClose(methods.poincareLogMap(x, methods.poincareExpMap(x, short, { c }), { c }), short, 1e-7);
    expectClose(methods.poincareExpMap(x, methods.poincareLogMap(x, y, { c }), { c }), y, 1e-7);
    // At the origin both kinds are one.
    const origin = torch.zeros(D, float64);
    expectClose(methods.poincareExpMap(origin, u, { c }), methods.poincareExpMap0(u, { c }));
    expectClose(methods.poincareLogMap(origin, y, { c }), methods.poincareLogMap0(y, { c }));
  });

  test('a tangent of length r leads to the distance lambda_x r', () => {
    const u = torch.randn([N, D], float64).mul(0.3 / Math.sqrt(c));
    const factor = dot(x, x).mul(-c).add(1).reciprocal().mul(2);
    const wanted = torch.linalg.vectorNorm(u, 2, -1).mul(factor);
    expectClose(methods.poincareDistance(x, methods.poincareExpMap(x, u, { c }), { c }), wanted, 1e-7);
  });

  test('the distance: both closed forms, symmetric, the triangle, kept by translations and reflections', () => {
    const distance = methods.poincareDistance(x, y, { c });
    const gap = dot(x.sub(y), x.sub(y));
    const cosh = gap
      .mul(2 * c)
      .div(dot(x, x).mul(-c).add(1).mul(dot(y, y).mul(-c).add(1)))
      .add(1);
    expectClose(distance, cosh.acosh().div(Math.sqrt(c)), 1e-9);
    const moved = methods.mobiusAdd(x.neg(), y, { c });
    expectClose(
      distance,
      torch.linalg
        .vectorNorm(moved, 2, -1)
        .mul(Math.sqrt(c))
        .atanh()
        .mul(2 / Math.sqrt(c)),
      1e-9,
    );
    expectClose(methods.poincareDistance(y, x, { c }), distance);
    expect(
      distance
        .le(
          methods
            .poincareDistance(x, z, { c })
            .add(methods.poincareDistance(z, y, { c }))
            .add(1e-9),
        )
        .all()
        .item(),
    ).toBe(true);
    const translated = [x, y].map((point) => methods.mobiusAdd(z, point, { c })) as [torch.Tensor, torch.Tensor];
    expectClose(methods.poincareDistance(...translated, { c }), distance, 1e-7);
    expectClose(methods.poincareDistance(x.neg(), y.neg(), { c }), distance);
  });

  test('the matrix has the distances of all pairs', () => {
    const other = points(c, 0.95, 6, D);
    const wanted = methods.poincareDistance(x.unsqueeze(1), other.unsqueeze(0), { c });
    expectClose(methods.poincareDistanceMatrix(x, other, { c }), wanted, 1e-9);
    expect(methods.poincareDistanceMatrix(x, x, { c }).diagonal().eq(0).all().item()).toBe(true);
    expect(methods.poincareDistanceMatrix(x.narrow(0, 0, 0), other, { c }).shape).toEqual([0, 6]);
  });

  test('logits of gyroplanes: the definition, pair by pair', () => {
    const [a, p] = [torch.randn(3, D, float64), torch.randn(3, D, float64).mul(0.3 / Math.sqrt(c))];
    const q = methods.poincareExpMap0(p, { c });
    const inner = methods.mobiusAdd(q.neg().unsqueeze(0), x.unsqueeze(1), { c }); // [N, 3, D]
    const size = torch.linalg.vectorNorm(a, 2, -1);
    const argument = dot(inner, a)
      .mul(2 * Math.sqrt(c))
      .div(dot(inner, inner).mul(-c).add(1).mul(size));
    const wanted = argument
      .asinh()
      .mul(size)
      .mul(2 / Math.sqrt(c));
    expectClose(methods.hyperbolicLogits(x, a, p, { c }), wanted, 1e-9);
    expectClose(methods.hyperbolicLogits(q, a, p, { c }).diagonal(), torch.zeros(3, float64)); // a gyroplane's own point
  });

  test('all gradients agree with differences', () => {
    const inputs = [points(c, 0.8, N, D), points(c, 0.8, N, D)].map((t) => t.requiresGrad_());
    const [a, b] = inputs as [torch.Tensor, torch.Tensor];
    const check = (fn: (...tensors: torch.Tensor[]) => torch.Tensor, ...given: torch.Tensor[]) =>
      expect(torch.autograd.gradcheck(fn as never, given as never)).toBe(true);
    check((u) => methods.poincareExpMap0(u as torch.Tensor, { c }), a);
    check((u) => methods.poincareLogMap0(u as torch.Tensor, { c }), a);
    const pairs = [
      methods.mobiusAdd,
      methods.poincareExpMap,
      methods.poincareLogMap,
      methods.poincareDistance,
      methods.poincareDistanceMatrix,
    ];
    for (const pair of pairs) check((u, v) => pair(u as torch.Tensor, v as torch.Tensor, { c }), a, b);
    check(
      (u, n, p) => methods.hyperbolicLogits(u as torch.Tensor, n as torch.Tensor, p as torch.Tensor, { c }),
      a,
      b,
      points(c, 0.5, N, D).requiresGrad_(),
    );
    const twice = (u: torch.Tensor, v: torch.Tensor) => methods.poincareDistance(u, v, { c });
    expect(torch.autograd.gradgradcheck(twice, [a, b])).toBe(true);
  });
});

test('with little curvature all is Euclidean, but for the metric of 4', () => {
  torch.manualSeed(1);
  const [x, y, a] = [torch.randn(4, 3, float64), torch.randn(4, 3, float64), torch.randn(4, 3, float64)] as const;
  const c = 1e-10;
  expectClose(methods.mobiusAdd(x, y, { c }), x.add(y), 1e-7);
  expectClose(methods.poincareExpMap(x, y, { c }), x.add(y), 1e-7);
  expectClose(methods.poincareLogMap(x, y, { c }), y.sub(x), 1e-7);
  expectClose(methods.poincareDistanceMatrix(x, y, { c }), torch.cdist(x, y).mul(2), 1e-7);
  expectClose(methods.hyperbolicLogits(x, a, y, { c }), x.unsqueeze(1).sub(y).mul(a).sum(-1).mul(4), 1e-7);
});

test('equal points: distance 0 and gradient 0, in both precisions', () => {
  for (const dtype of ['float64', 'float32'] as const) {
    const x = points(0.1, 0.9, 5, 8).to(dtype).requiresGrad_();
    const distance = methods.poincareDistance(x, x.detach());
    expect(distance.eq(0).all().item()).toBe(true);
    distance.sum().backward();
    expect(x.grad?.eq(0).all().item()).toBe(true);
  }
});

test('the zero vector goes to 0, with the identity as derivative', () => {
  const u = torch.zeros(3, { dtype: 'float64', requiresGrad: true });
  for (const map of [methods.poincareExpMap0, methods.poincareLogMap0]) {
    expect(map(u).eq(0).all().item()).toBe(true);
    expectClose(
      torch.autograd.jacobian((v: torch.Tensor) => map(v), u),
      torch.eye(3, float64),
    );
  }
});

test('far out and at the boundary nothing is infinite', () => {
  for (const dtype of ['float64', 'float32', 'bfloat16'] as const) {
    const u = torch.full([2, 4], 1e4, { dtype, requiresGrad: true });
    const x = methods.poincareProject(methods.poincareExpMap0(u));
    const norm = torch.linalg.vectorNorm(x.double(), 2, -1);
    expect(norm.mul(Math.sqrt(0.1)).lt(1).all().item()).toBe(true);
    const y = x.neg();
    const values = [
      methods.poincareLogMap0(x),
      methods.poincareDistance(x, y),
      methods.poincareLogMap(x, y),
      methods.hyperbolicLogits(x, y, u.detach()),
    ];
    for (const value of values) expect(value.isfinite().all().item()).toBe(true);
    values
      .map((value) => value.double().sum())
      .reduce((sum, value) => sum.add(value))
      .backward();
    expect(u.grad?.isfinite().all().item()).toBe(true);
    const edge = torch.full([1, 1], Math.sqrt(10), { dtype }); // c |x|^2 = 1
    expect(methods.poincareLogMap0(edge).isfinite().all().item()).toBe(true);
  }
});

test('features are cut to the radius, points to the ball, and stay where they are inside', () => {
  const x = torch.tensor(
    [
      [3, 4],
      [0.3, 0.4],
      [0, 0],
    ],
    float64,
  );
  expectClose(torch.linalg.vectorNorm(methods.clipFeatures(x, { radius: 1 }), 2, 1), torch.tensor([5 / 5.00001, 0.5, 0], float64), 1e-9);
  const projected = methods.poincareProject(x, { c: 1, ballEps: 0.01 });
  expectClose(
    projected,
    torch.tensor(
      [
        [0.594, 0.792],
        [0.3, 0.4],
        [0, 0],
      ],
      float64,
    ),
    1e-7,
  );
  expect(methods.poincareProject(projected, { c: 1, ballEps: 0.01 }).allclose(projected, { rtol: 1e-15 })).toBe(true);
});

describe('toPoincare', () => {
  const x = () =>
    torch
      .tensor(
        [
          [3, 4],
          [0.2, -0.1],
          [-1, 1],
        ],
        float64,
      )
      .requiresGrad_();

  test('is clip, exponential map and projection', () => {
    const clipped = methods.clipFeatures(x(), { radius: 2 });
    expectClose(methods.toPoincare(x()), methods.poincareProject(methods.poincareExpMap0(clipped)));
    const origin = torch.tensor([0.5, -0.3], float64);
    const wanted = methods.poincareExpMap(methods.poincareExpMap0(origin, { c: 0.5 }), x(), { c: 0.5 });
    expectClose(methods.toPoincare(x(), origin, { c: 0.5, clipRadius: null }), methods.poincareProject(wanted, { c: 0.5 }));
  });

  test("the ball's metric scales the gradient once and changes no value", () => {
    const [plain, scaled] = [x(), x()];
    const weights = torch.randn(3, 2, float64);
    const y = methods.toPoincare(plain, null, { riemannianGradient: false });
    const z = methods.toPoincare(scaled, null);
    expect(z.equal(y)).toBe(true);
    z.mul(weights).sum().backward();
    const factor = y.detach().square().sum(1, true).mul(-0.1).add(1).square().div(4);
    y.mul(weights).mul(factor).sum().backward();
    expectClose(scaled.grad as torch.Tensor, plain.grad as torch.Tensor);
  });
});

test('layers: parameters with their names and initial values, what they compute, what they print', () => {
  torch.manualSeed(3);
  const mlr = new nn.HyperbolicMlr(4, 3, { c: 0.5 });
  torch.manualSeed(3);
  const [first, second] = [new nn.Linear(4, 3, { bias: false }), new nn.Linear(4, 3, { bias: false })];
  expect(Object.keys(mlr.stateDict())).toEqual(['a', 'p']);
  expect(mlr.a.equal(first.weight) && mlr.p.equal(second.weight)).toBe(true);
  expect(String(mlr)).toBe('HyperbolicMlr(4, 3, c=0.5)');

  const ball = new nn.ToPoincare(4, { c: 0.5, dtype: 'float32' });
  expect(String(ball)).toBe('ToPoincare(4, c=0.5, clip_radius=2, train_origin=True)');
  expect(Object.keys(ball.stateDict())).toEqual(['origin']);
  const x = torch.randn(5, 4);
  const y = ball.forward(x);
  expectClose(y, methods.toPoincare(x, torch.zeros(4), { c: 0.5 }), 1e-6);
  expectClose(mlr.forward(y), methods.hyperbolicLogits(y, mlr.a, mlr.p, { c: 0.5 }), 1e-6);
  mlr.forward(y).sum().backward();
  expect([ball.origin, mlr.a, mlr.p].every((parameter) => Number(parameter?.grad?.abs().sum().item()) > 0)).toBe(true);
  const fixed = new nn.ToPoincare(4, { trainOrigin: false, clipRadius: null });
  expect([...fixed.parameters()]).toEqual([]);
  expect(String(fixed)).toBe('ToPoincare(4, c=0.1, clip_radius=None, train_origin=False)');
});

test.each<[string, () => unknown, string]>([
  [
    'no curvature',
    () => methods.mobiusAdd(torch.ones(2), torch.ones(2), { c: 0 }),
    'Expected a number above 0 for c but received number 0',
  ],
  [
    'other lengths',
    () => methods.poincareDistance(torch.ones(2, 3), torch.ones(2)),
    'Expected shape [..., D] with D = 3 for y but received tensor float32[2] cpu',
  ],
  ['a number', () => methods.poincareExpMap0(torch.tensor(1)), 'Expected shape [..., D] for u but received tensor int64[] cpu'],
  [
    'no matrix',
    () => methods.poincareDistanceMatrix(torch.ones(3), torch.ones(1, 3)),
    'Expected shape [N, D] for x but received tensor float32[3] cpu',
  ],
  [
    'a wide edge',
    () => methods.poincareProject(torch.ones(3), { ballEps: 1 }),
    'Expected a number in (0, 1) for ballEps but received number 1',
  ],
  [
    'a radius of 0',
    () => methods.toPoincare(torch.ones(1, 3), null, { clipRadius: 0 }),
    'Expected a number above 0 for radius but received number 0',
  ],
  [
    'another origin',
    () => methods.toPoincare(torch.ones(1, 3), torch.ones(2)),
    'Expected shape [3] for origin but received tensor float32[2] cpu',
  ],
  [
    'planes without points',
    () => methods.hyperbolicLogits(torch.ones(1, 3), torch.ones(2, 3), torch.ones(1, 3)),
    'Expected shape [C, D] with C = 2, D = 3 for p but received tensor float32[1, 3] cpu',
  ],
  ['no layer size', () => new nn.HyperbolicMlr(0, 2), 'Expected a positive whole number for ballDim but received number 0'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
