"""Nonlinearities."""

import torch

from record import draw

SHAPE = (3, 4)
LAYERS = [
    ("LeakyReLU", [], {}, SHAPE),
    ("LeakyReLU", [], {"negative_slope": 0.3}, SHAPE),
    ("PReLU", [], {}, SHAPE),
    ("PReLU", [], {"num_parameters": 4, "init": 0.1}, SHAPE),
    ("PReLU", [], {"num_parameters": 2}, (2, 2, 3)),
    ("RReLU", [], {"lower": 0.25, "upper": 0.25}, SHAPE),
    ("ELU", [], {}, SHAPE),
    ("ELU", [], {"alpha": 0.5}, SHAPE),
    ("CELU", [], {}, SHAPE),
    ("CELU", [], {"alpha": 2.0}, SHAPE),
    ("SELU", [], {}, SHAPE),
    ("GELU", [], {}, SHAPE),
    ("GELU", [], {"approximate": "tanh"}, SHAPE),
    ("SiLU", [], {}, SHAPE),
    ("Mish", [], {}, SHAPE),
    ("ReLU6", [], {}, SHAPE),
    ("Hardswish", [], {}, SHAPE),
    ("Hardsigmoid", [], {}, SHAPE),
    ("Hardtanh", [], {}, SHAPE),
    ("Hardtanh", [], {"min_val": -0.5, "max_val": 2.0}, SHAPE),
    ("Hardshrink", [], {}, SHAPE),
    ("Hardshrink", [], {"lambd": 1.0}, SHAPE),
    ("Softshrink", [], {}, SHAPE),
    ("Softshrink", [], {"lambd": 0.25}, SHAPE),
    ("Tanhshrink", [], {}, SHAPE),
    ("Softplus", [], {}, SHAPE),
    ("Softplus", [], {"beta": 3.0, "threshold": 1.0}, SHAPE),
    ("Softsign", [], {}, SHAPE),
    ("Sigmoid", [], {}, SHAPE),
    ("Tanh", [], {}, SHAPE),
    ("LogSigmoid", [], {}, SHAPE),
    ("Threshold", [0.1, 20], {}, SHAPE),
    ("GLU", [], {}, SHAPE),
    ("GLU", [], {"dim": 0}, (4, 3)),
    ("Softmax", [], {"dim": 1}, SHAPE),
    ("Softmax", [], {"dim": -2}, (2, 3, 2)),
    ("Softmin", [], {"dim": 0}, SHAPE),
    ("LogSoftmax", [], {"dim": -1}, SHAPE),
    ("Softmax2d", [], {}, (2, 3, 2, 2)),
    ("Softmax2d", [], {}, (3, 2, 2)),
]
INPLACE = ["ReLU", "ReLU6", "LeakyReLU", "RReLU", "ELU", "CELU", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Hardtanh"]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    table.start("PReLU", [], {"num_parameters": 3})
    x = draw(3, 4)
    for name, options in (
        ("rrelu", {}),
        ("rrelu", {"lower": 0.5, "upper": 0.5, "training": True}),
        ("hardshrink", {"lambd": 0.4}),
        ("softshrink", {"lambd": 0.4}),
        ("softplus", {"beta": 2.0, "threshold": 1.0}),
        ("glu", {"dim": -1}),
    ):
        table.function(name, [x], options)
    table.function("threshold", [x, 0.2, -1.0])
    table.function("prelu", [x, torch.tensor([0.3], dtype=torch.float64)])
    table.function("sigmoid", [x])
    table.function("tanh", [x])
    table.values = {"inplace": {name: repr(getattr(torch.nn, name)(inplace=True)) for name in INPLACE}}
