"""MSE: the mean squared difference of a pixel's value between an image and its reconstruction, pixels in [0, 1]."""

from typing import Any

import numpy as np

from stages.evaluate.metrics.rmse import difference

LABEL = "MSE"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = False


def mse(original: np.ndarray, reconstruction: np.ndarray) -> float:
    """Of uint8 images [n, h, w, c], in float64."""
    return float(np.square(difference(original, reconstruction)).mean())


def measure(seen: Any) -> dict[str, Any]:
    original, reconstruction = seen.images("originals"), seen.images("reconstructions")
    return {"value": mse(original, reconstruction), "images": len(original)}
