/** Finds and reads native_functions.yaml, the list of libtorch's own operators. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { cachePlace, locate } from '../lib/libtorch/locate.cjs';
import { DEFAULT_VERSION, versionOf } from '../lib/libtorch/versions.cjs';

/** One entry of native_functions.yaml, as far as the generator uses it. */
export interface NativeFunction {
  /** The schema: `add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`. */
  readonly func: string;
  readonly isFunction: boolean;
  readonly isMethod: boolean;
  /** `nn`, `fft`, ...; empty for the root. */
  readonly module: string;
  /** Operators that libtorch derives from this one: `bernoulli.out`. */
  readonly autogen: readonly string[];
  readonly tags: readonly string[];
  /** It only calls other operators, and gradients flow through those: libtorch registers no derived ones for it. */
  readonly composite: boolean;
}

const YAML = join('torchgen', 'packaged', 'ATen', 'native', 'native_functions.yaml');

/**
 * The places where the list of the default libtorch may lie, best first. Another version's list would give other files,
 * so a libtorch that is not of that version is passed over.
 */
export function yamlCandidates(): string[] {
  const roots = [
    process.env.TORCHWRIGHT_LIBTORCH,
    join(cachePlace(DEFAULT_VERSION, 'cpu'), 'torch'),
    join(cachePlace(DEFAULT_VERSION, 'cuda'), 'torch'),
    locate({ version: DEFAULT_VERSION }).found?.root,
  ];
  return roots
    .filter((root): root is string => root !== undefined && root !== '')
    .filter((root) => (versionOf(root)?.version ?? DEFAULT_VERSION).startsWith(DEFAULT_VERSION))
    .flatMap((root) => [join(root, YAML), join(dirname(root), YAML)]);
}

/** The path of native_functions.yaml, or an error that lists where it was looked for. */
export function findYaml(): string {
  const candidates = [...new Set(yamlCandidates())];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `Expected native_functions.yaml of libtorch ${DEFAULT_VERSION} but found none; run the set-up, or pass --yaml FILE.\n` +
      `Tried:\n${candidates.map((path) => `  - ${path}`).join('\n')}`,
  );
}

interface YamlEntry {
  func: string;
  variants?: string;
  python_module?: string;
  autogen?: string;
  tags?: string | string[];
  dispatch?: Record<string, string>;
  structured_delegate?: string;
}

export function readYaml(path: string): NativeFunction[] {
  return parseYaml(readFileSync(path, 'utf8'));
}

export function parseYaml(text: string): NativeFunction[] {
  const entries = parse(text) as YamlEntry[];
  return entries.map((entry) => {
    const variants = words(entry.variants ?? 'function');
    const tags = Array.isArray(entry.tags) ? entry.tags : words(entry.tags ?? '');
    const backends = Object.keys(entry.dispatch ?? {}).flatMap(words);
    const implicit = backends.includes('CompositeImplicitAutograd');
    const plain = entry.dispatch === undefined && entry.structured_delegate === undefined;
    return {
      func: entry.func.trim(),
      isFunction: variants.includes('function'),
      isMethod: variants.includes('method'),
      module: entry.python_module ?? '',
      autogen: words(entry.autogen ?? ''),
      tags,
      composite: (implicit || plain) && !tags.includes('core'),
    };
  });
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
