"""The text of tensors: what Python's repr says."""

import torch

from encode import dtype_name, encode
from inputs import BF16, BOOL, C64, C128, F16, F32, F64, I16, I32, I64, I8, U8, booleans, cplx, integers, real, values

INF, NAN = float('inf'), float('nan')


def texts():
    cases = []

    def add(tensor, requires_grad=False):
        cases.append({'x': encode(tensor, exact=True), 'requiresGrad': requires_grad, 'text': repr(tensor.clone().requires_grad_(requires_grad))})

    def large(count, shape, scale, dtype):
        """Too many elements to store: `arange(count) * scale` in a shape."""
        tensor = (torch.arange(count, dtype=F64) * scale).reshape(shape).to(dtype)
        cases.append({'arange': count, 'shape': shape, 'scale': scale, 'dtype': dtype_name(dtype), 'text': repr(tensor)})

    for dtype in (F32, F64, F16, BF16):
        add(real(3, dtype=dtype))
        add(real(2, 3, dtype=dtype))
        add(values(1.0, 2.0, 3.0, dtype=dtype))
    for dtype in (I64, I32, I16, I8):
        add(integers(2, 3, low=-20, high=120, dtype=dtype))
    add(integers(4, low=0, high=200, dtype=U8))
    add(booleans(2, 3))
    add(values(True, dtype=BOOL))
    add(values([3]).reshape([]))
    for number in (0.0, 1.0, -2.5, 1e-8, 123456.789, 1e10, INF, NAN, -INF, 0.1):
        add(values([number], dtype=F32).reshape([]))
    add(values([7], dtype=I64).reshape([]))
    add(values([True], dtype=BOOL).reshape([]))
    add(values(0.0, -0.0, dtype=F32))
    add(values(1.5, INF, dtype=F32))
    add(values(1.0, INF, -INF, NAN, dtype=F32))
    add(values(NAN, NAN, dtype=F32))
    add(values(1e-5, 1.0, dtype=F32))
    add(values(1e-3, 1.0, dtype=F32))
    add(values(1e5, 1.0, dtype=F32))
    add(values(1e8, 1.0, dtype=F32))
    add(values(1e9, 2e9, dtype=F32))
    add(values(1e-10, 2e-10, dtype=F32))
    add(values(100.0, 0.5, dtype=F32))
    add(values(1000.25, 2.0, dtype=F32))
    add(values(12345.0, 2.0, dtype=F32))
    add(values(123456789.0, 2.0, dtype=F64))
    add(values(0.00012, 0.5, dtype=F32))
    add(values(99999.0, 0.001, dtype=F64))
    add(values(1e300, -1e-300, dtype=F64))
    add(values(-1.0, 10.0, 100.0, dtype=F32))
    add(values(2**40, -3, dtype=I64))
    add(values(2**62 + 1, 1, dtype=I64))
    add(cplx(2, dtype=C64))
    add(cplx(2, 2, dtype=C128))
    add(values(1 + 2j, -3 - 4j, dtype=C64))
    add(values([0.5 + 0j], dtype=C64).reshape([]))
    add(real(2, 2, 2, dtype=F32))
    add(real(1, 1, 2, 2, dtype=F32))
    add(integers(2, 1, 3))
    add(real(0, dtype=F32))
    add(real(0, dtype=F64))
    add(torch.zeros(0, 3))
    add(torch.zeros(2, 0, dtype=I64))
    add(torch.zeros(3, dtype=BOOL))
    add(real(2, dtype=F32), requires_grad=True)
    add(real(2), requires_grad=True)
    add(real(1, dtype=F32).reshape([]), requires_grad=True)
    add(real(25, dtype=F32))
    add(integers(30, low=0, high=1000))
    add(real(3, 13, dtype=F64, low=-50, high=50))
    add(booleans(20))
    large(1000, [1000], 1, I64)
    large(1001, [1001], 1, I64)
    large(2000, [2000], 0.5, F32)
    large(1600, [40, 40], 1, F32)
    large(1600, [40, 40], 0.25, F64)
    large(1200, [2, 600], 1, I64)
    large(1200, [600, 2], 1, I64)
    large(1500, [3, 500], 0.001, F32)
    large(8000, [20, 20, 20], 1, I64)
    large(2000, [2, 10, 100], 1, F32)
    large(10000, [10, 10, 10, 10], 1, I64)
    large(5000, [5000], 1000, F32)
    return cases
