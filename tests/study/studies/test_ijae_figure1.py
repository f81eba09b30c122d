"""λ-IJAE's figure 1 at a reduced scale, against an optimiser of the test's own."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from stages.study import mixtures
from stages.study.studies import ijae_figure1
from stages.study.studies.ijae_figure1 import DEVIATIONS, DIVERGENCES, MEANS, WEIGHTS, Sizes

X = np.linspace(-25, 25, 2501)
LOG_P = np.logaddexp.reduce(
    [np.log(w) + norm.logpdf(X, m, s) for w, m, s in zip(WEIGHTS, MEANS, DEVIATIONS, strict=True)]
)
TARGET = mixtures.mixture(WEIGHTS, MEANS, DEVIATIONS)


def value(name: str, theta: Any) -> float:
    """A divergence of densities on a grid, by no line of the suite's."""
    parts = [norm.logpdf(X, theta[at], np.exp(theta[at + 1] / 2)) - np.log(2) for at in (0, 2)]
    log_q = np.logaddexp(*parts)
    p, q = np.exp(LOG_P), np.exp(log_q)
    log_m = np.logaddexp(LOG_P, log_q) - np.log(2)
    shares = {
        "forward-kl": p * (LOG_P - log_q),
        "reverse-kl": q * (log_q - LOG_P),
        "jeffreys": (p - q) * (LOG_P - log_q) / 2,
        "jsd": (p * (LOG_P - log_m) + q * (log_q - log_m)) / 2,
    }
    return float(np.trapezoid(shares[name], X))


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return ijae_figure1.study(Sizes(restarts=10, steps=2000, batch=200, last_batch=20_000))


@pytest.mark.parametrize("name", DIVERGENCES)
def test_value_and_theta_belong_together(results: dict[str, Any], name: str) -> None:
    told = results[name]
    assert told["value"] == pytest.approx(value(name, told["theta"]), abs=1e-4)
    assert told["optimum"]["value"] == pytest.approx(value(name, told["optimum"]["theta"]), abs=1e-4)
    assert told["optimum"]["value"] <= told["value"] + 1e-9


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_optimum_is_the_least_that_another_optimiser_finds(results: dict[str, Any], name: str) -> None:
    ends = [*zip(MEANS, np.log(np.square(DEVIATIONS)), strict=True), (0.0, 3.0)]  # on each mode, and over all of them
    found = [minimize(lambda theta: value(name, theta), np.ravel(pair)).fun for pair in combinations(ends, 2)]
    assert results[name]["optimum"]["value"] == pytest.approx(min(found), abs=1e-4)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_kept_restart_is_near_the_optimum(results: dict[str, Any], name: str) -> None:
    assert results[name]["value"] < results[name]["optimum"]["value"] + 0.02


@pytest.mark.parametrize("name", DIVERGENCES)
def test_components_are_in_order_of_their_means(results: dict[str, Any], name: str) -> None:
    for theta in (results[name]["theta"], results[name]["optimum"]["theta"]):
        assert theta[0] <= theta[2]


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_kept_restart_has_the_lowest_estimate(results: dict[str, Any], name: str) -> None:
    told = results[name]
    assert len(told["estimates"]) == 10
    assert told["estimate"] == min(told["estimates"])
    assert told["estimate"] == pytest.approx(told["value"], abs=0.1)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_every_restart_goes_down(name: str) -> None:
    divergence, ends = DIVERGENCES[name], []
    for steps in (1, 400):
        sizes, rng = Sizes(restarts=6, steps=steps, batch=200, last_batch=1), np.random.default_rng(3)
        ends.append(ijae_figure1.descend(divergence, TARGET, sizes, rng, lambda: None))
    before, after = ([mixtures.integrated(divergence, TARGET, theta)[0] for theta in thetas] for thetas in ends)
    assert all(late < early for early, late in zip(before, after, strict=True))


def test_masses_of_a_model_that_is_known() -> None:
    # One half on the mode at 8 with its own deviation, one half far out where the target has nothing.
    told = ijae_figure1.measured(np.array([8.0, 2 * np.log(0.2), 15.0, 2 * np.log(0.5)]), TARGET)
    three = norm.cdf(3) - norm.cdf(-3)
    assert told["mass_near_modes"] == pytest.approx([0, 0, 0, three / 2], abs=1e-3)
    assert told["target_near_modes"] == pytest.approx([w * three for w in WEIGHTS], abs=4e-3)
    assert told["mass_where_improbable"] == pytest.approx(0.5, abs=0.01)


def test_the_target_has_one_hundredth_where_it_is_improbable() -> None:
    # A model that is nearly the target's own two outer modes misses the middle, but not the region.
    told = ijae_figure1.measured(np.array([-3.0, 2 * np.log(0.8), 3.0, 0.0]), TARGET)
    assert 0 < told["mass_where_improbable"] < 0.02
    curve = told["curve"]
    assert len(curve["x"]) == len(curve["log_density"]) == len(curve["log_target"]) == 401
    assert (curve["x"][0], curve["x"][-1]) == (-12, 12)
    at_8 = curve["x"].index(7.98)
    assert curve["log_target"][at_8] == pytest.approx(TARGET.look(np.array([[7.98]])).log_density.item(), abs=1e-4)
