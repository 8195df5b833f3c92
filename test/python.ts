import { execFileSync, spawnSync } from 'node:child_process';

/**
 * The first Python that can import all of `modules`: TORCHWRIGHT_PYTHON, PYTHON, python3 or python. Null, and a line that says so,
 * when there is none: for checks that another program reads what this one writes.
 */
export function findPython(modules: readonly string[], purpose: string): string | null {
  for (const program of [process.env.TORCHWRIGHT_PYTHON, process.env.PYTHON, 'python3', 'python']) {
    if (program === undefined || program === '') continue;
    if (spawnSync(program, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0) return program;
  }
  console.warn(`Skipped: ${purpose} needs a Python with ${modules.join(' and ')}, which is not here (TORCHWRIGHT_PYTHON can name one).`);
  return null;
}

/** Runs a piece of Python and gives what it printed. @throws with its error output when it fails */
export function runPython(python: string, code: string, args: readonly string[] = []): string {
  return execFileSync(python, ['-W', 'ignore', '-c', code, ...args], { encoding: 'utf8' });
}
