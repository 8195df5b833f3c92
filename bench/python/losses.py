"""One forward and backward of each loss, as a PyTorch user writes it from the paper or as its authors published it.

bench/typescript/losses.ts holds the same."""

import torch
import torch.nn.functional as F


def waves(shape, scale=2.0, phase=0.0):
    """Numbers without randomness, so that all languages have the same: scale * sin(0.7 i + phase)."""
    count = 1
    for size in shape:
        count *= size
    values = torch.sin(torch.arange(count, dtype=torch.float64) * 0.7 + phase) * scale
    return values.reshape(shape).float().requires_grad_()


def classified(size):
    samples, classes = (32, 10) if size == 0 else (1024, 1000)
    return waves([samples, classes]), torch.arange(samples) * 7 % classes


def comp_sum(size):
    logits, labels = classified(size)
    tau = 1.5

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return ((p ** (tau - 1) - 1) / (1 - tau)).mean()

    return [logits], loss


def generalized_cross_entropy(size):
    logits, labels = classified(size)
    q, k = 0.7, 0.1

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return ((1 - p**q) / q).clamp(max=(1 - k**q) / q).mean()

    return [logits], loss


def margin_comp_sum(size):
    logits, labels = classified(size)
    rho = 2.0

    def loss():
        lead = logits.gather(1, labels.unsqueeze(1)) - logits
        return torch.log((1 - lead / rho).clamp(0, 1).sum(1)).mean()

    return [logits], loss


def smooth_adversarial_comp_sum(size):
    logits, labels = classified(size)
    attacked = waves(logits.shape, phase=0.3)
    nu = 0.3

    def loss():
        index = labels.unsqueeze(1)
        change = (attacked - attacked.gather(1, index)) - (logits - logits.gather(1, index))
        return (F.cross_entropy(logits, labels, reduction="none") + nu * change.norm(dim=1)).mean()

    return [logits, attacked], loss


def workload(name, size):
    """`loss_NAME` runs it; `loss_NAME_told` prints its value and the gradients' sum of squares."""
    told = name.endswith("_told")
    leaves, loss = globals()[name.removeprefix("loss_").removesuffix("_told")](size)

    def run(n):
        for _ in range(n):
            loss().backward()
            for leaf in leaves:
                leaf.grad = None

    def tell(n):
        value = loss()
        value.backward()
        print(value.item())
        print(sum(leaf.grad.double().square().sum().item() for leaf in leaves), flush=True)

    return tell if told else run
