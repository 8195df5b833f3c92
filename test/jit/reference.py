"""Writes the models that the tests of jit.load load, and reference.json: what PyTorch computes with them.

    python3 test/jit/reference.py      # needs torch

The tests need no Python.
"""

import json
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn

HERE = Path(__file__).parent


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.0))
        self.last = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.first(x))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2, bias=False)
        self.b = nn.Linear(2, 2, bias=False)
        self.b.weight = self.a.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.a(x))


class Values(nn.Module):
    def forward(
        self,
        xs: List[Tensor],
        named: Dict[str, Tensor],
        pair: Tuple[int, float],
        flags: List[bool],
        text: str = "none",
        extra: Optional[Tensor] = None,
    ) -> Tuple[Tensor, Dict[str, Tensor], List[float], Dict[int, str], Optional[Tensor], bool]:
        total = xs[0]
        for x in xs[1:]:
            total = total + x
        doubled = {name: 2 * value for name, value in named.items()}
        return total, doubled, [float(pair[0]), pair[1]], {len(flags): text}, extra, flags[0]

    @torch.jit.export
    def big(self, n: int) -> List[int]:
        return [n, n * 4503599627370496]

    @torch.jit.export
    def broken(self, n: int) -> int:
        raise ValueError("this one always fails")


def main():
    torch.manual_seed(0)
    net = Net()
    x = torch.randn(5, 3)
    torch.jit.script(net).save(str(HERE / "net.pt"))
    torch.jit.script(Tied()).save(str(HERE / "tied.pt"))
    torch.jit.script(Values()).save(str(HERE / "values.pt"))
    torch.jit.trace(nn.Conv2d(1, 2, 3).eval(), torch.zeros(1, 1, 5, 5)).save(str(HERE / "traced.pt"))

    stored = {"x": x.tolist(), "keys": list(net.state_dict()), "parameters": [name for name, _ in net.named_parameters()]}
    net.eval()
    stored["eval"] = net(x).tolist()
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    stored["losses"] = []
    for step in range(3):
        optimizer.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        if step == 0:
            stored["gradients"] = {name: p.grad.tolist() for name, p in net.named_parameters()}
        optimizer.step()
        stored["losses"].append(loss.item())
    stored["state"] = {name: value.tolist() for name, value in net.state_dict().items()}
    (HERE / "reference.json").write_text(json.dumps(stored, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
