import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expected } from '../../tensor/expected';

/** A module's path from what `worker.module` may be. @throws unless it is an absolute path or a `file:` address */
export function modulePath(module: string): string {
  if (typeof module === 'string') {
    if (module.startsWith('file:')) return fileURLToPath(module);
    if (isAbsolute(module)) return module;
  }
  throw expected('an absolute path or a file: address', 'worker.module', module);
}

/** A module of either kind, with whatever loaders this process has. */
export async function loadModule(path: string): Promise<Record<string, unknown>> {
  try {
    return require(path) as Record<string, unknown>;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ERR_REQUIRE_ESM' && code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  }
}

/** An export by name. @throws when there is none; the message lists those there are */
export function exportOf(module: Record<string, unknown>, name: string, where: string, path: string): unknown {
  const named = module[name] ?? (module.default as Record<string, unknown> | undefined)?.[name];
  if (named === undefined) {
    throw new TypeError(`Expected an export ${name} for ${where} but ${path} exports ${Object.keys(module).join(', ') || 'nothing'}`);
  }
  return named;
}

export function functionOf(module: Record<string, unknown>, name: string, where: string, path: string): (argument: unknown) => unknown {
  const named = exportOf(module, name, where, path);
  if (typeof named !== 'function') throw expected('a function', `${where}, the export ${name} of ${path},`, named);
  return named as (argument: unknown) => unknown;
}
