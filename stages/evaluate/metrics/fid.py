"""Fréchet distance between two sets in a judge's features: 0 for equal means and covariances.

FID = |m - m'|² + tr(C + C' - 2 (C C')^½). Heusel et al. 2017. Samples against training images, as in the library
that PAGAN takes its protocol from. Biased in the number of samples, so the number stands beside it.

Written here, and held to torch-fidelity by the tests: importing that package takes longer than scoring a small set,
and at 2,048 features and 50,000 images it computes twice as long.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import linalg
from threadpoolctl import threadpool_limits

from stages.door import UserError
from stages.evaluate.enough import TooFew

LABEL = "FID"
BETTER = "lower"
NEEDS = ("samples", "reference")
JUDGED = True

ROWS = 4096  # of a block: the centred copy of a large set need not fit in memory twice
# From so many features on, a block's products are taken in single precision, which networks compute in, and summed in
# double: half of the time, for 1e-9 of the distance.
SINGLE = 1024


def fid(features: np.ndarray, reference: np.ndarray) -> float:
    """Of features [n, d] and [m, d], of single or double precision."""
    return distance(moments(features, "samples"), moments(reference, "the reference"))


def moments(features: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Mean and covariance (n - 1 in the denominator)."""
    n, d = features.shape
    if n < 2 * d:
        raise TooFew(f"FID wants at least {2 * d} images for {d} features, {name} has {n}; generate more")
    mean = features.mean(axis=0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise UserError(f"the judge's features of {name} are not all finite; look at the images and the judge")
    single = d >= SINGLE
    shift = mean.astype(features.dtype) if single else mean

    def of_block(at: int) -> tuple[np.ndarray, np.ndarray]:
        centred = features[at : at + ROWS] - shift
        if single:
            centred = centred.astype(np.float32, copy=False)
        # NumPy sees that both are one array, and computes half of the product.
        return centred.T @ centred, np.einsum("ij,ij->j", centred, centred, dtype=np.float64)

    products, squares = np.zeros((d, d)), np.zeros(d)
    with one_thread_each(), ThreadPoolExecutor(os.cpu_count()) as blocks:
        for product, square in blocks.map(of_block, range(0, n, ROWS)):  # in their order, so that sums are the same
            products += product
            squares += square
    products[np.diag_indices(d)] = squares  # the trace is summed in double throughout
    rounded = mean - shift
    return {"mean": mean, "covariance": (products - n * np.outer(rounded, rounded)) / (n - 1)}


def one_thread_each() -> Any:
    """For BLAS, whose threads wait for each other so eagerly that beside other work they take ten times as long."""
    return threadpool_limits(1, user_api="blas")


def distance(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """Between two Gaussians of these moments."""
    between = ((one["mean"] - other["mean"]) ** 2).sum()
    within = np.trace(one["covariance"]) + np.trace(other["covariance"])
    value = between + within - 2 * trace_of_root(one["covariance"], other["covariance"])
    return max(float(value), 0.0)  # rounding can leave equal sets at -1e-13


def trace_of_root(one: np.ndarray, other: np.ndarray) -> float:
    """tr (C C')^½. With C = R Rᵀ, the eigenvalues of C C' are those of Rᵀ C' R, which is symmetric."""
    with one_thread_each():
        try:  # R by Cholesky, inside
            values = linalg.eigh(other, one, type=2, eigvals_only=True, driver="gv", check_finite=False)
        except linalg.LinAlgError:  # singular: a feature that never fires
            values, vectors = linalg.eigh(one)
            root = vectors * np.sqrt(values.clip(min=0))
            values = linalg.eigvalsh(root.T @ other @ root)
    return float(np.sqrt(values.clip(min=0)).sum())


def measure(seen: Any) -> dict[str, Any]:
    """FID of the samples and, under `along`, of those made at moments of the training, where the row keeps any."""
    told = {
        name: seen.kept(name, "moments", lambda name=name: moments(seen.single(name), name))
        for name in ("samples", "reference")
    }
    along = {
        iteration: distance(moments(features, f"samples at {iteration}"), told["reference"])
        for iteration, features in seen.along()
    }
    return {
        "value": distance(told["samples"], told["reference"]),
        "samples": len(seen.images("samples")),
        "reference": len(seen.images("reference")),
        "features": len(told["reference"]["mean"]),
        **({"along": along} if along else {}),
    }
