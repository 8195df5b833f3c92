// Checks native/: its format with clang-format, its code with cppcheck. A tool that is not installed is left out, and what a
// version other than the one named below finds is only shown: versions differ in taste. With --strict both are failures.
//
//   npm run lint:native [-- --strict] [-- --fix]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({ options: { strict: { type: 'boolean' }, fix: { type: 'boolean' } } });

const sources = fs
  .readdirSync(path.join(root, 'native'))
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => path.join('native', name))
  .concat(path.join('scripts', 'fuzz', 'guard-pages.c'));

const CHECKS = [
  {
    program: 'clang-format',
    version: '14.',
    install: 'Debian: apt install clang-format; pip install clang-format',
    args: [...(options.fix ? ['-i'] : ['--dry-run', '-Werror']), ...sources],
    advice: 'npm run lint:native -- --fix changes the format.',
  },
  {
    program: 'cppcheck',
    version: '2.10',
    install: 'Debian: apt install cppcheck; macOS: brew install cppcheck',
    args: [
      ...['--std=c++20', '--language=c++', '--enable=warning,performance,portability', '--inline-suppr', '--quiet', '--error-exitcode=1'],
      // libtorch's and Node's headers are not read: they take minutes and are not ours.
      ...['--suppress=missingInclude', '--suppress=missingIncludeSystem', '--suppress=unknownMacro'],
      // A holder that is returned by value converts to a reference to its own content; cppcheck sees the conversion at the return.
      '--suppress=returnReference:native/typed.cc',
      'native',
    ],
    advice: 'A finding that is wrong is suppressed in scripts/lint-native.mjs, or by a comment, with the reason beside it.',
  },
];

let failed = 0;
for (const { program, version, install, args, advice } of CHECKS) {
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8', windowsHide: true });
  if (asked.status !== 0) {
    process.stdout.write(`${program}: skipped, it is not installed (${install})\n`);
    if (options.strict) failed++;
    continue;
  }
  const found = /\d+\.[\d.]+/.exec(asked.stdout)?.[0] ?? 'unknown';
  const { status, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit', windowsHide: true });
  if (status === 0) process.stdout.write(`${program}: nothing found in ${sources.length} files\n`);
  else if (!options.strict && !found.startsWith(version)) {
    process.stdout.write(`${program}: what it found is no failure, because it is version ${found} and not ${version}\n`);
  } else {
    failed++;
    process.stdout.write(`${program}: ended with ${status ?? signal}. ${advice}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
