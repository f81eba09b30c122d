"""The Inception Score against closed forms and torch-fidelity's."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch_fidelity.metric_isc import KEY_METRIC_ISC_MEAN, KEY_METRIC_ISC_STD, isc_features_to_metric

from stages.evaluate.metrics import inception_score as metric
from stages.evaluate.metrics.inception_score import edges, inception_score


def logits(n: int = 500, classes: int = 10, seed: int = 0) -> np.ndarray:
    return 3 * np.random.default_rng(seed).standard_normal((n, classes))


def certain(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """Logits of a judge that is sure of these labels."""
    return 1e4 * np.eye(classes)[labels]


def score(given: np.ndarray, splits: int = 1) -> float:
    return inception_score(given, splits, 2020)[0]


@pytest.mark.parametrize(("n", "splits"), [(500, 10), (507, 10), (60, 1)])
def test_it_is_torch_fidelity_s_score(n: int, splits: int) -> None:
    other = isc_features_to_metric(torch.from_numpy(logits(n)), splits=splits, shuffle=True, rng_seed=2020)
    mean, spread = inception_score(logits(n), splits, 2020)
    assert mean == pytest.approx(other[KEY_METRIC_ISC_MEAN], abs=1e-6)
    assert spread == pytest.approx(other[KEY_METRIC_ISC_STD], abs=1e-6)


def test_certain_and_balanced_predictions_score_the_number_of_classes() -> None:
    assert score(certain(np.arange(100) % 10)) == pytest.approx(10)
    assert score(certain(np.arange(100) % 4)) == pytest.approx(4)


def test_a_judge_that_cannot_tell_gives_1() -> None:
    assert inception_score(np.zeros((100, 10)), 10, 2020) == pytest.approx((1, 0))


def test_samples_of_one_class_score_1_however_certain() -> None:
    assert inception_score(certain(np.full(100, 3)), 10, 2020) == pytest.approx((1, 0))


def test_two_classes_worked_by_hand() -> None:
    # p(y) = (3/4, 1/4) of certain predictions: the mean KL is the entropy, ln 4 - (3/4) ln 3.
    assert score(certain(np.array([0, 0, 0, 1]), 2)) == pytest.approx(4 / 3**0.75)


def test_extreme_logits_stay_finite() -> None:
    given = 1e4 * logits()
    mean, spread = inception_score(given, 10, 2020)
    assert np.isfinite([mean, spread]).all()
    assert 1 <= mean <= 10


def test_sureness_and_variety_score_higher_and_higher_is_better() -> None:
    everything, half = certain(np.arange(100) % 10) / 1e3, certain(np.arange(100) % 5) / 1e3
    assert score(everything) > score(half) > score(0.1 * half) > 1
    assert metric.BETTER == "higher"


def test_without_splits_the_order_of_the_samples_does_not_matter() -> None:
    order = np.random.default_rng(0).permutation(500)
    assert score(logits()[order]) == pytest.approx(score(logits()))


def test_samples_in_class_order_are_shuffled_before_they_are_split() -> None:
    labels = np.repeat(np.arange(10), 100)
    assert inception_score(certain(labels), 10, 2020)[0] > 9  # unshuffled, each split would hold one class and score 1


def test_another_shuffle_seed_changes_the_splits_and_little_else() -> None:
    one, other = inception_score(logits(2000), 10, 2020)[0], inception_score(logits(2000), 10, 1)[0]
    assert one != other
    assert one == pytest.approx(other, rel=0.02)


@pytest.mark.parametrize(("n", "splits"), [(100, 10), (107, 10), (10, 10), (7, 1)])
def test_splits_cover_every_sample_once_and_are_of_equal_size(n: int, splits: int) -> None:
    starts, stops = edges(n, splits)
    assert [starts[0], *stops[:-1]] == starts
    assert stops[-1] == n
    sizes = {stop - start for start, stop in zip(starts, stops, strict=True)}
    assert max(sizes) - min(sizes) <= 1


def test_the_number_stands_beside_its_protocol() -> None:
    settings = SimpleNamespace(splits=5, shuffle_seed=3)
    told = metric.measure(SimpleNamespace(logits={"samples": logits()}.__getitem__, settings=settings))
    mean, spread = inception_score(logits(), 5, 3)
    whole = inception_score(logits(), 1, 3)[0]
    counts = {"samples": 500, "splits": 5, "seed": 3}
    assert told == {"value": mean, "over_splits": spread, "whole_set": whole, **counts}
