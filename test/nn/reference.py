"""Writes reference.json: what PyTorch's layers, functions and initialisation give.

    python3 test/nn/reference.py

The tests read the file; they need no Python. Layers and functions are recorded in float64; what depends on random numbers,
in float32 under a seed.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def tensor(value):
    return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": value.detach().flatten().tolist()}


def weights_of(output):
    """Different numbers for each element, so that a gradient in the wrong place shows."""
    return torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape)


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float64)


LAYERS = [
    ("Linear", [4, 3], {}, (2, 5, 4)),
    ("Linear", [4, 3], {"bias": False}, (4,)),
    ("Conv2d", [2, 3, 3], {}, (2, 2, 6, 5)),
    ("Conv2d", [2, 4, [2, 3]], {"stride": [2, 1], "padding": [1, 0], "dilation": [1, 2], "bias": False}, (2, 2, 6, 7)),
    ("Conv2d", [4, 6, 3], {"groups": 2, "padding": 1}, (1, 4, 5, 5)),
    ("Conv2d", [2, 2, 4], {"padding": "same"}, (1, 2, 5, 6)),
    ("Conv2d", [2, 2, 3], {"padding": "valid"}, (1, 2, 5, 6)),
    ("Conv2d", [1, 2, 3], {"padding": [1, 2], "padding_mode": "reflect"}, (1, 1, 5, 6)),
    ("Conv2d", [1, 2, 3], {"padding": 2, "padding_mode": "circular", "stride": 2}, (1, 1, 5, 6)),
    ("Conv2d", [1, 2, 4], {"padding": "same", "padding_mode": "replicate"}, (1, 1, 5, 6)),
    ("MaxPool2d", [2], {}, (2, 3, 6, 7)),
    ("MaxPool2d", [[3, 2]], {"stride": [1, 2], "padding": [1, 0], "dilation": [2, 1], "ceil_mode": True}, (1, 2, 7, 7)),
    ("ReLU", [], {}, (3, 4)),
    ("Flatten", [], {}, (2, 3, 4)),
    ("Flatten", [], {"start_dim": 0, "end_dim": 1}, (2, 3, 4)),
    ("Dropout", [], {"p": 0}, (3, 4)),
    ("BatchNorm2d", [3], {}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"eps": 0.1, "momentum": 0.3}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"momentum": None}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"bias": False}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"affine": False}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"track_running_stats": False}, (4, 3, 2, 2)),
]


def layer_case(name, args, options, shape):
    tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    layer = getattr(nn, name)(*(tuple(a) if isinstance(a, list) else a for a in args), **tuples).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(draw(*parameter.shape))
    state = {key: tensor(value) for key, value in layer.state_dict().items()}
    first, x = draw(*shape), draw(*shape).requires_grad_()
    layer(first)  # layers with running statistics change in it
    output = layer(x)
    (output * weights_of(output)).sum().backward()
    after = {key: tensor(value) for key, value in layer.state_dict().items()}
    grads = {key: tensor(parameter.grad) for key, parameter in layer.named_parameters()}
    evaluated = layer.eval()(x)
    return {
        "layer": name,
        "args": args,
        "options": {camel(k): v for k, v in options.items()},
        "repr": repr(layer),
        "state": state,
        "first": tensor(first),
        "input": tensor(x),
        "output": tensor(output),
        "gradInput": tensor(x.grad),
        "grads": grads,
        "stateAfter": after,
        "evaluated": tensor(evaluated),
    }


def function_cases():
    logits, labels = draw(5, 4), torch.tensor([0, 3, 1, -100, 2])
    images, pixels = draw(2, 3, 2, 2), torch.randint(0, 3, (2, 2, 2))
    soft = draw(5, 4).softmax(1)
    a, b, c = draw(4, 3), draw(4, 3), draw(4, 3)
    w = torch.rand(4, 3, dtype=torch.float64) + 0.5
    p, q = torch.rand(4, 3, dtype=torch.float64), torch.rand(4, 3, dtype=torch.float64)
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64)
    class_weights = torch.tensor([0.5, 1.0, 2.0, 0.1], dtype=torch.float64)
    cases = []

    def add(name, inputs, options=None, tensors=None):
        """inputs: positional arguments; floating-point ones but `signs` get gradients. tensors: options that are tensors."""
        options, tensors = options or {}, tensors or {}
        leaves = [
            x.clone().requires_grad_() if isinstance(x, torch.Tensor) and x.is_floating_point() and x is not signs else x
            for x in inputs
        ]
        output = getattr(F, name)(*leaves, **options, **tensors)
        differentiable = output.requires_grad
        if differentiable:
            (output * weights_of(output)).sum().backward()
        cases.append(
            {
                "function": camel(name),
                "inputs": [tensor(x) if isinstance(x, torch.Tensor) else {"value": x} for x in leaves],
                "options": {camel(k): v for k, v in options.items()},
                "tensors": {camel(k): tensor(v) for k, v in tensors.items()},
                "output": tensor(output),
                "grads": [tensor(x.grad) if isinstance(x, torch.Tensor) and x.grad is not None else None for x in leaves],
            }
        )

    for reduction in ("mean", "sum", "none"):
        add("cross_entropy", [logits, labels], {"reduction": reduction})
        add("cross_entropy", [logits, labels], {"reduction": reduction, "label_smoothing": 0.2}, {"weight": class_weights})
        add("nll_loss", [logits.log_softmax(1), labels], {"reduction": reduction}, {"weight": class_weights})
        add("mse_loss", [a, b], {"reduction": reduction}, {"weight": w})
        add("l1_loss", [a, b], {"reduction": reduction}, {"weight": w})
        add("huber_loss", [a, b], {"reduction": reduction, "delta": 0.7})
        add("kl_div", [p.log(), q], {"reduction": reduction})
        add("triplet_margin_loss", [a, b, c], {"reduction": reduction, "margin": 0.5, "swap": True})
    add("cross_entropy", [logits, soft])
    add("cross_entropy", [logits, labels.clamp(min=0)], {"ignore_index": 1})
    add("cross_entropy", [images, pixels], {"label_smoothing": 0.1})
    add("nll_loss", [images.log_softmax(1), pixels], {"ignore_index": 0})
    add("mse_loss", [a, b])
    add("l1_loss", [a, b])
    add("smooth_l1_loss", [a, b])
    add("smooth_l1_loss", [a, b], {"beta": 0.3, "reduction": "sum"})
    add("smooth_l1_loss", [a, b], {"beta": 0.0})
    add("kl_div", [p.log(), q.log()], {"reduction": "batchmean", "log_target": True})
    add("binary_cross_entropy", [p, q], {}, {"weight": w})
    add("binary_cross_entropy_with_logits", [a, q], {"reduction": "sum"}, {"pos_weight": w})
    add("margin_ranking_loss", [a[:, 0], b[:, 0], signs], {"margin": 0.3})
    add("cosine_embedding_loss", [a, b, signs], {"margin": 0.1})
    add("hinge_embedding_loss", [a[:, 0], signs], {"margin": 2.0})
    add("soft_margin_loss", [a[:, 0], signs])

    for name in ("relu", "relu6", "selu", "silu", "mish", "hardsigmoid", "hardswish", "logsigmoid", "softsign", "tanhshrink", "gelu", "softplus"):
        add(name, [a * 3])
    add("leaky_relu", [a], {"negative_slope": 0.2})
    add("elu", [a], {"alpha": 0.5})
    add("celu", [a], {"alpha": 0.5})
    add("hardtanh", [a], {"min_val": -0.5, "max_val": 0.2})
    add("gelu", [a], {"approximate": "tanh"})
    add("softmax", [a, 1])
    add("softmin", [a, 0])
    add("log_softmax", [a, -1])
    add("normalize", [a])
    add("normalize", [a], {"p": 1.0, "dim": 0, "eps": 5.0})
    add("one_hot", [torch.tensor([[1, 0], [3, 2]])])
    add("one_hot", [torch.tensor([1, 0])], {"num_classes": 4})
    add("embedding", [torch.tensor([[1, 0], [3, 1]]), a], {"padding_idx": -3})
    add("layer_norm", [a, [3]], {"eps": 0.01}, {"weight": w[0], "bias": w[1]})
    add("group_norm", [draw(2, 4, 3), 2])
    add("pad", [a, [1, 2, 0, 1]], {"value": 7.0})
    add("pad", [a[None], [1, 1]], {"mode": "reflect"})
    add("unfold", [images, [2, 1]], {"padding": 1, "stride": [1, 2]})
    add("fold", [draw(1, 8, 6), [3, 4], [2, 2]])
    add("linear", [a, draw(2, 3)], {}, {"bias": draw(2)})
    add("conv2d", [images, draw(2, 3, 2, 2)], {"padding": 1})
    add("max_pool2d", [images, 2])
    add("avg_pool2d", [images, 2], {"stride": 1})
    return cases


def initial(build):
    torch.manual_seed(3)
    return {key: tensor(value) for key, value in build().state_dict().items()}


INITIALISERS = [
    ("uniform_", {"a": -2.0, "b": 3.0}),
    ("normal_", {"mean": 1.0, "std": 0.5}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {}),
    ("kaiming_uniform_", {"a": 0.3}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}),
    ("trunc_normal_", {"mean": 0.5, "std": 1.5, "a": -1.0, "b": 2.0}),
]


def initialiser_case(name, options):
    torch.manual_seed(4)
    value = getattr(nn.init, name)(torch.empty(6, 4, 3, 3), **options)
    options = {camel(k): camel(v) if isinstance(v, str) else v for k, v in options.items()}
    return {"name": camel(name[:-1]) + "_", "options": options, "value": tensor(value)}


def dropout_case():
    torch.manual_seed(5)
    return tensor(F.dropout(torch.ones(50), p=0.3))


def main():
    torch.manual_seed(0)
    reference = {
        "torch": torch.__version__,
        "layers": [layer_case(*case) for case in LAYERS],
        "functions": function_cases(),
        "initial": {
            "Linear": initial(lambda: nn.Linear(5, 3)),
            "Conv2d": initial(lambda: nn.Conv2d(2, 4, (3, 2), groups=2)),
            "Sequential": initial(lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))),
        },
        "initialisers": [initialiser_case(*case) for case in INITIALISERS],
        "dropout": dropout_case(),
    }
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
