import * as torch from '../../lib';
import { nn } from '../../lib';

type AnyLayer = nn.Module & { forward(...inputs: torch.Tensor[]): torch.Tensor };

/** A layer of each family and its inputs' shapes. Pooling is checked on numbers that lie apart, so that no step changes which is largest. */
const cases: readonly (readonly [() => AnyLayer, ...shapes: number[][]])[] = [
  [() => new nn.Conv1d(2, 2, 3, { padding: 1, paddingMode: 'circular' }), [1, 2, 4]],
  [() => new nn.Conv3d(2, 2, 2, { groups: 2 }), [1, 2, 2, 3, 2]],
  [() => new nn.ConvTranspose2d(2, 2, 2, { stride: 2, outputPadding: 1 }), [1, 2, 2, 2]],
  [() => new nn.MaxPool2d([2, 1]), [1, 2, 4, 2]],
  [() => new nn.AvgPool3d(2), [1, 2, 2, 2, 2]],
  [() => new nn.LPPool1d(2, 2), [1, 2, 4]],
  [() => new nn.AdaptiveAvgPool1d(2), [1, 2, 5]],
  [() => new nn.BatchNorm1d(2), [3, 2]],
  [() => new nn.InstanceNorm1d(2, { affine: true }), [2, 2, 3]],
  [() => new nn.LayerNorm(3), [2, 3]],
  [() => new nn.GroupNorm(2, 4), [2, 4, 2]],
  [() => new nn.RMSNorm(3), [2, 3]],
  [() => new nn.LocalResponseNorm(3, { alpha: 0.5 }), [1, 4, 3]],
  [() => new nn.Mish(), [2, 3]],
  [() => new nn.PReLU({ numParameters: 2 }), [2, 2, 2]],
  [() => new nn.GLU(), [2, 4]],
  [() => new nn.LogSoftmax({ dim: 1 }), [2, 3]],
  [() => new nn.ReflectionPad2d([1, 2, 0, 1]), [1, 1, 2, 3]],
  [() => new nn.Upsample({ scaleFactor: 1.5, mode: 'bicubic' }), [1, 1, 3, 4]],
  [() => new nn.PixelShuffle(2), [1, 4, 1, 2]],
  [() => new nn.Unfold(2), [1, 1, 3, 3]],
  [() => new nn.Fold([3, 3], 2), [1, 4, 4]],
  [() => new nn.Bilinear(2, 3, 2), [2, 2], [2, 3]],
  [() => new nn.CosineSimilarity(), [2, 3], [2, 3]],
];

test.each(cases.map(([make, ...shapes]) => [make().toString(), make, shapes] as const))('%s', (_, make, shapes) => {
  torch.manualSeed(1);
  const layer = make().double();
  // A permutation with noise below half a step: distinct, neither ordered nor on a kink.
  const inputs = shapes.map((shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const steps = torch.randperm(count).double().add(torch.rand(count).mul(0.4));
    return steps.div(count).sub(0.45).mul(3).reshape(shape).requiresGrad_();
  });
  const leaves = [...inputs, ...layer.parameters()];
  const forward = (...values: torch.Tensor[]): torch.Tensor => {
    // What gradcheck moved takes the parameter's place.
    for (const [k, parameter] of [...layer.parameters()].entries()) parameter.data = (values[inputs.length + k] as torch.Tensor).detach();
    return layer.forward(...values.slice(0, inputs.length));
  };
  expect(torch.autograd.gradcheck(forward, leaves)).toBe(true);
});
