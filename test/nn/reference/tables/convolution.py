"""Convolution and transposed convolution in one to three dimensions."""

from record import draw

LAYERS = [
    ("Conv1d", [2, 3, 3], {}, (2, 2, 7)),
    ("Conv1d", [4, 6, 3], {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False}, (2, 4, 9)),
    ("Conv1d", [2, 3, [3]], {"padding": "same", "padding_mode": "circular"}, (2, 6)),
    ("Conv1d", [2, 2, 3], {"padding": 2, "padding_mode": "reflect"}, (1, 2, 5)),
    ("Conv2d", [2, 3, 3], {"padding_mode": "zeros"}, (2, 5, 4)),
    ("Conv3d", [2, 2, 2], {}, (1, 2, 3, 4, 3)),
    ("Conv3d", [2, 4, [1, 2, 3]], {"stride": [1, 2, 1], "padding": [0, 1, 2], "dilation": [1, 1, 2], "groups": 2}, (1, 2, 2, 4, 4)),
    ("Conv3d", [1, 2, 3], {"padding": "same"}, (1, 3, 2, 3)),
    ("Conv3d", [1, 1, 2], {"padding": 1, "padding_mode": "replicate", "bias": False}, (1, 1, 2, 3, 2)),
    ("ConvTranspose1d", [2, 3, 3], {}, (2, 2, 4)),
    ("ConvTranspose1d", [4, 6, 3], {"stride": 3, "padding": 1, "output_padding": 2, "dilation": 2, "groups": 2, "bias": False}, (4, 5)),
    ("ConvTranspose2d", [2, 3, 3], {}, (1, 2, 3, 4)),
    ("ConvTranspose2d", [2, 2, [3, 2]], {"stride": [2, 1], "padding": [1, 0], "output_padding": [1, 0]}, (2, 2, 3, 3)),
    ("ConvTranspose2d", [4, 4, 2], {"stride": 2, "groups": 4, "bias": False}, (4, 2, 3)),
    ("ConvTranspose3d", [2, 2, 2], {}, (1, 2, 2, 3, 2)),
    ("ConvTranspose3d", [1, 2, [1, 2, 3]], {"stride": [1, 2, 2], "padding": [0, 1, 1], "output_padding": [0, 1, 0]}, (1, 1, 2, 2, 3)),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    table.start("Conv1d", [4, 6, 3], {"groups": 2})
    table.start("Conv3d", [2, 3, [1, 2, 3]])
    table.start("ConvTranspose1d", [4, 6, 3], {"groups": 2})
    table.start("ConvTranspose2d", [2, 3, 3])
    table.start("ConvTranspose3d", [2, 3, 2], {"bias": False})
    table.function("conv1d", [draw(2, 2, 5), draw(3, 2, 2)], {"padding": 1}, {"bias": draw(3)})
    table.function("conv3d", [draw(1, 2, 3, 3, 3), draw(2, 1, 2, 2, 2)], {"groups": 2})
    table.function("conv_transpose1d", [draw(2, 2, 5), draw(2, 3, 2)], {"stride": 2, "output_padding": 1})
    table.function("conv_transpose2d", [draw(1, 2, 3, 3), draw(2, 3, 2, 2)], {"stride": 2}, {"bias": draw(3)})
    table.function("conv_transpose3d", [draw(1, 2, 2, 2, 2), draw(2, 1, 2, 2, 2)], {"groups": 2, "padding": 1})
