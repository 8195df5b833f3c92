/** Printing as PyTorch does, with `true`, `requiresGrad` and `gradFn` in place of Python's words. */

import { checkedOptions } from './checked';
import { defaultDtype } from './creation';
import { isComplexDType, isFloatingDType } from './dtype';
import { expected } from './expected';
import { Overload } from './overload';
import { readValues } from './read';
import { scope } from './scope';
import type { Tensor } from './tensor';
import type { Complex, DType } from './types';

export interface PrintOptions {
  /** Digits behind the point. Default 4. */
  precision: number;
  /** Elements from which on the middle is left out. Default 1000. */
  threshold: number;
  /** Elements shown at each end of a dimension then. Default 3. */
  edgeItems: number;
  /** Default 80. */
  lineWidth: number;
  /** Always or never `1.0000e+02`; null: where the values ask for it. Default null. */
  sciMode: boolean | null;
}

const settings: PrintOptions = { precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: null };

/** Changes how tensors are printed. Returns all settings. */
export function setPrintOptions(options?: Partial<PrintOptions>): PrintOptions {
  const given = checkedOptions(options, 'setPrintOptions');
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(settings, name)) throw expected('a print option', 'setPrintOptions', name);
    if (name !== 'sciMode' && (!Number.isInteger(value) || (value as number) < 0)) throw expected('a whole number from 0', name, value);
  }
  return { ...Object.assign(settings, given) };
}

type Value = number | bigint | boolean | Complex;

/** How the values of one tensor are written: all with the same width. */
class Formatter {
  readonly width: number;
  readonly #floating: boolean;
  readonly #whole: boolean;
  readonly #scientific: boolean;

  constructor(values: readonly (number | bigint | boolean)[], floating: boolean) {
    this.#floating = floating;
    let width = 1;
    let whole = true;
    let scientific = false;
    if (floating) {
      const magnitudes = (values as readonly number[]).filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
      if (magnitudes.length > 0) {
        const largest = magnitudes.reduce((a, b) => Math.max(a, b));
        const smallest = magnitudes.reduce((a, b) => Math.min(a, b));
        whole = magnitudes.every(Number.isInteger);
        scientific = settings.sciMode ?? (largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4));
        for (const value of values as readonly number[]) {
          if (!Number.isFinite(value) || value === 0) continue;
          width = Math.max(width, scientific ? exponential(value).length : whole ? integral(value).length + 1 : fixed(value).length);
        }
      }
    } else for (const value of values) width = Math.max(width, String(value).length);
    this.width = width;
    this.#whole = whole;
    this.#scientific = scientific;
  }

  format(value: number | bigint | boolean): string {
    return this.#text(value).padStart(this.width);
  }

  #text(value: number | bigint | boolean): string {
    if (!this.#floating || typeof value !== 'number') return String(value);
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
    if (this.#scientific) return exponential(value);
    return this.#whole ? `${integral(value)}.` : fixed(value);
  }
}

function integral(value: number): string {
  return Object.is(value, -0) ? '-0' : BigInt(Math.round(value)).toString();
}

/** `1.2346`, with ties to the even digit as in C. */
function fixed(value: number): string {
  const text = value.toFixed(settings.precision);
  const sign = Object.is(value, -0) && !text.startsWith('-') ? '-' : '';
  return sign + (isTie(value.toFixed(60), settings.precision) ? toEven(value, text) : text);
}

