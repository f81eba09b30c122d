"""RMSE as PAGAN's Table 2 prints it: the mean over images of the Euclidean norm of x - x̂, pixels in [0, 1].

No division by the number of pixels: only so does the table's AUG row come out (8.89 on CIFAR-10).
"""

from typing import Any

import numpy as np

from stages.door import UserError

LABEL = "RMSE"
BETTER = "lower"
NEEDS = ("originals", "reconstructions")
JUDGED = False


def difference(original: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    """x - x̂ of uint8 images [n, h, w, c], in [-1, 1] and float64; row i of both is the same image."""
    if original.shape != reconstruction.shape:
        raise UserError(
            f"reconstructions are compared image by image: {original.shape} originals, {reconstruction.shape} "
            "reconstructions; give pairs"
        )
    return np.subtract(original, reconstruction, dtype=np.int16).astype(np.float64) / 255


def l2_norm(original: np.ndarray, reconstruction: np.ndarray) -> float:
    squares = np.square(difference(original, reconstruction)).reshape(len(original), -1)
    return float(np.sqrt(squares.sum(axis=1)).mean())


def measure(seen: Any) -> dict[str, Any]:
    original, reconstruction = seen.images("originals"), seen.images("reconstructions")
    pixels = int(np.prod(original.shape[1:]))
    value = l2_norm(original, reconstruction)
    return {"value": value, "per_pixel": value / pixels**0.5, "images": len(original)}
