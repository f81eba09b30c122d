"""What figures of sweeps say in a number: fronts and the area under them, correlations, shares."""

from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES, SEED, LEVEL = 2000, 2020, 0.05


def front(points: np.ndarray) -> list[int]:
    """Which points [n, 2] no other outdoes, where more is better in both; from the best in the first to the worst.

    Of equal points the first stands for all.
    """
    order = sorted(range(len(points)), key=lambda place: (-points[place, 0], -points[place, 1], place))
    kept: list[int] = []
    for place in order:
        if not kept or points[place, 1] > points[kept[-1], 1]:
            kept.append(place)
    return kept


def hypervolume(points: np.ndarray, reference: Sequence[float]) -> float:
    """The area that the points [n, 2] outdo and the reference does not; what is no better than it adds nothing."""
    above = np.maximum(points - np.asarray(reference, float), 0)
    area, reached = 0.0, 0.0
    for place in front(above):
        first, second = above[place]
        area += float(first * (second - reached))
        reached = float(second)
    return area


def pearson(one: np.ndarray, other: np.ndarray) -> float:
    """Along the last axis; 0 where one of them does not vary."""
    a, b = (values - values.mean(axis=-1, keepdims=True) for values in (one, other))
    scale = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return np.divide((a * b).sum(axis=-1), scale, out=np.zeros_like(scale), where=scale > 0)[()]


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    return pearson(ranks(one), ranks(other))


def ranks(values: np.ndarray) -> np.ndarray:
    """From 1, along the last axis; equal values share the mean of their places."""
    below = (values[..., None, :] < values[..., :, None]).sum(axis=-1)
    equal = (values[..., None, :] == values[..., :, None]).sum(axis=-1)
    return below + (equal + 1) / 2


def interval(of: Callable[[np.ndarray, np.ndarray], float], one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """95 % by the percentile bootstrap of pairs."""
    chosen = np.random.default_rng(SEED).integers(len(one), size=(RESAMPLES, len(one)))
    low, high = np.quantile(of(one[chosen], other[chosen]), [LEVEL / 2, 1 - LEVEL / 2])
    return float(low), float(high)


def disagreeing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which are in the better half by one score and in the worse by the other, either way; more is better in both."""
    return (one > np.median(one)) != (other > np.median(other))
