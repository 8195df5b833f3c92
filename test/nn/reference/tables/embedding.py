"""Tables of vectors."""

import torch

from record import draw, integers


def fill(table):
    words = integers(7, 3, 4)
    for options in (
        {},
        {"padding_idx": 2},
        {"padding_idx": -1, "scale_grad_by_freq": True},
        {"max_norm": 0.75, "norm_type": 1.5},
    ):
        table.layer("Embedding", [7, 3], options, [words])
    table.layer("Embedding", [7, 3], {}, [integers(7)])

    offsets = torch.tensor([0, 3, 3, 5])
    for mode in ("sum", "mean", "max"):
        table.layer("EmbeddingBag", [7, 3], {"mode": mode}, [words])
        table.layer("EmbeddingBag", [7, 3], {"mode": mode, "padding_idx": 2}, [integers(7, 9)], keywords={"offsets": offsets})
        last = {"mode": mode, "include_last_offset": True}
        table.layer("EmbeddingBag", [7, 3], last, [integers(7, 9)], keywords={"offsets": torch.tensor([0, 3, 3, 9])})
    table.layer("EmbeddingBag", [7, 3], {"scale_grad_by_freq": True}, [words])
    table.layer("EmbeddingBag", [7, 3], {"max_norm": 0.75, "norm_type": 1.5, "padding_idx": -2}, [words])
    weights = {"per_sample_weights": draw(9), "offsets": offsets}
    table.layer("EmbeddingBag", [7, 3], {"mode": "sum"}, [integers(7, 9)], keywords=weights)
    table.layer("EmbeddingBag", [7, 3], {"mode": "sum"}, [words], keywords={"per_sample_weights": draw(3, 4)})

    table.start("Embedding", [4, 3])
    table.start("Embedding", [4, 3], {"padding_idx": -1})
    table.start("EmbeddingBag", [4, 3], {"padding_idx": 1})
