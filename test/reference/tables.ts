/** The tables of tensors.json; the files in tensors/ write them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IndexItem, slice, type Tensor } from '../../lib';
import { decode, type Encoded, type EncodedNumber, type EncodedTensor, isEncodedTensor } from './decode';

/** A range is `{ slice: [start, stop, step] }`. */
export type EncodedIndex = { slice: [number | null, number | null, number | null] } | Encoded;

export interface Tables {
  indexing: { x: EncodedTensor; index: EncodedIndex[]; result: EncodedTensor; view: boolean }[];
  assignment: {
    x: EncodedTensor;
    index: EncodedIndex[];
    value: EncodedTensor | number | boolean;
    accumulate?: boolean;
    result: EncodedTensor;
  }[];
  broadcasting: { a: EncodedTensor; b: EncodedTensor; throws?: boolean; result: EncodedTensor; shape: number[]; stride: number[] }[];
  views: {
    x: EncodedTensor;
    steps: [method: string, ...args: Encoded[]][];
    result: EncodedTensor;
    stride: number[];
    offset: number;
    contiguous: boolean;
    view: boolean;
  }[];
  promotion: { op: string; a: string; b: 'vector' | 'number' | 'scalar' | 'none'; result: (string | boolean | null)[] }[];
  printing: (
    | { x: EncodedTensor; requiresGrad: boolean; text: string }
    | { arange: number; shape: number[]; scale: number; dtype: string; text: string }
  )[];
  conversion: { x: EncodedTensor; dtype: string; result: EncodedTensor; bits?: number[] }[];
  constants: { values: EncodedNumber[]; dtype: string; result: EncodedTensor }[];
}

export function readTable<Name extends keyof Tables>(name: Name): Tables[Name] {
  return (JSON.parse(readFileSync(join(__dirname, 'tensors.json'), 'utf8')) as Tables)[name];
}

function isRange(item: EncodedIndex): item is { slice: [number | null, number | null, number | null] } {
  return typeof item === 'object' && item !== null && !Array.isArray(item) && 'slice' in item;
}

export function decodeIndex(item: EncodedIndex): IndexItem {
  if (isRange(item)) {
    const [start, stop, step] = item.slice;
    return step === null ? slice(start, stop) : slice(start, stop, step);
  }
  return decode(item) as IndexItem | Tensor;
}

/** The items as one would write them: `[1:3, null, int64[2], '...']`. */
export function indexText(items: readonly EncodedIndex[]): string {
  const parts = items.map((item) => {
    if (isEncodedTensor(item)) return `${item.dtype}[${item.shape}]`;
    if (isRange(item)) {
      const [start, stop, step] = item.slice;
      return `${start ?? ''}:${stop ?? ''}${step === null ? '' : `:${step}`}`;
    }
    return JSON.stringify(item);
  });
  return `[${parts.join(', ')}]`;
}

/** Titles for `test.each`, numbered where they repeat. */
export function withTitles<T>(cases: readonly T[], title: (one: T) => string): [string, T][] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const text = title(one);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return [count === 1 ? text : `${text} #${count}`, one];
  });
}
