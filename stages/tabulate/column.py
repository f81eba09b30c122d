"""One metric of one dataset on its working scale: the values that a question is put to, and the pool they come from."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum
from statistics import median

from scipy.special import chdtri

from stages.tabulate import scales
from stages.tabulate.evidence import Job, Scores, Seeds, scope_of
from stages.tabulate.scales import Scale

FLOOR = 0.01  # least spread of a trained row, of its value: digits that happen to agree prove nothing
LEAST_POOL = 4  # rows that say what is typical


@dataclass(frozen=True)
class Taken:
    """What one row brings: its finite values, and the seeds that brought none."""

    finite: dict[int, float]
    diverged: list[int]
    missing: list[int]

    @property
    def failed(self) -> list[int]:
        return sorted(self.diverged + self.missing)


@dataclass(frozen=True)
class Pool:
    """All trained rows with at least two finite values: what is typical, and what is worst."""

    values: dict[str, list[float]]
    typical: float | None  # the variance of one run; None: too few rows to say
    floor: float  # the least standard deviation to reckon with


@dataclass(frozen=True)
class Column:
    metric: str  # with the suffix of its judge
    scale: Scale
    higher: bool  # whether a higher working value is the better one
    values: dict[str, Seeds]  # by row or job, on the working scale; None: that seed failed
    trained: frozenset[str]
    seeds: dict[str, tuple[int, ...]]  # which of a row's or job's seeds count: every one, run or not
    is_paper: bool

    @property
    def scope(self) -> str:
        return scope_of(self.is_paper)

    @property
    def sign(self) -> int:
        """Makes a difference positive where the first is the better."""
        return 1 if self.higher else -1

    def has(self, name: str) -> bool:
        return any(seed in self.values.get(name, {}) for seed in self.seeds.get(name, ()))

    def take(self, name: str) -> Taken:
        """Every seed that counts, whether it is there or not."""
        found = self.values[name]
        finite: dict[int, float] = {}
        diverged, missing = [], []
        for seed in self.seeds[name]:
            one = found.get(seed)
            if seed not in found:
                missing.append(seed)
            elif one is None:
                diverged.append(seed)
            else:
                finite[seed] = one
        return Taken(finite, diverged, missing)

    @cached_property
    def pool(self) -> Pool:
        taken = {name: list(self.take(name).finite.values()) for name in self.values if name in self.trained}
        values = {name: found for name, found in taken.items() if len(found) >= 2}
        floor = FLOOR
        if not self.scale.logarithmic:
            floor *= median([abs(one) for found in values.values() for one in found] or [0.0])
        return Pool(values, typical_variance(values), floor)

    def worst(self, among: list[float]) -> float:
        """The worst value of the pool and of those given."""
        every = [*among, *(one for found in self.pool.values.values() for one in found)]
        return min(every) if self.higher else max(every)

    def only_fresh(self, names: list[str]) -> "Column":
        """Without seed 0 of these jobs: they were chosen by it."""
        return replace(self, seeds={name: asked[1:] if name in names else asked for name, asked in self.seeds.items()})


def column_of(scores: Scores, metric: str, jobs: dict[str, Job] | None = None, nearest: str | None = None) -> Column:
    """The metric for every row, and for these jobs. `nearest`: the row by whose mean the values count."""
    jobs = jobs or {}
    label = scores.measured(metric, jobs)
    rows = scores.values.get(label, {})
    points = {name: job.values[label] for name, job in jobs.items() if label in job.values}
    if scales.metric(metric).shifted and label not in scores.offsets:
        rows, points = {}, {}  # no number to compare without its constant
    every = range(max(scores.seeds) + 1)
    drawn = range(max(scores.resamplings) + 1)
    seeds = {name: tuple(every if name in scores.trained else drawn) for name in rows}
    swept = max((seed for found in points.values() for seed in found if seed in every), default=0)
    seeds |= {name: tuple(range(swept + 1)) for name in points}

    scale = Scale(scales.metric(metric).logarithmic, scores.offsets.get(label, 0.0))
    if nearest is not None:
        scale = Scale(logarithmic=False, reference=mean_of(rows.get(nearest, {}), seeds.get(nearest, ())))
    return Column(
        metric=label,
        scale=scale,
        higher=nearest is not None or scores.better.get(label) != "lower",
        values={
            name: {seed: scale.working(one) for seed, one in found.items()} for name, found in (rows | points).items()
        },
        trained=scores.trained.intersection(rows) | frozenset(points),
        seeds=seeds,
        is_paper=scores.is_paper and label == metric,
    )


def mean_of(found: Seeds, seeds: tuple[int, ...]) -> float | None:
    values = sorted(one for seed, one in found.items() if one is not None and seed in seeds)
    return fsum(values) / len(values) if values else None


def typical_variance(values: dict[str, list[float]]) -> float | None:
    """Of one run, as the pool has it. By the median, which one collapsed row does not move; None: too small a pool."""
    if len(values) < LEAST_POOL:
        return None
    unbiased = []
    for found in values.values():
        df = len(found) - 1
        variance = mean_and_variance(sorted(found))[1]
        unbiased.append(variance / (float(chdtri(df, 0.5)) / df))  # a sample variance's median is below the true one
    return median(unbiased)


def mean_and_variance(ordered: list[float]) -> tuple[float, float]:
    """Of sorted values. The mean is kept among them, so that equal values have a variance of exactly 0."""
    mean = min(max(fsum(ordered) / len(ordered), ordered[0]), ordered[-1])
    return mean, fsum((one - mean) ** 2 for one in ordered) / max(len(ordered) - 1, 1)
