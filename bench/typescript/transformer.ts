/** A pre-norm transformer block. */

import * as torch from 'torchwright';

const { nn } = torch;

export class TransformerBlock extends nn.Module {
  readonly width: number;
  readonly heads: number;
  readonly scale1: torch.nn.Parameter;
  readonly shift1: torch.nn.Parameter;
  readonly scale2: torch.nn.Parameter;
  readonly shift2: torch.nn.Parameter;
  readonly qkv: torch.nn.Linear;
  readonly out: torch.nn.Linear;
  readonly up: torch.nn.Linear;
  readonly down: torch.nn.Linear;

  constructor(width: number, heads: number) {
    super();
    this.width = width;
    this.heads = heads;
    this.scale1 = new nn.Parameter(torch.ones(width));
    this.shift1 = new nn.Parameter(torch.zeros(width));
    this.scale2 = new nn.Parameter(torch.ones(width));
    this.shift2 = new nn.Parameter(torch.zeros(width));
    this.qkv = new nn.Linear(width, 3 * width);
    this.out = new nn.Linear(width, width);
    this.up = new nn.Linear(width, 4 * width);
    this.down = new nn.Linear(4 * width, width);
  }

  /** [batch, length, width] to the same. */
  override forward(x: torch.Tensor): torch.Tensor {
    const { width, heads } = this;
    const [batch, length] = x.shape as [number, number];
    const normed = torch.layerNorm(x, [width], { weight: this.scale1, bias: this.shift1 });
    const split = this.qkv.forward(normed).reshape(batch, length, 3, heads, width / heads);
    const [q, k, v] = split.permute(2, 0, 3, 1, 4).unbind(0) as [torch.Tensor, torch.Tensor, torch.Tensor];
    const mixed = nn.functional.scaledDotProductAttention(q, k, v);
    const y = x.add(this.out.forward(mixed.transpose(1, 2).reshape(batch, length, width)));
    const hidden = this.up.forward(torch.layerNorm(y, [width], { weight: this.scale2, bias: this.shift2 }));
    return y.add(this.down.forward(nn.functional.gelu(hidden)));
  }
}
