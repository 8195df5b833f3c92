"""PyTorch's own losses: every option, every reduction, as functions and as modules. Those with gradients in `basic` are not repeated."""

import torch
import torch.nn.functional as F

from record import draw

REDUCTIONS = ("mean", "sum", "none")


def rand(*shape):
    return torch.rand(*shape, dtype=torch.float64)


def given(value):
    """An input that is this tensor, for the place of a shape in a table."""
    return lambda: value.clone()


def fill(table):
    functions(table)
    sequences(table)
    modules(table)


def functions(table):
    a, b, w = draw(4, 3), draw(4, 3), rand(4, 3) + 0.5
    counts, labels = torch.tensor([[0.0, 1, 2], [5, 3, 0], [1, 1, 4], [2, 0, 7]], dtype=torch.float64), torch.tensor([0, 2, 1, 1])
    signs, many = torch.tensor([1.0, -1, -1, 1], dtype=torch.float64), torch.tensor([[2, 0, -1], [1, -1, 0], [-1, 2, 1], [0, 1, 2]])
    binary, classes = (rand(4, 3) > 0.5).double(), torch.tensor([0.5, 2.0, 1.0], dtype=torch.float64)
    variances = rand(4, 3)
    for reduction in REDUCTIONS:
        r = {"reduction": reduction}
        table.function("poisson_nll_loss", [a, counts], r)
        table.function("poisson_nll_loss", [rand(4, 3), counts], {**r, "log_input": False, "full": True, "eps": 0.01}, constant=(1,))
        table.function("gaussian_nll_loss", [a, b, variances], r)
        table.function("gaussian_nll_loss", [a, b, variances[:, 0]], {**r, "full": True, "eps": 0.4})
        table.function("multi_margin_loss", [a, labels], r)
        table.function("multi_margin_loss", [a, labels], {**r, "p": 2, "margin": 0.6}, {"weight": classes})
        table.function("multilabel_margin_loss", [a, many], r)
        table.function("multilabel_soft_margin_loss", [a, binary], r)
        table.function("multilabel_soft_margin_loss", [a, binary], r, {"weight": classes})
        table.function("triplet_margin_with_distance_loss", [a, b, draw(4, 3)], {**r, "margin": 0.7})
        table.function("triplet_margin_with_distance_loss", [a, b, draw(4, 3)], {**r, "swap": True})
        table.function("soft_margin_loss", [a, binary * 2 - 1], r, constant=(1,))
        table.function("margin_ranking_loss", [a[:, 0], b[:, 0], signs], r, constant=(2,))
        table.function("cosine_embedding_loss", [a, b, signs], r, constant=(2,))
        table.function("hinge_embedding_loss", [a[:, 0], signs], r, constant=(1,))
        table.function("binary_cross_entropy", [rand(4, 3), binary], r, {"weight": classes}, constant=(1,))
        table.function("binary_cross_entropy_with_logits", [a, rand(4, 3)], r, {"weight": classes, "pos_weight": w})
        table.function("huber_loss", [a, b], {**r, "delta": 0.4}, {"weight": w})
        table.function("smooth_l1_loss", [a, b], {**r, "beta": 0.2})
        table.function("kl_div", [a.log_softmax(1), b.log_softmax(1)], {**r, "log_target": True})
        table.function("triplet_margin_loss", [a, b, draw(4, 3)], {**r, "p": 1.5, "eps": 0.01})
    table.function("gaussian_nll_loss", [a, b, 0.7])
    table.function("gaussian_nll_loss", [a, b, variances[:, :1]])
    table.function("multi_margin_loss", [a[0], labels[0]])
    table.function("multilabel_margin_loss", [a[0], many[0]])
    table.function("cross_entropy", [a[0], labels[0]])
    table.function("cross_entropy", [draw(2, 3, 4), draw(2, 3, 4).softmax(1)], {"label_smoothing": 0.3}, {"weight": classes})
    table.function("cosine_embedding_loss", [a[0], b[0], signs[1]], {"margin": -0.5}, constant=(2,))


