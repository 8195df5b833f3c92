/** One step of AdamW over parameters of ResNet-18's shapes, gradients at hand. */

import * as torch from 'torchwright';
import type { Batch } from './batch';

/** A convolution without bias and its batch norm: weight, scale, shift. */
function convolution(out: number, channels: number, kernel: number): number[][] {
  return [[out, channels, kernel, kernel], [out], [out]];
}

/** The shapes of the 62 parameters of ResNet-18, 11.7 million numbers. */
function resnet18(): number[][] {
  const shapes = convolution(64, 3, 7);
  let channels = 64;
  for (const out of [64, 128, 256, 512]) {
    for (let block = 0; block < 2; block++) {
      shapes.push(...convolution(out, channels, 3), ...convolution(out, out, 3));
      if (channels !== out) shapes.push(...convolution(out, channels, 1));
      channels = out;
    }
  }
  return [...shapes, [1000, 512], [1000]];
}

export function adamwResnet18(): Batch {
  const parameters = resnet18().map((shape) => new torch.nn.Parameter(torch.randn(shape)));
  for (const parameter of parameters) parameter.grad = torch.randn(parameter.shape);
  const optimizer = new torch.optim.AdamW(parameters, { lr: 1e-3 });
  return (n) => {
    for (let i = 0; i < n; i++) optimizer.step();
  };
}
