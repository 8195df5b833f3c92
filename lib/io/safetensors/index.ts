/** The safetensors format: a JSON header that names dtype, shape and place of each tensor, then their bytes. */

export { open, type SafetensorsFile } from './file';
export type { SafetensorsEntry, SafetensorsHeader } from './header';
export { type LoadFileOptions, type LoadOptions, load, loadFile, readHeader } from './load';
export { type SaveOptions, save, saveFile } from './save';
export { loadSharded, type SaveShardedOptions, saveSharded } from './sharded';
