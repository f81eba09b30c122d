"""Games on finite spaces, written a second time by loops over dictionaries."""

from itertools import product
from math import inf, isclose, log

import numpy as np
import pytest

from stages.study.finite import Game, images, kl, maps, saddles, total_variation


def test_every_map_is_there_once() -> None:
    every = maps(3, 2)
    assert len(every) == 8
    assert len(set(map(tuple, every.tolist()))) == 8
    assert every.max() == 1


def test_a_map_carries_weights_along() -> None:
    (law,) = images(np.array([0.5, 0.2, 0.3]), np.array([[1, 0, 1]]), 3)
    assert law == pytest.approx([0.2, 0.8, 0])


def test_divergences_by_hand() -> None:
    half, quarter = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    assert kl(half, quarter) == pytest.approx(log(4 / 3) / 2)
    assert kl(quarter, half) == pytest.approx(log(27 / 16) / 4)
    assert kl(np.array([1.0, 0.0]), half) == pytest.approx(log(2))
    assert kl(half, np.array([1.0, 0.0])) == inf
    assert total_variation(half, quarter) == pytest.approx(0.25)


def test_saddles_of_a_table() -> None:
    # g chooses the row and wants little, e the column and wants much.
    assert saddles(np.array([[1.0, 2.0], [0.0, 3.0]])).tolist() == [[False, True], [False, False]]
    assert not saddles(np.array([[0.0, 1.0], [1.0, 0.0]])).any()
    assert saddles(np.array([[0.0, 0.0], [inf, 0.0]])).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("data", [[1 / 3] * 3, [2 / 3, 1 / 3]], ids=["one to one", "fewer data"])
def test_games_and_their_saddles_by_loops(data: list[float]) -> None:
    prior, reference = [1 / 3] * 3, [0.5, 0.25, 0.25]

    def carried(law: list[float], way: tuple[int, ...], to: int) -> list[float]:
        return [sum(weight for weight, target in zip(law, way, strict=True) if target == at) for at in range(to)]

    def divergence(one: list[float], other: list[float]) -> float:
        return sum(p * log(p / q) if q else inf for p, q in zip(one, other, strict=True) if p)

    generators = list(product(range(len(data)), repeat=3))
    encoders = list(product(range(3), repeat=len(data)))
    first, second = {}, {}
    for (g, way), (e, back) in product(enumerate(generators), enumerate(encoders)):
        fake = carried(carried(prior, way, len(data)), back, 3)
        real = carried(data, back, 3)
        first[g, e] = divergence(fake, real)
        second[g, e] = divergence(fake, reference) - divergence(real, reference)

    game = Game(np.array(data), np.array(prior))
    for ours, theirs in ((game.first(kl), first), (game.second(kl, np.array(reference)), second)):
        assert {at: ours[at] for at in theirs} == pytest.approx(theirs, abs=1e-12)
        expected = {
            (g, e)
            for g, e in theirs
            if all(theirs[g, e] <= theirs[other, e] + 1e-9 for other in range(len(generators)))
            and all(theirs[g, e] >= theirs[g, other] - 1e-9 for other in range(len(encoders)))
        }
        assert set(zip(*map(list, np.nonzero(saddles(ours))), strict=True)) == expected
    aligned = [
        all(isclose(*pair, abs_tol=1e-9) for pair in zip(carried(prior, way, len(data)), data, strict=True))
        for way in generators
    ]
    assert game.aligned.tolist() == aligned