def sequences(table):
    log_probs, targets = draw(6, 3, 5).log_softmax(2), torch.tensor([[1, 2, 3], [4, 4, 0], [1, 0, 0]])
    inputs, lengths = torch.tensor([6, 5, 4]), torch.tensor([3, 2, 1])
    for reduction in REDUCTIONS:
        table.function("ctc_loss", [log_probs, targets, inputs, lengths], {"reduction": reduction})
    flat = torch.cat([row[:n] for row, n in zip(targets, lengths)])
    table.function("ctc_loss", [log_probs, flat + 0, inputs, lengths])
    table.function("ctc_loss", [log_probs, flat - 1, [6, 5, 4], [3, 2, 1]], {"blank": 4})
    table.function("ctc_loss", [log_probs[:, 0], targets[0], inputs[0], lengths[0]])
    table.function("ctc_loss", [log_probs, targets, torch.tensor([6, 2, 4]), lengths], {"zero_infinity": True})


def modules(table):
    a, b, c = (4, 3), (4, 3), (4, 3)
    labels, signs = given(torch.tensor([0, 2, 1, 1])), given(torch.tensor([1, -1, -1, 1]))
    many = given(torch.tensor([[2, 0, -1], [1, -1, 0], [-1, 2, 1], [0, 1, 2]]))
    p, weights = given(rand(4, 3)), {"weight": rand(3) + 0.5}
    for reduction in ("mean", "sum", "none"):
        r = {"reduction": reduction}
        table.layer("L1Loss", [], r, [a, b])
        table.layer("MSELoss", [], r, [a, b])
        table.layer("CrossEntropyLoss", [], r, [a, labels])
        table.layer("KLDivLoss", [], r, [a, p])
        table.layer("BCELoss", [], r, [p, p])
        table.layer("BCEWithLogitsLoss", [], r, [a, p])
    table.layer("SmoothL1Loss", [], {"beta": 0.5}, [a, b])
    table.layer("HuberLoss", [], {"delta": 0.5}, [a, b])
    table.layer("PoissonNLLLoss", [], {"log_input": False, "full": True, "eps": 0.1}, [p, p])
    table.layer("GaussianNLLLoss", [], {"full": True, "eps": 0.3}, [a, b, p])
    table.layer("CrossEntropyLoss", [], {"ignore_index": 1, "label_smoothing": 0.2}, [a, labels], weights)
    table.layer("NLLLoss", [], {"ignore_index": 1}, [a, labels], weights)
    table.layer("KLDivLoss", [], {"reduction": "batchmean", "log_target": True}, [a, b])
    table.layer("BCELoss", [], {"reduction": "sum"}, [p, p], weights)
    table.layer("BCEWithLogitsLoss", [], {}, [a, p], {**weights, "pos_weight": rand(3)})
    table.layer("MarginRankingLoss", [], {"margin": 0.5}, [(4,), (4,), signs])
    table.layer("HingeEmbeddingLoss", [], {"margin": 0.5}, [(4,), signs])
    table.layer("CosineEmbeddingLoss", [], {"margin": 0.5}, [a, b, signs])
    table.layer("SoftMarginLoss", [], {}, [(4,), signs])
    table.layer("MultiMarginLoss", [], {"p": 2, "margin": 0.5}, [a, labels], weights)
    table.layer("MultiLabelMarginLoss", [], {}, [a, many])
    table.layer("MultiLabelSoftMarginLoss", [], {}, [a, p], weights)
    table.layer("TripletMarginLoss", [], {"margin": 0.5, "p": 3, "eps": 0.01, "swap": True}, [a, b, c])
    table.layer("TripletMarginWithDistanceLoss", [], {"margin": 0.5, "swap": True}, [a, b, c])
    log_probs = given(F.log_softmax(draw(6, 2, 4), 2))
    lengths = [given(torch.tensor([6, 5])), given(torch.tensor([2, 1]))]
    table.layer("CTCLoss", [], {"blank": 3, "zero_infinity": True}, [log_probs, given(torch.tensor([[0, 1], [2, 0]])), *lengths])
