"""Diversity: 1 less the mean MS-SSIM of random pairs of samples. 0 where all are one image.

α-GAN, sec. 5, after Odena et al. 2017: MS-SSIM (Wang et al. 2003) is the product over scales of the contrast terms,
and of the luminance term at the last, each to its weight. The paper reads it against the test set's own value, which
the row `real` has here: more than that is no virtue.

The paper names no variant. At its 64 pixels the common settings fit no five scales of an 11-pixel window; taken is
the variant of TensorFlow's compression models: valid convolution, window and its sigma shrunk to the side, 2 x 2 mean
pooling, values 0 to 255. A negative contrast counts as 0. Departure, for sides below 32: as many scales as leave two
pixels, with the weights that belong to them scaled to a sum of 1.
"""

from typing import Any

import numpy as np

from stages.door import UserError
from stages.evaluate.enough import TooFew
from stages.judge.absent import NotComputed

LABEL = "Diversity"
BETTER = "higher"
NEEDS = ("samples",)
JUDGED = False

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW, SIGMA = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
PAIRS = 100  # taken at a time


def ms_ssim(x: np.ndarray, y: np.ndarray, weights: tuple[float, ...]) -> np.ndarray:
    """Of pairs of images [n, h, w, c] in 0..255, one value a pair; as many scales as weights. In float64."""
    if x.shape != y.shape:
        raise UserError(f"MS-SSIM compares image by image: {x.shape} and {y.shape}; give pairs")
    x, y = (np.moveaxis(images.astype(np.float64), 3, 1) for images in (x, y))
    value = np.ones(len(x))
    for place, weight in enumerate(weights, 1):
        contrast, whole = terms(x, y)
        value *= (whole if place == len(weights) else contrast).clip(min=0) ** weight
        x, y = pooled(x), pooled(y)
    return value


def terms(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means over an image [c, h, w] of the contrast term, and of that times the luminance term; one a pair."""
    size = min(WINDOW, *x.shape[2:])
    down, right = (blurring(side, size) for side in x.shape[2:])

    def blur(images: np.ndarray) -> np.ndarray:
        return np.asarray(down @ images @ right.T)

    mean_x, mean_y = blur(x), blur(y)
    products = mean_x * mean_y
    squares = mean_x**2 + mean_y**2
    contrast = (2 * (blur(x * y) - products) + C2) / (blur(x * x) + blur(y * y) - squares + C2)
    luminance = (2 * products + C1) / (squares + C1)
    return contrast.mean(axis=(1, 2, 3)), (contrast * luminance).mean(axis=(1, 2, 3))


def blurring(side: int, size: int) -> np.ndarray:
    """[side - size + 1, side]: a Gaussian window of `size` at each place where it fits whole, as a matrix."""
    places = np.arange(size) - (size - 1) / 2
    window = np.exp(-(places**2) / (2 * (SIGMA * size / WINDOW) ** 2))
    window /= window.sum()
    matrix = np.zeros((side - size + 1, side))
    for place, row in enumerate(matrix):
        row[place : place + size] = window
    return matrix


def pooled(images: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels; an odd last row or column is left out."""
    height, width = (side // 2 * 2 for side in images.shape[2:])
    even = images[:, :, :height, :width]
    return np.asarray(even.reshape(*even.shape[:2], height // 2, 2, width // 2, 2).mean(axis=(3, 5)))


def weights_for(side: int) -> tuple[float, ...]:
    """Of as many scales as leave two pixels of a side, five at most."""
    scales = min(len(WEIGHTS), side.bit_length() - 1)
    return tuple(weight / sum(WEIGHTS[:scales]) for weight in WEIGHTS[:scales])


def random_pairs(n: int, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of two distinct images of n, so many times."""
    draw = np.random.default_rng(seed)
    first = draw.integers(n, size=pairs)
    return first, (first + draw.integers(1, n, size=pairs)) % n


def unlike(images: np.ndarray, pairs: int, seed: int) -> np.ndarray:
    """1 - MS-SSIM of so many random pairs of images [n, h, w, c]; diversity is its mean."""
    if len(images) < 2:
        raise TooFew("diversity wants at least 2 samples, there is 1; generate more")
    weights = weights_for(min(images.shape[1:3]))
    if not weights:
        raise NotComputed(f"MS-SSIM needs images of at least 2 x 2, these are {images.shape[1]} x {images.shape[2]}")
    first, second = random_pairs(len(images), pairs, seed)
    similar = np.concatenate(
        [
            ms_ssim(images[first[at : at + PAIRS]], images[second[at : at + PAIRS]], weights)
            for at in range(0, len(first), PAIRS)
        ]
    )
    return np.asarray(1 - similar)


def measure(seen: Any) -> dict[str, Any]:
    images, settings = seen.images("samples"), seen.settings
    values = unlike(images, settings.diversity_pairs, settings.shuffle_seed)
    weights = weights_for(min(images.shape[1:3]))
    return {
        "value": float(values.mean()),
        "standard_error": float(values.std() / len(values) ** 0.5),
        "pairs": len(values),
        "samples": len(images),
        "scales": len(weights),
        "windows": [min(WINDOW, min(images.shape[1:3]) >> scale) for scale in range(len(weights))],
        "seed": settings.shuffle_seed,
    }
