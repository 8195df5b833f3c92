// The commands that bring libtorch and tell where it is.
import { install as installLibtorch, interruptible } from '../libtorch/download.cjs';
import { locateOrThrow } from '../libtorch/locate.cjs';
import { checkVersion, DEFAULT_VERSION } from '../libtorch/versions.cjs';
import { loadLoader } from '../loader';

/** What both commands take. */
export interface WhereOptions {
  cuda?: boolean;
  libtorchVersion?: string;
}

export interface InstallOptions extends WhereOptions {
  dir?: string;
  force?: boolean;
}

// The version that fits the addon; without an addon the one that a new addon would be built for.
function neededVersion(): string {
  try {
    return loadLoader().loader.compiledFor;
  } catch {
    return DEFAULT_VERSION;
  }
}

/** Brings libtorch, unless it is there. */
export async function install({ cuda, libtorchVersion, dir, force }: InstallOptions): Promise<void> {
  const version = libtorchVersion ?? neededVersion();
  const log = (text: string) => process.stdout.write(`${text}\n`);
  const { libtorch, already } = await interruptible((signal) => installLibtorch({ version, cuda, dir, force, log, signal }));
  const what = `libtorch ${libtorch.version} (${libtorch.cuda ? `CUDA ${libtorch.cuda}` : 'CPU'})`;
  log(already ? `${what} is there already: ${libtorch.root}` : `${what} is installed in ${libtorch.root}`);
  if (dir) log(`That is not where it is looked for by itself; set TORCHWRIGHT_LIBTORCH=${libtorch.root}`);
}

/** Prints the folder of the libtorch that would be taken. */
export function where({ cuda, libtorchVersion }: WhereOptions): void {
  const { root } = locateOrThrow({ version: checkVersion(libtorchVersion ?? neededVersion()), cuda });
  process.stdout.write(`${root}\n`);
}
