/** Random tensors: every dtype, empty, without dimensions, not contiguous, on the meta device, sparse, released. */

import * as torch from '../../lib';
import type { Random } from './random';

const COMMON: readonly torch.DType[] = ['float32', 'float32', 'float32', 'float64', 'int64', 'int64', 'bool'];
const EVERY: readonly torch.DType[] = [
  ...COMMON,
  'float16',
  'bfloat16',
  'int8',
  'int16',
  'int32',
  'uint8',
  'complex64',
  'complex128',
  'complex32',
  'uint16',
  'uint32',
  'uint64',
  'float8_e4m3fn',
  'float8_e5m2',
  'float8_e8m0fnu',
];
const RARE: readonly torch.DType[] = ['qint8', 'quint8', 'qint32', 'quint4x2', 'bits8', 'bits16', 'uint1', 'int4', 'float4_e2m1fn_x2'];

/** What the tensors of one call have in common, most of the time: else hardly any call would reach a kernel. */
export interface Theme {
  readonly shape: readonly number[];
  readonly dtype: torch.DType;
  readonly loyalty: number;
}

export function randomTheme(random: Random): Theme {
  return { shape: randomShape(random), dtype: random.pick(random.chance(0.7) ? COMMON : EVERY), loyalty: random.pick([0, 0.6, 0.9, 1]) };
}

export function randomShape(random: Random): number[] {
  const dims = random.pick([0, 1, 1, 2, 2, 2, 3, 3, 4, 5]);
  return Array.from({ length: dims }, () => random.pick([0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 16]));
}

/** A tensor of moderate size; `fits` keeps to the theme. */
export function randomTensor(random: Random, theme: Theme): torch.Tensor {
  const loyal = random.chance(theme.loyalty);
  let shape = loyal ? [...theme.shape] : randomShape(random);
  const dtype = loyal ? theme.dtype : random.pick(random.chance(0.05) ? RARE : EVERY);
  if (random.chance(0.15)) shape = shape.map((size) => (random.chance(0.3) ? 1 : size));
  const device = random.chance(0.02) ? 'meta' : 'cpu';
  let made = filled(random, shape, dtype, device);
  if (random.chance(0.2)) made = rearranged(random, made);
  if (random.chance(0.05)) made = special(random, made);
  if (random.chance(0.02)) made.dispose();
  else if (random.chance(0.1) && isDifferentiable(made)) made.requiresGrad_();
  return made;
}

function isDifferentiable({ dtype }: torch.Tensor): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'complex64';
}

function filled(random: Random, shape: readonly number[], dtype: torch.DType, device: 'cpu' | 'meta'): torch.Tensor {
  const { empty, uint8 } = overloads();
  if (device === 'meta') return empty(shape, { dtype, device: 'meta' }) as torch.Tensor;
  const count = shape.reduce((a, b) => a * b, 1);
  const kind = random.int(0, 5);
  const value = (): number => {
    switch (kind) {
      case 0:
        return 0;
      case 1:
        return random.int(-5, 5);
      case 2:
        return random.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e38, 5e-324, 1]);
      case 3:
        return random.pick([2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 62, -(2 ** 62), 0, 1]);
      default:
        return random.next() * 4 - 2;
    }
  };
  const wide = torch.tensor(Float64Array.from({ length: count }, value));
  try {
    return (uint8(wide.reshape([...shape]), dtype) as torch.Tensor).clone();
  } catch {
    // No conversion to this dtype: whatever the memory holds.
    try {
      return empty(shape, { dtype }) as torch.Tensor;
    } catch {
      return wide;
    }
  }
}

type Call = (...args: unknown[]) => unknown;
let found: { empty: Call; uint8: Call } | null = null;
function overloads(): { empty: Call; uint8: Call } {
  const { empty, to } = torch.ops.aten as unknown as Record<string, Record<string, Call>>;
  found ??= { empty: empty?.memory_format as Call, uint8: to?.dtype as Call };
  return found;
}

/** The same number of elements or fewer, laid out otherwise. */
function rearranged(random: Random, tensor: torch.Tensor): torch.Tensor {
  const dims = tensor.dim();
  try {
    switch (random.int(0, 4)) {
      case 0:
        return dims >= 2 ? tensor.transpose(0, dims - 1) : tensor;
      case 1:
        return dims >= 1 && tensor.size(0) > 1 ? tensor.slice(0, 0, null, 2) : tensor;
      case 2:
        return dims >= 1 ? tensor.expand([2, ...tensor.shape]) : tensor.expand([3]);
      case 3:
        return tensor.dtype.startsWith('complex') ? tensor.conj() : tensor.unsqueeze(0);
      default:
        return dims >= 1 && tensor.size(dims - 1) > 1 ? tensor.narrow(dims - 1, 1, tensor.size(dims - 1) - 1) : tensor;
    }
  } catch {
    return tensor;
  }
}

/** In another layout, of another kind of numbers, or a batch of tensors of several shapes. */
export function special(random: Random, tensor: torch.Tensor): torch.Tensor {
  const of = (name: string, overload: string, ...args: unknown[]) => {
    const aten = torch.ops.aten as unknown as Record<string, Record<string, Call>>;
    return aten[name]?.[overload]?.(...args) as torch.Tensor;
  };
  try {
    switch (random.int(0, 6)) {
      case 0:
        return of('to_mkldnn', 'default', tensor.to('float32'));
      case 1:
        return of(
          'quantize_per_tensor',
          'default',
          tensor.to('float32'),
          0.1,
          random.int(0, 9),
          random.pick(['qint8', 'quint8', 'qint32']),
        );
      case 2: {
        const channels = tensor.size(0);
        const scales = torch.full([channels], 0.1, { dtype: 'float64' });
        return of('quantize_per_channel', 'default', tensor.to('float32'), scales, torch.zeros([channels]).long(), 0, 'qint8');
      }
      case 3:
        return of('_nested_tensor_from_tensor_list', 'default', [tensor, random.chance(0.5) ? tensor : tensor.narrow(0, 0, 1)]);
      default:
        return tensor.toSparse({ layout: random.pick(['sparse', 'sparse', 'sparseCsr', 'sparseCsc'] as const) });
    }
  } catch {
    return tensor;
  }
}
