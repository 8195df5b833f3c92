"""Writes loader.json: the orders in which PyTorch's DataLoader visits a dataset.

    python3 test/data/loader_reference.py

The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import torch
from torch.utils.data import DataLoader, TensorDataset


def orders(generator, epochs=3):
    loader = DataLoader(TensorDataset(torch.arange(11)), batch_size=4, shuffle=True, generator=generator)
    return [[batch.tolist() for (batch,) in loader] for _ in range(epochs)]


def main():
    own = orders(torch.Generator().manual_seed(7))
    torch.manual_seed(7)
    reference = {"torch": torch.__version__, "generator": own, "global": orders(None)}
    Path(__file__).with_name("loader.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
