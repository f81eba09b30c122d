"""RID against values worked by hand."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stages.door import UserError
from stages.evaluate.metrics import rid as metric
from stages.evaluate.metrics.rid import rid


def logits(n: int = 40, classes: int = 5, seed: int = 0) -> np.ndarray:
    return 3 * np.random.default_rng(seed).standard_normal((n, classes))


def seen(original: np.ndarray, reconstruction: np.ndarray, splits: int) -> Any:
    arrays = {"originals": original, "reconstructions": reconstruction}
    return SimpleNamespace(logits=arrays.__getitem__, settings=SimpleNamespace(splits=splits))


def test_two_classes_worked_by_hand() -> None:
    # KL(1/2, 1/2 || 1/4, 3/4) = ln(2)/2 + ln(2/3)/2 = ln(4/3)/2
    assert rid(np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]])) == pytest.approx((4 / 3) ** 0.5)


def test_the_original_comes_first() -> None:
    # KL(1/4, 3/4 || 1/2, 1/2) = ln(1/2)/4 + 3 ln(3/2)/4 = ln(27/16)/4
    assert rid(np.log([[0.25, 0.75]]), np.log([[0.5, 0.5]])) == pytest.approx((27 / 16) ** 0.25)


@pytest.mark.parametrize("rare", [0.1, 0.01, 1e-6])
def test_two_opposite_certainties_worked_by_hand(rare: float) -> None:
    p, q = np.log([[1 - rare, rare]]), np.log([[rare, 1 - rare]])
    assert rid(p, q) == pytest.approx(math.exp((1 - 2 * rare) * math.log((1 - rare) / rare)))


def test_a_reconstruction_in_which_the_judge_sees_the_same_scores_1() -> None:
    assert rid(logits(), logits()) == pytest.approx(1)
    assert rid(logits(), logits() + 7) == pytest.approx(1)  # logits are told apart by their differences alone


def test_nothing_scores_below_1() -> None:
    assert min(rid(logits(1, seed=seed), logits(1, seed=seed + 100)) for seed in range(50)) > 1


def test_the_mean_is_over_divergences_and_not_over_images_scores() -> None:
    p = np.log([[0.5, 0.5], [0.5, 0.5]])
    q = np.log([[0.5, 0.5], [0.25, 0.75]])  # divergences 0 and ln(4/3)/2
    assert rid(p, q) == pytest.approx((4 / 3) ** 0.25)


def test_the_order_of_the_pairs_does_not_matter() -> None:
    original, reconstruction, order = logits(), logits(seed=1), np.random.default_rng(0).permutation(40)
    assert rid(original[order], reconstruction[order]) == pytest.approx(rid(original, reconstruction))
    assert rid(original[order], reconstruction) != pytest.approx(rid(original, reconstruction))


def test_losing_more_scores_higher_and_lower_is_better() -> None:
    original, noise = logits(), logits(seed=1)
    scores = [rid(original, original + share * noise) for share in (0.0, 0.1, 0.3, 1.0)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4
    assert metric.BETTER == "lower"


def test_a_judge_that_is_sure_to_the_last_bit_gives_a_finite_divergence() -> None:
    # KL = 40 nats: p has one class alone, q gives it e^-40.
    assert math.log(rid(np.array([[1e4, 0.0]]), np.array([[0.0, 40.0]]))) == pytest.approx(40)


def test_single_precision_logits_are_scored_in_double() -> None:
    original, reconstruction = logits().astype(np.float32), logits(seed=1).astype(np.float32)
    assert rid(original, reconstruction) == rid(original.astype(np.float64), reconstruction.astype(np.float64))


@pytest.mark.parametrize("shape", [(39, 5), (40, 4), (1, 5)])
def test_sets_that_do_not_pair_up_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"\(40, 5\) logits of originals"):
        rid(logits(), np.zeros(shape))


def test_the_table_s_value_is_the_mean_over_sequential_splits() -> None:
    original, reconstruction = logits(), logits(seed=1)
    told = metric.measure(seen(original, reconstruction, 4))
    parts = [rid(original[at : at + 10], reconstruction[at : at + 10]) for at in (0, 10, 20, 30)]
    assert told["value"] == pytest.approx(np.mean(parts))
    assert told["over_splits"] == pytest.approx(np.std(parts))
    assert told["whole_set"] == pytest.approx(rid(original, reconstruction))
    assert told["whole_set"] == pytest.approx(np.prod(parts) ** 0.25)
    assert (told["images"], told["splits"]) == (40, 4)


def test_splits_that_do_not_divide_the_images_lose_none() -> None:
    original, reconstruction = logits(43), logits(43, seed=1)
    told = metric.measure(seen(original, reconstruction, 10))
    sizes = [5, 5, 5, 4, 4, 4, 4, 4, 4, 4]
    ends = np.cumsum(sizes)
    parts = [rid(original[e - n : e], reconstruction[e - n : e]) for n, e in zip(sizes, ends, strict=True)]
    assert told["value"] == pytest.approx(np.mean(parts))


def test_fewer_images_than_splits_are_refused() -> None:
    with pytest.raises(UserError, match="3 test images make no 10 splits"):
        metric.measure(seen(logits(3), logits(3), splits=10))
