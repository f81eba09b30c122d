"""The kernel distance against kernels worked by hand, two other implementations, and repeated draws."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, KEY_METRIC_KID_STD, kid_features_to_metric
from torchmetrics.image.kid import poly_mmd

from stages.door import UserError
from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import kid as metric
from stages.evaluate.metrics.kid import kid


def features(n: int = 200, d: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)) + 0.5


def whole(samples: np.ndarray, reference: np.ndarray) -> float:
    return kid(samples, reference, 1, 10**6, 0).value


@pytest.mark.parametrize(
    ("sizes", "subsets", "subset_size"),
    [((200, 200), 7, 50), ((200, 120), 5, 120), ((60, 200), 3, 60), ((200, 200), 3, 200)],
)
def test_it_is_torch_fidelity_s_distance(sizes: tuple[int, int], subsets: int, subset_size: int) -> None:
    samples, reference = features(sizes[0]), 1.5 * features(sizes[1], seed=1)
    other = kid_features_to_metric(
        torch.from_numpy(samples),
        torch.from_numpy(reference),
        kid_subsets=subsets,
        kid_subset_size=subset_size,
        rng_seed=2020,
        verbose=False,
    )
    told = kid(samples, reference, subsets, subset_size, 2020)
    assert told.value == pytest.approx(other[KEY_METRIC_KID_MEAN], rel=1e-9)
    assert told.over_subsets == pytest.approx(other[KEY_METRIC_KID_STD], rel=1e-6, abs=1e-12)


def test_a_whole_set_has_torchmetrics_distance() -> None:
    samples, reference = features(), 1.5 * features(seed=1)
    expected = poly_mmd(torch.from_numpy(reference), torch.from_numpy(samples))
    assert whole(samples, reference) == pytest.approx(float(expected), rel=1e-9)


def test_two_pairs_worked_by_hand() -> None:
    # k(x, y) = (xy + 1)³ of one feature. Within {0, 1}: k(0, 1) = 1. Within {2, 3}: k(2, 3) = 343.
    # Between: k(0, 2) = k(0, 3) = 1, k(1, 2) = 27, k(1, 3) = 64; mean 93 / 4. So 1 + 343 - 2 x 93 / 4.
    assert whole(np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])) == pytest.approx(344 - 46.5)


def test_the_kernel_is_divided_by_the_number_of_features() -> None:
    # Between (1, 1) and (1, 3): ((1 + 3) / 2 + 1)³ = 27.
    assert metric.kernel(np.array([[1.0, 1.0]]), np.array([[1.0, 3.0]])) == pytest.approx(27)


def test_sets_of_one_distribution_are_at_0_on_average_however_few() -> None:
    values = [whole(features(20, seed=seed), features(20, seed=seed + 1000)) for seed in range(400)]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / 20)
    assert min(values) < 0


def test_equal_sets_are_not_above_0() -> None:
    # Of equal sets the mean over pairs is taken without the diagonal within, and with it between.
    assert whole(features(), features()) < 0


def test_the_order_of_rows_and_of_the_two_sets_does_not_matter_to_whole_sets() -> None:
    samples, reference = features(), 1.2 * features(seed=1)
    order = np.random.default_rng(0).permutation(200)
    assert whole(samples[order], reference) == pytest.approx(whole(samples, reference), rel=1e-9)
    assert whole(reference, samples) == pytest.approx(whole(samples, reference), rel=1e-9)


def test_going_further_scores_higher_and_lower_is_better() -> None:
    reference = features()
    scores = [whole(features(seed=1) + shift, reference) for shift in (0, 0.3, 1, 2)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4
    assert metric.BETTER == "lower"


@pytest.mark.parametrize(
    ("sizes", "subsets", "subset_size", "shift", "high"),
    [
        ((100, 100), 1, 100, 1.0, 1.25),
        ((100, 100), 1, 100, 0.0, 2.5),  # of one distribution the formula is too wary
        ((800, 100), 20, 100, 1.0, 1.25),
        ((100, 800), 20, 100, 1.0, 1.25),
        ((800, 800), 3, 50, 1.0, 1.25),
    ],
    ids=["apart", "one-distribution", "more-samples", "more-reference", "few-subsets"],
)
def test_the_standard_error_is_the_spread_over_draws_and_never_much_less(
    sizes: tuple[int, int], subsets: int, subset_size: int, shift: float, high: float
) -> None:
    told = [
        kid(features(sizes[0], seed=seed) + shift, features(sizes[1], seed=seed + 5000), subsets, subset_size, seed)
        for seed in range(200)
    ]
    spread = np.std([one.value for one in told])
    assert 0.8 < np.mean([one.standard_error for one in told]) / spread < high


def test_subsets_are_drawn_with_the_seed() -> None:
    samples, reference = features(), features(seed=1)
    assert kid(samples, reference, 4, 50, 1) == kid(samples, reference, 4, 50, 1)
    assert kid(samples, reference, 4, 50, 1) != kid(samples, reference, 4, 50, 2)


def test_single_precision_features_are_scored_in_double() -> None:
    samples, reference = features().astype(np.float32), features(seed=1).astype(np.float32)
    assert kid(samples, reference, 4, 50, 1) == kid(samples.astype(np.float64), reference.astype(np.float64), 4, 50, 1)


def test_one_image_is_refused() -> None:
    with pytest.raises(TooFew, match="at least 2 images of each kind, there are 1 samples"):
        kid(features(1), features(), 1, 10, 0)


def test_features_of_two_judges_are_refused() -> None:
    with pytest.raises(UserError, match="5 features with 6"):
        kid(features(), features(d=6), 1, 10, 0)


def test_the_number_stands_beside_its_protocol() -> None:
    sets = {"samples": features(), "reference": features(150, seed=1)}
    settings = SimpleNamespace(kid_subsets=3, kid_subset_size=1000, shuffle_seed=5)
    told = metric.measure(SimpleNamespace(single=sets.__getitem__, settings=settings))
    expected = kid(sets["samples"], sets["reference"], 3, 150, 5)
    assert told == {
        **expected._asdict(),
        "samples": 200,
        "reference": 150,
        "subsets": 3,
        "subset_size": 150,
        "seed": 5,
    }
