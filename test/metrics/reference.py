"""Writes reference.json: what scikit-learn gives for the metrics it has.

    python3 test/metrics/reference.py

with a Python that has numpy and scikit-learn. The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

random = np.random.default_rng(0)
N, C = 60, 4


def averages(function, target, said, **options):
    return {
        **{average: float(function(target, said, average=average, zero_division=0, **options)) for average in ("macro", "weighted", "micro")},
        "none": function(target, said, average=None, zero_division=0, **options).tolist(),
    }


def main():
    scores = random.normal(size=(N, C))
    target = random.integers(0, C, N)
    scores[np.arange(N), target] += 0.8
    said = scores.argmax(1)
    answers = random.integers(0, 2, N)
    # In steps, so that there are ties.
    belief = np.round(random.normal(size=N) + answers, 1)
    x, y = random.normal(size=(N, 2)), random.normal(size=(N, 2)) + 1000
    x += 1000 + 0.5 * (y - 1000)
    reference = {
        "sklearn": sklearn.__version__,
        "scores": scores.tolist(),
        "target": target.tolist(),
        "answers": answers.tolist(),
        "belief": belief.tolist(),
        "x": x.tolist(),
        "y": y.tolist(),
        "accuracy": {k: float(metrics.top_k_accuracy_score(target, scores, k=k)) for k in (1, 2, 3)},
        "confusion": {str(n): metrics.confusion_matrix(target, said, normalize=n).tolist() for n in (None, "true", "pred", "all")},
        "precision": averages(metrics.precision_score, target, said),
        "recall": averages(metrics.recall_score, target, said),
        "f1": averages(metrics.f1_score, target, said),
        "f2": averages(metrics.fbeta_score, target, said, beta=2),
        "binaryAccuracy": float(metrics.accuracy_score(answers, belief > 0.5)),
        "auroc": float(metrics.roc_auc_score(answers, belief)),
        "averagePrecision": float(metrics.average_precision_score(answers, belief)),
        "mse": float(metrics.mean_squared_error(y, x)),
        "mae": float(metrics.mean_absolute_error(y, x)),
        "r2": float(metrics.r2_score(y.ravel(), x.ravel())),
        "perplexity": float(np.exp(metrics.log_loss(target, np.exp(scores) / np.exp(scores).sum(1, keepdims=True)))),
    }
    Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
