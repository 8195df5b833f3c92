"""Parametrized layers: state, values, gradients, a few steps of training, what is left when the parametrization is removed."""

import warnings

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from record import arguments, backward, camel, draw, flat, input_of, integers, leaf, gradient, tensor, tuples

WEIGHT_NORMS = [
    ("Linear", [4, 3], {}, {}, (5, 4)),
    ("Linear", [4, 3], {"bias": False}, {"dim": None}, (5, 4)),
    ("Linear", [4, 3], {}, {"dim": 1}, (5, 4)),
    ("Linear", [4, 3], {}, {"name": "bias"}, (5, 4)),
    ("Conv2d", [2, 3, 2], {}, {}, (2, 2, 4, 3)),
    ("Conv2d", [2, 4, 3], {"groups": 2, "padding": 1}, {"dim": 3}, (1, 2, 4, 3)),
    ("ConvTranspose1d", [2, 3, 2], {"stride": 2}, {"dim": 1}, (2, 2, 3)),
    ("Embedding", [5, 3], {}, {}, integers(5, 2, 3)),
    ("LSTM", [3, 2], {}, {"name": "weight_hh_l0"}, (4, 2, 3)),
    ("GRUCell", [3, 2], {}, {"name": "weight_ih"}, (4, 3)),
]
SPECTRAL_NORMS = [
    ("Linear", [4, 3], {}, {}, (5, 4)),
    ("Linear", [4, 3], {}, {"dim": -1, "n_power_iterations": 3}, (5, 4)),
    ("Linear", [4, 3], {}, {"name": "bias", "eps": 1e-3}, (5, 4)),
    ("Linear", [4, 3], {"bias": False}, {"eps": 3.0}, (5, 4)),
    ("Conv2d", [2, 3, 2], {}, {"n_power_iterations": 2}, (2, 2, 4, 3)),
    ("ConvTranspose2d", [2, 3, 2], {}, {}, (2, 2, 3, 2)),
    ("Embedding", [5, 3], {}, {}, integers(5, 2, 3)),
    ("LSTM", [3, 2], {}, {"name": "weight_ih_l0"}, (4, 2, 3)),
    ("BatchNorm1d", [4], {}, {}, (6, 4)),
]
ORTHOGONALS = [
    ("Linear", [3, 3], {}, {}, (5, 3)),
    ("Linear", [4, 3], {}, {}, (5, 4)),
    ("Linear", [3, 5], {}, {}, (2, 3)),
    *[
        ("Linear", sizes, {}, {"orthogonal_map": name, "use_trivialization": trivial}, (2, sizes[0]))
        for name in ("matrix_exp", "cayley", "householder")
        for trivial in (True, False)
        for sizes in ([3, 3], [4, 3], [3, 5])
    ],
    ("Conv1d", [3, 2, 2], {}, {}, (2, 3, 4)),
    ("ConvTranspose1d", [2, 2, 2], {"stride": 2}, {"orthogonal_map": "cayley"}, (2, 2, 3)),
    ("Embedding", [5, 3], {}, {"orthogonal_map": "householder"}, integers(5, 2, 3)),
    ("LSTM", [3, 2], {}, {"name": "weight_hh_l0"}, (4, 2, 3)),
]


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, a):
        return a.triu()


class MatrixExponential(nn.Module):
    def forward(self, x):
        return torch.matrix_exp(x)


class RankOne(nn.Module):
    def forward(self, x, y):
        return x.unsqueeze(-1) @ y.unsqueeze(-2)

    def right_inverse(self, z):
        u, s, vh = torch.linalg.svd(z, full_matrices=False)
        root = s[0].sqrt().unsqueeze(-1)
        return u[..., :, 0] * root, vh[..., 0, :] * root


class Doubled(nn.Module):
    def forward(self, x):
        return 2 * x

    def right_inverse(self, a):
        return a / 2


def ours(*types):
    def register(layer):
        for type_ in types:
            parametrize.register_parametrization(layer, "weight", type_())

    return register


# What is done to a Linear(3, 3), one after the other, and the call that does it there.
CHAINS = [
    (["Symmetric"], ours(Symmetric)),
    (["Symmetric", "MatrixExponential"], ours(Symmetric, MatrixExponential)),
    (["MatrixExponential"], ours(MatrixExponential)),
    (["RankOne", "Doubled", "Doubled"], ours(RankOne, Doubled, Doubled)),
    (["weightNorm", "spectralNorm"], lambda layer: parametrizations.spectral_norm(parametrizations.weight_norm(layer))),
    (["spectralNorm", "Doubled"], lambda layer: ours(Doubled)(parametrizations.spectral_norm(layer))),
]


def state_of(layer):
    return {key: tensor(value) for key, value in layer.state_dict().items()}


def call(layer, inputs):
    # Recurrent layers of PyTorch compute each weight several times in a call, which moves spectral norm's vectors, unless cached.
    with parametrize.cached():
        return flat(layer(*inputs))


