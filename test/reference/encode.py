"""Torch values as JSON: tensors, lists, numbers, and what JSON itself cannot say.

tensor            {"dtype": "float64", "shape": [2, 3], "data": [flat, in logical order]}; a complex element takes two places
NaN, infinities   strings in a tensor's data, {"float": "NaN"} as an argument
complex number    {"re": 1, "im": 2}
wide integer      {"bigint": "9007199254740993"}, a string in a tensor's data
"""

import math

import torch

# Enough digits for each dtype's tolerance, and more than enough to give its inputs back exactly.
DIGITS = {
    torch.float64: 13,
    torch.complex128: 13,
    torch.float32: 9,
    torch.complex64: 9,
    torch.float16: 6,
    torch.bfloat16: 6,
}
SAFE = 2**53 - 1


def dtype_name(dtype):
    return str(dtype).removeprefix('torch.')


def camel_case(name):
    """log_softmax -> logSoftmax; underscores at both ends stay."""
    core = name.strip('_')
    start = name[: len(name) - len(name.lstrip('_'))]
    end = name[len(name.rstrip('_')) :]
    head, *tail = [part for part in core.split('_') if part]
    return start + head + ''.join(part[0].upper() + part[1:] for part in tail) + end


def special_float(value):
    if math.isnan(value):
        return 'NaN'
    return 'Infinity' if value > 0 else '-Infinity'


def element(value, digits):
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE else str(value)
    if not math.isfinite(value):
        return special_float(value)
    rounded = float(f'{value:.{digits}g}')
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 and not (rounded == 0 and math.copysign(1, rounded) < 0) else rounded


def data(tensor, exact=False):
    """The elements in logical order; complex ones as real and imaginary part. `exact` keeps every bit."""
    tensor = tensor.detach()
    if tensor._is_zerotensor():
        tensor = torch.zeros(tensor.shape, dtype=tensor.dtype)
    tensor = tensor.resolve_conj().resolve_neg().contiguous()
    if tensor.dtype.is_floating_point and tensor.element_size() == 1:
        tensor = tensor.float()
    digits = 17 if exact else DIGITS.get(tensor.dtype, 17)
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return [element(value, digits) for value in tensor.reshape(-1).tolist()]


def encode(value, exact=False):
    if isinstance(value, torch.Tensor):
        encoded = {'dtype': dtype_name(value.dtype), 'shape': list(value.shape), 'data': data(value, exact)}
        return {**encoded, 'requiresGrad': True} if value.requires_grad else encoded
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, torch.dtype):
        return dtype_name(value)
    if isinstance(value, torch.memory_format):
        return camel_case(str(value).removeprefix('torch.').removesuffix('_format'))
    if isinstance(value, complex):
        return {'re': element(value.real, 17), 'im': element(value.imag, 17)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE:
        return {'bigint': str(value)}
    if isinstance(value, float):
        return element(value, 17) if math.isfinite(value) else {'float': special_float(value)}
    return value
