"""Pooling: largest values, where they stood and back, means, p-norms."""

import torch
import torch.nn.functional as F

from record import draw


def positive(*shape):
    return lambda: draw(*shape).abs()


LAYERS = [
    ("MaxPool1d", [2], {}, (2, 3, 7)),
    ("MaxPool1d", [3], {"stride": 2, "padding": 1, "dilation": 2, "ceil_mode": True}, (2, 9)),
    ("MaxPool1d", [2], {"return_indices": True}, (2, 2, 6)),
    ("MaxPool2d", [[2, 2]], {"return_indices": True, "stride": 1}, (1, 2, 4, 5)),
    ("MaxPool3d", [2], {}, (1, 2, 4, 4, 5)),
    ("MaxPool3d", [[1, 2, 3]], {"stride": [1, 2, 1], "padding": [0, 1, 1], "return_indices": True}, (1, 2, 4, 4)),
    ("MaxUnpool1d", [2], {}, [(2, 2, 3), lambda: torch.tensor([[[0, 3, 5], [1, 2, 4]], [[1, 2, 4], [0, 3, 5]]])]),
    ("MaxUnpool2d", [[2, 2]], {"stride": [2, 1]}, [(1, 1, 2, 2), lambda: torch.tensor([[[[0, 2], [9, 11]]]])]),
    ("MaxUnpool3d", [2], {"padding": 0}, [(1, 1, 1, 1, 2), lambda: torch.tensor([[[[[5, 15]]]]])]),
    ("AvgPool1d", [2], {}, (2, 3, 7)),
    ("AvgPool1d", [3], {"stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}, (3, 8)),
    ("AvgPool2d", [2], {}, (2, 2, 4, 5)),
    ("AvgPool2d", [[3, 2]], {"stride": [1, 2], "padding": [1, 0], "divisor_override": 4}, (1, 2, 5, 6)),
    ("AvgPool2d", [3], {"padding": 1, "count_include_pad": False, "ceil_mode": True}, (2, 5, 5)),
    ("AvgPool3d", [2], {}, (1, 2, 4, 2, 3)),
    ("AvgPool3d", [[2, 1, 2]], {"stride": 1, "padding": [1, 0, 1], "divisor_override": 3}, (2, 3, 2, 3)),
    ("LPPool1d", [2.5, 3], {"stride": 2}, positive(2, 2, 8)),
    ("LPPool1d", [3, 2], {}, positive(2, 5)),
    ("LPPool2d", [2, 2], {"ceil_mode": True}, (1, 2, 5, 5)),
    ("LPPool2d", [1, [3, 2]], {"stride": [2, 1]}, positive(1, 2, 5, 4)),
    ("LPPool3d", [2, 2], {}, (1, 1, 4, 4, 4)),
    ("AdaptiveAvgPool1d", [3], {}, (2, 2, 8)),
    ("AdaptiveAvgPool2d", [[2, None]], {}, (1, 2, 5, 3)),
    ("AdaptiveAvgPool2d", [1], {}, (2, 4, 3)),
    ("AdaptiveAvgPool3d", [[1, 2, None]], {}, (1, 2, 2, 4, 3)),
    ("AdaptiveMaxPool1d", [3], {}, (2, 2, 8)),
    ("AdaptiveMaxPool2d", [[None, 2]], {"return_indices": True}, (1, 2, 3, 5)),
    ("AdaptiveMaxPool3d", [2], {}, (1, 2, 2, 4, 3)),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    sequences, images, volumes = draw(2, 2, 6), draw(1, 2, 5, 6), draw(1, 1, 4, 5, 4)
    table.function("max_pool1d", [sequences, 2], {"return_indices": True, "stride": 1})
    table.function("max_pool2d", [images, 2], {"return_indices": True})
    table.function("max_pool2d", [images, [2, 3]], {"padding": [1, 0], "return_indices": False})
    table.function("max_pool3d", [volumes, 2])
    table.function("adaptive_avg_pool1d", [sequences, 4])
    table.function("adaptive_avg_pool2d", [images, [None, 2]])
    table.function("adaptive_avg_pool3d", [volumes, 3])
    table.function("adaptive_max_pool1d", [sequences, 4])
    table.function("adaptive_max_pool2d", [images, [2, 4]])
    table.function("adaptive_max_pool3d", [volumes, [2, None, 3]], {"return_indices": True})
    table.function("avg_pool1d", [sequences, 2])
    table.function("avg_pool3d", [volumes, 2], {"stride": 1, "count_include_pad": False, "padding": 1})
    table.function("lp_pool1d", [sequences, 2.0, 2])
    table.function("lp_pool2d", [images, 4.0, [2, 3]], {"stride": 2})
    table.function("lp_pool3d", [volumes.abs(), 1.5, 2], {"ceil_mode": True})
    values, places = F.max_pool2d(images, 2, return_indices=True)
    table.function("max_unpool2d", [values, places, 2], {"output_size": [5, 6]})
    values, places = F.max_pool1d(sequences, 2, 1, return_indices=True)
    table.function("max_unpool1d", [values, places, 2], {"stride": 1})
    values, places = F.max_pool3d(volumes, 2, return_indices=True)
    table.function("max_unpool3d", [values, places, 2], {"output_size": [1, 1, 4, 5, 4]})
    samples = {2: torch.rand(1, 2, 2, dtype=torch.float64), 3: torch.rand(1, 1, 3, dtype=torch.float64)}
    table.values = {
        "fractional": [fractional(2, images, samples[2], {"output_size": [3, 2]}), fractional(3, volumes, samples[3], {"output_ratio": 0.6})],
        "infinite": {str(p): stored(F.lp_pool2d(images, float(p), 2)) for p in ("inf", "-inf")},
        "images": stored(images),
    }


def stored(value):
    return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": value.flatten().tolist()}


def fractional(dims, inputs, samples, options):
    """With given places of the windows, which PyTorch's own modules take only under a private name."""
    outputs = getattr(F, f"fractional_max_pool{dims}d")(inputs, 2, return_indices=True, _random_samples=samples, **options)
    torch.manual_seed(6)
    drawn = getattr(F, f"fractional_max_pool{dims}d")(inputs.float(), 2, **options)
    return {"inputs": stored(inputs), "samples": stored(samples), "outputs": [stored(x) for x in outputs], "drawn": stored(drawn)}
