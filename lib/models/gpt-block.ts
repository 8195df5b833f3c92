import { Dropout, functional as F, GELU, LayerNorm, Linear, Module } from '../nn';
import type { Tensor } from '../tensor/tensor';

/** What all blocks of a GPT have in common. */
export interface GPTBlockShape {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly bias: boolean;
  readonly approximate: 'none' | 'tanh';
}

/** Attention of each position to itself and those before it. [N, L, embedDim] to the same. */
class CausalSelfAttention extends Module {
  readonly cAttn: Linear;
  readonly cProj: Linear;
  readonly residDropout: Dropout;
  readonly #numHeads: number;

  constructor({ embedDim, numHeads, dropout, bias }: GPTBlockShape) {
    super();
    this.cAttn = new Linear(embedDim, 3 * embedDim, { bias });
    this.cProj = new Linear(embedDim, embedDim, { bias });
    this.residDropout = new Dropout({ p: dropout });
    this.#numHeads = numHeads;
  }

  override forward(input: Tensor): Tensor {
    // [N, L, 3, heads, width] to queries, keys and values [N, heads, L, width]
    const joint = this.cAttn.forward(input).unflatten(-1, [3, this.#numHeads, -1]);
    const [query, key, value] = joint.permute([2, 0, 3, 1, 4]).unbind(0) as [Tensor, Tensor, Tensor];
    const dropoutP = this.training ? this.residDropout.p : 0;
    const attended = F.scaledDotProductAttention(query, key, value, { dropoutP, isCausal: true });
    return this.residDropout.forward(this.cProj.forward(attended.transpose(1, 2).flatten(2)));
  }
}

/** Two linear maps with GELU between them, four times as wide within. [*, embedDim] to the same. */
class FeedForward extends Module {
  readonly cFc: Linear;
  readonly gelu: GELU;
  readonly cProj: Linear;
  readonly dropout: Dropout;

  constructor({ embedDim, dropout, bias, approximate }: GPTBlockShape) {
    super();
    this.cFc = new Linear(embedDim, 4 * embedDim, { bias });
    this.gelu = new GELU({ approximate });
    this.cProj = new Linear(4 * embedDim, embedDim, { bias });
    this.dropout = new Dropout({ p: dropout });
  }

  override forward(input: Tensor): Tensor {
    return this.dropout.forward(this.cProj.forward(this.gelu.forward(this.cFc.forward(input))));
  }
}

/** A block of GPT-2: attention and a map of each position, both with normalisation before and the input added behind. */
export class GPTBlock extends Module {
  readonly ln_1: LayerNorm;
  readonly attn: CausalSelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: FeedForward;

  constructor(shape: GPTBlockShape) {
    super();
    const { embedDim, bias } = shape;
    this.ln_1 = new LayerNorm(embedDim, { bias });
    this.attn = new CausalSelfAttention(shape);
    this.ln_2 = new LayerNorm(embedDim, { bias });
    this.mlp = new FeedForward(shape);
  }

  override forward(input: Tensor): Tensor {
    const attended = this.attn.forward(this.ln_1.forward(input)).add(input);
    return this.mlp.forward(this.ln_2.forward(attended)).add(attended);
  }
}
