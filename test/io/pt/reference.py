"""Writes the files that the tests of io.loadPt read, with Python's torch.save.

    python3 test/io/pt/reference.py

The tests need no Python for them; what is in the files is written out in load.test.ts.
"""

import collections
import os
import zipfile
from pathlib import Path

import torch

HERE = Path(__file__).parent
# The same bytes with every run, but for the legacy files, which name storages by their addresses.
torch.manual_seed(0)

PLAIN = ["uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
RARE = ["uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]


def dtypes():
    tensors = {name: torch.tensor([[1, 2, 3], [4, 5, 6]]).to(getattr(torch, name)) for name in PLAIN + RARE}
    tensors["float8_e8m0fnu"] = torch.tensor([1.0, 2.0, 0.25]).to(torch.float8_e8m0fnu)
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["complex32"] = torch.tensor([1 + 2j]).to(torch.complex32)
    tensors["complex64"] = torch.tensor([1 + 2j, -3.5j])
    tensors["complex128"] = torch.tensor([1 + 2j, -3.5j], dtype=torch.complex128)
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32)
    matrix = base.view(4, 6)
    z = torch.tensor([1 + 2j, 3 + 4j])
    return {
        "base": base,
        "transposed": matrix.t(),
        "part": matrix[1:3, ::2],
        "column": matrix[:, 5],
        "expanded": torch.tensor([7.0]).expand(2, 3),
        "channels_last": torch.arange(16.0).view(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
        "scalar": torch.tensor(2.5, dtype=torch.float64),
        "empty": torch.zeros(0, 3),
        "conjugate": z.conj(),
        "negative": torch.tensor([1 + 2j, 3 + 4j]).conj().imag,
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "frozen": torch.nn.Parameter(torch.tensor([3.0]), requires_grad=False),
        "leaf": torch.tensor([4.0], requires_grad=True),
    }


def values():
    shared = [1, 2]
    return {
        "none": None,
        "true": True,
        "false": False,
        "small": 7,
        "negative": -300,
        "large": 2**40,
        "huge": 2**70,
        "very negative": -(2**63),
        "float": 0.1,
        "infinite": float("inf"),
        "text": "grüße \U0001f600",
        "empty text": "",
        "bytes": b"ab\xff\x00",
        "no bytes": b"",
        "bytearray": bytearray(b"xyz"),
        "complex": 1.5 - 2j,
        "list": [1, [2.5, "three"], []],
        "tuple": (1, 2, 3, 4),
        "pair": (1, 2),
        "one": (1,),
        "unit": (),
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "device": torch.device("cuda:1"),
        "cpu": torch.device("cpu"),
        "layout": torch.strided,
        "set": {1, 2, 3},
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "counter": collections.Counter({30: 1, 80: 2}),
        "numbers as keys": {0: "a", 1: "b", "c": 2},
        "__proto__": 5,
        "shared": shared,
        "shared again": shared,
        "nested": {"a": {"b": {"c": torch.tensor([1])}}},
    }


def training():
    """A model, its optimizer after two steps, and a schedule."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    x = torch.randn(8, 3)
    for _ in range(2):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        schedule.step()
    model.eval()
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": 3}
    return state | {"x": x, "y": model(x).detach()}


def evil():
    """What must be refused, each by its name."""

    class Call:
        def __init__(self, function, *args):
            self.parts = (function, args)

        def __reduce__(self):
            return self.parts

    return {
        "system": Call(os.system, "touch pwned"),
        "eval": Call(eval, "1 + 1"),
        "module": torch.nn.Linear(1, 1),
        "path": HERE.relative_to(HERE),
    }


def big_endian():
    """As a big-endian machine writes it: the same pickle, the numbers turned round."""
    tensors = {
        "float32": torch.tensor([1.5, -2.0]),
        "float64": torch.tensor([0.1]).double(),
        "int16": torch.tensor([1, -2, 300], dtype=torch.int16),
        "complex64": torch.tensor([1 + 2j]),
        "uint8": torch.tensor([1, 2, 3], dtype=torch.uint8),
    }
    widths = [4, 8, 2, 4, 1]  # of the numbers in data/0, data/1, ...
    torch.save(tensors, HERE / "big-endian.pt")
    with zipfile.ZipFile(HERE / "big-endian.pt") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    # Deflated, as no torch.save does: readers of zip archives must know it all the same.
    with zipfile.ZipFile(HERE / "big-endian.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            kind = name.split("/")
            if kind[1] == "byteorder":
                data = b"big"
            if kind[1] == "data":
                width = widths[int(kind[2])]
                data = b"".join(data[k : k + width][::-1] for k in range(0, len(data), width))
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def main():
    saved = {"dtypes": dtypes(), "views": views(), "values": values(), "training": training(), "tensor": torch.arange(3)}
    saved |= {f"evil-{name}": value for name, value in evil().items()}
    saved["sparse"] = torch.eye(2).to_sparse()
    saved["quantized"] = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)
    for name, value in saved.items():
        torch.save(value, HERE / f"{name}.pt")
    for name in ["views", "values", "training"]:
        value = saved[name]
        torch.save(value, HERE / f"{name}.legacy.pt", _use_new_zipfile_serialization=False)
    big_endian()
    for protocol in [3, 4, 5]:
        torch.save(values(), HERE / f"values.protocol-{protocol}.pt", pickle_protocol=protocol)


if __name__ == "__main__":
    main()
