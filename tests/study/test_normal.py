"""Normal laws in closed form."""

import math

import numpy as np
import pytest

from stages.study.normal import fitted_kl, kl, log_density, on_sphere


@pytest.mark.parametrize(
    ("mean", "deviation", "wanted"), [(0, 1, 0), (1, 1, 0.5), (0, 2, 0.806853), (0, 0.5, 0.318147), (1, 2, 1.306853)]
)
def test_the_divergence_of_a_normal_law(mean: float, deviation: float, wanted: float) -> None:
    assert kl(mean, deviation) == pytest.approx(wanted, abs=1e-6)
    draws = mean + deviation * np.array([-1.0, 1.0])
    assert fitted_kl(draws) == pytest.approx(wanted, abs=1e-6)


def test_log_densities_add_to_one() -> None:
    x = np.linspace(-9, 11, 20_001)
    assert sum(math.exp(log_density(at, 1.0, 0.7)) for at in x) * (x[1] - x[0]) == pytest.approx(1)


def test_draws_on_the_sphere_have_length_1() -> None:
    draws = on_sphere(500, 3, np.random.default_rng(0))
    assert np.linalg.norm(draws, axis=1) == pytest.approx(1)
    assert draws.mean(axis=0) == pytest.approx(0, abs=0.1)
