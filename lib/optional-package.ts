/** Packages that few need and many would wait for: installed by those who use what they are for. */

import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The package, from where this one or the program is installed.
 *
 * @throws with the command that installs it
 */
export function optionalPackage<Package>(name: string, purpose: string): Package {
  for (const from of [__filename, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from)(name) as Package;
    } catch (error) {
      // Only that it is not there: a package that is broken should say so itself.
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`Expected the package ${name}, which ${purpose} need; install it with: npm install ${name}`);
}
