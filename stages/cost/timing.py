"""Iterations of several trainings, timed by turns, so that what else the machine does meets all of them alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Protocol

import torch

WARMING = 5  # iterations of each before the first that counts


class Iterates(Protocol):
    def iterate(self) -> object: ...


def by_turns(
    runs: Mapping[str, Iterates], rounds: int, iterations: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Seconds an iteration of each run, a number a round; every round goes through all runs."""
    for run in runs.values():
        several(run, WARMING)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            began = clock()
            several(run, iterations)
            seconds[name].append((clock() - began) / iterations)
    return seconds


def several(run: Iterates, iterations: int) -> None:
    for _ in range(iterations):
        run.iterate()


def clock_of(device: str) -> Callable[[], float]:
    """Wall time, told once the device has done all that it was given."""

    def clock() -> float:
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    return clock


def epoch_seconds(seconds: list[float], iterations_an_epoch: int) -> float:
    """Of the middle round: one that was disturbed does not count."""
    return median(seconds) * iterations_an_epoch
