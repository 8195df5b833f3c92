"""Writes functional.json: what torchvision's transforms do to small images.

    python3 test/data/transforms/functional_reference.py      # needs torch and torchvision

The tests read the file; they need no Python. A case is [function, arguments, options] in this package's names, and the result for
each input that it is made for.
"""

import json
import re
from pathlib import Path

import torch
import torchvision
from torchvision.transforms.v2 import functional as F


def images():
    g = torch.Generator().manual_seed(0)
    rgb = torch.randint(0, 256, (3, 6, 7), generator=g, dtype=torch.uint8)
    rgb[:, 0, 0] = 90  # gray
    rgb[0, 1, 1] = rgb[1, 1, 1] = 255
    gray = torch.randint(0, 256, (1, 6, 6), generator=g, dtype=torch.uint8)
    reals = torch.rand(2, 3, 6, 7, generator=g, dtype=torch.float64)
    return {"rgb": rgb, "gray": gray, "float32": reals.float(), "float64": reals}


# name, positional arguments, options; the inputs it is for (default: all)
WHOLE = ["rgb", "gray"]
CASES = [
    ("horizontal_flip", [], {}),
    ("vertical_flip", [], {}),
    ("crop", [1, 2, 3, 4], {}),
    ("crop", [-1, 3, 5, 6], {}),
    ("center_crop", [[3, 4]], {}),
    ("center_crop", [[9, 4]], {}),
    ("center_crop", [5], {}),
    ("pad", [2], {}),
    ("pad", [[1, 2]], {"fill": 3}),
    ("pad", [[1, 2, 0, 3]], {"padding_mode": "edge"}),
    ("pad", [[3, 2, 1, 4]], {"padding_mode": "reflect"}),
    ("pad", [[4, 2, 5, 3]], {"padding_mode": "symmetric"}),
    ("resize", [[4, 3]], {}),
    ("resize", [[9, 11]], {}),
    ("resize", [[4, 3]], {"antialias": False}),
    ("resize", [[4, 9]], {"interpolation": "nearest"}),
    ("resize", [[4, 9]], {"interpolation": "bicubic"}),
    ("resize", [[9, 12]], {"interpolation": "bicubic", "antialias": False}),
    ("resize", [4], {}),
    ("resize", [10], {"max_size": 11}),
    ("resized_crop", [1, 2, 4, 3, [6, 5]], {}),
    ("resized_crop", [0, 0, 6, 6, [3, 3]], {}),
    ("rotate", [0], {}),
    ("rotate", [90], {}),
    ("rotate", [180], {}),
    ("rotate", [-90], {"expand": True}),
    ("rotate", [33.3], {}),
    ("rotate", [33.3], {"interpolation": "bilinear"}),
    ("rotate", [33.3], {"interpolation": "bilinear", "fill": 0.25}),
    ("rotate", [-41.7], {"expand": True, "fill": 2}),
    ("rotate", [-41.7], {"center": [2, 1], "interpolation": "bilinear"}),
    ("affine", [11.3, [1, -2], 1.3, [7, -4]], {}),
    ("affine", [11.3, [1, -2], 1.3, [7, -4]], {"interpolation": "bilinear", "fill": 0.5}),
    ("affine", [-50.1, [0, 1], 0.7, [0, 20]], {"interpolation": "bilinear", "center": [1, 2]}),
    ("perspective", [[[0, 0], [6, 0], [6, 5], [0, 5]], [[1, 1], [5, 0], [6, 4], [0, 5]]], {}),
    ("perspective", [[[0, 0], [6, 0], [6, 5], [0, 5]], [[1, 1], [5, 0], [6, 4], [0, 5]]], {"interpolation": "nearest", "fill": 0.5}),
    ("rgb_to_grayscale", [], {}),
    ("rgb_to_grayscale", [], {"num_output_channels": 3}),
    *[(name, [factor], {}) for name in ("adjust_brightness", "adjust_contrast", "adjust_saturation", "adjust_sharpness") for factor in (0, 0.6, 1.7)],
    *[("adjust_hue", [factor], {}) for factor in (-0.5, -0.13, 0, 0.31)],
    ("invert", [], {}),
    ("posterize", [3], {}),
    ("solarize", [0.4], {}),
    ("solarize", [128], {}, WHOLE),
    ("autocontrast", [], {}),
    ("equalize", [], {}),
    ("gaussian_blur", [3], {}),
    ("gaussian_blur", [[5, 3]], {"sigma": [1.5, 0.4]}),
    ("normalize", [[0.4, 0.5, 0.6], [0.2, 0.3, 0.25]], {}, ["float32", "float64"]),
    ("to_dtype", ["float32"], {}),
    ("to_dtype", ["float32"], {"scale": True}),
    ("to_dtype", ["uint8"], {"scale": True}),
    ("to_dtype", ["int16"], {"scale": True}, ["rgb", "float32"]),
]


def camel(name):
    return re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)


def dtypes(arguments):
    return [getattr(torch, a) if isinstance(a, str) else a for a in arguments]



def encode(tensor):
    values = [float(f"{x:.9g}") for x in tensor.flatten().tolist()] if tensor.dtype == torch.float32 else tensor.flatten().tolist()
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "values": values}


def main():
    inputs = images()
    cases = []
    for name, arguments, options, *only in CASES:
        results = {}
        for key in only[0] if only else inputs:
            results[key] = encode(getattr(F, name)(inputs[key], *dtypes(arguments), **options))
        cases.append({"name": camel(name), "arguments": arguments, "options": {camel(k): v for k, v in options.items()}, "results": results})
    text = json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "inputs": {k: encode(v) for k, v in inputs.items()}, "cases": cases})
    Path(__file__).with_name("functional.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
