"""Adam against algorithm 1 of its paper, in plain numbers."""

import math

import numpy as np
import pytest

from stages.study.adam import Adam


@pytest.mark.parametrize(("rate", "beta1", "beta2"), [(0.01, 0.9, 0.999), (1e-3, 0.5, 0.9), (0.1, 0.0, 0.999)])
def test_steps_are_those_of_algorithm_1(rate: float, beta1: float, beta2: float) -> None:
    gradients = np.random.default_rng(0).standard_normal(20)
    m, v, theirs = 0.0, 0.0, 0.0
    ours, adam = np.zeros(1), Adam(rate, beta1, beta2)
    for t, g in enumerate(gradients.tolist(), start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        theirs -= rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + 1e-8)
        ours = ours + adam.step(np.array([g]))
        assert ours.item() == pytest.approx(theirs, rel=1e-9)


def test_the_first_step_is_the_rate_down_the_slope_whatever_its_size() -> None:
    assert Adam(0.01, 0.9, 0.999).step(np.array([1e-3, -50.0])) == pytest.approx([-0.01, 0.01], rel=1e-4)
