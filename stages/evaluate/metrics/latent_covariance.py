"""Latent covariance: how far the codes' dimensions are from independent: the mean of |cov_ij| over i ≠ j.

α-GAN, Fig. 12 shows the matrix over 64,000 training images; here it is of the test images whose reconstructions are
kept. `floor` is what as many draws of N(0, I) would give. Codes on the unit sphere (AGE) have variances of 1 / d and
covariances to match: such rows are comparable among themselves.
"""

from typing import Any

import numpy as np

from stages.door import UserError
from stages.evaluate.enough import TooFew

LABEL = "Latent covariance"
BETTER = "lower"
NEEDS = ("codes",)
JUDGED = False


def covariance_size(codes: np.ndarray) -> float:
    """Of codes [n, d], in float64."""
    found = covariance(codes)
    d = len(found)
    return float((np.abs(found).sum() - np.abs(found.diagonal()).sum()) / (d * (d - 1)))


def covariance(codes: np.ndarray) -> np.ndarray:
    n, d = codes.shape
    if n < 2 or d < 2:
        raise TooFew(f"a covariance wants at least 2 codes of 2 numbers, there are {n} of {d}")
    centred = codes - codes.mean(axis=0, dtype=np.float64)
    found = centred.T @ centred / (n - 1)
    if not np.isfinite(found).all():
        raise UserError("codes are not all finite; look at the encoder that made them")
    return np.asarray(found)


def measure(seen: Any) -> dict[str, Any]:
    codes = seen.codes()
    normal = np.random.default_rng(seen.settings.shuffle_seed).standard_normal(codes.shape)
    return {
        "value": covariance_size(codes),
        "floor": covariance_size(normal),
        "codes": len(codes),
        "dimensions": codes.shape[1],
        "variances": [float(f"{one:.4g}") for one in covariance(codes).diagonal()],
        "covariance": [[float(f"{one:.4g}") for one in row] for row in covariance(codes)],
    }
