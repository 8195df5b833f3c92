import { describe } from '../tensor/expected';

type Value = boolean | number | string | null | readonly (number | null)[];

/** Values as PyTorch prints them in a module's description. */
export function python(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return value;
  // Whatever an untyped program put there: a description never throws.
  if (typeof value !== 'number') return Array.isArray(value) ? tuple(Array.from(value, one)) : describe(value);
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value).replace('Infinity', 'inf');
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** An element, which is no array itself. */
function one(value: Value): string {
  return Array.isArray(value) ? describe(value) : python(value);
}

/** Numbers that are real by their meaning, as Python prints its floats: `1.0`. */
export function float(value: number | readonly number[]): string {
  if (typeof value !== 'number')
    return Array.isArray(value)
      ? tuple(Array.from(value, (item) => (Array.isArray(item) ? describe(item) : float(item))))
      : describe(value);
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : python(value);
}

/** The options of a layer by PyTorch's names, as in `kernel_size=2, stride=1`. */
export function named(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${python(value)}`)
    .join(', ');
}

function tuple(items: readonly string[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}
