"""From one dtype to another, to the last bit."""

import torch

from encode import dtype_name, encode
from inputs import BF16, BOOL, C64, C128, F16, F32, F64, I16, I32, I64, I8, U8, values

INF, NAN = float('inf'), float('nan')
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 2049.0, 65504.0, 65519.0, 65520.0, 1e5, -1e5, 3.4e38, 1e39, 6e-8, 5.96e-8, 2.9e-8, 1e-40, 1e-46, 256.5, 257.0, 1.00390625,
          1.01171875, 1.005, INF, -INF, NAN]
SMALL = [0.0, 1.0, -1.0, 2.5, -2.5, 99.99, 0.5, -0.5, 126.0]


def bits(tensor):
    return [value & 0xFFFF for value in tensor.view(I16).reshape(-1).tolist()]


def conversions():
    cases = []

    def add(source, dtype):
        result = source.to(dtype)
        case = {'x': encode(source, exact=True), 'dtype': dtype_name(dtype), 'result': encode(result, exact=True)}
        if dtype in (F16, BF16):
            case['bits'] = bits(result)
        cases.append(case)

    floats = values(*FLOATS)
    for dtype in (F16, BF16, F32, F64, BOOL, C64, C128):
        add(floats, dtype)
    for dtype in (F16, BF16, F64):
        add(floats.float(), dtype)
    for dtype in (BF16, F32, F64):
        add(floats.half(), dtype)
    for dtype in (F16, F32, F64):
        add(floats.bfloat16(), dtype)
    for dtype in (I8, I16, I32, I64, BOOL):
        add(values(*SMALL), dtype)
        add(values(*SMALL, dtype=F32), dtype)
        add(values(*SMALL, dtype=BF16), dtype)
    add(values(0.0, 1.9, 255.0), U8)
    wide = values(0, -1, 127, 128, 255, 256, 32768, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), dtype=I64)
    for dtype in (I8, U8, I16, I32, F16, BF16, F32, F64, BOOL, I64):
        add(wide, dtype)
    natural = values(0, 1, 255, 256, 65535, 2**31, 2**32 - 1, 2**53 + 1, 2**63 - 1, dtype=I64)
    for dtype in (torch.uint16, torch.uint32, torch.uint64):
        add(natural, dtype)
    add(values(0.0, 1.9, 65535.0), torch.uint16)
    near_one = values(0.0, 1.0, -1.0, 0.3, 1.07, 17.0, 448.0, -0.011, NAN)
    for dtype in (torch.float8_e4m3fn, torch.float8_e5m2):
        add(near_one, dtype)
    add(values(True, False, dtype=BOOL), F32)
    add(values(True, False, dtype=BOOL), I64)
    add(values(200, 255, 0, dtype=U8), I8)
    add(values(-1, -128, 5, dtype=I8), U8)
    return cases


def constants():
    """What a JavaScript number, boolean, bigint or complex number becomes in each dtype."""
    cases = []
    for dtype in (F16, BF16, F32, F64):
        tensor = torch.tensor(FLOATS, dtype=dtype)
        cases.append({'values': encode(values(*FLOATS), exact=True)['data'], 'dtype': dtype_name(dtype), 'result': encode(tensor, exact=True)})
    for dtype in (I8, I16, I32, I64, U8, BOOL):
        tensor = torch.tensor([0, 1, 100, 127], dtype=dtype)
        cases.append({'values': [0, 1, 100, 127], 'dtype': dtype_name(dtype), 'result': encode(tensor)})
    return cases
