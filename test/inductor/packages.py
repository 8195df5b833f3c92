"""Compiles the models that the tests of inductor.aotiLoadPackage load, and prints what PyTorch computes with them, as JSON.

    python3 test/inductor/packages.py FOLDER      # needs torch of the version in use and a C++ compiler

The packages hold machine code for this processor and this version of libtorch, which is why none is stored.
"""

import json
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, export


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 40)
        self.b = nn.Linear(40, 2)
        self.register_buffer("scale", torch.rand(40))

    def forward(self, x: Tensor) -> Tensor:
        return self.b(torch.relu(self.a(x)) * self.scale)


class Two(nn.Module):
    """Two inputs of which one is nested and one has a name, and several outputs, one of them a constant."""

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.tensor([2.0, 3.0]))

    def forward(self, pair: tuple[Tensor, Tensor], named: dict[str, Tensor], *, shift: Tensor):
        a, b = pair
        return {"sum": (a + b) * self.scale + shift, "rest": [named["x"] - a, self.scale]}


class Halves(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x @ y, (x.sum() - y.sum()).double()


def main(folder: Path):
    torch.manual_seed(0)
    x = torch.randn(5, 3)
    mlp = MLP().eval()
    # A size that may be 1 too: without this setting the compiler takes it for 2 or more.
    with torch.fx.experimental._config.patch(backed_size_oblivious=True):
        program = export(mlp, (x,), dynamic_shapes=({0: Dim("batch", max=64)},))
        torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "mlp.pt2"))
    torch.export.save(program, folder / "exported.pt2")
    torch._inductor.aoti_compile_and_package(
        export(mlp, (x,)), package_path=str(folder / "bare.pt2"), inductor_configs={"aot_inductor.package_constants_in_so": False}
    )
    v, w, z, s = torch.rand(4, 2)
    torch._inductor.aoti_compile_and_package(
        export(Two(), ((v, w), {"x": z}), {"shift": s}), package_path=str(folder / "two.pt2")
    )
    torch._inductor.aoti_compile_and_package(
        export(Halves(), (torch.ones(2, 3), torch.ones(3, 2))), package_path=str(folder / "halves.pt2")
    )
    stored = {
        "x": x.tolist(),
        "mlp": mlp(x).tolist(),
        "one": mlp(x[:1]).tolist(),
        "state": {key: value.tolist() for key, value in mlp.state_dict().items()},
        "constants": sorted(torch._inductor.aoti_load_package(str(folder / "mlp.pt2")).get_constant_fqns()),
    }
    print(json.dumps(stored))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
