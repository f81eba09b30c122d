"""Eight Gaussians on a ring in the plane: a set to see dropped modes and latent spaces with, in seconds.

A point is an "image" of 1 x 2 pixels and one channel: its two coordinates, from [-1, 1] to bytes as images are,
byte = round(127.5 (coordinate + 1)). Its label is the Gaussian that it was drawn from, counted from the positive
first axis. `size` is the number of coordinates.
"""

import numpy as np

from stages.fetch.sources.dataset import Dataset, Form, Origin, Splits, from_arrays

SEED = 0
GAUSSIANS = 8
RADIUS, DEVIATION = 0.75, 0.03  # neighbours' means lie 19 deviations apart; a byte is a quarter of one
COUNTS = {"train": 10_000, "test": 2_000}


def splits() -> Splits:
    found = {}
    for number, (split, count) in enumerate(COUNTS.items()):
        draw = np.random.default_rng([SEED, number])
        labels = draw.integers(GAUSSIANS, size=count)
        points = means()[labels] + DEVIATION * draw.standard_normal((count, 2))
        found[split] = from_arrays(to_bytes(points).reshape(count, 1, 2, 1), labels, f"ring, {split}")
    return found


def means() -> np.ndarray:
    """[8, 2]"""
    angles = 2 * np.pi * np.arange(GAUSSIANS) / GAUSSIANS
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def to_bytes(points: np.ndarray) -> np.ndarray:
    return np.rint(127.5 * (np.clip(points, -1, 1) + 1)).astype(np.uint8)


DATASET = Dataset(
    title="ring of 8 Gaussians",
    licence="none needed: drawn here",
    stand_in=True,
    origin=Origin(form=Form(channels=1, size=(2, 1)), classes=GAUSSIANS, published=COUNTS, bundled=splits),
    sizes=(2,),
    preprocessing=f"points in the plane as 1x2 images, byte = round(127.5 (x + 1)); {GAUSSIANS} means on a ring of"
    f" radius {RADIUS}, standard deviation {DEVIATION}, drawn evenly, seed {SEED}",
    labels="the Gaussian that a point was drawn from",
)
