// clang-format and cppcheck over native/. A tool that is not installed is passed over, and said so.
//
//   npm run lint:native [-- --fix]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const files = fs
  .readdirSync(path.join(root, 'native'))
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => path.join('native', name));

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error?.code === 'ENOENT') {
    console.log(`${program} is not installed: passed over`);
    return;
  }
  console.log(`${program}: ${status === 0 ? 'nothing to say' : 'see above'}`);
  if (status !== 0) process.exitCode = 1;
}

run('clang-format', process.argv.includes('--fix') ? ['-i', ...files] : ['--dry-run', '-Werror', ...files]);
run('cppcheck', [
  ...['--quiet', '--std=c++20', '--language=c++', '--enable=warning,performance,portability', '--inline-suppr', '--error-exitcode=1'],
  // Without libtorch's headers its macros are unknown, which says nothing about this code.
  ...['--suppress=unknownMacro', '--suppress=missingInclude', '--suppress=missingIncludeSystem', '--suppress=syntaxError'],
  // It takes the holders that are returned by value for references.
  '--suppress=returnReference:native/typed.cc',
  'native',
]);
