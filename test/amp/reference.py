"""Writes reference.json: what PyTorch's autocast computes on the CPU, and what its GradScaler does with overflowing gradients.

    python3 test/amp/reference.py

The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import torch

STEPS = 9
# In these steps the gradient is infinite, in the last of them no number.
OVERFLOWS = {0: float("inf"), 3: float("inf"), 4: float("nan")}
OPTIMIZERS = [
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2}),
    ("Adam", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "amsgrad": True}),
    ("RMSprop", {"lr": 0.05}),
]
SCALER = {"init_scale": 1024.0, "growth_factor": 3.0, "backoff_factor": 0.25, "growth_interval": 2}


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def autocast(dtype):
    torch.manual_seed(0)
    tensors = {"x": torch.randn(3, 4), "w": torch.randn(2, 4), "b": torch.randn(2), "k": torch.randn(2, 1, 3)}
    x, w, b, k = (t.clone().requires_grad_() for t in tensors.values())
    with torch.autocast("cpu", dtype=dtype):
        y = torch.nn.functional.linear(x, w, b)
        z = torch.nn.functional.conv1d(x.unsqueeze(1), k)
        losses = torch.nn.functional.mse_loss(y, torch.ones_like(y))
        values = {"linear": y, "conv": z, "sum": y + b, "loss": losses, "relu": y.relu()}
    (losses + z.float().pow(2).sum()).backward()
    return {
        "inputs": {name: t.tolist() for name, t in tensors.items()},
        "values": {name: {"dtype": str(v.dtype).split(".")[1], "value": v.float().tolist()} for name, v in values.items()},
        "gradients": {name: t.grad.tolist() for name, t in zip("xwbk", (x, w, b, k))},
    }


def scaler(kind, options):
    torch.manual_seed(1)
    p = torch.randn(4, dtype=torch.float32)
    start = p.tolist()
    p.requires_grad_()
    optimizer = getattr(torch.optim, kind)([p], **options)
    grad_scaler = torch.amp.GradScaler("cpu", **SCALER)
    trajectory, scales, saved = [], [], None
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = (p - 0.5).pow(2).sum()
        if step in OVERFLOWS:
            loss = loss + (p * OVERFLOWS[step]).sum()
        grad_scaler.scale(loss).backward()
        if step % 2 == 1:
            grad_scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_([p], 1.0)
        grad_scaler.step(optimizer)
        grad_scaler.update()
        trajectory.append(p.tolist())
        scales.append(grad_scaler.get_scale())
        if step == 5:
            saved = grad_scaler.state_dict()
    return {
        "optimizer": kind,
        "options": {camel(name): value for name, value in options.items()},
        "start": start,
        "trajectory": trajectory,
        "scales": scales,
        "saved": saved,
    }


def main():
    reference = {
        "torch": torch.__version__,
        "autocast": {"bfloat16": autocast(torch.bfloat16), "float16": autocast(torch.float16)},
        "scaler": {camel(name): value for name, value in SCALER.items()},
        "overflows": {str(step): str(value) for step, value in OVERFLOWS.items()},
        "savedAfter": 5,
        "cases": [scaler(kind, options) for kind, options in OPTIMIZERS],
    }
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
