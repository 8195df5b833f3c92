/** Files of tensors. */

export { type LoadPtOptions, loadPt } from './pt/load';
export { savePt } from './pt/save';
export * as safetensors from './safetensors';
