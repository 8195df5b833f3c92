/** Modules, layers and their functions. */

import { nnFunctional } from '../tensor/operators';
import * as facade from './functional';

export { ReLU } from './activation';
export { BatchNorm2d, type BatchNormOptions } from './batch-norm';
export { Conv2d, type Conv2dOptions, type PaddingMode } from './conv';
export { Dropout, type DropoutOptions } from './dropout';
export { Flatten, type FlattenOptions } from './flatten';
export * as init from './init';
export { type FactoryOptions, Linear, type LinearOptions } from './linear';
export { type LoadStateDictOptions, type LoadStateDictResult, Module, type ModuleToOptions, type StateDict } from './module';
export { Buffer, type BufferOptions, Parameter, type ParameterOptions } from './parameter';
export { MaxPool2d, type MaxPool2dOptions } from './pooling';
export { Sequential } from './sequential';
export type { Pair } from './sizes';
export * as utils from './utils';

/** `torch.nn.functional`: PyTorch's functions, and libtorch's lower-level operators of that module under their own names. */
export const functional: Omit<typeof nnFunctional, keyof typeof facade> & typeof facade = { ...nnFunctional, ...facade };
