"""L1 and MSE a pixel, pixels in [0, 1]."""

from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from stages.door import UserError
from stages.evaluate.metrics import l1, mse

PURE = {l1: l1.l1, mse: mse.mse}


def images(n: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 200, (n, 8, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize(("metric", "value"), [(l1, 0.2), (mse, 0.04)])
def test_a_constant_difference_counts_itself_whatever_the_size(metric: ModuleType, value: float) -> None:
    assert PURE[metric](images(), images() + np.uint8(51)) == pytest.approx(value)
    assert PURE[metric](images() + np.uint8(51), images()) == pytest.approx(value)  # bytes do not wrap around


@pytest.mark.parametrize(("metric", "value"), [(l1, 0.25 + 0.05), (mse, 0.25 + 0.01)])
def test_two_pixels_worked_by_hand(metric: ModuleType, value: float) -> None:
    # Differences of 1, 0.2, 0, 0: means 1.2 / 4 and 1.04 / 4.
    changed = np.array([255, 51, 0, 0], np.uint8).reshape(1, 2, 2, 1)
    assert PURE[metric](np.zeros_like(changed), changed) == pytest.approx(value)


@pytest.mark.parametrize("metric", PURE)
def test_larger_differences_score_higher_and_lower_is_better(metric: ModuleType) -> None:
    scores = [PURE[metric](images(), images() + np.uint8(greys)) for greys in (0, 5, 20)]
    assert scores[0] == 0
    assert scores == sorted(set(scores))
    assert metric.BETTER == "lower"


@pytest.mark.parametrize("metric", PURE)
def test_the_order_of_the_pairs_does_not_matter(metric: ModuleType) -> None:
    original, other, order = images(), images(seed=1), np.array([3, 1, 4, 0, 2])
    assert PURE[metric](original[order], other[order]) == pytest.approx(PURE[metric](original, other))
    assert PURE[metric](original[order], other) != pytest.approx(PURE[metric](original, other))


@pytest.mark.parametrize("metric", PURE)
def test_sets_that_do_not_pair_up_are_refused(metric: ModuleType) -> None:
    with pytest.raises(UserError, match=r"\(5, 8, 8, 3\) originals, \(4, 8, 8, 3\) reconstructions"):
        PURE[metric](images(), images(4))


@pytest.mark.parametrize("metric", PURE)
def test_the_number_stands_beside_its_count(metric: ModuleType) -> None:
    pairs = {"originals": images(), "reconstructions": images(seed=1)}
    told = metric.measure(SimpleNamespace(images=pairs.__getitem__))
    assert told == {"value": PURE[metric](*pairs.values()), "images": 5}
