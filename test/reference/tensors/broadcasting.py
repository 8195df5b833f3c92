"""Which shapes go together."""

import torch

from encode import encode
from inputs import real

PAIRS = [([3], [3]), ([2, 3], [3]), ([2, 1], [3]), ([2, 1], [1, 3]), ([1], [4, 2]), ([], [2, 2]), ([2, 2], []), ([], []), ([4, 1, 3], [2, 1]),
         ([5, 1, 1, 2], [3, 1]), ([0], [1]), ([0, 3], [3]), ([2, 0], [2, 1]), ([1, 0], [3, 1]), ([1, 1, 1], [2]), ([2, 3], [2, 3])]
WRONG = [([2], [3]), ([2, 3], [2]), ([2, 3], [3, 2]), ([0], [2]), ([4, 1, 3], [3, 2])]


def shapes():
    cases = []
    for a, b in PAIRS:
        x, y = real(*a), real(*b, seed=1)
        expanded = x.expand(torch.broadcast_shapes(a, b))
        cases.append({'a': encode(x), 'b': encode(y), 'result': encode(x + y), 'shape': list(expanded.shape), 'stride': list(expanded.stride())})
    for a, b in WRONG:
        try:
            real(*a) + real(*b)
            raise AssertionError(f'{a} and {b} go together')
        except RuntimeError:
            cases.append({'a': encode(real(*a)), 'b': encode(real(*b)), 'throws': True})
    return cases