/** `1.2346e+05` */
function exponential(value: number): string {
  const [digits = '', exponent = '+0'] = value.toExponential(settings.precision).split('e');
  const [exact = ''] = value.toExponential(60).split('e');
  // A tie never carries into another exponent: its digit before the five can be rounded down.
  const mantissa = isTie(exact, settings.precision) ? toEven(value, digits, exact) : digits;
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function isTie(exact: string, precision: number): boolean {
  const point = exact.indexOf('.');
  return point >= 0 && /^50*$/.test(exact.slice(point + 1 + precision));
}

/** JavaScript rounds ties to the larger number, so the candidates are what it gave and the cut-off digits. */
function toEven(value: number, rounded: string, exact = value.toFixed(60)): string {
  const point = exact.indexOf('.');
  const cut = exact.slice(0, point + 1 + settings.precision).replace(/\.$/, '');
  const last = cut.at(-1) ?? '0';
  return Number(last) % 2 === 0 ? cut : rounded === cut ? awayFromZero(cut) : rounded;
}

function awayFromZero(text: string): string {
  const digits = text.replace(/[-.]/g, '');
  const next = (BigInt(digits) + 1n).toString().padStart(digits.length, '0');
  const places = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  const body = places === 0 ? next : `${next.slice(0, -places)}.${next.slice(-places)}`;
  return text.startsWith('-') ? `-${body}` : body;
}

/** The tensor as text. */
export function formatTensor(tensor: Tensor): string {
  if (tensor.isReleased) return 'tensor(<released>)';
  return scope(() => withSuffixes(tensor));
}

function withSuffixes(tensor: Tensor): string {
  const { dtype, device, layout, shape, requiresGrad, gradFn } = tensor;
  const prefix = 'tensor(';
  const suffixes: string[] = [];
  const empty = layout === 'strided' && shape.includes(0);
  if (device !== 'cpu') suffixes.push(`device='${device}'`);
  let body: string;
  if (device === 'meta') {
    suffixes.push(`size=${tuple(shape)}`);
    if (dtype !== defaultDtype()) suffixes.push(`dtype=${dtype}`);
    body = '...';
  } else if (empty) {
    if (shape.length !== 1) suffixes.push(`size=${tuple(shape)}`);
    if (dtype !== defaultDtype()) suffixes.push(`dtype=${dtype}`);
    body = '[]';
  } else {
    if (!isUsual(dtype)) suffixes.push(`dtype=${dtype}`);
    body = bodyOf(tensor.detach(), prefix.length);
  }
  if (layout !== 'strided') suffixes.push(`layout=${layout}`);
  if (gradFn !== null) suffixes.push(`gradFn=<${gradFn}>`);
  else if (requiresGrad) suffixes.push('requiresGrad=true');
  return addSuffixes(prefix + body, suffixes, prefix.length);
}

function tuple(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Dtypes that literals make; they are not mentioned. */
function isUsual(dtype: DType): boolean {
  const usual = defaultDtype();
  return dtype === usual || dtype === 'int64' || dtype === 'bool' || dtype === (usual === 'float64' ? 'complex128' : 'complex64');
}

function addSuffixes(text: string, suffixes: readonly string[], indent: number): string {
  let out = text;
  let lineLength = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > settings.lineWidth) {
      out += `,\n${' '.repeat(indent)}${suffix}`;
      lineLength = indent + suffix.length;
    } else {
      out += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${out})`;
}

function bodyOf(tensor: Tensor, indent: number): string {
  const dense = tensor.layout === 'strided' ? tensor : tensor.toDense();
  const sizes = dense.shape;
  const summarize = dense.numel() > settings.threshold;
  const shown = summarize ? withoutMiddle(dense) : dense;
  const values = readValues(shown) as Value[];
  const write = writerFor(values, shown.dtype);
  let at = 0;
  const format = (dim: number, depth: number): string => {
    if (dim === sizes.length) return write.format(values[at++] as Value);
    const size = sizes[dim] as number;
    const cut = summarize && size > 2 * settings.edgeItems;
    const shownHere = cut ? 2 * settings.edgeItems : size;
    const parts: string[] = [];
    for (let i = 0; i < shownHere; i++) {
      if (cut && i === settings.edgeItems) parts.push(dim === sizes.length - 1 ? ' ...' : '...');
      parts.push(format(dim + 1, depth + 1));
    }
    if (dim < sizes.length - 1) return `[${parts.join(`,${'\n'.repeat(sizes.length - dim - 1)}${' '.repeat(depth + 1)}`)}]`;
    const perLine = Math.max(1, Math.floor((settings.lineWidth - depth) / write.width));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${' '.repeat(depth + 1)}`)}]`;
  };
  return format(0, indent);
}

/** The first and last elements along every long dimension. */
function withoutMiddle(tensor: Tensor): Tensor {
  const cat = Overload.find('aten::cat', '') as Overload;
  let part = tensor;
  for (const [dim, size] of tensor.shape.entries()) {
    if (size <= 2 * settings.edgeItems) continue;
    const ends = [part.narrow(dim, 0, settings.edgeItems), part.narrow(dim, size - settings.edgeItems, settings.edgeItems)];
    part = cat.call([ends, dim])[0] as Tensor;
  }
  return part;
}

/** Width includes the separator. */
function writerFor(values: readonly Value[], dtype: DType): { width: number; format(value: Value): string } {
  if (!isComplexDType(dtype)) {
    const formatter = new Formatter(values as number[], isFloatingDType(dtype));
    return { width: formatter.width + 2, format: (value) => formatter.format(value as number) };
  }
  const numbers = values as Complex[];
  const real = new Formatter(
    numbers.map(({ re }) => re),
    true,
  );
  const imaginary = new Formatter(
    numbers.map(({ im }) => im),
    true,
  );
  return {
    width: real.width + imaginary.width + 3,
    format: (value) => {
      const { re, im } = value as Complex;
      const second = `${imaginary.format(im)}j`.trimStart();
      return real.format(re) + (/^[+-]/.test(second) ? second : `+${second}`);
    },
  };
}
