"""What PyTorch draws under a seed: initialisation and dropout."""

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
]


def initialiser(name, options):
    torch.manual_seed(4)
    value = getattr(nn.init, name)(torch.empty(6, 4, 3, 3), **options)
    options = {camel(k): camel(v) if isinstance(v, str) else v for k, v in options.items()}
    return {"name": camel(name[:-1]) + "_", "options": options, "value": tensor(value)}


def dropout():
    torch.manual_seed(5)
    return tensor(F.dropout(torch.ones(50), p=0.3))


def sequential():
    torch.manual_seed(3)
    layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    return {key: tensor(value) for key, value in layers.state_dict().items()}


def fill(table):
    table.values = {"initialisers": [initialiser(*case) for case in INITIALISERS], "dropout": dropout(), "sequential": sequential()}
