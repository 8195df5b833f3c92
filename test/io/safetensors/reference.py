"""Writes reference.safetensors with the format's own Python package, a tensor of each dtype.

    pip install safetensors && python3 test/io/safetensors/reference.py

The tests read the file; they need no Python.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2"]


def main():
    tensors = {name: torch.tensor([[1, 2, 3], [4, 5, 100]]).to(getattr(torch, name)) for name in INTEGERS}
    tensors |= {name: torch.tensor([0.5, -2.0, 448.0, float("inf")]).to(getattr(torch, name)) for name in FLOATS}
    tensors |= {name: torch.tensor([0.5, -2.0]).to(getattr(torch, name)) for name in ["float8_e4m3fnuz", "float8_e5m2fnuz"]}
    tensors["float8_e8m0fnu"] = torch.tensor([1.0, 2.0, 0.25]).to(torch.float8_e8m0fnu)
    tensors["float4_e2m1fn_x2"] = torch.tensor([[0x21, 0x43]], dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["complex64"] = torch.tensor([1 + 2j, -3.5j])
    tensors["scalar"] = torch.tensor(7.25)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["ünï/cödé \"1\""] = torch.tensor([1.0])
    tensors["10"] = torch.tensor([10.0])
    tensors["9"] = torch.tensor([9.0])
    save_file(tensors, Path(__file__).with_name("reference.safetensors"), metadata={"format": "pt", "note": "grüße"})


if __name__ == "__main__":
    main()
