"""The softmax over many classes of which few are frequent."""

import torch
from torch import nn

from record import draw, integers, tensor

NAME = "AdaptiveLogSoftmaxWithLoss"


def fill(table):
    table.layer(NAME, [16, 20, [4, 10]], {}, [(9, 16), integers(20, 9)])
    table.layer(NAME, [16, 20, [4, 10, 15]], {"div_value": 2.0, "head_bias": True}, [(9, 16), integers(20, 9)])
    table.layer(NAME, [16, 20, [4, 10]], {}, [(9, 16), lambda: torch.randint(0, 4, (9,))])  # no cluster at all
    table.layer(NAME, [16, 20, [4, 10]], {}, [(9, 16), lambda: torch.randint(10, 20, (9,))])  # one cluster only
    table.layer(NAME, [16, 20, [4, 10]], {}, [(16,), integers(20)])
    table.start(NAME, [8, 20, [4, 10, 15]], {"div_value": 2.0, "head_bias": True})
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], div_value=2.0).double()
    inputs = 3 * draw(12, 8)
    table.values["adaptive"] = {
        "state": {key: tensor(value) for key, value in layer.state_dict().items()},
        "input": tensor(inputs),
        "logProb": tensor(layer.log_prob(inputs)),
        "predict": tensor(layer.predict(inputs)),
    }
