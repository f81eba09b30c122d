"""Densities and divergences of mixtures against closed forms, scipy's quadrature, and finite differences."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from stages.study import mixtures
from stages.study.mixtures import Divergence, Draws, draw, estimate, gradient, integrated, jeffreys, jensen_shannon
from stages.study.studies.ijae_figure1 import DEVIATIONS, DIVERGENCES, MEANS, WEIGHTS

STANDARD = mixtures.mixture([1.0], [0.0], [1.0])
TARGET = mixtures.mixture(WEIGHTS, MEANS, DEVIATIONS)
THETAS = [np.array([-3.0, 0.3, 4.0, 1.5]), np.array([8.0, -3.0, -1.0, 3.0]), np.array([0.5, 2.0, 0.6, 2.2])]


def one_gaussian(mean: float, variance: float) -> np.ndarray:
    return np.array([mean, math.log(variance)] * 2)


@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (1.0, 1.0), (-2.0, 0.5), (0.7, 4.0)])
def test_kl_of_two_gaussians_in_closed_form(mean: float, variance: float) -> None:
    forward = (math.log(variance) + (1 + mean**2) / variance - 1) / 2
    reverse = (variance + mean**2 - 1 - math.log(variance)) / 2
    theta = one_gaussian(mean, variance)
    for weight in (0.0, 0.3, 0.5, 1.0):
        expected = weight * forward + (1 - weight) * reverse
        assert integrated(jeffreys(weight), STANDARD, theta)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 1.0])
def test_equal_variances_have_half_the_squared_distance_at_every_weight(weight: float) -> None:
    assert integrated(jeffreys(weight), STANDARD, one_gaussian(1.6, 1.0))[0] == pytest.approx(1.28)


def test_jensen_shannon_of_two_gaussians_a_unit_apart() -> None:
    assert integrated(jensen_shannon(), STANDARD, one_gaussian(1.0, 1.0))[0] == pytest.approx(0.111421, abs=1e-6)


def test_jensen_shannon_of_what_does_not_overlap_is_log_2() -> None:
    assert integrated(jensen_shannon(), STANDARD, one_gaussian(25.0, 0.25))[0] == pytest.approx(math.log(2))


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES.keys())
@pytest.mark.parametrize("theta", THETAS, ids=str)
def test_the_grid_agrees_with_scipys_quadrature(divergence: Divergence, theta: np.ndarray) -> None:
    """Densities, divergences and the rule of integration written a second time."""

    def log_normal(x: float, mean: float, deviation: float) -> float:
        return -(((x - mean) / deviation) ** 2) / 2 - math.log(deviation * math.sqrt(2 * math.pi))

    def log_sum(parts: list[float]) -> float:
        return max(parts) + math.log(sum(math.exp(part - max(parts)) for part in parts))

    def log_p(x: float) -> float:
        parts = zip(WEIGHTS, MEANS, DEVIATIONS, strict=True)
        return log_sum([math.log(w) + log_normal(x, m, s) for w, m, s in parts])

    def log_q(x: float) -> float:
        parts = [log_normal(x, theta[at], math.exp(theta[at + 1] / 2)) for at in (0, 2)]
        return log_sum(parts) + math.log(0.5)

    def share(x: float) -> float:
        p, q = log_p(x), log_q(x)
        log_m = log_sum([p, q]) - math.log(2)
        forward, reverse = math.exp(p) * (p - q), math.exp(q) * (q - p)
        to_middle = math.exp(p) * (p - log_m) + math.exp(q) * (q - log_m)
        name = next(name for name, one in DIVERGENCES.items() if one is divergence)
        shares = {"forward-kl": forward, "reverse-kl": reverse, "jeffreys": (forward + reverse) / 2}
        return shares.get(name, to_middle / 2)

    edges = [-30, -12, -8.5, -7.5, -5, -1, 1, 5, 7.5, 8.5, 12, 30]
    expected = sum(quad(share, *ends, limit=100, epsabs=1e-7)[0] for ends in pairwise(edges))
    assert integrated(divergence, TARGET, theta)[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES.keys())
@pytest.mark.parametrize("theta", THETAS, ids=str)
def test_the_integrals_gradient_by_finite_differences(divergence: Divergence, theta: np.ndarray) -> None:
    step = 1e-5
    expected = [
        (integrated(divergence, TARGET, theta + move)[0] - integrated(divergence, TARGET, theta - move)[0]) / (2 * step)
        for move in step * np.eye(4)
    ]
    assert integrated(divergence, TARGET, theta)[1] == pytest.approx(expected, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES.keys())
def test_the_estimates_gradient_by_finite_differences(divergence: Divergence) -> None:
    theta, step = np.stack(THETAS), 1e-6
    draws = draw(divergence, TARGET, (3, 50), np.random.default_rng(0), np.float64)
    expected = [
        (estimate(divergence, TARGET, theta + move, draws) - estimate(divergence, TARGET, theta - move, draws))
        / (2 * step)
        for move in step * np.eye(4)
    ]
    assert gradient(divergence, TARGET, theta, draws) == pytest.approx(np.transpose(expected), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES.keys())
def test_single_precision_follows_double(divergence: Divergence) -> None:
    theta = np.stack(THETAS)
    draws = draw(divergence, TARGET, (3, 200), np.random.default_rng(0), np.float64)
    single = Draws(draws.data.astype(np.float32), draws.first, draws.noise.astype(np.float32))
    found = gradient(divergence, TARGET.astype(np.float32), theta.astype(np.float32), single)
    assert found.dtype == np.float32
    assert found == pytest.approx(gradient(divergence, TARGET, theta, draws), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES.keys())
def test_the_estimate_tends_to_the_integral(divergence: Divergence) -> None:
    theta = np.array([-2.0, 2.0, 5.0, 1.5])
    draws = draw(divergence, TARGET, (20, 20_000), np.random.default_rng(1), np.float64)
    values = estimate(divergence, TARGET, np.tile(theta, (20, 1)), draws)
    error = values.std(ddof=1) / 20**0.5
    assert values.mean() == pytest.approx(integrated(divergence, TARGET, theta)[0], abs=4 * error)
    assert error < 0.1


def test_a_density_between_narrow_modes_stays_a_logarithm_in_single_precision() -> None:
    narrow = mixtures.mixture([0.5, 0.5], [-8.0, 8.0], [0.2, 0.2]).astype(np.float32)
    seen = narrow.look(np.zeros((1, 1), np.float32))
    assert seen.log_density == pytest.approx(-800 - math.log(0.2 * math.sqrt(2 * math.pi)))
    assert seen.shares.ravel() == pytest.approx([0.5, 0.5])


def test_the_slope_along_the_line_is_that_of_the_log_density() -> None:
    x, step = np.linspace(-10, 10, 41)[None], 1e-6
    ahead, behind = (TARGET.look(x + move).log_density for move in (step, -step))
    assert TARGET.slope(TARGET.look(x)) == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-5)


def test_draws_are_of_the_target_and_of_even_components() -> None:
    draws = draw(jeffreys(0.5), TARGET, (4, 50_000), np.random.default_rng(0), np.float64)
    mean = np.dot(WEIGHTS, MEANS)
    variance = np.dot(WEIGHTS, np.square(MEANS) + np.square(DEVIATIONS)) - mean**2
    assert draws.data.mean(axis=1) == pytest.approx([mean] * 4, abs=0.12)
    assert draws.data.var(axis=1) == pytest.approx([variance] * 4, rel=0.02)
    assert draws.first.mean(axis=1) == pytest.approx([0.5] * 4, abs=0.01)
    assert len(set(draws.first.sum(axis=1))) > 1  # their number is chance too
    assert len(set(draws.data[:, 0])) == 4  # every model has draws of its own


def test_the_component_with_the_lower_mean_comes_first() -> None:
    assert mixtures.sorted_by_mean(np.array([3.0, 0.1, -2.0, 0.7])).tolist() == [-2.0, 0.7, 3.0, 0.1]
    assert mixtures.sorted_by_mean(np.array([-2.0, 0.7, 3.0, 0.1])).tolist() == [-2.0, 0.7, 3.0, 0.1]
