"""Operators that give another view of the same memory, or a copy: shape, strides, offset."""

import torch

from encode import camel_case, encode
from inputs import I64, real, values

STEPS = [
    [('transpose', 0, 1)], [('t',)], [('permute', [2, 0, 1])], [('view', [6, 4])], [('view', [-1])], [('reshape', [4, 6])],
    [('transpose', 0, 1), ('reshape', [24])], [('transpose', 0, 1), ('contiguous',)], [('contiguous',)], [('select', 0, 1)], [('select', 2, -1)],
    [('narrow', 1, 1, 2)], [('squeeze',)], [('unsqueeze', 0)], [('unsqueeze', -1)], [('expand', [5, 2, 3, 4])], [('flatten',)],
    [('transpose', 1, 2), ('flatten',)], [('diagonal',)], [('diagonal', 1, 1, 2)], [('unfold', 2, 2, 1)], [('swapaxes', 0, 2)], [('movedim', 0, 2)],
    [('clone',)], [('transpose', 0, 2), ('clone',)], [('detach',)], [('flip', [0])], [('repeat', [1, 2, 1])], [('unflatten', 2, [2, 2])],
    [('select', 0, 1), ('t',), ('select', 0, 2)], [('permute', [1, 2, 0]), ('unsqueeze', 1)], [('narrow', 2, 1, 2), ('narrow', 1, 0, 2)],
    [('as_strided', [2, 2], [1, 5])], [('expand', [3, 2, 3, 4]), ('select', 0, 2)], [('narrow', 0, 1, 1), ('squeeze',)],
    [('transpose', 0, 1), ('transpose', 0, 1)], [('index_select', 0, values(1, 0, dtype=I64))], [('unbind',)], [('chunk', 2, 2)], [('split', 2, 1)],
    [('movedim', 2, 0), ('contiguous',), ('movedim', 0, 2)], [('ravel',)], [('mT',)], [('T',)],
]


def layouts():
    cases = []
    for steps in STEPS:
        x = real(2, 3) if steps[0][0] in ('t', 'T') else real(2, 3, 4)
        result = x
        for name, *args in steps:
            result = getattr(result, name)
            result = result(*args) if callable(result) else result
        last = result[-1] if isinstance(result, (list, tuple)) else result
        cases.append({
            'x': encode(x),
            'steps': [[camel_case(name), *[encode(arg) for arg in args]] for name, *args in steps],
            'result': encode(last), 'stride': list(last.stride()), 'offset': last.storage_offset(), 'contiguous': last.is_contiguous(),
            'view': last.untyped_storage().data_ptr() == x.untyped_storage().data_ptr(),
        })
    images = torch.zeros(2, 3, 4, 5)
    for memory_format in (torch.channels_last, torch.contiguous_format):
        laid = images.to(memory_format=memory_format)
        cases.append({'x': encode(images), 'steps': [['contiguous', {'memoryFormat': encode(memory_format)}]], 'result': encode(laid),
                      'stride': list(laid.stride()), 'offset': 0, 'contiguous': laid.is_contiguous(), 'view': memory_format == torch.contiguous_format})
    return cases
