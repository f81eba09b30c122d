"""Fréchet distance between two sets in a judge's features: 0 for equal means and covariances.

FID = |m - m'|² + tr(C + C' - 2 (C C')^½). Heusel et al. 2017. Samples against training images, as in the library
that PAGAN takes its protocol from. Biased in the number of samples, so the number stands beside it.

Ten lines here instead of torch-fidelity's, which the tests hold it to: importing that package takes longer than
scoring, and eigenvalues of the symmetric form take a fraction of the time of those of C C'.
"""

from typing import Any

import numpy as np

from stages.door import UserError

LABEL = "FID"
BETTER = "lower"
NEEDS = ("samples",)
JUDGED = True


def fid(features: np.ndarray, reference: np.ndarray) -> float:
    """Of features [n, d] and [m, d], in float64."""
    for name, array in (("samples", features), ("the reference", reference)):
        if len(array) < 2 * array.shape[1]:
            raise UserError(
                f"FID wants at least {2 * array.shape[1]} images for {array.shape[1]} features, {name} has "
                f"{len(array)}; generate more"
            )
        if not np.isfinite(array).all():
            raise UserError(f"the judge's features of {name} are not all finite; look at the images and the judge")
    (mean, covariance), (other_mean, other_covariance) = statistics(features), statistics(reference)
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    # C C' and C^½ C' C^½ have the same eigenvalues, and the second is symmetric.
    cross = np.sqrt(np.linalg.eigvalsh(root @ other_covariance @ root).clip(min=0)).sum()
    value = ((mean - other_mean) ** 2).sum() + np.trace(covariance) + np.trace(other_covariance) - 2 * cross
    return max(float(value), 0.0)  # rounding can leave equal sets at -1e-13


def statistics(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    wide = features.astype(np.float64)
    return wide.mean(axis=0), np.cov(wide, rowvar=False)


def measure(seen: Any) -> dict[str, Any]:
    features, reference = seen.features("samples"), seen.features("reference")
    return {
        "value": fid(features, reference),
        "samples": len(features),
        "reference": f"{len(reference)} training images",
        "features": features.shape[1],
    }
