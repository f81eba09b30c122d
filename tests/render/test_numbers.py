"""Fronts, areas and correlations, against values worked by hand and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from stages.render import numbers

POINTS = some.lists(some.tuples(some.integers(0, 6), some.integers(0, 6)), min_size=1, max_size=12)


def test_a_front_by_hand():
    # (3, 1) and (1, 3) trade; (2, 2) lies between them; (1, 1) and (3, 0) are outdone
    points = np.array([[1, 1], [3, 1], [2, 2], [3, 0], [1, 3]])
    assert numbers.front(points) == [1, 2, 4]


@given(POINTS)
def test_a_front_is_what_no_other_point_outdoes(listed):
    points = np.array(listed)
    outdone = [any((other >= one).all() and (other > one).any() for other in points) for one in points]
    assert {listed[place] for place in numbers.front(points)} == {
        one for one, lost in zip(listed, outdone, strict=True) if not lost
    }


def test_an_area_by_hand():
    # steps of 3 x 1, 2 x 1 and 1 x 1 above the reference
    assert numbers.hypervolume(np.array([[3, 1], [2, 2], [1, 3]]), [0, 0]) == 6
    assert numbers.hypervolume(np.array([[3, 1]]), [1, 0]) == 2
    assert numbers.hypervolume(np.array([[3, 1]]), [3, 0]) == 0


@given(POINTS)
def test_the_area_is_that_of_the_squares_that_some_point_covers(listed):
    covered = {(x, y) for a, b in listed for x in range(a) for y in range(b)}
    assert numbers.hypervolume(np.array(listed, float), [0, 0]) == len(covered)


@given(some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9)), min_size=3, max_size=20))
def test_correlations_are_scipy_s(listed):
    one, other = np.array(listed, float).T
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert numbers.pearson(one, other) == 0
        return
    assert numbers.pearson(one, other) == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-12)
    assert numbers.spearman(one, other) == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)


def test_an_interval_holds_the_correlation_that_made_the_pairs_and_narrows_with_them():
    rng = np.random.default_rng(0)
    pairs = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 400).T
    wide, narrow = (numbers.interval(numbers.pearson, *pairs[:, :n]) for n in (40, 400))
    for low, high in (wide, narrow):
        assert low < 0.8 < high
    assert narrow[1] - narrow[0] < 0.5 * (wide[1] - wide[0])


def test_jobs_that_two_scores_put_in_different_halves():
    one, other = np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])
    assert numbers.disagreeing(one, one).tolist() == [False] * 4
    assert numbers.disagreeing(one, other).tolist() == [False, True, True, False]
    assert numbers.disagreeing(one, -one).all()
