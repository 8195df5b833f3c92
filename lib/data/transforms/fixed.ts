/** Transforms without random choices: functions with their parameters. */

import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';
import * as functional from './functional';
import { sizeOf } from './functional/geometry';
import type { Transform } from './transform';

/** The middle of the image; a border of 0 where it is smaller. */
export class CenterCrop implements Transform {
  readonly size: functional.Size;
  constructor(size: functional.Size) {
    sizeOf(size, 'size');
    this.size = size;
  }
  forward(image: Tensor): Tensor {
    return functional.centerCrop(image, this.size);
  }
}

/** Another size: [height, width], or one number for the shorter side. */
export class Resize implements Transform {
  readonly size: functional.Size;
  readonly options: functional.ResizeOptions;
  constructor(size: functional.Size, options?: functional.ResizeOptions) {
    const given = checkedOptions(options, 'Resize');
    sizeOf(size, 'size');
    this.size = size;
    this.options = given;
  }
  forward(image: Tensor): Tensor {
    return functional.resize(image, this.size, this.options);
  }
}

/** A border. */
export class Pad implements Transform {
  readonly padding: functional.Padding;
  readonly options: functional.PadOptions;
  constructor(padding: functional.Padding, options?: functional.PadOptions) {
    const given = checkedOptions(options, 'Pad');
    this.padding = padding;
    this.options = given;
  }
  forward(image: Tensor): Tensor {
    return functional.pad(image, this.padding, this.options);
  }
}

/** Brightness, in one channel or three equal ones. */
export class Grayscale implements Transform {
  readonly numOutputChannels: 1 | 3;
  constructor(options?: { numOutputChannels?: 1 | 3 }) {
    const { numOutputChannels = 1 } = checkedOptions(options, 'Grayscale');
    this.numOutputChannels = numOutputChannels;
  }
  forward(image: Tensor): Tensor {
    return functional.rgbToGrayscale(image, { numOutputChannels: this.numOutputChannels });
  }
}

/** (image - mean) / std, channel by channel. */
export class Normalize implements Transform {
  readonly mean: functional.PerChannel;
  readonly std: functional.PerChannel;
  constructor(mean: functional.PerChannel, std: functional.PerChannel) {
    this.mean = mean;
    this.std = std;
  }
  forward(image: Tensor): Tensor {
    return functional.normalize(image, this.mean, this.std);
  }
}

/** Another dtype; with `scale` the range goes along. torchvision's `ToDtype`. */
export class ConvertDtype implements Transform {
  readonly dtype: DType;
  readonly scale: boolean;
  constructor(dtype: DType = 'float32', options?: { scale?: boolean }) {
    const { scale = true } = checkedOptions(options, 'ConvertDtype');
    this.dtype = dtype;
    this.scale = scale;
  }
  forward(image: Tensor): Tensor {
    return functional.toDtype(image, this.dtype, { scale: this.scale });
  }
}
