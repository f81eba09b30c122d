"""When which stage runs, from how long each takes: the order among ready ones, and how long all of them will take.

A graph is {stage: the stages that it waits for}. The order is that of list scheduling: of what is ready, the stage with
the longest way to the end goes first.
"""

import heapq
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter
from typing import TypeVar

Name = TypeVar("Name")
Graph = Mapping[Name, Collection[Name]]


def to_the_end(graph: Graph[Name], seconds: Mapping[Name, float]) -> dict[Name, float]:
    """Seconds from the start of each stage to the end of the last that waits for it, were there workers for all."""
    left: dict[Name, float] = dict.fromkeys(graph, 0.0)  # until its own sum is reached: the longest way behind it
    for stage in reversed(list(TopologicalSorter(graph).static_order())):
        left[stage] += seconds[stage]
        for before in graph[stage]:
            left[before] = max(left[before], left[stage])
    return left


def wall_seconds(graph: Graph[Name], seconds: Mapping[Name, float], workers: int, turn: float = 0.0) -> float:
    """How long the stages take on so many workers.

    `turn` is DVC's own work on a stage: it is done at one place, for one stage at a time, before the command starts.
    """
    first = to_the_end(graph, seconds)
    order = TopologicalSorter(graph)
    order.prepare()
    ready: list[tuple[float, int, Name]] = []
    running: list[tuple[float, int, Name]] = []  # by the time when each ends
    now = free = 0.0
    number = 0  # of equals, the one that came first; names need not be comparable
    while order.is_active():
        for stage in order.get_ready():
            number += 1
            heapq.heappush(ready, (-first[stage], number, stage))
        while ready and len(running) < workers:
            _, place, stage = heapq.heappop(ready)
            free = max(now, free) + turn
            heapq.heappush(running, (free + seconds[stage], place, stage))
        now, _, stage = heapq.heappop(running)
        order.done(stage)
    return now
