"""The layers of a first network, and the common functions."""

import torch

from record import draw

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
    ("Dropout", [], {"p": 0.0}, (3, 4)),
    ("BatchNorm2d", [3], {}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"eps": 0.1, "momentum": 0.3}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"momentum": None}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"bias": False}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"affine": False}, (4, 3, 2, 2)),
    ("BatchNorm2d", [3], {"track_running_stats": False}, (4, 3, 2, 2)),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    table.start("Linear", [5, 3])
    table.start("Conv2d", [2, 4, [3, 2]], {"groups": 2})
    functions(table)


def functions(table):
    logits, labels = draw(5, 4), torch.tensor([0, 3, 1, -100, 2])
    images, pixels = draw(2, 3, 2, 2), torch.randint(0, 3, (2, 2, 2))
    soft = draw(5, 4).softmax(1)
    a, b, c = draw(4, 3), draw(4, 3), draw(4, 3)
    w = torch.rand(4, 3, dtype=torch.float64) + 0.5
    p, q = torch.rand(4, 3, dtype=torch.float64), torch.rand(4, 3, dtype=torch.float64)
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64)
    class_weights = torch.tensor([0.5, 1.0, 2.0, 0.1], dtype=torch.float64)
    for reduction in ("mean", "sum", "none"):
        table.function("cross_entropy", [logits, labels], {"reduction": reduction})
        table.function("cross_entropy", [logits, labels], {"reduction": reduction, "label_smoothing": 0.2}, {"weight": class_weights})
        table.function("nll_loss", [logits.log_softmax(1), labels], {"reduction": reduction}, {"weight": class_weights})
        table.function("mse_loss", [a, b], {"reduction": reduction}, {"weight": w})
        table.function("l1_loss", [a, b], {"reduction": reduction}, {"weight": w})
        table.function("huber_loss", [a, b], {"reduction": reduction, "delta": 0.7})
        table.function("kl_div", [p.log(), q], {"reduction": reduction})
        table.function("triplet_margin_loss", [a, b, c], {"reduction": reduction, "margin": 0.5, "swap": True})
    table.function("cross_entropy", [logits, soft])
    table.function("cross_entropy", [logits, labels.clamp(min=0)], {"ignore_index": 1})
    table.function("cross_entropy", [images, pixels], {"label_smoothing": 0.1})
    table.function("nll_loss", [images.log_softmax(1), pixels], {"ignore_index": 0})
    table.function("mse_loss", [a, b])
    table.function("l1_loss", [a, b])
    table.function("smooth_l1_loss", [a, b])
    table.function("smooth_l1_loss", [a, b], {"beta": 0.3, "reduction": "sum"})
    table.function("smooth_l1_loss", [a, b], {"beta": 0.0})
    table.function("kl_div", [p.log(), q.log()], {"reduction": "batchmean", "log_target": True})
    table.function("binary_cross_entropy", [p, q], {}, {"weight": w})
    table.function("binary_cross_entropy_with_logits", [a, q], {"reduction": "sum"}, {"pos_weight": w})
    table.function("margin_ranking_loss", [a[:, 0], b[:, 0], signs], {"margin": 0.3}, constant=(2,))
    table.function("cosine_embedding_loss", [a, b, signs], {"margin": 0.1}, constant=(2,))
    table.function("hinge_embedding_loss", [a[:, 0], signs], {"margin": 2.0}, constant=(1,))
    table.function("soft_margin_loss", [a[:, 0], signs], constant=(1,))

    for name in ("relu", "relu6", "selu", "silu", "mish", "hardsigmoid", "hardswish", "logsigmoid", "softsign", "tanhshrink", "gelu", "softplus"):
        table.function(name, [a * 3])
    table.function("leaky_relu", [a], {"negative_slope": 0.2})
    table.function("elu", [a], {"alpha": 0.5})
    table.function("celu", [a], {"alpha": 0.5})
    table.function("hardtanh", [a], {"min_val": -0.5, "max_val": 0.2})
    table.function("gelu", [a], {"approximate": "tanh"})
    table.function("softmax", [a, 1])
    table.function("softmin", [a, 0])
    table.function("log_softmax", [a, -1])
    table.function("normalize", [a])
    table.function("normalize", [a], {"p": 1.0, "dim": 0, "eps": 5.0})
    table.function("one_hot", [torch.tensor([[1, 0], [3, 2]])])
    table.function("one_hot", [torch.tensor([1, 0])], {"num_classes": 4})
    table.function("embedding", [torch.tensor([[1, 0], [3, 1]]), a], {"padding_idx": -3})
    table.function("layer_norm", [a, [3]], {"eps": 0.01}, {"weight": w[0], "bias": w[1]})
    table.function("group_norm", [draw(2, 4, 3), 2])
    table.function("pad", [a, [1, 2, 0, 1]], {"value": 7.0})
    table.function("pad", [a[None], [1, 1]], {"mode": "reflect"})
    table.function("unfold", [images, [2, 1]], {"padding": 1, "stride": [1, 2]})
    table.function("fold", [draw(1, 8, 6), [3, 4], [2, 2]])
    table.function("linear", [a, draw(2, 3)], {}, {"bias": draw(2)})
    table.function("conv2d", [images, draw(2, 3, 2, 2)], {"padding": 1})
    table.function("max_pool2d", [images, 2])
    table.function("avg_pool2d", [images, 2], {"stride": 1})
