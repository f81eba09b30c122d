"""Best of K: how near the nearest of an image's K colorizations comes to its own colours. An oracle chooses.

AGE leaves to the eye whether colours are plausible; that the true ones are among a few is part of it. The error is the
mean absolute difference of a and b of Lab, over pixels; the least of an image's K, mean over images. `curve` has the
same of the first colorization alone, of the first two, and so on: what is gained by diversity, and not by a good guess.
"""

from typing import Any

import numpy as np

from stages.evaluate.colours import check_pairs, colours

LABEL = "Best of K"
BETTER = "lower"
NEEDS = ("colorizations", "originals")
JUDGED = False


def errors(originals: np.ndarray, several: np.ndarray) -> np.ndarray:
    """[n, k] of uint8 images [n, h, w, 3] and their colorizations [n, k, h, w, 3]."""
    pairs = zip(originals, several, strict=True)
    return np.stack([np.abs(colours(made) - colours(one)).mean(axis=(1, 2, 3)) for one, made in pairs])


def measure(seen: Any) -> dict[str, Any]:
    several, originals = seen.several("colorizations"), seen.images("originals")
    check_pairs(originals, several, "colorizations")
    curve = np.minimum.accumulate(errors(originals, several), axis=1).mean(axis=0).tolist()
    return {"value": curve[-1], "curve": curve, "images": len(several), "each": several.shape[1]}
