import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import { copyModule } from '../copy';
import { Module } from '../module';
import { ModuleList } from '../module-list';
import { checkSize } from '../sizes';

/** A layer to copy, or a function that makes one for each position. */
export type LayerSource<L extends Module> = L | ((position: number) => L);

export interface TransformerStackOptions {
  /** Applied to the last layer's output. Default: none. */
  norm?: (Module & { forward(input: Tensor): Tensor }) | null;
}

export function layersOf<L extends Module>(source: LayerSource<L>, count: number, where: string): ModuleList<L> {
  checkSize(count, 'numLayers');
  if (typeof source !== 'function' && !(source instanceof Module)) throw expected('a layer or a function that makes one', where, source);
  return new ModuleList(
    Array.from({ length: count }, (_, position) => (typeof source === 'function' ? source(position) : copyModule(source))),
  );
}
