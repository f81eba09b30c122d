"""L1: the mean absolute difference of a pixel's value between an image and its reconstruction, pixels in [0, 1].

α-GAN's claim of better reconstructions than AGE's is made by eye; pixel L1 and LPIPS put it into numbers.
"""

from typing import Any

import numpy as np

from stages.evaluate.metrics.rmse import difference

LABEL = "L1"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = False


def l1(original: np.ndarray, reconstruction: np.ndarray) -> float:
    """Of uint8 images [n, h, w, c], in float64."""
    return float(np.abs(difference(original, reconstruction)).mean())


def measure(seen: Any) -> dict[str, Any]:
    original, reconstruction = seen.images("originals"), seen.images("reconstructions")
    return {"value": l1(original, reconstruction), "images": len(original)}
