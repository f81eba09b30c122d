"""The colours of colorizations, a and b of Lab, beside those of the images that were coloured."""

import numpy as np

from stages import lab
from stages.door import UserError


def colours(images: np.ndarray) -> np.ndarray:
    """[..., h, w, 2] of sRGB bytes [..., h, w, 3], about -110 to 110, in float64."""
    if images.shape[-1] != 3:
        raise UserError(f"colorizations are compared in Lab: these images have {images.shape[-1]} channels, give 3")
    return lab.lab_of_rgb(images)[..., 1:]


def check_pairs(originals: np.ndarray, several: np.ndarray, name: str) -> None:
    """`several` holds images [n, k, h, w, c] for each original [n, h, w, c]."""
    if (several.shape[0], *several.shape[2:]) != originals.shape:
        raise UserError(f"{name} are of shape {several.shape}, originals of {originals.shape}; give some of each image")
