"""ColorMNIST: three digits of MNIST stacked as red, green and blue, 28 x 28. Built here, nobody publishes it.

alpha-GAN names it without a recipe; that of Metz et al. 2017 is the one that its reference list holds.
"""

from functools import partial

from stages.fetch.sources import stacked
from stages.fetch.sources.dataset import Dataset
from stages.fetch.sources.mnist_files import LICENCE, ORIGIN, PUBLISHED, padded

DATASET = Dataset(
    title="ColorMNIST (stacked)",
    licence=LICENCE,
    origin=ORIGIN,
    sizes=(28, 32),
    prepare=padded,
    arrange=partial(stacked.stacked, counts=PUBLISHED),
    classes=stacked.CLASSES,
    labels=stacked.LABELS,
    preprocessing=f"MNIST, 28x28, then zeros on all sides to {{size}}x{{size}}; {stacked.PREPROCESSING}",
)
