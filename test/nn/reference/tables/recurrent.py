"""Recurrent layers: plain, packed, and for one step."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence

from record import backward, camel, draw, flat, tensor

T, N, D, H = 4, 3, 3, 2


def fill(table):
    for name, states in (("RNN", 1), ("GRU", 1), ("LSTM", 2)):
        def state(layers, size=H, batch=(N,)):
            one = (layers, *batch, size)
            return one if states == 1 else (one, one)

        table.layer(name, [D, H], {}, [(T, N, D)])
        table.layer(name, [D, H], {}, [(T, N, D), state(1)])
        table.layer(name, [D, H], {"bias": False}, [(T, D), state(1, batch=())])
        table.layer(name, [D, H], {"batch_first": True}, [(T, D)])
        table.layer(name, [D, H], {"batch_first": True, "bidirectional": True}, [(N, T, D), state(2)])
        table.layer(name, [D, H], {"num_layers": 2, "bidirectional": True}, [(T, N, D), state(4)])
        table.start(name, [D, H], {"num_layers": 2, "bidirectional": True})
        table.layer(f"{name}Cell", [D, H], {}, [(N, D)])
        table.layer(f"{name}Cell", [D, H], {"bias": False}, [(N, D), (N, H) if states == 1 else ((N, H), (N, H))])
        table.layer(f"{name}Cell", [D, H], {}, [(D,), (H,) if states == 1 else ((H,), (H,))])
        table.start(f"{name}Cell", [D, H])
    table.layer("RNN", [D, H], {"nonlinearity": "relu"}, [(T, N, D)])
    table.layer("RNNCell", [D, H], {"nonlinearity": "relu"}, [(N, D), (N, H)])
    projected = {"proj_size": 2, "num_layers": 2, "bidirectional": True}
    table.layer("LSTM", [D, 4], projected, [(T, N, D), ((4, N, 2), (4, N, 4))])
    table.start("LSTM", [D, 4], projected)
    table.values = {
        "packed": [packed(name, options, given) for name in ("RNN", "GRU", "LSTM") for options, given in PACKED],
        "dropout": dropout(),
        "sequences": sequences(),
        "repr": repr(nn.LSTM(D, 4, num_layers=3, bias=False, batch_first=True, dropout=0.25, bidirectional=True, proj_size=2)),
    }


PACKED = [({}, False), ({"bidirectional": True, "num_layers": 2}, True)]
LENGTHS = [2, 4, 1]


def packed(name, options, given):
    """A layer on packed sequences that are not in order of length."""
    layer = getattr(nn, name)(D, H, batch_first=True, **options).double()
    layers = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    x = draw(N, T, D).requires_grad_()
    states = [draw(layers, N, H).requires_grad_() for _ in range(2 if name == "LSTM" else 1)] if given else []
    hx = (tuple(states) if name == "LSTM" else states[0]) if given else None
    sequence = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    output, last = layer(sequence, hx)
    padded, _ = pad_packed_sequence(output, batch_first=True, padding_value=-7.0)
    outputs = [padded, *flat(last)]
    backward(outputs)
    return {
        "layer": name,
        "options": {camel(k): v for k, v in options.items()},
        "state": {key: tensor(value) for key, value in layer.state_dict().items()},
        "x": tensor(x),
        "hx": [tensor(state) for state in states],
        "outputs": [tensor(output) for output in outputs],
        "grads": [tensor(leaf.grad) for leaf in (x, *states)],
        "weightGrads": {key: tensor(parameter.grad) for key, parameter in layer.named_parameters()},
    }


def dropout():
    torch.manual_seed(3)
    layer = nn.LSTM(D, 4, num_layers=2, dropout=0.5)
    return tensor(layer(torch.ones(T, N, D))[0])


def sequences():
    parts = [draw(2, 3), draw(4, 3), draw(1, 3)]
    unsorted, ordered = pack_sequence(parts, enforce_sorted=False), pack_sequence([parts[1], parts[0], parts[2]])
    padded, lengths = pad_packed_sequence(unsorted, padding_value=9.0, total_length=5)
    return {
        "parts": [tensor(part) for part in parts],
        "data": tensor(unsorted.data),
        "batchSizes": tensor(unsorted.batch_sizes),
        "sortedIndices": tensor(unsorted.sorted_indices),
        "unsortedIndices": tensor(unsorted.unsorted_indices),
        "ordered": tensor(ordered.data),
        "padded": tensor(padded),
        "lengths": tensor(lengths),
        "left": tensor(pad_sequence(parts, batch_first=True, padding_value=-1.0, padding_side="left")),
    }
