"""Writes reference.json: what PyTorch's L-BFGS does on Rosenbrock's function and a small regression, and its state.

    python3 test/optim/lbfgs/reference.py

The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import torch

CASES = [
    ("fixed step", {"lr": 1e-3, "max_iter": 5}),
    ("strong Wolfe", {"line_search_fn": "strong_wolfe", "max_iter": 4}),
    ("short history", {"line_search_fn": "strong_wolfe", "max_iter": 6, "history_size": 2, "lr": 0.5}),
    ("few evaluations", {"line_search_fn": "strong_wolfe", "max_iter": 6, "max_eval": 5}),
    ("maximize", {"line_search_fn": "strong_wolfe", "max_iter": 4, "maximize": True}),
]
STEPS = 5
SAVED = 2


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def rosenbrock(a, b, sign):
    return sign * ((1 - a) ** 2 + 100 * (b - a**2) ** 2).sum()


def plain(value):
    if isinstance(value, torch.Tensor):
        return {"tensor": value.tolist()}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def run(name, options, dtype):
    a = torch.tensor([-1.2, 0.3], dtype=dtype, requires_grad=True)
    b = torch.tensor([[1.0], [-0.5]], dtype=dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([a, b], **options)
    sign = -1 if options.get("maximize") else 1

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(a, b[:, 0], sign)
        loss.backward()
        return loss

    trajectory, losses, saved = [], [], None
    for step in range(STEPS):
        losses.append(optimizer.step(closure).item())
        trajectory.append([a.tolist(), b.tolist()])
        if step == SAVED:
            saved = plain(optimizer.state_dict())
    return trajectory, losses, saved


def main():
    cases = []
    for name, options in CASES:
        trajectory, losses, saved = run(name, options, torch.float64)
        single, _, _ = run(name, options, torch.float32)
        cases.append(
            {
                "name": name,
                "options": {camel(k): v for k, v in options.items()},
                "trajectory": trajectory,
                "losses": losses,
                "float32": single[0],
                "stateDict": saved,
            }
        )
    reference = {"torch": torch.__version__, "saved": SAVED, "cases": cases}
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
