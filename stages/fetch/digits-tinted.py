"""Scikit-learn's digits, each tinted by a random hue on black: the bundled stand-in of colorization.

In Lab (D65), a pixel of grey g in [0, 1] has L = 74 g and (a, b) = 39 g (cos h, sin h), with one hue h, uniform on
the circle, for the whole image. So L says nothing of h, and the law of the colours given the grey image is known: that
circle, up to the rounding to bytes. Every hue of that lightness and chroma is a colour that sRGB has.
"""

from collections.abc import Iterator

import numpy as np

from stages import lab
from stages.fetch.sources.dataset import Dataset, Item, Split, Splits
from stages.fetch.sources.sklearn_digits import LICENCE, ORIGIN, PREPROCESSING, SIZES, enlarged

SEED = 0
LIGHTNESS, CHROMA = 74, 39  # of white; the widest such cone of colours in sRGB has 40


def tinted(splits: Splits) -> Splits:
    """`hues` are the angles, in radians."""
    return {
        split: tint(one, np.random.default_rng([SEED, number]).uniform(0, 2 * np.pi, one.count))
        for number, (split, one) in enumerate(splits.items())
    }


def tint(split: Split, hues: np.ndarray) -> Split:
    def items() -> Iterator[Item]:
        for item, hue in zip(split.items, hues.tolist(), strict=True):
            yield item._replace(pixels=colour(item.pixels[..., 0] / 255, hue))

    return Split(split.count, items(), {"hues": hues})


def colour(grey: np.ndarray, hue: float) -> np.ndarray:
    """sRGB bytes of a grey image in [0, 1]."""
    tinted = grey[..., None] * np.array([LIGHTNESS, CHROMA * np.cos(hue), CHROMA * np.sin(hue)])
    return np.rint(255 * lab.rgb_of_lab(tinted)).astype(np.uint8)


DATASET = Dataset(
    title="scikit-learn digits, tinted",
    licence=LICENCE,
    stand_in=True,
    origin=ORIGIN,
    sizes=SIZES,
    prepare=enlarged,
    arrange=tinted,
    preprocessing=f"{PREPROCESSING}; then in Lab (D65) L = {LIGHTNESS} grey, chroma {CHROMA} grey, one hue an image,"
    f" uniform on the circle and independent of the digit, seed {SEED}; hues.npy holds them; sRGB bytes",
)
