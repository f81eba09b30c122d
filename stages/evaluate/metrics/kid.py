"""Kernel distance between two sets in a judge's features; unlike FID's, its mean does not depend on the set's size.

KID = E k(x, x') + E k(y, y') - 2 E k(x, y), the unbiased estimate of the squared maximum mean discrepancy, with
k(x, y) = (x·y / d + 1)³. Bińkowski et al. 2018. 0 for equal distributions, and so often a little below 0.

The mean over random subsets, as the authors' code takes it; subsets, draws and numbers are torch-fidelity's, and the
tests hold them to it. A set smaller than a subset is taken whole. The standard error is ours: that library's spread
over subsets is of subsets, not of their mean.
"""

from typing import Any, NamedTuple

import numpy as np

from stages.door import UserError
from stages.evaluate.enough import TooFew

LABEL = "KID"
BETTER = "lower"
NEEDS = ("samples", "reference")
JUDGED = True


class Estimate(NamedTuple):
    value: float
    over_subsets: float  # the spread of the subsets' own values
    standard_error: float


def kid(features: np.ndarray, reference: np.ndarray, subsets: int, subset_size: int, seed: int) -> Estimate:
    """Of features [n, d] and [m, d], in float64."""
    if features.shape[1] != reference.shape[1]:
        raise UserError(f"KID compares {features.shape[1]} features with {reference.shape[1]}; give one judge's")
    n, m = len(features), len(reference)
    size = min(subset_size, n, m)
    if size < 2:
        raise TooFew(f"KID wants at least 2 images of each kind, there are {n} samples and {m} of the reference")
    draw = np.random.RandomState(seed)
    found = []
    for _ in range(1 if size == n == m else subsets):  # whole sets are the same whatever their order
        x = features[draw.choice(n, size, replace=False)].astype(np.float64)
        y = reference[draw.choice(m, size, replace=False)].astype(np.float64)
        found.append(discrepancy(x, y))
    values = np.array([value for value, _, _ in found])
    linear = np.mean([of_x / n + of_y / m for _, of_x, of_y in found])
    drawn = values.var(ddof=1) / len(values) if len(values) > 1 else 0.0
    error = np.sqrt(4 * linear + drawn)  # of the whole sets, and of having drawn no more subsets than these
    return Estimate(float(values.mean()), float(values.std()), float(error))


def discrepancy(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """The unbiased estimate for sets of one size, and the variances of what each x and each y adds to it."""
    size = len(x)
    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    of_x = (xx.sum(axis=1) - xx.diagonal()) / (size - 1)
    of_y = (yy.sum(axis=1) - yy.diagonal()) / (size - 1)
    value = of_x.mean() + of_y.mean() - 2 * xy.mean()
    return float(value), float((of_x - xy.mean(axis=1)).var()), float((of_y - xy.mean(axis=0)).var())


def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    k = x @ y.T / x.shape[1] + 1
    return np.asarray(k * k * k)  # much faster than a power


def measure(seen: Any) -> dict[str, Any]:
    features, reference, settings = seen.single("samples"), seen.single("reference"), seen.settings
    size = min(settings.kid_subset_size, len(features), len(reference))
    told = kid(features, reference, settings.kid_subsets, settings.kid_subset_size, settings.shuffle_seed)
    return told._asdict() | {
        "samples": len(features),
        "reference": len(reference),
        "subsets": settings.kid_subsets,
        "subset_size": size,
        "seed": settings.shuffle_seed,
    }