def case(make, register, shape, name="weight"):
    """A layer with random weights under a parametrization that is registered under a seed."""
    layer = make().double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(draw(*parameter.shape))
    before = state_of(layer)
    torch.manual_seed(8)
    register(layer)
    registered = state_of(layer)
    printed, parameters = repr(layer), [key for key, _ in layer.named_parameters()]

    inputs = [leaf(input_of(shape))]
    outputs = call(layer, inputs)
    backward(outputs)
    first = {
        "outputs": [tensor(x) for x in outputs],
        "inputGrads": [gradient(x) for x in inputs],
        "grads": {key: tensor(parameter.grad) for key, parameter in layer.named_parameters()},
    }
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        optimizer.zero_grad()
        backward(call(layer, inputs))
        optimizer.step()
    trained = state_of(layer)
    layer.eval()
    evaluated = [tensor(x) for x in call(layer, inputs)]
    assert trained == state_of(layer)
    parametrize.remove_parametrizations(layer, name)
    return {
        "before": before,
        "registered": registered,
        "repr": printed,
        "parameters": parameters,
        "inputs": [tensor(x) for x in inputs],
        **first,
        "trained": trained,
        "evaluated": evaluated,
        "removed": state_of(layer),
        "removedRepr": repr(layer),
    }


def library(function, layer, args, options, keywords, shape):
    register = getattr(parametrizations, function)
    values = {camel(key): value for key, value in keywords.items()}
    recorded = case(
        lambda: getattr(nn, layer)(*map(tuples, args), **options),
        lambda module: register(module, **keywords),
        shape,
        keywords.get("name", "weight"),
    )
    return {"function": camel(function), "layer": layer, "args": args, "options": arguments(options), "keywords": values, **recorded}


def start(function, layer, args, keywords):
    """What a layer and its parametrization start from under one seed, in float32."""
    torch.manual_seed(3)
    module = getattr(parametrizations, function)(getattr(nn, layer)(*args), **keywords)
    values = {camel(key): value for key, value in keywords.items()}
    return {"function": camel(function), "layer": layer, "args": args, "keywords": values, "state": state_of(module)}


def assigned():
    """What becomes of the originals when the tensor is assigned."""
    cases = []
    for function, keywords in [
        ("weight_norm", {}),
        ("spectral_norm", {}),
        ("orthogonal", {"orthogonal_map": "cayley"}),
        ("orthogonal", {"orthogonal_map": "householder", "use_trivialization": False}),
    ]:
        layer = nn.Linear(4, 3).double()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(draw(*parameter.shape))
        before = state_of(layer)
        torch.manual_seed(8)
        getattr(parametrizations, function)(layer, **keywords)
        value = draw(3, 4)
        torch.manual_seed(9)
        layer.weight = value.clone()
        values = {camel(key): value for key, value in keywords.items()}
        after = state_of(layer)
        cases.append({"function": camel(function), "keywords": values, "before": before, "value": tensor(value), "state": after})
    return cases


class Net(nn.Module):
    """Parametrized layers inside others."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            parametrizations.weight_norm(nn.Conv2d(1, 2, 3)), nn.ReLU(), nn.Flatten(), parametrizations.spectral_norm(nn.Linear(8, 2))
        )
        self.head = parametrizations.orthogonal(parametrizations.weight_norm(nn.Linear(2, 2), name="bias"))


def older():
    """A state dict of PyTorch's older weight norm, and what the layer of today gives with it."""
    layer = nn.Linear(4, 3).double()
    with torch.no_grad():
        layer.weight.copy_(draw(3, 4)), layer.bias.copy_(draw(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = nn.utils.weight_norm(layer)
    x = draw(2, 4)
    return {"state": state_of(old), "input": tensor(x), "output": tensor(old(x))}


def fill(table):
    torch.manual_seed(1)
    net = Net()
    table.values = {
        "cases": [
            library(function, *row)
            for function, rows in (("weight_norm", WEIGHT_NORMS), ("spectral_norm", SPECTRAL_NORMS), ("orthogonal", ORTHOGONALS))
            for row in rows
        ],
        "chains": [{"names": names, **case(lambda: nn.Linear(3, 3), register, (2, 3))} for names, register in CHAINS],
        "initial": [
            start("weight_norm", "Linear", [4, 3], {}),
            start("weight_norm", "Conv2d", [2, 3, 2], {"dim": None}),
            start("spectral_norm", "Linear", [20, 30], {}),
            start("spectral_norm", "ConvTranspose2d", [2, 3, 2], {"n_power_iterations": 2}),
            start("spectral_norm", "LSTM", [3, 2], {"name": "weight_hh_l0"}),
            start("orthogonal", "Linear", [3, 3], {}),
            start("orthogonal", "Linear", [5, 8], {}),
            start("orthogonal", "Linear", [8, 5], {"orthogonal_map": "cayley"}),
            start("orthogonal", "Embedding", [6, 2], {"use_trivialization": False}),
        ],
        "assigned": assigned(),
        "net": {"repr": repr(net), "keys": list(net.state_dict()), "parameters": [key for key, _ in net.named_parameters()]},
        "older": older(),
    }
