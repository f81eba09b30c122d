"""Statistics of codes against distributions whose moments are known."""

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stages.door import UserError
from stages.evaluate.enough import TooFew
from stages.evaluate.metrics import latent_covariance, latent_mean
from stages.evaluate.metrics.latent_covariance import covariance_size
from stages.evaluate.metrics.latent_mean import mean_size

PURE = {latent_mean: mean_size, latent_covariance: covariance_size}


def codes(n: int = 64_000, d: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def seen(given: np.ndarray) -> Any:
    return SimpleNamespace(codes=lambda: given, settings=SimpleNamespace(shuffle_seed=1))


def test_means_worked_by_hand() -> None:
    assert mean_size(np.array([[1.0, -4.0], [3.0, 0.0]])) == pytest.approx((2 + 2) / 2)


def test_a_covariance_worked_by_hand() -> None:
    # Columns (0, 2) and (0, -6), n - 1 = 1: the covariance is -6 both ways. Variances are left out.
    assert covariance_size(np.array([[0.0, 0.0], [2.0, -6.0]])) == pytest.approx(6)


@pytest.mark.parametrize("shift", [0.5, -2.0])
def test_a_shifted_normal_has_the_shift_as_its_mean(shift: float) -> None:
    assert mean_size(codes() + np.float32(shift)) == pytest.approx(abs(shift), abs=0.02)


def test_a_mixed_normal_has_the_covariance_of_its_mixing() -> None:
    mixing = np.array([[1.0, 0, 0], [0.5, 2, 0], [0, -1, 1]])
    expected = mixing @ mixing.T
    sizes = np.abs(expected[np.triu_indices(3, 1)]).mean()
    assert covariance_size(codes(d=3) @ mixing.T) == pytest.approx(sizes, rel=0.03)


@pytest.mark.parametrize("metric", PURE)
def test_the_floor_is_what_the_prior_itself_would_give(metric: ModuleType) -> None:
    # The mean size of a mean, or of a covariance, of n draws is sqrt(2 / pi n): 0.00315 of 64,000.
    told = metric.measure(seen(codes(d=32)))
    assert told["floor"] == pytest.approx((2 / np.pi / 64_000) ** 0.5, rel=0.3)
    assert told["value"] == pytest.approx(told["floor"], rel=0.5)
    assert (told["codes"], told["dimensions"]) == (64_000, 32)


@pytest.mark.parametrize("metric", PURE)
def test_the_order_of_codes_and_of_dimensions_does_not_matter(metric: ModuleType) -> None:
    given, order = codes(500) * [1, 2, 3, 4] + 1, np.random.default_rng(0).permutation(500)
    assert PURE[metric](given[order][:, [2, 0, 3, 1]]) == pytest.approx(PURE[metric](given))


def test_what_the_figures_show_is_kept() -> None:
    given = codes(500) * [1, 2, 3, 4] + 1
    told = latent_mean.measure(seen(given))
    assert told["means"] == pytest.approx(given.mean(axis=0), rel=1e-3)
    told = latent_covariance.measure(seen(given))
    assert np.array(told["covariance"]) == pytest.approx(np.cov(given, rowvar=False), rel=1e-3)
    assert told["variances"] == pytest.approx(np.diagonal(told["covariance"]))


def test_further_from_the_prior_scores_higher_and_lower_is_better() -> None:
    assert mean_size(codes()) < mean_size(codes() + 0.1) < mean_size(codes() + 1)
    mixed = codes() @ (np.eye(4) + 0.3)
    assert covariance_size(codes()) < covariance_size(codes() * 0.5 + mixed * 0.5) < covariance_size(mixed)
    assert {metric.BETTER for metric in PURE} == {"lower"}


@pytest.mark.parametrize("metric", PURE)
def test_codes_that_are_not_finite_are_refused(metric: ModuleType) -> None:
    given = codes(10)
    given[3, 2] = np.nan
    with pytest.raises(UserError, match="codes are not all finite"):
        PURE[metric](given)


@pytest.mark.parametrize("shape", [(1, 4), (10, 1)])
def test_one_code_or_one_dimension_has_no_covariance(shape: tuple[int, int]) -> None:
    with pytest.raises(TooFew, match="at least 2 codes of 2 numbers"):
        covariance_size(codes(*shape))
