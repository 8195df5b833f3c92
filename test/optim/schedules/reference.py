"""Writes reference.json: the learning rates and momentums that PyTorch's schedules set, and their state dicts.

    python3 test/optim/schedules/reference.py

The tests read the file; they need no Python.
"""

import json
import math
from pathlib import Path

import torch
from torch.optim import lr_scheduler, swa_utils

STEPS = 14
SAVED = 5
LAMBDAS = {"decay": lambda epoch: 0.95**epoch, "halves": lambda epoch: 1 / (1 + epoch // 2), "root": lambda x: 1 / math.sqrt(x + 1)}

# Scheduler, positional arguments, options, name. Functions stand by name; schedules within schedules are tuples.
CASES = [
    ("LambdaLR", ["decay"], {}),
    ("LambdaLR", [["decay", "halves"]], {}),
    ("MultiplicativeLR", ["decay"], {}),
    ("StepLR", [3], {}),
    ("StepLR", [4], {"gamma": 0.5}),
    ("MultiStepLR", [[2, 5, 5, 9]], {"gamma": 0.3}),
    ("ConstantLR", [], {}),
    ("ConstantLR", [], {"factor": 0.25, "total_iters": 8}),
    ("LinearLR", [], {}),
    ("LinearLR", [], {"start_factor": 0.1, "end_factor": 0.6, "total_iters": 9}),
    ("ExponentialLR", [0.9], {}),
    ("PolynomialLR", [], {}),
    ("PolynomialLR", [], {"total_iters": 10, "power": 2.5}),
    ("CosineAnnealingLR", [4], {"eta_min": 0.01}),
    ("CosineAnnealingLR", [20], {}),
    ("CosineAnnealingWarmRestarts", [4], {}),
    ("CosineAnnealingWarmRestarts", [2], {"T_mult": 2, "eta_min": 0.002}),
    ("CyclicLR", [0.01, 0.2], {"step_size_up": 3}),
    ("CyclicLR", [[0.01, 0.02], [0.2, 0.3]], {"step_size_up": 2, "step_size_down": 4, "mode": "triangular2"}),
    ("CyclicLR", [0.01, 0.2], {"step_size_up": 3, "mode": "exp_range", "gamma": 0.9, "base_momentum": 0.7, "max_momentum": 0.97}),
    ("CyclicLR", [0.01, 0.2], {"step_size_up": 3, "scale_fn": "root", "scale_mode": "iterations", "cycle_momentum": False}),
    ("OneCycleLR", [0.3], {"total_steps": 20}),
    ("OneCycleLR", [[0.3, 0.1]], {"epochs": 4, "steps_per_epoch": 4, "anneal_strategy": "linear", "three_phase": True, "pct_start": 0.4}),
    ("OneCycleLR", [0.3], {"total_steps": 14, "div_factor": 10.0, "final_div_factor": 100.0, "base_momentum": 0.6, "max_momentum": 0.9}),
    ("OneCycleLR", [0.3], {"total_steps": 16, "cycle_momentum": False}),
    ("ReduceLROnPlateau", [], {"patience": 1, "factor": 0.5}),
    ("ReduceLROnPlateau", [], {"mode": "max", "patience": 0, "threshold": 0.2, "threshold_mode": "abs", "cooldown": 2, "min_lr": [0.05, 0.01]}),
    ("ReduceLROnPlateau", [], {"patience": 2, "threshold": 0.05, "cooldown": 1}),
    ("ChainedScheduler", [[("ConstantLR", [], {"factor": 0.1, "total_iters": 3}), ("ExponentialLR", [0.9], {})]], {}),
    (
        "SequentialLR",
        [[("LinearLR", [], {"total_iters": 4}), ("CosineAnnealingLR", [8], {}), ("ExponentialLR", [0.9], {})], [4, 9]],
        {},
    ),
    ("SWALR", [0.02], {"anneal_epochs": 5}),
    ("SWALR", [[0.02, 0.5]], {"anneal_epochs": 3, "anneal_strategy": "linear"}),
]
METRICS = [1, 0.9, 0.95, 0.93, 0.91, 0.6, 0.61, 0.7, 0.8, 0.65, 0.59, 0.585, 0.58, 0.9]
RENAMED = {"T_mult": "tMult"}


def camel(name):
    head, *tail = name.split("_")
    return RENAMED.get(name) or head + "".join(word[:1].upper() + word[1:] for word in tail)


def function(value):
    if isinstance(value, list):
        return [function(entry) for entry in value]
    return LAMBDAS.get(value, value) if isinstance(value, str) else value


def make(optimizer, kind, args, options):
    args = [[make(optimizer, *spec) for spec in arg] if isinstance(arg, list) and isinstance(arg[0], tuple) else function(arg) for arg in args]
    options = {name: function(value) for name, value in options.items()}
    if kind == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(*args, **options)
    return getattr(swa_utils if kind == "SWALR" else lr_scheduler, kind)(optimizer, *args, **options)


def plain(value):
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def spec(args):
    return [[{"scheduler": s[0], "args": spec(s[1]), "options": camels(s[2])} for s in arg] if isinstance(arg, list) and isinstance(arg[0], tuple) else arg for arg in args]


def camels(options):
    return {camel(name): value for name, value in options.items()}


def run(case, base):
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    groups = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.4}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9) if base == "SGD" else torch.optim.Adam(groups, lr=0.1)
    schedule = make(optimizer, *case)
    read = lambda: [[g["lr"], g["momentum"] if base == "SGD" else g["betas"][0]] for g in optimizer.param_groups]
    rates, saved = [read()], None
    for step in range(STEPS):
        optimizer.step()
        schedule.step(*([METRICS[step]] if case[0] == "ReduceLROnPlateau" else []))
        rates.append(read())
        if step + 1 == SAVED:
            saved = {"schedule": plain(schedule.state_dict()), "groups": plain(optimizer.state_dict()["param_groups"])}
    return {"base": base, "scheduler": case[0], "args": spec(case[1]), "options": camels(case[2]), "rates": rates, "saved": saved}


def fractions():
    """Warm restarts that are told the epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 2, T_mult=3)
    epochs, rates = [k * 0.7 for k in range(20)], []
    for epoch in epochs:
        optimizer.step()
        schedule.step(epoch)
        rates.append(optimizer.param_groups[0]["lr"])
    return {"epochs": epochs, "rates": rates}


def main():
    cases = [run(case, "SGD") for case in CASES]
    cases += [run(case, "Adam") for case in CASES if case[0] in ("CyclicLR", "OneCycleLR")]
    reference = {"torch": torch.__version__, "saved": SAVED, "metrics": METRICS, "cases": cases, "fractions": fractions()}
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
