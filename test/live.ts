import v8 from 'node:v8';
import vm from 'node:vm';
import { memory } from '../lib/tensor/memory';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** How many tensors live after garbage collection: what loops must not let grow. */
export function liveTensors(): number {
  collect();
  return memory().tensors;
}
