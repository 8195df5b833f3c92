"""Writes one JSON file for each table: what PyTorch's layers and functions give.

    python3 test/nn/reference/make.py            # all tables
    python3 test/nn/reference/make.py basic      # some

The tests read the files; they need no Python. Everything is recorded in float64, but what depends on random numbers in float32
under a seed. A table is a file in `tables/` with a function `fill(table)`; each starts from the same seed, so that a change to one
leaves the others as they are.
"""

import importlib
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from record import Table  # noqa: E402


def main(names):
    for name in names or sorted(path.stem for path in (HERE / "tables").glob("[a-z]*.py")):
        torch.manual_seed(0)
        table = Table()
        importlib.import_module(f"tables.{name}").fill(table)
        content = {"torch": torch.__version__.split("+")[0], **table.content()}
        (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
        print(f"{name}: {len(table.layers)} layers, {len(table.functions)} functions, {len(table.initial)} initial states")


if __name__ == "__main__":
    main(sys.argv[1:])
