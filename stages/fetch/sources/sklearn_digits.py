"""The 1,797 handwritten digits that come with scikit-learn, 8 x 8 in 17 greys, in two splits of ours.

They are the test part of the UCI "optical recognition of handwritten digits" set.
"""

import numpy as np
from PIL import Image

from stages.fetch.sources.dataset import Form, Origin, Splits, from_arrays
from stages.fetch.sources.images import resized

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository)"
TEST_IMAGES = 297
SPLIT_SEED = 0
PUBLISHED = {"train": 1_500, "test": TEST_IMAGES}
SIZES = (8, 16, 32, 64)
PREPROCESSING = (
    f"grey 0..16 scaled to 0..255, bicubic from 8x8 to {{size}}x{{size}}; split by permutation, seed {SPLIT_SEED}"
)


def splits() -> Splits:
    """The split is a fixed permutation of the 1,797."""
    from sklearn.datasets import load_digits  # seconds, which other sources do not need

    bunch = load_digits()
    images = np.rint(bunch.images * 255 / 16).astype(np.uint8)[..., None]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    parts = {"train": order[TEST_IMAGES:], "test": order[:TEST_IMAGES]}
    return {split: from_arrays(images[part], bunch.target[part], "scikit-learn") for split, part in parts.items()}


def enlarged(pixels: np.ndarray, size: int) -> np.ndarray:
    return resized(pixels, (size, size), Image.Resampling.BICUBIC)


ORIGIN = Origin(
    form=Form(channels=1, size=(8, 8)),
    published=PUBLISHED,
    classes=10,
    names=tuple("0123456789"),
    bundled=splits,
)
