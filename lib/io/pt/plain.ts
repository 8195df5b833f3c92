import { Tensor } from '../../tensor/tensor';
import { malformed, type Source } from '../source';
import { NamedDType } from './names';
import { isCount, Storage } from './storage';

const MOST_LEVELS = 500;

/**
 * What was unpickled as JavaScript has it: dictionaries with texts as keys become objects, others stay maps; dtypes become their
 * names.
 */
export function plain(value: unknown, source: Source): unknown {
  return convert(value, source, new Map(), 0);
}

function convert(value: unknown, source: Source, seen: Map<unknown, unknown>, level: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || ArrayBuffer.isView(value)) return value;
  if (value instanceof NamedDType) return value.dtype;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (level > MOST_LEVELS) throw malformed(source, `at most ${MOST_LEVELS} levels of containers`, 'more');
  const inner = (part: unknown): unknown => convert(part, source, seen, level + 1);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    seen.set(value, list);
    for (const item of value) list.push(inner(item));
    return list;
  }
  if (value instanceof Set) {
    const set = new Set<unknown>();
    seen.set(value, set);
    for (const item of value) set.add(inner(item));
    return set;
  }
  if (value instanceof Map) return convertDictionary(value, seen, inner);
  if ('re' in value && 'im' in value) return value;
  const what = value instanceof Storage ? 'a bare storage' : 'a class or function';
  throw malformed(source, 'tensors, containers, numbers and texts', what);
}

function convertDictionary(map: ReadonlyMap<unknown, unknown>, seen: Map<unknown, unknown>, inner: (part: unknown) => unknown): unknown {
  const keys = [...map.keys()];
  if (!keys.every((key) => typeof key === 'string')) {
    const out = new Map<unknown, unknown>();
    seen.set(map, out);
    for (const [key, item] of map) out.set(inner(key), inner(item));
    return out;
  }
  const out: Record<string, unknown> = {};
  seen.set(map, out);
  for (const [key, item] of map as ReadonlyMap<string, unknown>) put(out, key, inner(item));
  if (isOptimizerState(out) && out.state instanceof Map && [...out.state.keys()].every(isCount)) {
    const state: Record<string, unknown> = {};
    for (const [key, item] of out.state) put(state, String(key), item);
    out.state = state;
  }
  return out;
}

/** As its own property, also under a name such as __proto__. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * Whether a dictionary is the state of an optimizer. Its `state` has whole numbers as keys in Python, which JavaScript's objects
 * only have as texts.
 */
export function isOptimizerState(value: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(value, 'state') && Object.hasOwn(value, 'param_groups') && Array.isArray(value.param_groups);
}
