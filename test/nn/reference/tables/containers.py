"""How containers print and name their content, and what hooks see."""

import torch
from torch import nn

from record import draw, tensor


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)])
        self.heads = nn.ModuleDict({"left": nn.Linear(2, 3), "rightSide": nn.Flatten()})
        self.scales = nn.ParameterList([torch.zeros(2), torch.zeros(2, 3)])
        self.single = nn.ParameterList([torch.zeros(2)])
        self.offsets = nn.ParameterDict({"a": torch.zeros(2), "bC": torch.zeros(1)})
        self.empty = nn.ModuleList()

    def extra_repr(self):
        return "hidden=2"


def backward_hook():
    seen = {}
    layer = nn.Linear(3, 2).double()
    layer.weight.data, layer.bias.data = draw(2, 3), draw(2)
    x = draw(4, 3).requires_grad_()

    def hook(_, grad_input, grad_output):
        seen.update(gradInput=tensor(grad_input[0]), gradOutput=tensor(grad_output[0]))
        return (grad_input[0] * 2,)

    layer.register_full_backward_hook(hook)
    layer(x * 1).pow(2).sum().backward()
    return {"weight": tensor(layer.weight), "bias": tensor(layer.bias), "x": tensor(x), "grad": tensor(x.grad), **seen}


def fill(table):
    module = Named()
    table.values = {"repr": repr(module), "keys": list(module.state_dict()), "backwardHook": backward_hook()}
