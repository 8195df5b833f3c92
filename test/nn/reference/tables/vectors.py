"""Layers of two inputs."""

from record import draw

LAYERS = [
    ("Bilinear", [3, 4, 2], {}, [(5, 3), (5, 4)]),
    ("Bilinear", [2, 3, 2], {"bias": False}, [(2, 2, 2), (2, 2, 3)]),
    ("CosineSimilarity", [], {}, [(3, 4), (3, 4)]),
    ("CosineSimilarity", [], {"dim": 0, "eps": 0.5}, [(3, 4), (3, 4)]),
    ("PairwiseDistance", [], {}, [(3, 4), (3, 4)]),
    ("PairwiseDistance", [], {"p": 1.0, "eps": 0.01, "keepdim": True}, [(3, 4), (4,)]),
]


def fill(table):
    for case in LAYERS:
        table.layer(*case)
    table.start("Bilinear", [3, 4, 2])
    table.function("bilinear", [draw(2, 3), draw(2, 4), draw(2, 3, 4)], {}, {"bias": draw(2)})
    table.function("cosine_similarity", [draw(2, 3), draw(2, 3)], {"dim": -1})
    table.function("pairwise_distance", [draw(2, 3), draw(2, 3)], {"p": 3.0, "keepdim": True})
    table.function("pdist", [draw(4, 3)], {"p": 1.5})
