"""Writes samplers.json: what PyTorch's samplers, random_split and DataLoader draw under given seeds.

    python3 test/data/samplers_reference.py

The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler
from torch.utils.data import TensorDataset, random_split

PASSES = 3


def own(make):
    """The passes of a sampler with a generator of its own."""
    sampler = make(torch.Generator().manual_seed(5))
    return [list(sampler) for _ in range(PASSES)]


def with_global(make):
    torch.manual_seed(5)
    sampler = make(None)
    return [list(sampler) for _ in range(PASSES)]


def both(make):
    return {"own": own(make), "global": with_global(make)}


def batches(loader):
    return [[batch.tolist() for (batch,) in loader] for _ in range(PASSES)]


def main():
    data = range(10)
    weights = [0.1, 0.0, 2.5, 0.7, 1.2, 3.0]
    dataset = TensorDataset(torch.arange(10))
    generator = torch.Generator().manual_seed(3)
    reference = {
        "torch": torch.__version__,
        "random": both(lambda g: RandomSampler(data, generator=g)),
        "randomMany": both(lambda g: RandomSampler(data, num_samples=25, generator=g)),
        "randomFew": both(lambda g: RandomSampler(data, num_samples=4, generator=g)),
        "replacement": both(lambda g: RandomSampler(data, replacement=True, generator=g)),
        "replacementMany": both(lambda g: RandomSampler(data, replacement=True, num_samples=70, generator=g)),
        "subset": both(lambda g: SubsetRandomSampler([9, 7, 5, 3, 2], generator=g)),
        "weighted": both(lambda g: WeightedRandomSampler(weights, 12, generator=g)),
        "weightedOnce": both(lambda g: WeightedRandomSampler(weights, 4, replacement=False, generator=g)),
        "batches": own(lambda g: BatchSampler(RandomSampler(data, num_samples=25, generator=g), 4, False)),
        "batchesFull": own(lambda g: BatchSampler(RandomSampler(data, num_samples=25, generator=g), 4, True)),
        "sequential": list(BatchSampler(SequentialSampler(data), 3, False)),
        "loader": {
            "sampler": batches(
                DataLoader(dataset, batch_size=4, sampler=WeightedRandomSampler(weights, 10, generator=generator), generator=generator)
            ),
            "workers": batches(DataLoader(dataset, batch_size=4, shuffle=True, generator=torch.Generator().manual_seed(3), num_workers=2)),
        },
        "split": {
            "lengths": [list(part.indices) for part in random_split(data, [3, 7], generator=torch.Generator().manual_seed(1))],
            "fractions": [list(part.indices) for part in random_split(data, [0.35, 0.25, 0.4], generator=torch.Generator().manual_seed(1))],
        },
    }
    Path(__file__).with_name("samplers.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
