"""Slopes of functions whose slopes are known."""

import pytest

from stages.study.slopes import slope, slopes


def test_slopes_of_a_square_and_of_a_corner() -> None:
    assert slope(lambda x: x**2, 3.0) == pytest.approx(6)
    assert slopes(abs, 0.0) == pytest.approx((-1, 1))
