"""The dtype of a result from those of the operands."""

import torch

from encode import dtype_name

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
          torch.complex64, torch.complex128]
SCALARS = {'true': True, '2': 2, '2.5': 2.5, 'complex': 1 + 2j}
OPERATORS = ['add', 'mul', 'div', 'sub', 'pow', 'floor_divide', 'maximum', 'eq']


def result_of(operator, a, b):
    try:
        return dtype_name(getattr(torch, operator)(a, b).dtype)
    except (RuntimeError, TypeError):
        return None


def rows():
    """One row for each operator and dtype: the results with each other dtype, in order; null where PyTorch refuses."""
    cases = []
    for dtype in DTYPES:
        one, none = torch.ones(2, dtype=dtype), torch.ones([], dtype=dtype)
        others = [(torch.ones(2, dtype=other), torch.ones([], dtype=other)) for other in DTYPES]
        name = dtype_name(dtype)
        for operator in OPERATORS:
            cases.append({'op': operator, 'a': name, 'b': 'vector', 'result': [result_of(operator, one, vector) for vector, _ in others]})
            if operator in ('add', 'div'):
                cases.append({'op': operator, 'a': name, 'b': 'number', 'result': [result_of(operator, one, scalar) for _, scalar in others]})
                cases.append({'op': operator, 'a': name, 'b': 'scalar', 'result': [result_of(operator, one, value) for value in SCALARS.values()]})
        cases.append({'op': 'result_type', 'a': name, 'b': 'vector', 'result': [dtype_name(torch.result_type(one, vector)) for vector, _ in others]})
        cases.append({'op': 'result_type', 'a': name, 'b': 'number', 'result': [dtype_name(torch.result_type(one, scalar)) for _, scalar in others]})
        cases.append({'op': 'result_type', 'a': name, 'b': 'scalar', 'result': [dtype_name(torch.result_type(one, value)) for value in SCALARS.values()]})
        cases.append({'op': 'promote_types', 'a': name, 'b': 'vector', 'result': [dtype_name(torch.promote_types(dtype, other)) for other in DTYPES]})
        cases.append({'op': 'can_cast', 'a': name, 'b': 'vector', 'result': [torch.can_cast(dtype, other) for other in DTYPES]})
        for unary in ('sum', 'prod', 'mean', 'exp', 'abs', 'neg', 'sqrt', 'cumsum', 'reciprocal', 'sign'):
            call = (lambda t: torch.cumsum(t, 0)) if unary == 'cumsum' else getattr(torch, unary)
            try:
                result = dtype_name(call(one).dtype)
            except (RuntimeError, TypeError):
                result = None
            cases.append({'op': unary, 'a': name, 'b': 'none', 'result': [result]})
    return cases
