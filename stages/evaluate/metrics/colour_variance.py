"""Colour variance: how much the colorizations of one grey image differ. 0 where the code is ignored.

AGE, Fig. 4a, shows it to the eye. Here: the variance of a pixel's colour (a, b) of Lab over the colorizations of its
image, unbiased, a's and b's added; mean over pixels and images. More is not better without end: `of_uniform_hue` is
what one hue an image gives, uniform on the circle, at the chroma of each pixel of the original. Such a colour has mean
0, so its variance is the chroma squared; of digits-tinted it is the law itself, and the value of an ideal colorizer.
"""

from typing import Any

import numpy as np

from stages.evaluate.colours import check_pairs, colours
from stages.evaluate.enough import TooFew

LABEL = "Colour variance"
BETTER = "higher"
NEEDS = ("colorizations", "originals")
JUDGED = False


def variance(several: np.ndarray) -> float:
    """Of uint8 images [n, k, h, w, 3]."""
    return float(np.mean([colours(one).var(axis=0, ddof=1).sum(axis=-1).mean() for one in several]))


def of_uniform_hue(originals: np.ndarray) -> float:
    """The mean squared chroma of uint8 images [n, h, w, 3]."""
    return float(np.mean([np.square(colours(one)).sum(axis=-1).mean() for one in originals]))


def measure(seen: Any) -> dict[str, Any]:
    several, originals = seen.several("colorizations"), seen.images("originals")
    check_pairs(originals, several, "colorizations")
    if several.shape[1] < 2:
        raise TooFew("colour variance wants at least 2 colorizations of each image, there is 1; generate more")
    return {
        "value": variance(several),
        "of_uniform_hue": of_uniform_hue(originals),
        "images": len(several),
        "each": several.shape[1],
    }
