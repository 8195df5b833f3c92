import { deviceCount } from '../../cuda/devices';
import { expected } from '../../tensor/expected';
import { defaultGenerator, getRngState, setRngState } from '../../tensor/generator';
import { Tensor } from '../../tensor/tensor';

/** The states of the default generators: what makes random numbers go on where they were. */
export interface RngState {
  readonly cpu: Tensor;
  /** Of every CUDA device, in their order. */
  readonly cuda: readonly Tensor[];
}

export function saveRng(): RngState {
  return { cpu: getRngState(), cuda: Array.from({ length: deviceCount() }, (_, k) => defaultGenerator(`cuda:${k}`).getState()) };
}

/** Devices that are not here are passed over. @throws when it is no such state */
export function loadRng(state: unknown): void {
  const { cpu, cuda } = (state ?? {}) as Partial<Record<keyof RngState, unknown>>;
  if (!(cpu instanceof Tensor) || !Array.isArray(cuda) || !cuda.every((one) => one instanceof Tensor))
    throw expected('the states of generators', 'rng', state);
  setRngState(cpu);
  for (let k = 0; k < Math.min(cuda.length, deviceCount()); k++) defaultGenerator(`cuda:${k}`).setState(cuda[k] as Tensor);
}
