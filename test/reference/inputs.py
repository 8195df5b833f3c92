"""Small inputs: distinct values, evenly spread and shuffled, so that no sort has ties and no kink is hit. Equal calls give equal tensors."""

import math

import torch

F64, F32, F16, BF16 = torch.float64, torch.float32, torch.float16, torch.bfloat16
I64, I32, I16, I8, U8, BOOL = torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool
C64, C128 = torch.complex64, torch.complex128


def generator(seed):
    return torch.Generator().manual_seed(1000 + seed)


def real(*shape, low=-2.0, high=2.0, seed=0, dtype=F64):
    """Values between low and high with three decimals."""
    count = math.prod(shape)
    order = torch.randperm(count, generator=generator(seed)).double()
    step = (high - low) / max(count, 1)
    # Off the middle of each cell, so that no value is the negative of another or zero.
    values = low + (order + 0.37 + 0.02 * (seed % 7)) * step
    return values.round(decimals=3).reshape(shape).to(dtype)


def integers(*shape, low=-5, high=6, seed=0, dtype=I64):
    return torch.randint(low, high, shape, generator=generator(seed)).to(dtype)


def booleans(*shape, seed=0):
    return torch.randint(0, 2, shape, generator=generator(seed)).bool()


def cplx(*shape, scale=1.5, seed=0, dtype=C128):
    re = real(*shape, low=-scale, high=scale, seed=seed)
    im = real(*shape, low=-scale, high=scale, seed=seed + 50)
    return torch.complex(re, im).to(dtype)


def values(*numbers, dtype=F64):
    return torch.tensor(numbers if len(numbers) != 1 or not isinstance(numbers[0], list) else numbers[0], dtype=dtype)


def spd(n, seed=0, dtype=F64):
    """A symmetric positive definite matrix of well separated eigenvalues."""
    a = real(n, n, low=-1, high=1, seed=seed)
    return (a @ a.T + torch.diag(torch.arange(1.0, n + 1, dtype=F64))).round(decimals=3).to(dtype)


def well_conditioned(*shape, seed=0):
    """Square matrices far from singular."""
    n = shape[-1]
    return (real(*shape, low=-1, high=1, seed=seed) + 2 * torch.eye(n, dtype=F64)).round(decimals=3)


def const(tensor):
    """The operator has no derivative with respect to this argument."""
    tensor.is_const = True
    return tensor
