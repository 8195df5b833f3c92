import { noGrad } from '../autograd/modes';
import { Dropout, Embedding, init, LayerNorm, Linear, Module, ModuleDict, ModuleList, type Parameter } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange, empty } from '../tensor/generated/root';
import type { Generator } from '../tensor/generator';
import { checkChoice } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { GPTBlock } from './gpt-block';

export interface GPTOptions {
  /** Default 12, as all sizes those of the smallest GPT-2. */
  numLayers?: number;
  /** Heads of attention. Default 12. */
  numHeads?: number;
  /** Features of each position, which `numHeads` divides. Default 768. */
  embedDim?: number;
  /** Probability of dropout of embeddings, attention weights and each branch's output. Default 0. */
  dropout?: number;
  /** Biases of linear maps and normalisations. Default true. */
  bias?: boolean;
  /** One tensor for the tokens' embeddings and for the last linear map. Default true. */
  tieWeights?: boolean;
  /** How GELU is computed: `'tanh'` is what GPT-2 was trained with. Default `'none'`, exactly. */
  approximate?: 'none' | 'tanh';
}

export interface GenerateOptions {
  /** Default 100. */
  maxNewTokens?: number;
  /** Divides the logits: below 1 likely tokens become likelier, and at 0 the likeliest is always taken. Default 1. */
  temperature?: number;
  /** Draw from so many likeliest tokens only; null for all. Default null. */
  topK?: number | null;
  /** Draws the tokens. Default: the global one of the device. */
  generator?: Generator | null;
}

/** Standard deviation of initial weights (Radford et al., 2018). */
const INITIAL_STD = 0.02;

/**
 * GPT-2: a language model that tells at each position of a row of tokens which one may follow, from blocks of attention to what came
 * before (Radford et al., 2019).
 *
 * ```ts
 * const model = new models.GPT(65, 64, { numLayers: 4, numHeads: 4, embedDim: 128 });
 * const loss = nn.functional.crossEntropy(model.forward(tokens).flatten(0, 1), targets.flatten());
 * ```
 *
 * Shapes: input int64 [N, L] with L of at most `blockSize`, output [N, L, vocabSize] before any softmax. Weights start normal with
 * standard deviation 0.02, those that end a residual branch with 0.02 / sqrt(2 numLayers), biases with zeros. State dict keys, and
 * initial values under the same seed, are those of nanoGPT: `transformer.wte`, `transformer.h.0.attn.c_attn`, `lm_head` and so on. The
 * keys of GPT-2's published weights are the same, but there the weights of a block's linear maps are transposed.
 *
 * @param vocabSize how many tokens there are
 * @param blockSize the longest row
 * @throws for sizes that are no positive whole numbers, an `embedDim` that `numHeads` does not divide, and probabilities outside [0, 1];
 * in `forward` for tokens that are not of this shape and dtype
 */
export class GPT extends Module {
  readonly transformer: ModuleDict<{ wte: Embedding; wpe: Embedding; drop: Dropout; h: ModuleList<GPTBlock>; ln_f: LayerNorm }>;
  readonly lmHead: Linear;

  constructor(
    readonly vocabSize: number,
    readonly blockSize: number,
    options?: GPTOptions,
  ) {
    super();
    const { numLayers = 12, numHeads = 12, embedDim = 768, dropout = 0, bias = true } = checkedOptions(options, 'GPT');
    const { tieWeights = true, approximate = 'none' } = options ?? {};
    for (const [name, size] of Object.entries({ vocabSize, blockSize, numLayers, numHeads, embedDim })) checkSize(size, name);
    if (embedDim % numHeads !== 0) throw expected(`a number that ${numHeads} heads divide`, 'embedDim', embedDim);
    checkChoice(approximate, 'approximate', ['none', 'tanh']);
    const shape = { embedDim, numHeads, dropout, bias, approximate };
    const wte = new Embedding(vocabSize, embedDim);
    this.transformer = new ModuleDict({
      wte,
      wpe: new Embedding(blockSize, embedDim),
      drop: new Dropout({ p: dropout }),
      h: new ModuleList(Array.from({ length: numLayers }, () => new GPTBlock(shape))),
      ln_f: new LayerNorm(embedDim, { bias }),
    });
    this.lmHead = new Linear(embedDim, vocabSize, { bias: false });
    if (tieWeights) (this.lmHead as { weight: Parameter }).weight = wte.weight;
    initialise(this, numLayers);
  }

