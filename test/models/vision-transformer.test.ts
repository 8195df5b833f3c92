import * as torch from '../../lib';
import { models } from '../../lib';
import { expectClose } from '../close';
import { expectMark, fill, numbers, stored } from './reference';

const wanted = stored.vitB16;

test("ViT-B/16 has torchvision's keys, shapes and initial values, and with the same weights its logits", () => {
  torch.manualSeed(3);
  const model = models.vitB16({ numClasses: 10, imageSize: 32 });
  const state = model.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(wanted.state));
  expect(Object.values(state).map((value) => value.shape)).toEqual(Object.values(wanted.state));
  for (const [k, value] of Object.values(state).entries()) expectMark(value, k, wanted.initial[k] as never, 1e-11);
  fill(model);
  const logits = torch.noGrad(() => model.eval().forward(numbers([2, 3, 32, 32]).to('float32')));
  expectClose(logits, wanted.logits, 1e-5);
});

const small = (options?: models.VisionTransformerOptions): models.VisionTransformer =>
  new models.VisionTransformer(8, 4, 2, 2, 8, 12, options);

test('it starts without preferring a class, and tells what the classifier sees', () => {
  const model = small({ numClasses: 3 });
  const x = torch.rand(2, 3, 8, 8);
  expect(torch.equal(model.forward(x), torch.zeros(2, 3))).toBe(true);
  fill(model);
  expect(model.features(x).shape).toEqual([2, 8]);
  expect(torch.equal(model.heads.forward(model.features(x)), model.forward(x))).toBe(true);
});

test('without embeddings of positions the order of the patches does not matter', () => {
  const model = small({ numClasses: 3 }).to('float64');
  fill(model);
  const x = torch.rand(2, 3, 8, 8, { dtype: 'float64' });
  const [left, right] = x.chunk(2, 3) as [torch.Tensor, torch.Tensor];
  const turned = torch.cat([right, left], 3);
  expect(torch.allclose(model.forward(turned), model.forward(x))).toBe(false);
  torch.noGrad(() => model.encoder.posEmbedding.zero_());
  expect(torch.allclose(model.forward(turned), model.forward(x), { rtol: 0, atol: 1e-12 })).toBe(true);
});

test('what makes no network, and images of other sizes, are refused', () => {
  const sized = (imageSize: number, patchSize: number, numHeads: number) => () =>
    new models.VisionTransformer(imageSize, patchSize, 1, numHeads, 8, 12);
  expect(sized(10, 4, 2)).toThrow('Expected a number that patchSize = 4 divides for imageSize but received number 10');
  expect(sized(8, 4, 3)).toThrow('Expected a number that 3 heads divide for embedDim but received number 8');
  expect(sized(8, 0, 2)).toThrow('Expected a positive whole number for patchSize but received number 0');
  expect(() => small({ representationSize: 0 })).toThrow('Expected a positive whole number for representationSize but received number 0');
  expect(() => small({ dropout: 1.5 })).toThrow('Expected a probability in [0, 1] for p but received number 1.5');
  expect(() => models.vitB16({ imageSize: 100 })).toThrow('Expected a number that patchSize = 16 divides for imageSize');
  for (const shape of [
    [2, 3, 8, 12],
    [2, 1, 8, 8],
    [3, 8, 8],
    [1, 3, 8, 8, 1],
  ])
    expect(() => small().forward(torch.zeros(shape))).toThrow(
      `Expected images [N, 3, 8, 8] for VisionTransformer but received tensor float32[${shape.join(', ')}] cpu`,
    );
  // @ts-expect-error no tensor
  expect(() => small().forward([1])).toThrow('Expected a tensor for input but received an array of 1');
});
