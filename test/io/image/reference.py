"""Writes make-grid.json: what torchvision.utils.make_grid and save_image make of small batches.

    python3 test/io/image/reference.py      # needs torch, torchvision and Pillow

The test reads the file; it needs no Python. A case holds the input, the options in this package's names, and the results.
"""

import io
import json
import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision.utils import make_grid, save_image


def inputs():
    g = torch.Generator().manual_seed(0)
    reals = torch.randn(5, 3, 2, 3, generator=g, dtype=torch.float64)
    return {
        "rgb": reals,
        "rgb32": reals.float(),
        "gray": torch.randn(3, 1, 2, 2, generator=g, dtype=torch.float64),
        "rgba": torch.rand(2, 4, 2, 2, generator=g, dtype=torch.float64),
        "one of a batch": torch.rand(1, 3, 2, 2, generator=g, dtype=torch.float64),
        "one": torch.rand(3, 2, 2, generator=g, dtype=torch.float64),
        "one gray": torch.rand(1, 2, 2, generator=g, dtype=torch.float64),
        "plane": torch.rand(2, 3, generator=g, dtype=torch.float64),
        "constant": torch.full((2, 3, 2, 2), 0.5, dtype=torch.float64),
        "bytes": torch.randint(0, 256, (3, 3, 2, 2), generator=g, dtype=torch.uint8),
    }


EVERY = {}
CASES = {
    "rgb": [
        EVERY,
        {"nrow": 2},
        {"nrow": 3, "padding": 1, "pad_value": 0.5},
        {"padding": 0},
        {"nrow": 1, "padding": 3, "pad_value": -1.0},
        {"normalize": True},
        {"normalize": True, "scale_each": True, "nrow": 3},
        {"normalize": True, "value_range": (-1.0, 1.0)},
        {"normalize": True, "value_range": (-0.5, 2.0), "scale_each": True},
    ],
    "rgb32": [EVERY, {"normalize": True}, {"normalize": True, "scale_each": True}, {"normalize": True, "value_range": (-1.0, 1.0), "nrow": 4}],
    "gray": [EVERY, {"normalize": True, "nrow": 2, "pad_value": 1.0}],
    "rgba": [EVERY],
    "one of a batch": [EVERY, {"normalize": True}],
    "one": [EVERY],
    "one gray": [EVERY],
    "plane": [EVERY, {"normalize": True, "value_range": (0.25, 0.75)}],
    "constant": [{"normalize": True}],
    "bytes": [{"nrow": 2, "pad_value": 7}],
}


def main():
    cases = []
    images = inputs()
    for name, options in CASES.items():
        image = images[name]
        for kwargs in options:
            grid = make_grid(image, **kwargs)
            pixels = None
            if image.dtype != torch.uint8:  # of which save_image makes nothing sensible
                file = io.BytesIO()
                save_image(image, file, format="png", **kwargs)
                pixels = np.asarray(Image.open(file)).transpose(2, 0, 1).tolist()
            cases.append(
                {
                    "name": name,
                    "dtype": str(image.dtype).removeprefix("torch."),
                    "input": image.tolist(),
                    "options": {re.sub(r"_(.)", lambda match: match[1].upper(), key): value for key, value in kwargs.items()},
                    "grid": grid.tolist(),
                    "pixels": pixels,
                }
            )
    path = Path(__file__).parent / "make-grid.json"
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
