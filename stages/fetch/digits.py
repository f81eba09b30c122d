"""Handwritten digits that come with scikit-learn, enlarged: a stand-in that needs no download.

No paper of this suite uses them, so a verdict reached on them says so.
"""

from stages.fetch.sources.dataset import Dataset
from stages.fetch.sources.sklearn_digits import LICENCE, ORIGIN, PREPROCESSING, SIZES, enlarged

DATASET = Dataset(
    title="scikit-learn digits",
    licence=LICENCE,
    stand_in=True,
    origin=ORIGIN,
    sizes=SIZES,
    prepare=enlarged,
    preprocessing=PREPROCESSING,
)
