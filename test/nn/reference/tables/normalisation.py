"""Normalisation by batch, instance, layer, group, root mean square and neighbouring channels."""

import torch

from record import draw

LAYERS = [
    ("BatchNorm1d", [3], {}, (4, 3)),
    ("BatchNorm1d", [3], {"momentum": None, "affine": False}, (4, 3, 5)),
    ("BatchNorm3d", [2], {"eps": 0.001, "momentum": 0.3}, (2, 2, 2, 3, 2)),
    ("BatchNorm3d", [2], {"track_running_stats": False, "bias": False}, (2, 2, 2, 3, 2)),
    ("InstanceNorm1d", [3], {}, (2, 3, 5)),
    ("InstanceNorm1d", [3], {"affine": True, "track_running_stats": True}, (3, 5)),
    ("InstanceNorm2d", [3], {"affine": True}, (2, 3, 4, 3)),
    ("InstanceNorm2d", [2], {"track_running_stats": True, "momentum": 0.4, "eps": 0.01}, (2, 2, 4, 3)),
    ("InstanceNorm2d", [2], {"affine": True, "bias": False}, (2, 4, 3)),
    ("InstanceNorm3d", [2], {"affine": True, "track_running_stats": True}, (1, 2, 2, 3, 2)),
    ("LayerNorm", [4], {}, (2, 3, 4)),
    ("LayerNorm", [[3, 4]], {"eps": 0.01, "bias": False}, (2, 3, 4)),
    ("LayerNorm", [[4]], {"elementwise_affine": False}, (2, 4)),
    ("GroupNorm", [2, 4], {}, (2, 4, 3)),
    ("GroupNorm", [4, 4], {"eps": 0.01, "bias": False}, (2, 4, 2, 2)),
    ("GroupNorm", [1, 3], {"affine": False}, (2, 3, 4)),
    ("RMSNorm", [4], {}, (2, 3, 4)),
    ("RMSNorm", [[3, 4]], {"eps": 0.01}, (2, 3, 4)),
    ("RMSNorm", [4], {"elementwise_affine": False}, (2, 4)),
    ("LocalResponseNorm", [2], {}, (2, 5, 4)),
    ("LocalResponseNorm", [3], {"alpha": 0.5, "beta": 0.6, "k": 2.0}, (2, 5, 2, 3)),
    ("LocalResponseNorm", [4], {"alpha": 0.1}, (1, 6, 2, 2, 2)),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    table.start("BatchNorm1d", [3])
    table.start("InstanceNorm2d", [3], {"affine": True, "track_running_stats": True})
    table.start("LayerNorm", [[2, 3]])
    table.start("GroupNorm", [2, 4])
    table.start("RMSNorm", [3])
    images, weight, bias = draw(2, 3, 4, 2), torch.rand(3, dtype=torch.float64), draw(3)
    mean, var = draw(3), torch.rand(3, dtype=torch.float64) + 0.5
    table.function("batch_norm", [images, mean, var], {"eps": 0.1}, {"weight": weight, "bias": bias}, constant=(1, 2))
    table.function("batch_norm", [images, mean.clone(), var.clone()], {"training": True}, {"weight": weight}, constant=(1, 2))
    table.function("instance_norm", [images], {"eps": 0.1}, {"weight": weight, "bias": bias})
    table.function("instance_norm", [images], {"use_input_stats": False}, {"running_mean": mean, "running_var": var})
    table.function("layer_norm", [images, [4, 2]])
    table.function("group_norm", [images, 3], {"eps": 0.1}, {"weight": weight, "bias": bias})
    table.function("rms_norm", [images, [2]], {"eps": 0.1}, {"weight": weight[:2]})
    table.function("local_response_norm", [images, 2], {"alpha": 0.3, "beta": 1.5, "k": 0.5})
    table.function("local_response_norm", [images[0], 3])
