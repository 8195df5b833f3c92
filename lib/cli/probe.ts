// Started by the doctor as a process of its own: a libtorch that does not fit can end the process that opens it.
import { ones } from '../index';
import { addon, libtorch } from '../native';

/** What the doctor learns from a package that loads. */
export interface Probe {
  libtorch: typeof libtorch;
  threads: number;
  gpus: number;
  /** Sum of a 2 x 2 matrix of twos: 8 when computing works. */
  eight: number;
}

const probe: Probe = {
  libtorch,
  threads: addon.getNumThreads(),
  gpus: addon.hasCudaLibrary() ? addon.deviceCount() : 0,
  eight: Number(ones(2, 2).add(1).sum().item()),
};
process.stdout.write(JSON.stringify(probe));
