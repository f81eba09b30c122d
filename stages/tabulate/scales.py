"""The scale on which a metric's values are averaged, and the margin within which two of them count as alike.

Seed noise of most metrics multiplies and their gaps read as ratios: they are compared by their logarithms, so a value
that is not above 0 is a failed seed. KID can be 0 or less: a constant of its judge is added first. What may have
either sign, or is a share, is compared as it is.
"""

from dataclasses import dataclass
from math import exp, isfinite, log, tanh

from stages.tabulate import labels

WITHIN_MODEL_FREE = 0.02  # the usual margin of rows that need no training

RATIO, DIFFERENCE, SHARE, CORRELATION = "ratio", "difference", "share", "correlation"  # what a verdict's theta is


@dataclass(frozen=True)
class Metric:
    within: float | None = None  # the usual margin; None: a claim gives its own
    logarithmic: bool = True
    shifted: bool = False  # by a constant of its judge, before the logarithm


COST = "epoch seconds"  # of a network as it is built, whether its row was trained or not

METRICS = {  # by label without its judge
    "FID": Metric(0.25),
    "KID": Metric(0.25, shifted=True),
    "RID": Metric(0.25),
    "IS": Metric(0.10),
    "RMSE": Metric(0.15),
    "MSE": Metric(),
    "LPIPS": Metric(0.15),
    "L1": Metric(0.15),
    "Diversity": Metric(logarithmic=False),
    "Colour variance": Metric(logarithmic=False),  # 0 where a code is ignored, which is no failure
    "Best of K": Metric(),
    "Colour transfer": Metric(logarithmic=False),
    "critic": Metric(logarithmic=False),
    "log-likelihood": Metric(logarithmic=False),
    "SVM error": Metric(),
    "Latent mean": Metric(),
    "Latent covariance": Metric(),
    COST: Metric(),
    "pair gradient": Metric(),
    "pair accuracy": Metric(logarithmic=False),
}
LOGGED = {"pair gradient": "higher", "pair accuracy": "lower"}  # what training itself logs, and which way is better
SERIES = {"iteration", "convergence", "balance", "critic on validation", "critic on test"}  # known along a run


def known(label: str) -> bool:
    return labels.plain(label) in METRICS


def metric(label: str) -> Metric:
    """Whoever judges it: scales and margins are the same."""
    return METRICS[labels.plain(label)]


@dataclass(frozen=True)
class Scale:
    """From a metric's values to those that are averaged, and back."""

    logarithmic: bool
    offset: float = 0.0  # added before the logarithm
    reference: float | None = None  # a value counts by how near it is

    def working(self, value: float | None) -> float | None:
        """None for a value that counts as failed."""
        if value is None or not isfinite(value):
            return None
        if self.reference is not None:
            return -abs(value - self.reference)
        if not self.logarithmic:
            return float(value)
        if self.offset:
            return log(max(value, 0.0) + self.offset)
        return log(value) if value > 0 else None

    def exact(self, value: float) -> float:
        """Of a number that cannot have failed, such as a printed one."""
        worked = self.working(value)
        assert worked is not None
        return worked

    def back(self, worked: float) -> float:
        """The value itself; with a reference, minus its distance."""
        return exp(worked) - self.offset if self.logarithmic else worked

    @property
    def gaps(self) -> str:
        """What a difference of two working values is in plain units."""
        return RATIO if self.logarithmic else DIFFERENCE

    def gap(self, worked: float) -> float:
        return plain(self.gaps, worked)


def plain(kind: str, found: float) -> float:
    """A number of the working scale as a reader wants it."""
    if kind == RATIO:
        return ratio(found)
    return tanh(found) if kind == CORRELATION else found


def ratio(gap: float) -> float:
    """Held within what a float can write, for JSON has no infinity."""
    return exp(min(max(gap, -700.0), 700.0))
