"""Orders, ranks and distinct values."""

from inputs import F32, I32, integers, real, values


def cases(table):
    m = real(3, 4)
    table.add('sort', m)
    table.add('sort', m, 0, True)
    table.add('sort.stable', integers(8, low=0, high=3), stable=True)
    table.add('sort.stable', m, stable=True, dim=1, descending=True)
    table.add('sort', real(6, dtype=F32), descending=True)
    table.add('sort', values(2.0, float('nan'), -1.0, float('inf')), _grad=False)
    table.add('argsort', m)
    table.add('argsort', m, 0, True)
    table.add('argsort.stable', integers(6, low=0, high=3), stable=True, descending=True)
    table.add('msort', m)
    table.add('topk', m, 2)
    table.add('topk', m, 2, 0, False)
    table.add('topk', m, 3, largest=False, sorted=True)
    table.add('topk', real(2, 7), 1, dim=-1)
    table.add('kthvalue', m, 2)
    table.add('kthvalue', m, 1, 0, True)
    table.add('unique_consecutive', values(1, 1, 2, 2, 2, 3, 1, dtype=I32), True, True)
    table.add('unique_consecutive', values([[1, 1], [1, 1], [2, 1]], dtype=I32), return_counts=True, dim=0)
    table.add('unique_dim', values([[3, 1], [1, 2], [3, 1]], dtype=I32), 0, True, True, True)
    table.add('_unique2', integers(8, low=0, high=4), True, True, True)
    table.add('_unique', integers(8, low=0, high=4))
