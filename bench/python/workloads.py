"""The workloads as a PyTorch user writes them. bench/cpp and bench/typescript hold the same.

Each function makes its tensors once and returns what runs n iterations."""

import random
import sys

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset


def add(size):
    a, b = torch.randn(size, size), torch.randn(size, size)

    def run(n):
        with torch.no_grad():
            for _ in range(n):
                for _ in range(100):
                    a.add(b)

    return run


def mul_backward(size):
    a, b = torch.randn(size, size, requires_grad=True), torch.randn(size, size, requires_grad=True)
    gradient = torch.ones(size, size)

    def run(n):
        for _ in range(n):
            a.mul(b).backward(gradient)

    return run


def tensor_loop(size):
    def run(n):
        for _ in range(n):
            torch.ones(size)

    return run


def training(model, optimizer, x, target, loss, tell=False):
    def run(n):
        for _ in range(n):
            output = loss(model(x), target)
            optimizer.zero_grad()
            output.backward()
            optimizer.step()
            if tell:
                print(output.item())

    return run


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.01, fused=True)


def mlp_step(size):
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    return training(model, sgd(model), torch.randn(size, 784), torch.randint(10, (size,)), F.cross_entropy)


def smoothed_cross_entropy(logits, labels, smoothing=0.05):
    log_probabilities = logits - logits.logsumexp(1, keepdim=True)
    of_target = log_probabilities.gather(1, labels.unsqueeze(1)).mean()
    return of_target.mul(1 - smoothing).add(log_probabilities.mean().mul(smoothing)).neg()


def cnn_step(size, tell=False):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, fused=True)
    return training(model, optimizer, torch.randn(size, 1, 28, 28), torch.randint(10, (size,)), smoothed_cross_entropy, tell)


def cnn_losses(size):
    """Prints the loss of each step, from which one sees that the languages do the same."""
    return cnn_step(size, tell=True)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v)
        y = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return y + self.down(F.gelu(self.up(self.norm2(y))))


def transformer_step(size):
    model = Block(128, 4)
    return training(model, sgd(model), torch.randn(size, 64, 128), torch.randn(size, 64, 128), F.mse_loss)


def convolution(out, channels, kernel):
    """A convolution without bias and its batch norm: weight, scale, shift."""
    return [(out, channels, kernel, kernel), (out,), (out,)]


def resnet18():
    """The shapes of the 62 parameters of ResNet-18, 11.7 million numbers."""
    shapes, channels = convolution(64, 3, 7), 64
    for out in (64, 128, 256, 512):
        for _ in range(2):
            shapes += convolution(out, channels, 3) + convolution(out, out, 3)
            if channels != out:
                shapes += convolution(out, channels, 1)
            channels = out
    return shapes + [(1000, 512), (1000,)]


def adamw_resnet18(size, kind="fused"):
    parameters = [torch.randn(shape, requires_grad=True) for shape in resnet18()]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, **{kind: True})

    def run(n):
        for _ in range(n):
            optimizer.step()

    return run


def data_epoch(size):
    images, labels = torch.randint(256, (size, 1, 28, 28), dtype=torch.uint8), torch.randint(10, (size,))
    loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)

    def run(n):
        for _ in range(n):
            for x, y in loader:
                x = x.float().div_(255)

    return run


class Augmented(Dataset):
    """Images in memory; each is changed when it is read."""

    def __init__(self, images, labels, transform):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index]), self.labels[index]


def augmentation():
    """torchvision's transforms where there are any, else the same by hand."""
    try:
        from torchvision import __version__
        from torchvision.transforms import v2
    except ImportError:
        print("Python augments without torchvision", file=sys.stderr)
        return augment_by_hand
    print(f"Python augments with torchvision {__version__}", file=sys.stderr)
    return v2.Compose([v2.RandomCrop(28, padding=2), v2.RandomHorizontalFlip(), v2.ToDtype(torch.float32, scale=True)])


def augment_by_hand(image):
    top, left = random.randint(0, 4), random.randint(0, 4)
    image = F.pad(image, (2, 2, 2, 2))[:, top : top + 28, left : left + 28]
    if random.random() < 0.5:
        image = image.flip(-1)
    return image.float().div_(255)


def augmented_epoch(size, workers=0):
    images, labels = torch.randint(256, (size, 1, 28, 28), dtype=torch.uint8), torch.randint(10, (size,))
    loader = DataLoader(Augmented(images, labels, augmentation()), batch_size=256, shuffle=True, num_workers=workers, persistent_workers=workers > 0)

    def run(n):
        for _ in range(n):
            for _ in loader:
                pass

    return run


def augmented_epoch_in_workers(size):
    return augmented_epoch(size, workers=2)
