/** Models that Python compiled to machine code, run without Python. */

import { rmSync } from 'node:fs';
import { checkedOptions } from '../tensor/checked';
import { loadCompiled } from '../tensor/compiled';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import type { Nested } from './call-spec';
import { type CompiledForward, CompiledModel } from './compiled-model';
import { unpack } from './package';

export type { Nested } from './call-spec';
export { type CompiledForward, CompiledModel, type LoadConstantsOptions } from './compiled-model';

const MOST_RUNNERS = 1024;

export interface AotiLoadPackageOptions {
  /** Which model of the package. Default `'model'`, as `aoti_compile_and_package` names it. */
  modelName?: string;
  /** Run without the locks that let several threads call the model. Default false. */
  runSingleThreaded?: boolean;
  /** How many calls can run at the same time. Default 1. */
  numRunners?: number;
  /** Index of the device, for models compiled for CUDA. Default -1: the current one. */
  deviceIndex?: number;
}

/**
 * Loads a model that Python exported and compiled, `torch._inductor.aoti_compile_and_package(torch.export.export(model, inputs))`;
 * PyTorch's `torch._inductor.aoti_load_package`.
 *
 * ```ts
 * using model = inductor.aotiLoadPackage<(x: Tensor) => Tensor>('model.pt2');
 * const y = model.run(x);
 * ```
 *
 * Such a file holds machine code for one kind of processor and one version of libtorch, which runs in this process and may do
 * anything that the process may: load only what you trust.
 *
 * @throws when the file cannot be read, is damaged or another one, has no such model, or does not fit this machine or libtorch
 */
export function aotiLoadPackage<Forward extends CompiledForward = (...inputs: Nested[]) => Tensor>(
  path: string,
  options?: AotiLoadPackageOptions,
): CompiledModel<Forward> {
  const { modelName = 'model', runSingleThreaded = false, numRunners = 1, deviceIndex = -1 } = checkedOptions(options, 'aotiLoadPackage');
  if (typeof path !== 'string' || path === '') throw expected('a path', 'aotiLoadPackage', path);
  if (typeof modelName !== 'string' || modelName === '') throw expected('a name', 'modelName', modelName);
  if (typeof runSingleThreaded !== 'boolean') throw expected('a boolean', 'runSingleThreaded', runSingleThreaded);
  if (!Number.isInteger(numRunners) || numRunners < 1 || numRunners > MOST_RUNNERS)
    throw expected(`a whole number from 1 to ${MOST_RUNNERS}`, 'numRunners', numRunners);
  if (runSingleThreaded && numRunners !== 1) throw expected('1 with runSingleThreaded', 'numRunners', numRunners);
  if (!Number.isInteger(deviceIndex) || deviceIndex < -1 || deviceIndex > 127)
    throw expected('a whole number from -1 to 127', 'deviceIndex', deviceIndex);
  const { folder, library, blob, metadata } = unpack(path, modelName, (about) => {
    if (about.AOTI_DEVICE_KEY === 'cpu' && deviceIndex !== -1)
      throw expected('-1 for a model that is compiled for the CPU', 'deviceIndex', deviceIndex);
  });
  try {
    const device = metadata.AOTI_DEVICE_KEY as string;
    const native = loadCompiled({ folder, library, blob, device, deviceIndex, numRunners, runSingleThreaded });
    return new CompiledModel<Forward>(native, metadata);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const [reason] = (error as Error).message.split('\n');
    throw new Error(`Expected a model for this machine and libtorch in ${path} but received one that does not load: ${reason}`, {
      cause: error,
    });
  }
}
