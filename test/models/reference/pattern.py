"""Numbers that Python and TypeScript compute alike, so that weights of whole networks need not be stored."""

import math

import torch


def pattern(count, k):
    """`count` numbers in [-1, 1), without visible order, another sequence for each k. Computed in whole numbers: the same everywhere."""
    i = torch.arange(count)
    return ((i * i * 7919 + i * 104729 + k * 1299709) % 65521).double() / 65521 * 2 - 1


def fill(model):
    """Gives all parameters and running statistics such numbers, in sizes that keep activations in range."""
    for k, (key, value) in enumerate(model.state_dict().items()):
        if not value.is_floating_point():
            continue
        numbers = pattern(value.numel(), k)
        if value.dim() > 1:
            numbers *= math.sqrt(6 * value.size(0) / value.numel())
        elif key.endswith("running_var"):
            numbers = 1 + 0.5 * numbers
        elif key.endswith("weight"):
            numbers = 1 + 0.2 * numbers
        else:
            numbers *= 0.1
        with torch.no_grad():
            value.copy_(numbers.reshape(value.shape))


def mark(tensor, k):
    """One number for a whole tensor, in which each element counts differently, and the tensor's norm, to compare it by; to 12 digits."""
    flat = tensor.detach().double().flatten()
    return [float(f"{value:.12g}") for value in ((flat @ pattern(flat.numel(), k)).item(), flat.norm().item())]
