"""Three of scikit-learn's digits stacked as red, green and blue: the bundled stand-in of ColorMNIST."""

from functools import partial

from stages.fetch.sources import stacked
from stages.fetch.sources.dataset import Dataset
from stages.fetch.sources.sklearn_digits import LICENCE, ORIGIN, PREPROCESSING, SIZES, enlarged

COUNTS = {"train": 20_000, "test": 2_000}

DATASET = Dataset(
    title="scikit-learn digits, stacked",
    licence=LICENCE,
    stand_in=True,
    origin=ORIGIN,
    sizes=SIZES,
    prepare=enlarged,
    arrange=partial(stacked.stacked, counts=COUNTS),
    classes=stacked.CLASSES,
    labels=stacked.LABELS,
    preprocessing=f"{PREPROCESSING}; then {stacked.PREPROCESSING}",
)
