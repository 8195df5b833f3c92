// The loader half of the native addon (native/loader.cc). It has no libtorch in it, so it can be asked which libtorch
// the addon needs before one is there.
import path from 'node:path';

/** The loader's exports. */
export interface Loader {
  /** Opens a shared library and shows its symbols to every other. */
  open(file: string): void;
  /** The libtorch version that the addon was compiled for. */
  readonly compiledFor: string;
  /** The compiler that made it. */
  readonly compiledWith: string;
}

/** The folder of package.json, the same from lib/ and from dist/. */
export const packageRoot = path.resolve(__dirname, '..');

/** An error with a code that programs can tell. */
export function failure(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The first line of what went wrong: loading errors of the system can be long. */
export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}

/**
 * Finds and loads the loader: the one built here, else the prebuilt one of this platform.
 * @throws code ERR_TORCHWRIGHT_ADDON when there is none, or it does not load
 */
export function loadLoader(): { file: string; loader: Loader } {
  const nodeGypBuild = require('node-gyp-build') as { resolve(folder: string): string };
  let file: string;
  try {
    file = nodeGypBuild.resolve(packageRoot);
  } catch (error) {
    throw failure(
      'ERR_TORCHWRIGHT_ADDON',
      `Expected torchwright's native addon for ${process.platform}-${process.arch} in ${packageRoot} but found none; run \`npm run setup\` there.`,
      error,
    );
  }
  try {
    return { file, loader: require(file) as Loader };
  } catch (error) {
    throw failure(
      'ERR_TORCHWRIGHT_ADDON',
      `Expected ${file} to load but it did not: ${firstLine(error)}; build it anew with \`npm run setup\`.`,
      error,
    );
  }
}
