/** Models of AOTInductor in C++. */

import { addon } from '../native';
import type { CompiledSource, NativeCompiled } from './addon';
import { prepare } from './context';
import type { Tensor } from './tensor';

export function loadCompiled(source: CompiledSource): NativeCompiled {
  return addon.aotiLoad(source);
}

export function unloadCompiled(model: NativeCompiled): void {
  addon.aotiUnload(model);
}

/** How inputs and outputs are nested, as JSON of Python's pytree. */
export function compiledCallSpec(model: NativeCompiled): string[] {
  return addon.aotiCallSpec(model);
}

export function runCompiled(model: NativeCompiled, inputs: readonly Tensor[]): Tensor[] {
  prepare();
  return addon.aotiRun(model, handlesOf(inputs)) as Tensor[];
}

export function compiledConstants(model: NativeCompiled): string[] {
  return addon.aotiConstants(model);
}

export function loadCompiledConstants(
  model: NativeCompiled,
  tensors: Readonly<Record<string, Tensor>>,
  useInactive: boolean,
  checkFullUpdate: boolean,
): void {
  addon.aotiLoadConstants(model, Object.keys(tensors), handlesOf(Object.values(tensors)), useInactive, checkFullUpdate);
}

export function swapCompiledConstants(model: NativeCompiled): void {
  addon.aotiSwapConstants(model);
}

function handlesOf(tensors: readonly Tensor[]): Int32Array {
  return Int32Array.from(tensors.flatMap((tensor) => [tensor._slot, tensor._generation]));
}
