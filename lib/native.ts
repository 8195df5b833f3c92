// Finds and loads the native addon and libtorch. There are two native libraries, side by side:
//   torchwright.node     the loader, which has no libtorch in it and can always be loaded (loader.ts)
//   torchwright-core.so  everything else, linked against libtorch without any path
// libtorch is opened through the loader from wherever the resolver found it, then the core. Each JavaScript context
// (worker thread, test sandbox) that runs this file gets an addon of its own; libtorch itself is in the process once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CUDA_LIBRARY, LIBRARY_SUFFIX, type Libtorch, libraryName, locateOrThrow } from './libtorch/locate.cjs';
import { failure, firstLine, type Loader, loadLoader } from './loader';
import type { NativeAddon } from './tensor/addon';
import { Header } from './tensor/protocol';

/** The libtorch in use. */
export interface LoadedLibtorch extends Libtorch {
  /** Why libtorch's CUDA part is not open although this is a CUDA build; null when it is open, or when this is a CPU build. */
  cudaProblem: string | null;
  /** The compiler that made the addon. */
  compiledWith: string;
}

function openLibtorch(loader: Loader): LoadedLibtorch {
  const found = locateOrThrow({ version: loader.compiledFor });
  // One after the other, so that a failure names the library that is at fault.
  for (const name of ['c10', 'torch_cpu']) {
    try {
      loader.open(path.join(found.lib, libraryName(name)));
    } catch (error) {
      throw failure(
        'ERR_LIBTORCH_OPEN',
        `Expected libtorch ${found.version} in ${found.root} to open but it did not: ${firstLine(error)}; run \`npx torchwright doctor\`.`,
        error,
      );
    }
  }
  return { ...found, cudaProblem: openCuda(loader, found), compiledWith: loader.compiledWith };
}

// Before the core is loaded: libtorch looks for its CUDA part once, at the first question, and remembers the answer.
function openCuda(loader: Loader, { cuda, lib }: Libtorch): string | null {
  if (cuda === null) return null;
  if (process.env.TORCHWRIGHT_CUDA === '0') return 'TORCHWRIGHT_CUDA=0 switches it off';
  try {
    loader.open(path.join(lib, CUDA_LIBRARY));
    return null;
  } catch (error) {
    // The CPU part works without it; torch.cuda and the doctor tell why there is no CUDA.
    if (process.env.TORCHWRIGHT_CUDA !== '1') return firstLine(error);
    throw failure(
      'ERR_LIBTORCH_OPEN',
      `Expected ${CUDA_LIBRARY} to open because TORCHWRIGHT_CUDA=1, but it did not: ${firstLine(error)}.`,
      error,
    );
  }
}

function loadCore(file: string): NativeAddon {
  if (!fs.existsSync(file)) {
    throw failure('ERR_TORCHWRIGHT_ADDON', `Expected ${file} beside the loader but there is none; build both with \`npm run setup\`.`);
  }
  const core = { exports: {} };
  try {
    // Not require(): that takes .node files only. RTLD_NOW: a missing symbol is an error here and not a crash later.
    process.dlopen(core, file, os.constants.dlopen.RTLD_NOW);
  } catch (error) {
    throw failure(
      'ERR_TORCHWRIGHT_ADDON',
      `Expected ${file} to load but it did not: ${firstLine(error)}; build it anew with \`npm run setup\`, and see \`npx torchwright doctor\`.`,
      error,
    );
  }
  return core.exports as NativeAddon;
}

type Native = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown) => unknown;

/** The functions of the core, which give errors back for us to throw: native/errors.h says why. */
function throwing(core: NativeAddon): NativeAddon {
  const header = new Int32Array(core.block(), 0, Header.failed + 1);
  const functions = core as unknown as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== 'function') {
      out[name] = value;
      continue;
    }
    const native = value as Native;
    out[name] = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown): unknown => {
      const result = native(a, b, c, d, e);
      if (header[Header.failed] !== 0) {
        header[Header.failed] = 0;
        throw result;
      }
      return result;
    };
  }
  return out as unknown as NativeAddon;
}

const { file, loader } = loadLoader();

/** What was found and opened. */
export const libtorch: LoadedLibtorch = openLibtorch(loader);

/** The native functions. Only lib/tensor, lib/autograd and lib/cuda call them. */
export const addon: NativeAddon = throwing(loadCore(path.join(path.dirname(file), `torchwright-core${LIBRARY_SUFFIX}`)));
