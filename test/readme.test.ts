/** What the README and the guides show: every TypeScript block type-checks, runs, and prints what stands below it. */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from '@swc/core';

const run = promisify(execFile);
const root = path.join(__dirname, '..');
const folder = path.join(root, 'build', 'readme');

interface Example {
  /** `README.md:42` */
  readonly title: string;
  readonly code: string;
  /** The `text` block that follows; null when there is none. */
  readonly output: string | null;
  /** For the type check; what runs is beside it, without types. */
  readonly source: string;
  readonly script: string;
}

function examplesOf(file: string): Example[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    const base = path.join(folder, `${file.replace(/\W+/g, '-')}-${line}`);
    return { title: `${file}:${line}`, code: match[1] as string, output: match[2] ?? null, source: `${base}.mts`, script: `${base}.mjs` };
  });
}

const guides = fs.readdirSync(path.join(root, 'docs', 'guides')).map((name) => `docs/guides/${name}`);
const pages = fs
  .readdirSync(path.join(root, 'docs', 'papers'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/papers/${name}`);
const examples = ['README.md', ...guides, ...pages].flatMap(examplesOf);

beforeAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // Inside the package its own name leads to dist/, as it does for a user.
  for (const { source, script, code } of examples) {
    fs.writeFileSync(source, code);
    const parser = { syntax: 'typescript' } as const;
    fs.writeFileSync(script, transformSync(code, { jsc: { parser, target: 'es2022' }, module: { type: 'es6' } }).code);
  }
  const compilerOptions = { rootDir: '../..', noEmit: true, incremental: false, tsBuildInfoFile: null, noUnusedLocals: false };
  fs.writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.mts'] }),
  );
});

test('there are examples, and the README names the two commands', () => {
  expect(examples.length).toBeGreaterThan(8);
  expect(fs.readFileSync(path.join(root, 'README.md'), 'utf8')).toMatch(/npm run demo.*npm test/s);
});

test('all type-check', async () => {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const problems = await run(process.execPath, [compiler, '-p', folder]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(problems).toBe('');
});

// Each in a process of its own: what one leaves behind must not show in the next.
test.each(examples.map((example) => [example.title, example] as const))('%s', async (_, { script, output }) => {
  const { stdout, stderr } = await run(process.execPath, [script], { cwd: root });
  expect(stderr).toBe('');
  if (output !== null) expect(stdout).toBe(output);
});

test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...guides])('%s links to files and headings that exist', (file) => {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [name, anchor] = (target as string).split('#') as [string, string?];
    const linked = name === '' ? path.join(root, file) : path.join(root, path.dirname(file), name);
    expect([target, fs.existsSync(linked)]).toEqual([target, true]);
    if (anchor === undefined) continue;
    const headings = [...fs.readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) =>
      (match[1] as string)
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  }
});
