/** Names and codes of element types, devices, layouts and memory formats. */

import { addon } from '../native';
import { expected } from './expected';
import type { DeviceLike, DType, Layout, MemoryFormat } from './types';

const dtypes = addon.dtypes();
const dtypeNames: DType[] = [];
for (const [name, [code]] of Object.entries(dtypes)) dtypeNames[code] = name as DType;

export function isDType(value: unknown): value is DType {
  return typeof value === 'string' && Object.hasOwn(dtypes, value);
}

export function dtypeCode(dtype: DType, where = 'dtype'): number {
  const entry = isDType(dtype) ? dtypes[dtype] : undefined;
  if (entry === undefined) throw expected("a dtype such as 'float32'", where, dtype);
  return entry[0];
}

export function dtypeName(code: number): DType {
  return dtypeNames[code] ?? 'float32';
}

/** Bytes of one element. */
export function dtypeBytes(dtype: DType): number {
  return dtypes[dtype]?.[1] ?? 0;
}

const FLOATING: ReadonlySet<string> = new Set([
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'float8_e4m3fn',
  'float8_e5m2',
  'float8_e4m3fnuz',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
]);

/** float16, bfloat16, float32, float64 and the eight-bit floats. */
export function isFloatingDType(dtype: DType): boolean {
  return FLOATING.has(dtype);
}

export function isComplexDType(dtype: DType): boolean {
  return typeof dtype === 'string' && dtype.startsWith('complex');
}

const deviceTypes = addon.deviceTypes();
const deviceNames: string[] = [];
for (const [name, code] of Object.entries(deviceTypes)) deviceNames[code] = name;

/** A device in libtorch's numbers; index -1 is the current one. */
export interface DeviceCode {
  readonly type: number;
  readonly index: number;
}

const parsed = new Map<string, DeviceCode>();

/** `'cuda:1'` in libtorch's numbers. */
export function parseDevice(device: unknown, where = 'device'): DeviceCode {
  if (typeof device !== 'string') throw expected("a device such as 'cpu' or 'cuda:0'", where, device);
  const known = parsed.get(device);
  if (known !== undefined) return known;
  const match = /^([a-z]+)(?::(\d{1,3}))?$/.exec(device);
  const name = match?.[1] ?? '';
  const type = Object.hasOwn(deviceTypes, name) ? deviceTypes[name] : undefined;
  const index = match?.[2] === undefined ? -1 : Number(match[2]);
  if (type === undefined || index > 127) throw expected("a device such as 'cpu' or 'cuda:0'", where, device);
  const code = { type, index };
  parsed.set(device, code);
  return code;
}

export function isDevice(value: unknown): value is DeviceLike {
  try {
    parseDevice(value);
    return true;
  } catch {
    return false;
  }
}

export function deviceName({ type, index }: DeviceCode): DeviceLike {
  const name = deviceNames[type] ?? 'cpu';
  return (index < 0 ? name : `${name}:${index}`) as DeviceLike;
}

// The order of c10::Layout and c10::MemoryFormat.
const LAYOUTS: readonly (Layout | '')[] = ['strided', 'sparse', 'sparseCsr', 'mkldnn', 'sparseCsc', 'sparseBsr', 'sparseBsc', 'jagged'];
const MEMORY_FORMATS: readonly MemoryFormat[] = ['contiguous', 'preserve', 'channelsLast', 'channelsLast3d'];

export function isLayout(value: unknown): value is Layout {
  return typeof value === 'string' && value !== '' && LAYOUTS.includes(value as Layout);
}
export function layoutCode(layout: Layout): number {
  return LAYOUTS.indexOf(layout);
}
export function layoutName(code: number): Layout {
  return LAYOUTS[code] || 'strided';
}

export function isMemoryFormat(value: unknown): value is MemoryFormat {
  return typeof value === 'string' && MEMORY_FORMATS.includes(value as MemoryFormat);
}
export function memoryFormatCode(format: MemoryFormat): number {
  return MEMORY_FORMATS.indexOf(format);
}
export function memoryFormatName(code: number): MemoryFormat {
  return MEMORY_FORMATS[code] ?? 'contiguous';
}
