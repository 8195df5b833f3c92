"""Writes histograms.json: the histograms that torch.utils.tensorboard makes.

    python3 test/io/tensorboard/reference.py      # needs torch, numpy and tensorboard

The test reads the file; it needs no Python.
"""

import json
import tempfile
from pathlib import Path

import torch
from torch.utils.tensorboard import summary
from torch.utils.tensorboard.writer import SummaryWriter


def default_bins(folder):
    with SummaryWriter(folder) as writer:
        return writer.default_bins


def inputs():
    g = torch.Generator().manual_seed(0)
    return {
        "normal": torch.randn(50, 4, generator=g, dtype=torch.float64),
        "normal32": torch.randn(100, generator=g),
        "positive": torch.rand(30, generator=g, dtype=torch.float64),
        "whole": torch.randint(-3, 9, (40,), generator=g),
        "edges": torch.tensor([0.0, 1.0, 1.0, 2.0, 3.0, 3.0], dtype=torch.float64),
        "zeros": torch.zeros(3, dtype=torch.float64),
        "one": torch.tensor(2.5, dtype=torch.float64),
        "huge": torch.tensor([1e30, -1e30, 1.0, 1e-30, -1e-30], dtype=torch.float64),
    }


CASES = [
    ("normal", {}),
    ("normal32", {}),
    ("positive", {}),
    ("whole", {}),
    ("edges", {}),
    ("zeros", {}),
    ("one", {}),
    ("huge", {}),
    ("normal", {"maxBins": 20}),
    ("normal", {"maxBins": 100}),
    ("normal", {"bins": 10}),
    ("whole", {"bins": 7}),
    ("zeros", {"bins": 4}),
    ("edges", {"bins": 3}),
    ("normal", {"bins": 50, "maxBins": 8}),
    ("edges", {"bins": [0.0, 1.0, 2.0, 3.0]}),
    ("edges", {"bins": [-1.0, 0.5, 1.0, 3.0, 5.0]}),
    ("edges", {"bins": [1.0, 3.0]}),
    ("edges", {"bins": [0.5, 2.5]}),
]


def main():
    with tempfile.TemporaryDirectory() as folder:
        tensorflow = default_bins(folder)
    values = inputs()
    cases = []
    for name, options in CASES:
        bins = options.get("bins", "tensorflow")
        made = summary.make_histogram(
            values[name].numpy().astype(float), tensorflow if bins == "tensorflow" else bins, options.get("maxBins")
        )
        cases.append(
            {
                "name": name,
                "options": options,
                "histogram": {
                    "min": made.min,
                    "max": made.max,
                    "num": made.num,
                    "sum": made.sum,
                    "sumSquares": made.sum_squares,
                    "limits": list(made.bucket_limit),
                    "counts": list(made.bucket),
                },
            }
        )
    inputs_json = {name: {"dtype": str(value.dtype).removeprefix("torch."), "values": value.tolist()} for name, value in values.items()}
    path = Path(__file__).parent / "histograms.json"
    path.write_text(json.dumps({"inputs": inputs_json, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
