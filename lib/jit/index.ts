/** Models that Python compiled, run and trained without Python. */

import type { ScriptValue } from '../tensor/script';
import type { Tensor } from '../tensor/tensor';
import { type ScriptForward, ScriptModule } from './script-module';

export type { ScriptValue } from '../tensor/script';
export { type ScriptForward, ScriptModule } from './script-module';

/**
 * Loads a TorchScript model, a file of Python's `torch.jit.script(model).save(path)` or `torch.jit.trace`, onto the CPU.
 *
 * ```ts
 * const model = jit.load<(x: Tensor) => Tensor>('model.pt');
 * const y = model.eval().forward(x);
 * ```
 *
 * Such a file holds a program, which runs when the model is called and may read and write files: load only what you trust. Weights
 * alone come safely through `io.loadPt` and `io.safetensors`.
 *
 * @throws when the file cannot be read, is damaged or is none of TorchScript
 */
export function load<Forward extends ScriptForward = (...inputs: ScriptValue[]) => Tensor>(path: string): ScriptModule<Forward> {
  return new ScriptModule<Forward>(path);
}
