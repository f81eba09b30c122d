"""Handwritten digits that come with scikit-learn: 1,797 images of 8 x 8 in 17 greys, enlarged.

They are the test part of the UCI "optical recognition of handwritten digits" set, and here a stand-in: no paper
of this suite uses them, so a verdict reached on them says so.
"""

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from stages.door import UserError

TITLE = "scikit-learn digits"
LICENCE = "CC BY 4.0 (UCI Machine Learning Repository)"
STAND_IN = True
TEST_IMAGES = 297
SPLIT_SEED = 0


def fetch(source: str, size: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """{split: (images, labels)}; the split is a fixed permutation of the 1,797."""
    if source != "bundled":
        raise UserError(f"datasets.digits.source is {source!r}; choose bundled")
    if size % 8:
        raise UserError(f"datasets.digits.size is {size}; give a multiple of 8, the digits' own size")
    bunch = load_digits()
    images = np.stack([enlarge(image, size) for image in bunch.images])[..., None]
    labels = bunch.target.astype(np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    test, train = order[:TEST_IMAGES], order[TEST_IMAGES:]
    return {"train": (images[train], labels[train]), "test": (images[test], labels[test])}


def enlarge(image: np.ndarray, size: int) -> np.ndarray:
    """An 8 x 8 image of 0..16 as size x size bytes, bicubic."""
    grey = np.rint(image * 255 / 16).astype(np.uint8)
    return np.asarray(Image.fromarray(grey).resize((size, size), Image.Resampling.BICUBIC))


def preprocessing(size: int) -> str:
    return f"grey 0..16 scaled to 0..255, bicubic from 8x8 to {size}x{size}; split by permutation, seed {SPLIT_SEED}"
