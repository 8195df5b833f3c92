"""Writes reference.json: what PyTorch's optimizers do to the parameters of a small regression, step by step.

    python3 test/optim/reference.py

The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import torch

STEPS = 6
# The second parameter gets its first gradient in this step: optimizers start its state there.
LATE = 2

CASES = [
    ("SGD", "plain", {"lr": 0.1}),
    ("SGD", "momentum", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", "dampening and weight decay", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05}),
    ("SGD", "nesterov", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", "maximize", {"lr": 0.01, "momentum": 0.5, "maximize": True, "weight_decay": 0.1}),
    ("Adam", "defaults", {}),
    ("Adam", "weight decay", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    ("Adam", "decoupled weight decay", {"lr": 0.05, "weight_decay": 0.2, "decoupled_weight_decay": True}),
    ("Adam", "amsgrad", {"lr": 0.3, "betas": (0.5, 0.6), "amsgrad": True}),
    ("Adam", "maximize", {"lr": 0.02, "maximize": True}),
    ("AdamW", "defaults", {}),
    ("AdamW", "weight decay", {"lr": 0.05, "weight_decay": 0.3}),
    ("AdamW", "amsgrad and maximize", {"lr": 0.3, "betas": (0.5, 0.6), "amsgrad": True, "maximize": True}),
    ("NAdam", "defaults", {}),
    ("NAdam", "weight decay", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1, "momentum_decay": 0.05}),
    ("NAdam", "decoupled weight decay", {"lr": 0.05, "weight_decay": 0.2, "decoupled_weight_decay": True}),
    ("NAdam", "maximize", {"lr": 0.02, "maximize": True, "weight_decay": 0.1}),
    ("RAdam", "defaults", {}),
    ("RAdam", "rectified", {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.1}),
    ("RAdam", "decoupled weight decay", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.2, "decoupled_weight_decay": True}),
    ("RAdam", "maximize", {"lr": 0.02, "betas": (0.9, 0.8), "maximize": True}),
    ("Adamax", "defaults", {}),
    ("Adamax", "weight decay", {"lr": 0.05, "betas": (0.8, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adamax", "maximize", {"lr": 0.02, "maximize": True, "weight_decay": 0.1}),
    ("Adagrad", "defaults", {}),
    ("Adagrad", "decays", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1, "initial_accumulator_value": 0.3, "eps": 1e-4}),
    ("Adagrad", "maximize", {"lr": 0.1, "maximize": True}),
    ("Adadelta", "defaults", {}),
    ("Adadelta", "weight decay", {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adadelta", "maximize", {"eps": 1e-2, "maximize": True}),
    ("RMSprop", "defaults", {}),
    ("RMSprop", "momentum", {"lr": 0.02, "alpha": 0.8, "eps": 1e-5, "momentum": 0.6}),
    ("RMSprop", "centered", {"lr": 0.02, "alpha": 0.8, "centered": True, "eps": 1e-3}),
    ("RMSprop", "centered, momentum and weight decay", {"alpha": 0.7, "centered": True, "momentum": 0.5, "weight_decay": 0.1}),
    ("RMSprop", "maximize", {"lr": 0.02, "maximize": True, "weight_decay": 0.1}),
    ("Rprop", "defaults", {}),
    ("Rprop", "etas", {"lr": 0.4, "etas": (0.3, 1.5), "step_sizes": (0.15, 0.7)}),
    ("Rprop", "maximize", {"lr": 0.3, "maximize": True}),
    ("ASGD", "defaults", {}),
    ("ASGD", "averaging", {"lr": 0.5, "lambd": 0.1, "alpha": 0.6, "t0": 2, "weight_decay": 0.1}),
    ("ASGD", "maximize", {"lr": 0.1, "t0": 1, "maximize": True}),
]


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def loss_of(weight, bias, x, y, step):
    out = x @ weight
    if step >= LATE:
        out = out + bias
    return (out.tanh() - y).pow(2).mean()


def plain(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


def state_dict(optimizer):
    state = optimizer.state_dict()
    return {
        "state": {str(k): {name: plain(v) for name, v in values.items()} for k, values in state["state"].items()},
        "param_groups": state["param_groups"],
    }


def run(kind, options, data, dtype):
    x, y, *start = (data[name].to(dtype) for name in ("x", "y", "weight", "bias"))
    weight, bias = (p.clone().requires_grad_() for p in start)
    # Two groups, the second with a learning rate of its own.
    optimizer = getattr(torch.optim, kind)([{"params": [weight]}, {"params": [bias], "lr": 0.07}], **options)
    trajectory, saved = [], None
    for step in range(STEPS):
        optimizer.zero_grad()
        loss_of(weight, bias, x, y, step).backward()
        optimizer.step()
        trajectory.append([weight.tolist(), bias.tolist()])
        if step == STEPS // 2:
            saved = state_dict(optimizer)
    return trajectory, saved


def main():
    torch.manual_seed(0)
    data = {"x": torch.randn(5, 3), "y": torch.rand(5, 2), "weight": torch.randn(3, 2), "bias": torch.randn(2)}
    data = {name: value.double() for name, value in data.items()}
    cases = []
    for kind, name, options in CASES:
        trajectory, saved = run(kind, options, data, torch.float64)
        single, _ = run(kind, options, data, torch.float32)
        cases.append(
            {
                "optimizer": kind,
                "name": name,
                "options": {camel(k): v for k, v in options.items()},
                "trajectory": trajectory,
                "float32": single[-1],
                "stateDict": saved,
            }
        )
    reference = {
        "torch": torch.__version__,
        "steps": STEPS,
        "late": LATE,
        "saved": STEPS // 2,
        "inputs": {name: value.tolist() for name, value in data.items()},
        "cases": cases,
    }
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
