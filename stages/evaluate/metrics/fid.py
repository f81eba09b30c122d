"""Fréchet distance between two sets in a judge's features: 0 for equal means and covariances.

FID = |m - m'|² + tr(C + C' - 2 (C C')^½). Heusel et al. 2017. Samples against training images, as in the library
that PAGAN takes its protocol from. Biased in the number of samples, so the number stands beside it.
"""

from typing import Any

import numpy as np
from torch_fidelity.metric_fid import fid_statistics_to_metric

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
    value = fid_statistics_to_metric(statistics(features), statistics(reference), verbose=False)
    return max(float(value["frechet_inception_distance"]), 0.0)  # rounding can leave equal sets at -1e-13


def statistics(features: np.ndarray) -> dict[str, np.ndarray]:
    wide = features.astype(np.float64)
    return {"mu": wide.mean(axis=0), "sigma": np.cov(wide, rowvar=False)}


def measure(seen: Any) -> dict[str, Any]:
    features, reference = seen.features("samples"), seen.features("reference")
    return {
        "value": fid(features, reference),
        "samples": len(features),
        "reference": f"{len(reference)} training images",
        "features": features.shape[1],
    }