  /** What the last linear map sees: [N, L] to [N, L, embedDim]. */
  features(tokens: Tensor): Tensor {
    const { blockSize, transformer } = this;
    if (!(tokens instanceof Tensor) || tokens.dtype !== 'int64' || tokens.dim() !== 2 || tokens.size(1) > blockSize)
      throw expected(`an int64 tensor [N, L] with L of at most ${blockSize}`, 'tokens', tokens);
    const positions = arange(tokens.size(1), { device: tokens.device });
    const embedded = transformer.get('wte').forward(tokens).add(transformer.get('wpe').forward(positions));
    let x = transformer.get('drop').forward(embedded);
    for (const block of transformer.get('h')) x = block.forward(x);
    return transformer.get('ln_f').forward(x);
  }

  override forward(tokens: Tensor): Tensor {
    return this.lmHead.forward(this.features(tokens));
  }

  /**
   * Goes on with rows of tokens: draws one token after the other from what the model expects, seeing the last `blockSize` of them each
   * time. Nothing is recorded for gradients; with dropout call `eval` before.
   *
   * Shapes: tokens int64 [N, L] with L from 1, output int64 [N, L + maxNewTokens], the given tokens first.
   *
   * @throws for tokens of another shape or dtype, and for numbers outside their range
   */
  generate(tokens: Tensor, options?: GenerateOptions): Tensor {
    const { maxNewTokens = 100, temperature = 1, topK = null, generator = null } = checkedOptions(options, 'generate');
    checkSize(maxNewTokens, 'maxNewTokens', 0);
    if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) throw expected('a finite number from 0', 'temperature', temperature);
    if (topK !== null) checkSize(topK, 'topK');
    if (!(tokens instanceof Tensor) || tokens.dtype !== 'int64' || tokens.dim() !== 2 || tokens.size(1) === 0)
      throw expected('an int64 tensor [N, L] with L of at least 1', 'tokens', tokens);
    const [rows, given] = tokens.shape as [number, number];
    return scope(() =>
      noGrad(() => {
        const all = empty([rows, given + maxNewTokens], { dtype: 'int64', device: tokens.device });
        all.narrow(1, 0, given).copy_(tokens);
        for (let length = given; length < given + maxNewTokens; length++) {
          scope(() => {
            const seen = Math.min(length, this.blockSize);
            const logits = this.lmHead.forward(this.features(all.narrow(1, length - seen, seen)).select(1, -1));
            all.select(1, length).copy_(draw(logits, temperature, topK, generator));
          });
        }
        return all;
      }),
    );
  }
}

/** One token for each row of logits: [N, vocabSize] to int64 [N]. */
function draw(logits: Tensor, temperature: number, topK: number | null, generator: Generator | null): Tensor {
  if (temperature === 0) return logits.argmax(-1);
  let scaled = logits.div(temperature);
  if (topK !== null) {
    const { values } = scaled.topk(Math.min(topK, scaled.size(-1)));
    scaled = scaled.maskedFill(scaled.lt(values.narrow(-1, -1, 1)), Number.NEGATIVE_INFINITY);
  }
  return scaled.softmax(-1).multinomial(1, { generator }).squeeze(-1);
}

/** In nanoGPT's order of draws, in which weights that are tied are drawn twice. */
function initialise(model: GPT, numLayers: number): void {
  model.apply((module) => {
    if (!(module instanceof Linear || module instanceof Embedding)) return;
    init.normal_(module.weight, { std: INITIAL_STD });
    if (module instanceof Linear && module.bias !== null) init.zeros_(module.bias);
  });
  for (const [name, parameter] of model.namedParameters())
    if (name.endsWith('c_proj.weight')) init.normal_(parameter, { std: INITIAL_STD / Math.sqrt(2 * numLayers) });
}
