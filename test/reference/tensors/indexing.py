"""What stands between the brackets of `x[...]` and `x[...] = value`: every kind of index, alone and mixed."""

import torch

from encode import encode
from inputs import I32, U8, booleans, integers, real, values

I64 = torch.int64
COLON = slice(None)


def encode_item(item):
    if isinstance(item, slice):
        return {'slice': [item.start, item.stop, item.step]}
    return '...' if item is Ellipsis else encode(item)


def shares_memory(a, b):
    return b.numel() > 0 and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def indexes():
    """Items for a tensor of shape [4, 3, 5]."""
    rows, columns = values(2, 0, -1, dtype=I64), values(1, 1, 0, dtype=I64)
    mask = values([True, False, True, True], dtype=torch.bool)
    grid = booleans(4, 3, seed=2)
    return [
        [1], [-1], [0, 2], [0, -1, 3], [3, 0, 0],
        [COLON], [slice(1, None)], [slice(None, 2)], [slice(-2, None)], [slice(None, -1)], [slice(None, None, 2)], [slice(1, None, 2)],
        [slice(3, 1)], [slice(0, 99)], [slice(-99, 2)], [slice(4, 9)],
        [COLON, 1], [COLON, COLON, 2], [COLON, slice(0, 2), slice(1, 5, 3)], [slice(1, 3), -1, slice(None, None, 3)],
        [None], [None, 1], [COLON, None], [1, None, COLON, None], [..., None], [None, ..., None], [None, None, 0, 0, 0],
        [...], [..., 2], [1, ...], [0, ..., 1], [..., slice(1, 3)], [..., 0, slice(None, None, 2)], [0, 1, 2, ...], [COLON, ..., COLON],
        [True], [False], [True, 1], [None, True],
        [mask], [mask, 1], [mask, slice(0, 2)], [mask, COLON, 3], [..., booleans(5, seed=4)], [COLON, values([True, False, True], dtype=torch.bool)],
        [grid], [grid, 2], [grid, slice(1, 3)], [booleans(4, 3, 5, seed=5)], [COLON, booleans(3, 5, seed=6)],
        [values([False] * 4, dtype=torch.bool)], [values(1, 0, 1, 0, dtype=U8)],
        [rows], [values(1, 2, dtype=I32)], [values([[0, 1], [3, 2]], dtype=I64)], [values(2, dtype=I64).reshape([])],
        [COLON, columns], [COLON, COLON, rows], [..., rows], [rows, columns], [rows, columns, values(4, 0, 2, dtype=I64)],
        [rows, COLON, values(4, 0, 2, dtype=I64)], [COLON, columns, rows], [0, columns], [rows, 1], [1, COLON, rows], [rows, slice(1, 3), 2],
        [values([[0], [3]], dtype=I64), columns], [values([[0], [3]], dtype=I64), values([[1, 2]], dtype=I64)],
        [None, rows], [rows, None, columns], [rows, ..., values(1, 0, 2, dtype=I64)], [slice(1, None), columns, None],
        [mask, values(0, 2, 1, dtype=I64)], [mask, COLON, values(0, 2, 1, dtype=I64)], [values([], dtype=I64)], [rows, rows.clamp(0, 2), 0],
        [[2, 0]], [[0, 1], [2, 0]], [[True, False, False, True]], [[[0, 1], [2, 3]]], [COLON, [0, 2]], [..., [4, 4, 0]],
        [values(1, dtype=I64).reshape([]), COLON, values(0, 1, dtype=I64)],
        [], [slice(1, 2), slice(1, 2), slice(1, 2)],
    ]


def reading():
    x = real(4, 3, 5)
    cases = []
    for items in indexes():
        result = x[tuple(item if not isinstance(item, list) else torch.tensor(item) for item in items)]
        cases.append({'x': encode(x), 'index': [encode_item(item) for item in items], 'result': encode(result), 'view': shares_memory(x, result)})
    vector, scalar = integers(6, low=10, high=99), values([2.5]).reshape([])
    for tensor, items in [(vector, [2]), (vector, [slice(None, None, 3)]), (vector, [vector > 50]), (vector, [values([[5, 0]], dtype=I64)]),
                          (vector, [None, slice(2, 4)]), (scalar, [...]), (scalar, [None]), (scalar, [True]), (scalar, []), (scalar, [None, None])]:
        result = tensor[tuple(items)]
        cases.append({'x': encode(tensor), 'index': [encode_item(item) for item in items], 'result': encode(result), 'view': shares_memory(tensor, result)})
    return cases


def writing():
    cases = []

    def add(x, items, value, accumulate=False):
        target = x.clone()
        key = tuple(item if not isinstance(item, list) else torch.tensor(item) for item in items)
        if accumulate:
            target.index_put_(key, value, accumulate=True)
        else:
            target[key] = value
        case = {'x': encode(x), 'index': [encode_item(item) for item in items], 'value': encode(value), 'result': encode(target)}
        cases.append({**case, 'accumulate': True} if accumulate else case)

    x = real(4, 3, 5)
    # PyTorch reads through masks of uint8 but does not write through them.
    assignable = [items for items in indexes() if not any(isinstance(item, torch.Tensor) and item.dtype == U8 for item in items)]
    for items in assignable:
        add(x, items, 7.5)
    for items in assignable:
        shape = x[tuple(item if not isinstance(item, list) else torch.tensor(item) for item in items)].shape
        add(x, items, real(*shape, low=10, high=20, seed=3))
    rows = values(2, 0, dtype=I64)
    add(x, [0], real(5, seed=4))
    add(x, [0], real(1, 1, 5, seed=4))
    add(x, [COLON, 1], real(4, 1, seed=4))
    add(x, [rows], real(5, seed=4))
    add(x, [rows], real(2, 1, 1, seed=4))
    add(x, [COLON, COLON, slice(1, 3)], values([9.0]).reshape([]))
    add(x, [x > 0], 0)
    add(x, [x > 0], values([-1.0]))
    add(x, [COLON, rows.clamp(0, 2)], real(1, 2, 5, seed=4))
    add(x, [slice(3, 1)], 5)
    add(x, [1], real(3, 5, dtype=torch.float32, seed=4))
    add(x, [rows], real(3, 5, dtype=torch.float32, seed=4).double())
    add(integers(4), [1], 2.75)
    add(integers(4), [slice(0, 2)], real(2))
    add(booleans(4), [slice(0, 2)], True)
    add(values([1.0]).reshape([]), [...], 3)
    add(real(4), [values(1, 1, 3, dtype=I64)], values([2.0]).reshape([]), accumulate=True)
    add(real(4), [values(1, 1, 3, dtype=I64)], values(1.0, 2.0, 4.0), accumulate=True)
    add(real(3, 4), [values(0, 0, dtype=I64), values(1, 1, dtype=I64)], values([0.5]), accumulate=True)
    return cases
