import * as torch from '../../lib';
import { models, nn, optim } from '../../lib';
import { liveTensors } from '../live';
import { fill, stored, tokens } from './reference';

const shape = { numLayers: 2, numHeads: 2, embedDim: 16 };

/** The network of the stored rows. */
function filled(): models.GPT {
  const model = new models.GPT(11, 8, shape).to('float64');
  fill(model);
  return model;
}

describe('GPT', () => {
  test('no position sees what comes after it', () => {
    const model = filled();
    const row = tokens([1, 8], 11);
    const before = model.forward(row);
    const after = model.forward(row.indexPut([null, torch.tensor([5])], row.select(1, 5).add(1).remainder(11)));
    expect(torch.equal(after.narrow(1, 0, 5), before.narrow(1, 0, 5))).toBe(true);
    const change = after.sub(before).abs().amax(2).squeeze(0).toArray() as number[];
    for (const position of [5, 6, 7]) expect(change[position]).toBeGreaterThan(1e-6);
    expect(torch.allclose(model.forward(row.narrow(1, 0, 5)), before.narrow(1, 0, 5), { rtol: 0, atol: 1e-12 })).toBe(true);
  });

  test("starts with GPT-2's weights, and so at the loss of not knowing anything", () => {
    torch.manualSeed(0);
    const model = new models.GPT(50, 32, { numLayers: 8, numHeads: 4, embedDim: 128 });
    for (const [name, parameter] of model.namedParameters()) {
      const std = name.endsWith('c_proj.weight') ? 0.02 / Math.sqrt(2 * 8) : 0.02;
      if (parameter.dim() === 2) expect(Number(parameter.std().item()) / std).toBeCloseTo(1, 1);
      else expect(torch.equal(parameter, name.endsWith('bias') ? parameter.mul(0) : torch.onesLike(parameter))).toBe(true);
    }
    const row = torch.randint(50, [4, 32]);
    const loss = nn.functional.crossEntropy(model.forward(row).flatten(0, 1), row.roll(1, 1).flatten());
    expect(Number(loss.item())).toBeCloseTo(Math.log(50), 1);
  });

  test('the last map and the embeddings are one tensor, also after a move, a load and a step, unless told otherwise', () => {
    const model = new models.GPT(11, 8, shape);
    const untied = new models.GPT(11, 8, { ...shape, tieWeights: false });
    const keys = Object.keys(model.stateDict());
    expect(Object.keys(untied.stateDict())).toEqual(keys);
    expect([...untied.parameters()]).toHaveLength(keys.length);
    expect([...model.parameters()]).toHaveLength(keys.length - 1);

    const wte = (): torch.Tensor => model.getParameter('transformer.wte.weight');
    expect(model.lmHead.weight).toBe(wte());
    model.to('float64').loadStateDict(new models.GPT(11, 8, shape).stateDict());
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const row = tokens([3, 8], 11);
    const first = model.lmHead.weight.detach().clone();
    nn.functional.crossEntropy(model.forward(row).flatten(0, 1), row.flatten()).backward();
    optimizer.step();
    expect(torch.equal(model.lmHead.weight, first)).toBe(false);
    expect(torch.equal(model.lmHead.weight, model.stateDict()['transformer.wte.weight'] as torch.Tensor)).toBe(true);
  });

  test('its gradients are those of differences', () => {
    const row = tokens([1, 3], 3);
    const model = new models.GPT(3, 4, { numLayers: 1, numHeads: 2, embedDim: 4 }).to('float64');
    fill(model);
    const parameters = [...model.parameters()];
    const logits = (...values: torch.Tensor[]): torch.Tensor => {
      // What gradcheck moved takes the parameter's place.
      for (const [k, parameter] of parameters.entries()) parameter.data = (values[k] as torch.Tensor).detach();
      return model.forward(row);
    };
    expect(torch.autograd.gradcheck(logits, parameters)).toBe(true);
  });

  test('what makes no network, and what are no tokens, is refused', () => {
    expect(() => new models.GPT(0, 8)).toThrow('Expected a positive whole number for vocabSize but received number 0');
    expect(() => new models.GPT(5, 8, { numLayers: 0 })).toThrow('Expected a positive whole number for numLayers but received number 0');
    expect(() => new models.GPT(5, 8, { ...shape, numHeads: 3 })).toThrow('Expected a number that 3 heads divide for embedDim');
    expect(() => new models.GPT(5, 8, { ...shape, dropout: 2 })).toThrow('Expected a probability in [0, 1] for p but received number 2');
    expect(() => new models.GPT(5, 8, { ...shape, approximate: 'no' as never })).toThrow("Expected one of 'none', 'tanh' for approximate");
    const model = filled();
    for (const value of [torch.zeros(2, 9).long(), torch.zeros(8).long(), torch.zeros(2, 8), [1]])
      expect(() => model.forward(value as torch.Tensor)).toThrow('Expected an int64 tensor [N, L] with L of at most 8 for tokens but');
    expect(() => model.forward(torch.full([1, 2], 11))).toThrow();
  });
});

