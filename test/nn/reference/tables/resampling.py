"""Other sizes and other places: interpolation, grids, shuffles, windows."""

import torch

from record import draw

LAYERS = [
    ("Upsample", [], {"scale_factor": 2.0}, (1, 2, 3)),
    ("Upsample", [], {"size": 5}, (1, 2, 3, 4)),
    ("Upsample", [], {"scale_factor": [1.5, 2.5], "mode": "bilinear", "align_corners": False}, (1, 2, 3, 4)),
    ("Upsample", [], {"size": [5, 3], "mode": "bicubic", "align_corners": True}, (1, 2, 3, 4)),
    ("Upsample", [], {"scale_factor": 1.7, "mode": "linear", "recompute_scale_factor": True}, (1, 2, 5)),
    ("Upsample", [], {"size": [2, 3, 4], "mode": "trilinear"}, (1, 1, 3, 2, 3)),
    ("UpsamplingNearest2d", [], {"scale_factor": 2.0}, (1, 2, 2, 3)),
    ("UpsamplingBilinear2d", [], {"size": [4, 5]}, (1, 2, 2, 3)),
    ("PixelShuffle", [2], {}, (2, 8, 2, 3)),
    ("PixelUnshuffle", [2], {}, (2, 1, 4, 6)),
    ("ChannelShuffle", [2], {}, (1, 6, 2, 2)),
    ("Unfold", [2], {}, (2, 2, 3, 4)),
    ("Unfold", [[2, 3]], {"dilation": [1, 2], "padding": [1, 2], "stride": 2}, (1, 2, 4, 5)),
    ("Fold", [[3, 4], 2], {}, (2, 8, 6)),
    ("Fold", [4, [2, 2]], {"stride": 2, "padding": 1}, (4, 9)),
    ("Identity", [], {}, (2, 3)),
    ("Unflatten", [1, [2, 3]], {}, (2, 6, 2)),
    ("Unflatten", [-1, [2, -1]], {}, (2, 6)),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    sequences, images, volumes = draw(1, 2, 5), draw(1, 2, 4, 5), draw(1, 1, 3, 4, 3)
    for mode in ("nearest", "nearest-exact", "area", "linear"):
        table.function("interpolate", [sequences], {"scale_factor": 1.7, "mode": mode})
    for mode in ("nearest", "nearest-exact", "area", "bilinear", "bicubic"):
        table.function("interpolate", [images], {"scale_factor": 0.6, "mode": mode})
        table.function("interpolate", [images], {"size": [7, 6], "mode": mode})
    for mode in ("nearest", "nearest-exact", "area", "trilinear"):
        table.function("interpolate", [volumes], {"scale_factor": [2.0, 1.5, 0.7], "mode": mode})
    for mode in ("bilinear", "bicubic"):
        table.function("interpolate", [images], {"size": [9, 3], "mode": mode, "align_corners": True})
        table.function("interpolate", [images], {"size": [2, 3], "mode": mode, "antialias": True})
    table.function("interpolate", [images], {"scale_factor": 0.7, "mode": "bilinear", "recompute_scale_factor": True})
    grids = {2: torch.rand(1, 3, 2, 2, dtype=torch.float64) * 2.4 - 1.2, 3: torch.rand(1, 2, 3, 2, 3, dtype=torch.float64) * 2.4 - 1.2}
    table.function("grid_sample", [images, grids[2]], {"align_corners": False})
    table.function("grid_sample", [images, grids[2]], {"mode": "nearest", "padding_mode": "border", "align_corners": True})
    table.function("grid_sample", [images, grids[2]], {"mode": "bicubic", "padding_mode": "reflection", "align_corners": False})
    table.function("grid_sample", [volumes, grids[3]], {"padding_mode": "reflection", "align_corners": True})
    table.function("affine_grid", [draw(2, 2, 3), [2, 1, 3, 4]], {"align_corners": False})
    table.function("affine_grid", [draw(1, 3, 4), [1, 1, 2, 3, 2]], {"align_corners": True})
    table.function("pixel_shuffle", [draw(1, 4, 2, 3), 2])
    table.function("pixel_unshuffle", [draw(1, 1, 4, 2), 2])
