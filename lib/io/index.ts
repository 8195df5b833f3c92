/** Files of tensors. */

export * as safetensors from './safetensors';