describe('generate', () => {
  test.each(stored.generated)(
    'draws what PyTorch draws at temperature $temperature of topK $topK',
    ({ temperature, topK, tokens: wanted }) => {
      const generator = new torch.Generator().manualSeed(6);
      const rows = filled()
        .eval()
        .generate(tokens([3, 4], 11), { maxNewTokens: 12, temperature, topK, generator });
      expect(rows.toArray()).toEqual(wanted);
    },
  );

  test('takes the likeliest token at temperature 0, and when it is the only candidate', () => {
    const model = filled();
    const start = tokens([2, 3], 11);
    const greedy = model.generate(start, { maxNewTokens: 9, temperature: 0 });
    expect(torch.equal(model.generate(start, { maxNewTokens: 9, topK: 1 }), greedy)).toBe(true);
    for (let length = 3; length < 12; length++) {
      const seen = greedy.narrow(1, Math.max(0, length - 8), Math.min(length, 8));
      expect(torch.equal(model.forward(seen).select(1, -1).argmax(-1), greedy.select(1, length))).toBe(true);
    }
  });

  test('follows the seed, leaves the given tokens and the mode of the model, and records and leaves nothing else', () => {
    const model = filled();
    const start = tokens([2, 3], 11);
    const before = start.clone();
    const rows = [0, 0, 1].map((seed) => {
      torch.manualSeed(seed);
      return model.generate(start, { maxNewTokens: 20 });
    }) as [torch.Tensor, torch.Tensor, torch.Tensor];
    expect(rows[0].shape).toEqual([2, 23]);
    expect(torch.equal(rows[0].narrow(1, 0, 3), before)).toBe(true);
    expect([torch.equal(rows[0], rows[1]), torch.equal(rows[0], rows[2])]).toEqual([true, false]);
    expect([rows[0].requiresGrad, model.training, torch.equal(start, before)]).toEqual([false, true, true]);
    const living = liveTensors();
    const more = model.generate(start);
    expect(liveTensors() - living).toBeLessThanOrEqual(1);
    expect(more.shape).toEqual([2, 103]);
    expect(torch.equal(model.generate(start, { maxNewTokens: 0 }), start)).toBe(true);
  });

  test('what it cannot do is refused', () => {
    const model = filled();
    const start = tokens([1, 3], 11);
    expect(() => model.generate(start, { maxNewTokens: -1 })).toThrow('Expected a whole number from 0 for maxNewTokens');
    for (const temperature of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => model.generate(start, { temperature })).toThrow(
        `Expected a finite number from 0 for temperature but received number ${temperature}`,
      );
    expect(() => model.generate(start, { topK: 0 })).toThrow('Expected a positive whole number for topK but received number 0');
    expect(() => model.generate(start.squeeze(0))).toThrow('Expected an int64 tensor [N, L] with L of at least 1 for tokens');
    expect(() => model.generate(torch.zeros(1, 0).long())).toThrow('but received tensor int64[1, 0] cpu');
  });
});
