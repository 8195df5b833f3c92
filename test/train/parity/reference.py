"""Writes reference.json: the course of four short trainings in PyTorch, in float64.

    python3 test/train/parity/reference.py

Data, initial weights and the order of the batches come from one seed, whose numbers are the same here and there; `trainings.ts` is
this file in TypeScript. The test reads the results; it needs no Python.
"""

import json
import math
import sys
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[2] / "models" / "reference"))
from pattern import mark  # noqa: E402

EPOCHS = 20
BATCHES = 10
BATCH_SIZE = 16
SAMPLES = BATCHES * BATCH_SIZE


def mlp():
    x = torch.randn(SAMPLES, 8)
    y = (x[:, :1] * x[:, 1:2]).add(x[:, 2:3].sin())
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    return model, optimizer, TensorDataset(x, y), lambda x, y: nn.functional.mse_loss(model(x), y), None


def cnn():
    x = torch.randn(SAMPLES, 2, 10, 10)
    y = (x[:, 0, :5].mean((1, 2)) > x[:, 1, 5:].mean((1, 2))).long()
    model = nn.Sequential(
        nn.Conv2d(2, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(12, 2),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
    return model, optimizer, TensorDataset(x, y), lambda x, y: nn.functional.cross_entropy(model(x), y), None


class Recurrent(nn.Module):
    """A class for a sequence of tokens."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(6, 8)
        self.lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, tokens):
        output, _ = self.lstm(self.embedding(tokens))
        return self.head(output[:, -1])


def lstm():
    x = torch.randint(6, (SAMPLES, 12))
    y = x[:, -4:].sum(1) // 7
    model = Recurrent()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return model, optimizer, TensorDataset(x, y), lambda x, y: nn.functional.cross_entropy(model(x), y), 0.25


class Language(nn.Module):
    """Tells the next token from those before it."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(7, 16)
        self.positions = nn.Embedding(10, 16)
        self.block = nn.TransformerEncoderLayer(16, 4, dim_feedforward=32, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 7)

    def forward(self, tokens):
        length = tokens.size(1)
        mask = torch.full((length, length), -math.inf).triu(1)
        x = self.tokens(tokens) + self.positions(torch.arange(length))
        return self.head(self.norm(self.block(x, src_mask=mask, is_causal=True)))


def transformer():
    x = torch.randint(7, (SAMPLES, 11))
    # From the third token on, each is the sum of the two before it.
    for k in range(2, 11):
        x[:, k] = (x[:, k - 1] + x[:, k - 2]) % 7
    model = Language()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss = lambda x: nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())  # noqa: E731
    return model, optimizer, TensorDataset(x), loss, None


def course(make):
    torch.manual_seed(17)
    model, optimizer, dataset, compute, clip = make()
    loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
    initial = [mark(value, k) for k, value in enumerate(model.state_dict().values())]
    losses, norms = [], []
    for _ in range(EPOCHS):
        for batch in loader:
            optimizer.zero_grad()
            loss = compute(*batch)
            loss.backward()
            if clip is not None:
                norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip).item())
            optimizer.step()
            losses.append(loss.item())
    state = {key: mark(value, k) for k, (key, value) in enumerate(model.state_dict().items())}
    return {"initial": initial, "losses": losses, **({"gradNorms": norms} if clip is not None else {}), "state": state}


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    courses = {make.__name__: course(make) for make in (mlp, cnn, lstm, transformer)}
    reference = {"torch": torch.__version__, "epochs": EPOCHS, "batchSize": BATCH_SIZE, "samples": SAMPLES, "courses": courses}
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
