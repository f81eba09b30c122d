"""RMSE as PAGAN's Table 2 prints it: the mean over images of the Euclidean norm of x - x̂, pixels in [0, 1].

No division by the number of pixels: only so does the table's AUG row come out (8.89 on CIFAR-10).
"""

from typing import Any

import numpy as np

LABEL = "RMSE"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = False


def l2_norm(original: np.ndarray, reconstruction: np.ndarray) -> float:
    """Of uint8 images [n, h, w, c], in float64."""
    if original.shape != reconstruction.shape:
        raise ValueError(f"RMSE compares image by image: {original.shape} originals, {reconstruction.shape}")
    difference = (original.astype(np.float64) - reconstruction.astype(np.float64)) / 255
    return float(np.sqrt((difference**2).reshape(len(difference), -1).sum(axis=1)).mean())


def measure(seen: Any) -> dict[str, Any]:
    original, reconstruction = seen.images("originals"), seen.images("reconstructions")
    pixels = int(np.prod(original.shape[1:]))
    value = l2_norm(original, reconstruction)
    return {"value": value, "per_pixel": value / pixels**0.5, "images": len(original)}
