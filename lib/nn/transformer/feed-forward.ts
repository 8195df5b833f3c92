import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import { gelu, relu } from '../functional';
import type { FactoryOptions } from '../linear';
import { Module } from '../module';

/** A module that maps a tensor to one of the same shape. */
export type ActivationModule = Module & { forward(input: Tensor): Tensor };

/** An activation: by name, as a function, or as a module, which then is part of the layer. */
export type TransformerActivation = 'relu' | 'gelu' | ((input: Tensor) => Tensor) | ActivationModule;

/** What layers of encoders and of decoders have in common. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** Features between the two linear maps. Default 2048. */
  dimFeedforward?: number;
  /** Probability of dropout, also of attention weights. Default 0.1. */
  dropout?: number;
  /** Between the two linear maps. Default `'relu'`. */
  activation?: TransformerActivation;
  /** Added to the variance by the normalisations. Default 1e-5. */
  layerNormEps?: number;
  /** Inputs and outputs are [N, L, E] and not [L, N, E]. Default false. */
  batchFirst?: boolean;
  /** Normalise before attention and linear maps, and not after them. Default false. */
  normFirst?: boolean;
  /** Learned biases of linear maps and normalisations. Default true. */
  bias?: boolean;
}

/** The activation as what the layer keeps: a function, or a module, which is printed and saved. */
export function activationOf(activation: TransformerActivation): ((input: Tensor) => Tensor) | ActivationModule {
  if (activation === 'relu') return (input) => relu(input);
  if (activation === 'gelu') return (input) => gelu(input);
  if (typeof activation !== 'function' && !(activation instanceof Module))
    throw expected("'relu', 'gelu', a function or a module", 'activation', activation);
  return activation;
}

export function activated(activation: ((input: Tensor) => Tensor) | ActivationModule, input: Tensor): Tensor {
  return typeof activation === 'function' ? activation(input) : activation.forward(input);
}
