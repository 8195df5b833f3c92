"""Writes reference.json: what scikit-learn fits to a few samples.

    python3 test/methods/linear-evaluation/reference.py

with a Python that has numpy and scikit-learn. The tests read the file; they need no Python.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler

random = np.random.default_rng(27)


def samples(count, width, classes, spread):
    """Every class has one; the features differ in scale and have an offset."""
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, count - classes)])
    means = random.normal(size=(classes, width)) * spread
    scale = 10.0 ** random.uniform(-1, 1, width)
    return np.round((random.normal(size=(count, width)) + means[labels]) * scale + 3, 4), labels


def naive_bayes(features, labels, tests):
    model = GaussianNB().fit(features, labels)
    return {
        "smoothing": float(model.epsilon_),
        "means": model.theta_.tolist(),
        "variances": model.var_.tolist(),
        "counts": model.class_count_.tolist(),
        "priors": model.class_prior_.tolist(),
        "joint": model.predict_joint_log_proba(tests).tolist(),
        "posterior": model.predict_proba(tests).tolist(),
    }


def logistic_regression(features, labels, c):
    binary = labels.max() == 1
    # With one row for two classes the penalty of the same difference of scores is twice that of two rows.
    model = LogisticRegression(C=2 * c if binary else c, solver="newton-cg", tol=1e-12, max_iter=100_000).fit(features, labels)
    coefficients, intercept = model.coef_, model.intercept_
    if binary:
        coefficients, intercept = np.concatenate([-coefficients / 2, coefficients / 2]), np.concatenate([-intercept / 2, intercept / 2])
    return {"c": c, "weight": coefficients.tolist(), "bias": (intercept - intercept.mean()).tolist()}


def problem(count, width, classes, spread):
    features, labels = samples(count, width, classes, spread)
    tests = samples(6 + classes, width, classes, spread)[0]
    scaler = MinMaxScaler().fit(features)
    return {
        "features": features.tolist(),
        "labels": labels.tolist(),
        "tests": tests.tolist(),
        "scaled": scaler.transform(tests).tolist(),
        "naiveBayes": naive_bayes(features, labels, tests),
        "logisticRegression": [logistic_regression(scaler.transform(features), labels, c) for c in (0.01, 1.0, 100.0)],
    }


def main():
    reference = {
        "sklearn": sklearn.__version__,
        "problems": [problem(*size) for size in ((30, 4, 3, 1.0), (25, 3, 2, 0.5), (60, 6, 5, 0.3), (9, 24, 4, 1.0))],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
