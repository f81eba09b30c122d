"""Latent mean: how far the codes' mean is from that of N(0, I), a dimension at a time: the mean of |mean_j|.

α-GAN, Fig. 11 shows the histogram of these means over 64,000 training images; here they are of the test images whose
reconstructions are kept. `floor` is what as many draws of N(0, I) would give, for no finite set has means of 0.
"""

from typing import Any

import numpy as np

from stages.door import UserError

LABEL = "Latent mean"
BETTER = "lower"
NEEDS = ("codes",)
JUDGED = False


def mean_size(codes: np.ndarray) -> float:
    """Of codes [n, d], in float64."""
    return float(np.abs(means(codes)).mean())


def means(codes: np.ndarray) -> np.ndarray:
    found = codes.mean(axis=0, dtype=np.float64)
    if not np.isfinite(found).all():
        raise UserError("codes are not all finite; look at the encoder that made them")
    return np.asarray(found)


def measure(seen: Any) -> dict[str, Any]:
    codes = seen.codes()
    normal = np.random.default_rng(seen.settings.shuffle_seed).standard_normal(codes.shape)
    return {
        "value": mean_size(codes),
        "floor": mean_size(normal),
        "codes": len(codes),
        "dimensions": codes.shape[1],
        "means": [float(f"{one:.4g}") for one in means(codes)],
    }
