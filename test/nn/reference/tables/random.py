"""What PyTorch draws under a seed: initialisation, dropout, random slopes and samples."""

import torch
import torch.nn.functional as F
from torch import nn

from record import camel, tensor

INITIALISERS = [
    ("uniform_", {"a": -2.0, "b": 3.0}),
    ("normal_", {"mean": 1.0, "std": 0.5}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {}),
    ("kaiming_uniform_", {"a": 0.3}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}),
    ("trunc_normal_", {"mean": 0.5, "std": 1.5, "a": -1.0, "b": 2.0}),
    ("trunc_normal_", {"a": 1.5, "b": 4.0}),
    ("trunc_normal_", {"mean": 1.0, "std": 3.0, "a": 0.0, "b": 1.0}),
    ("orthogonal_", {"gain": 1.5}),
    ("dirac_", {}),
    ("dirac_", {"groups": 2}),
]
MATRICES = [
    ("orthogonal_", [], {}, (3, 5)),
    ("orthogonal_", [], {}, (5, 3)),
    ("sparse_", [0.35], {}, (6, 4)),
    ("sparse_", [0.5], {"std": 2.0}, (3, 7)),
    ("eye_", [], {}, (3, 5)),
    ("dirac_", [], {"groups": 3}, (9, 2, 4)),
    ("dirac_", [], {}, (2, 3, 2, 3, 4)),
]
GAINS = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu"]
GAINS += ["leaky_relu", "selu"]
DROPOUTS = [
    ("Dropout1d", (3, 6, 2)),
    ("Dropout1d", (6, 2)),
    ("Dropout2d", (2, 6, 1, 2)),
    ("Dropout3d", (2, 6, 1, 2, 1)),
    ("Dropout3d", (6, 1, 2, 1)),
    ("AlphaDropout", (4, 6)),
    ("FeatureAlphaDropout", (3, 6, 2)),
    ("RReLU", (4, 6)),
]


def initialiser(name, args, options, shape):
    torch.manual_seed(4)
    value = getattr(nn.init, name)(torch.empty(shape), *args, **options)
    options = {camel(k): camel(v) if isinstance(v, str) else v for k, v in options.items()}
    return {"name": camel(name[:-1]) + "_", "args": args, "options": options, "value": tensor(value)}


def dropout():
    torch.manual_seed(5)
    return tensor(F.dropout(torch.ones(50), p=0.3))


def random_layer(name, shape):
    """What a layer that draws makes of a standard normal input while training, its gradient, and how it prints."""
    torch.manual_seed(6)
    layer = getattr(nn, name)()
    inputs = torch.randn(shape, requires_grad=True)
    outputs = layer(inputs)
    outputs.sum().backward()
    return {"layer": name, "repr": repr(layer), "shape": list(shape), "outputs": tensor(outputs), "grad": tensor(inputs.grad)}


def gumbel(options):
    torch.manual_seed(7)
    return {"options": options, "outputs": tensor(F.gumbel_softmax(torch.linspace(-1, 1, 12).reshape(3, 4), **options))}


def sequential():
    torch.manual_seed(3)
    layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    return {key: tensor(value) for key, value in layers.state_dict().items()}


def fill(table):
    images = [initialiser(name, [], options, (6, 4, 3, 3)) for name, options in INITIALISERS]
    table.values = {
        "initialisers": images + [initialiser(*case) for case in MATRICES],
        "gains": {camel(name): nn.init.calculate_gain(name) for name in GAINS},
        "dropout": dropout(),
        "layers": [random_layer(*case) for case in DROPOUTS],
        "gumbel": [gumbel(options) for options in ({}, {"tau": 0.5, "hard": True}, {"dim": 0})],
        "sequential": sequential(),
    }
