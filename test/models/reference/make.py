"""Writes `models.json`: what torchvision's networks, and those of `others.py`, are and compute; and `resnet.pt`, a saved state.

    python3 test/models/reference/make.py

Needs torch and torchvision; the tests that read the files need neither. Weights and inputs are the numbers of `pattern.py`, so that
only results are stored; values that are too many are stored as marks.
"""

import json
import sys
from pathlib import Path

import torch
import torchvision
from torch import nn
from torchvision import models

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import resnet  # noqa: E402
from gpt import GPT  # noqa: E402
from others import ConvAutoencoder, LeNet, UNet  # noqa: E402
from pattern import fill, mark, pattern  # noqa: E402

CASES = {
    "resnet18": (lambda: models.resnet18(num_classes=10), [2, 3, 64, 64]),
    "resnet34": (lambda: models.resnet34(num_classes=10), [2, 3, 64, 64]),
    "resnet50": (lambda: models.resnet50(num_classes=10), [2, 3, 64, 64]),
    "resnet18 zeroInitResidual": (lambda: models.resnet18(num_classes=3, zero_init_residual=True), [2, 3, 48, 64]),
    "resnet18 cifarStem": (lambda: resnet.resnet18(num_classes=10, cifar_stem=True, width=8), [3, 3, 32, 32]),
    "resnet50 width": (lambda: resnet.resnet50(num_classes=4, width=4), [2, 3, 64, 64]),
    "MLP": (lambda: torchvision.ops.MLP(6, [8, 4, 3]), [5, 6]),
    "MLP with all options": (
        lambda: torchvision.ops.MLP(6, [8, 4, 3], norm_layer=nn.BatchNorm1d, activation_layer=nn.Tanh, bias=False, dropout=0.25),
        [5, 6],
    ),
    "LeNet": (lambda: LeNet(2), [3, 1, 28, 28]),
    "LeNet for 32": (lambda: LeNet(0), [3, 1, 32, 32]),
    "mobilenetV2": (lambda: models.mobilenet_v2(num_classes=10), [2, 3, 64, 64]),
    "mobilenetV2 narrow": (lambda: models.mobilenet_v2(num_classes=5, width_mult=0.35, dropout=0.5), [2, 3, 64, 64]),
    "efficientnetB0": (lambda: models.efficientnet_b0(num_classes=10), [4, 3, 64, 64]),
    "UNet": (lambda: UNet(3, 2, width=4), [2, 3, 32, 40]),
    "UNet with odd sides": (lambda: UNet(1, 2, width=4), [2, 1, 35, 45]),
    "UNet bilinear": (lambda: UNet(3, 2, bilinear=True, width=4), [2, 3, 32, 40]),
    "ConvAutoencoder": (lambda: ConvAutoencoder(3), [2, 3, 8, 12]),
    "VisionTransformer": (lambda: models.VisionTransformer(16, 4, 2, 3, 24, 40, num_classes=5), [2, 3, 16, 16]),
    "VisionTransformer with all options": (
        lambda: models.VisionTransformer(
            8, 4, 2, 2, 16, 24, dropout=0.1, attention_dropout=0.2, num_classes=5, representation_size=12
        ),
        [3, 3, 8, 8],
    ),
    "GPT": (lambda: GPT(11, 8, 2, 2, 16), [3, 7], 11),
    "GPT with all options": (lambda: GPT(11, 8, 3, 4, 24, 0.1, False, False, "tanh"), [2, 8], 11),
}


def numbers(shape):
    return pattern(torch.Size(shape).numel(), 1).reshape(shape)


def tokens(shape, vocabulary):
    return ((numbers(shape) + 1) / 2 * vocabulary).long()


def record(make, shape, vocabulary=None):
    torch.manual_seed(3)
    model = make()
    state = model.state_dict()
    case = {
        "repr": repr(model),
        "state": {key: list(value.shape) for key, value in state.items()},
        "initial": [mark(value, k) for k, value in enumerate(state.values())],
        "shape": shape,
    }
    model.double()
    fill(model)
    x = numbers(shape).requires_grad_() if vocabulary is None else tokens(shape, vocabulary)
    output = model.eval()(x)
    case["outputShape"] = list(output.shape)
    case["evaluated"] = output.flatten()[:20].tolist()
    case["evaluatedMark"] = mark(output, 0)
    torch.manual_seed(4)  # for dropout and stochastic depth
    output = model.train()(x)
    (output * pattern(output.numel(), 2).reshape(output.shape)).sum().backward()
    case["trained"] = mark(output, 0)
    case["vocabulary"] = vocabulary
    case["inputGrad"] = None if x.grad is None else mark(x.grad, 0)
    case["grads"] = [mark(parameter.grad, k) for k, parameter in enumerate(model.parameters())]
    case["stateAfter"] = [mark(value, k) for k, value in enumerate(model.state_dict().values())]
    return case


def record_vit_b_16():
    """The whole network, whose weights are too many to train it in the tests."""
    torch.manual_seed(3)
    model = models.vit_b_16(num_classes=10, image_size=32)
    state = model.state_dict()
    case = {
        "state": {key: list(value.shape) for key, value in state.items()},
        "initial": [mark(value, k) for k, value in enumerate(state.values())],
    }
    fill(model)
    with torch.no_grad():
        case["logits"] = model.eval()(numbers([2, 3, 32, 32]).float()).flatten().tolist()
    return case


def record_generated():
    """Rows of tokens that a GPT goes on with, longer than what it sees."""
    model = GPT(11, 8, 2, 2, 16).double()
    fill(model)
    start = tokens([3, 4], 11)
    cases = [{"temperature": 1.0, "topK": None}, {"temperature": 0.5, "topK": None}, {"temperature": 2.0, "topK": 3}]
    for case in cases:
        generator = torch.Generator().manual_seed(6)
        case["tokens"] = model.eval().generate(start, 12, case["temperature"], case["topK"], generator).tolist()
    return cases


def check_own_resnet():
    """The networks of `resnet.py` are torchvision's."""
    x = pattern(3 * 64 * 64, 1).reshape(1, 3, 64, 64).float()
    for name in ("resnet18", "resnet50"):
        pair = []
        for module in (models, resnet):
            torch.manual_seed(5)
            pair.append(getattr(module, name)().eval())
        theirs, own = (model.state_dict() for model in pair)
        assert list(theirs) == list(own) and all(torch.equal(theirs[key], own[key]) for key in own), name
        torch.testing.assert_close(pair[0](x), pair[1](x), rtol=0, atol=0)
        assert repr(pair[0]) == repr(pair[1]), name


def main():
    check_own_resnet()
    content = {"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0]}
    content["cases"] = {name: record(*case) for name, case in CASES.items()}
    content["vitB16"] = record_vit_b_16()
    content["generated"] = record_generated()
    small = resnet.resnet18(num_classes=10, width=2)
    fill(small)
    torch.save(small.state_dict(), HERE / "resnet.pt")
    content["resnet.pt"] = small.eval()(pattern(2 * 3 * 64 * 64, 1).reshape(2, 3, 64, 64).float()).tolist()
    (HERE / "models.json").write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
