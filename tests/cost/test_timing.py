"""Turns and seconds, by a clock that the test moves: no time is measured here."""

import pytest

from stages.cost.timing import WARMING, by_turns, clock_of, epoch_seconds


class Clock:
    def __init__(self) -> None:
        self.now, self.order = 0.0, ""

    def __call__(self) -> float:
        return self.now


class Training:
    """Each of its iterations takes so many seconds, and longer with every one."""

    def __init__(self, name: str, clock: Clock, seconds: float, slower: float = 0.0):
        self.name, self.clock, self.seconds, self.slower = name, clock, seconds, slower

    def iterate(self) -> None:
        self.clock.now += self.seconds
        self.clock.order += self.name
        self.seconds += self.slower


def test_every_round_goes_through_all_runs_after_they_are_warm() -> None:
    clock = Clock()
    by_turns({"a": Training("a", clock, 1), "b": Training("b", clock, 1)}, rounds=3, iterations=2, clock=clock)
    assert clock.order == WARMING * "a" + WARMING * "b" + 3 * "aabb"


def test_seconds_are_of_one_iteration_of_one_s_own() -> None:
    clock = Clock()
    runs = {"fast": Training("f", clock, 0.25), "slow": Training("s", clock, 4.0)}
    assert by_turns(runs, rounds=2, iterations=3, clock=clock) == {"fast": [0.25, 0.25], "slow": [4.0, 4.0]}


def test_a_round_has_the_mean_of_its_iterations() -> None:
    clock = Clock()
    run = Training("a", clock, 1.0, slower=1.0)  # 1 2 3 4 5 s while it warms, then 6 and 7, 8 and 9
    assert by_turns({"a": run}, rounds=2, iterations=2, clock=clock)["a"] == [6.5, 8.5]


def test_an_epoch_is_so_many_iterations_of_the_middle_round() -> None:
    assert epoch_seconds([0.5, 100.0, 0.25], 8) == pytest.approx(4.0)


def test_the_clock_goes_forward() -> None:
    clock = clock_of("cpu")
    assert clock() <= clock()
