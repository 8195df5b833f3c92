/** Values as PyTorch prints them in a module's description. */
export function python(value: boolean | number | string | null | readonly number[]): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return `(${value.map(python).join(', ')})`;
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
