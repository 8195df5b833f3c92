"""One forward and backward of each loss of metric learning by pytorch-metric-learning, of a batch of `size` samples.

bench/typescript/metric-losses.ts holds the same."""

import math

import torch
from losses import chirped
from pytorch_metric_learning import distances, losses, miners, reducers

FEATURES = 128
CLASSES = 1000


def chirps(rows, phase=0.0):
    return chirped(rows, FEATURES, phase)


def of_batch(size, loss):
    """Four samples of each class."""
    embeddings, labels = chirps(size), torch.arange(size) // 4
    return [embeddings], lambda: loss(embeddings, labels)


def of_classes(size, loss, weights):
    """Samples of a thousand classes, with weights for each class."""
    embeddings, labels = chirps(size), torch.arange(size) * 7 % CLASSES
    weights.data = chirps(CLASSES, 0.5).detach().reshape(CLASSES, FEATURES)
    return [embeddings, weights], lambda: loss(embeddings, labels)


def of_columns(size, loss):
    """The same for losses that keep the weights of a class in a column."""
    leaves, run = of_classes(size, loss, loss.W)
    loss.W.data = loss.W.data.t().contiguous()
    return leaves, run


def contrastive(size):
    return of_batch(size, losses.ContrastiveLoss())


def batch_hard_triplet(size):
    loss, miner = losses.TripletMarginLoss(margin=0.2, reducer=reducers.MeanReducer()), miners.BatchHardMiner()
    return of_batch(size, lambda embeddings, labels: loss(embeddings, labels, miner(embeddings, labels)))


def batch_all_triplet(size):
    return of_batch(size, losses.TripletMarginLoss(margin=0.2))


def n_pair(size):
    # Anchors and positives in turn.
    embeddings, labels = chirps(size), torch.arange(size) // 2
    loss = losses.NPairsLoss(distance=distances.DotProductSimilarity(normalize_embeddings=False))
    return [embeddings], lambda: loss(embeddings, labels)


def lifted_structure(size):
    return of_batch(size, losses.LiftedStructureLoss())


def proxy_anchor(size):
    loss = losses.ProxyAnchorLoss(CLASSES, FEATURES)
    return of_classes(size, loss, loss.proxies)


def normalized_softmax(size):
    return of_columns(size, losses.NormalizedSoftmaxLoss(CLASSES, FEATURES))


def constrained_softmax(size):
    """A linear layer without bias behind features of length 10; of the library only what makes the batch."""
    weights = torch.nn.Parameter(torch.empty(CLASSES, FEATURES))

    def loss(embeddings, labels):
        return torch.nn.functional.cross_entropy(10 * torch.nn.functional.normalize(embeddings) @ weights.t(), labels)

    return of_classes(size, loss, weights)


def cos_face(size):
    return of_columns(size, losses.CosFaceLoss(CLASSES, FEATURES))


def arc_face(size):
    return of_columns(size, losses.ArcFaceLoss(CLASSES, FEATURES, margin=math.degrees(0.5)))
