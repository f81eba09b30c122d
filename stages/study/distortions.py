"""Ways to distort images, each with one strength from 0 (none at all) to the end of its range.

Images are [n, h, w, c] in [0, 1]. What a distortion draws depends on `rng` alone and not on the strength, so that a
little more strength changes the images by a little more, and a strength can be found by bisection. Values may leave
[0, 1]; `to_bytes` cuts them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter

PAD_SHARE = 0.1  # PAGAN, sec. 5: "reflect 10 % pad", rounded down to pixels

Distort = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Distortion:
    apply: Distort
    most: float  # the end of its range


def gaussian_noise(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Standard deviation `strength`."""
    return np.asarray(x + strength * rng.standard_normal(x.shape, np.float32))


def gaussian_blur(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Standard deviation `strength` of the longer side."""
    width = strength * max(x.shape[1:3])
    return np.asarray(gaussian_filter(x, (0, width, width, 0), mode="reflect"))


def salt_and_pepper(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A share `strength` of the pixels is black or white, by even chance."""
    chance, white = rng.random(x.shape[:3], np.float32), rng.random(x.shape[:3], np.float32) < 0.5
    return np.where((chance < strength)[..., None], white[..., None].astype(x.dtype), x)


def brightness(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """`strength` more everywhere."""
    return np.asarray(x + strength)


def contrast(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A share `strength` of each pixel's distance from the image's mean is taken away; above 1, light and dark swap."""
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return np.asarray(x + strength * (mean - x))


def pixel_dropout(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A share `strength` of the pixels is grey."""
    chance = rng.random(x.shape[:3], np.float32)
    return np.where((chance < strength)[..., None], x.dtype.type(0.5), x)


def patch(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A grey rectangle about a random place, with sides that are twice `strength` of the image's."""
    n, height, width, _ = x.shape
    top, left = rng.random((n, 1)), rng.random((n, 1))
    rows = np.abs((np.arange(height) + 0.5) / height - top) < strength
    columns = np.abs((np.arange(width) + 0.5) / width - left) < strength
    return np.where((rows[:, :, None] & columns[:, None, :])[..., None], x.dtype.type(0.5), x)


DISTORTIONS = {
    "gaussian-noise": Distortion(gaussian_noise, 4.0),
    "gaussian-blur": Distortion(gaussian_blur, 0.5),
    "salt-and-pepper": Distortion(salt_and_pepper, 1.0),
    "brightness": Distortion(brightness, 1.0),
    "contrast": Distortion(contrast, 2.0),
    "pixel-dropout": Distortion(pixel_dropout, 1.0),
    "patch": Distortion(patch, 1.0),
}


def augmentation(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """PAGAN's a(x) of uint8 images: pad by mirroring, the edge not repeated, and crop at a random place."""
    return crops(images, int(PAD_SHARE * images.shape[1]), "reflect", rng)


def crops(images: np.ndarray, pad: int, mode: Literal["reflect", "symmetric"], rng: np.random.Generator) -> np.ndarray:
    """Of as many pixels as before, at a random place of each image padded; `symmetric` repeats the edge."""
    n, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode=mode)
    top, left = rng.integers(0, 2 * pad + 1, (2, n))
    rows = top[:, None, None] + np.arange(height)[None, :, None]
    columns = left[:, None, None] + np.arange(width)[None, None, :]
    return padded[np.arange(n)[:, None, None], rows, columns]


def to_bytes(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """uint8, rounded up or down by chance: to the nearest, a brightness would change in steps of some per cent.

    What was a byte stays as it was.
    """
    share = 0.001 + 0.998 * rng.random(x.shape, np.float32)
    return np.floor(x.clip(0, 1) * 255 + share).clip(0, 255).astype(np.uint8)
