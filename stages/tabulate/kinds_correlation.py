"""Claims that two metrics correlate: over the jobs of a sweep, or over the points of each run."""

from dataclasses import dataclass, replace
from math import atanh, inf, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from stages.tabulate import labels
from stages.tabulate.column import Taken, column_of
from stages.tabulate.evidence import Claim, Scores, Verdict, scope_of
from stages.tabulate.jobs import Means, count, in_all, jobs_in, settle_jobs, tell_where
from stages.tabulate.reading import between, choice, metrics_in, name_in, series_in, sweeps_in, wrong
from stages.tabulate.rule import LEVEL, Finding, ps_at, settle_runs
from stages.tabulate.scales import CORRELATION
from stages.tabulate.wording import not_run, short, span, untold

LEAST_JOBS, LEAST_POINTS = 10, 3
LARGEST = 0.999  # so that no z is infinite


@dataclass(frozen=True)
class Correlation:
    """Spearman's or Pearson's lies within bounds. Points of one run are not independent: each run gives one z."""

    metrics: list[str]
    bounds: tuple[float, float]
    pearson: bool
    sweeps: list[str]
    row: str | None  # where each run's own points are meant

    @classmethod
    def read(cls, claim: Claim) -> "Correlation":
        by_run = choice(claim, "unit", ("job", "run"), "job") == "run"
        if by_run != ("row" in claim) or by_run == ("over" in claim):
            raise wrong(claim, "unit", "give `over`, a sweep; or `row`, where it is run")
        return cls(
            series_in(claim) if by_run else metrics_in(claim, 2, 2),
            between(claim, "between", -1, 1),
            choice(claim, "method", ("spearman", "pearson"), "spearman") == "pearson",
            [] if by_run else sweeps_in(claim),
            name_in(claim, "row") if by_run else None,
        )

    @property
    def region(self) -> tuple[float, float]:
        low, high = self.bounds
        return -inf if low == -1 else atanh(low), inf if high == 1 else atanh(high)

    def judge(self, scores: Scores) -> Verdict:
        verdict = self.over_jobs(scores) if self.row is None else self.along_runs(scores, self.row)
        if verdict.sentence or verdict.theta is None or verdict.interval is None:
            return verdict
        (n,) = verdict.n.values()
        by = f"by {short(verdict.theta)} {span(*verdict.interval)} over {n} {'jobs' if self.row is None else 'runs'}"
        names = self.metrics if self.row is None else self.measured(scores, self.row)
        told = f"{names[0]} and {names[1]} correlate {by}"
        return replace(verdict, sentence=tell_where(verdict.verdict, told, span(*self.bounds)))

    def over_jobs(self, scores: Scores) -> Verdict:
        jobs = jobs_in(scores, self.sweeps)
        if isinstance(jobs, Verdict):
            return jobs
        columns = [column_of(scores, metric, jobs) for metric in self.metrics]
        counted = count(columns, jobs)
        for found, means in zip(columns, counted.filled, strict=True):
            if not means:
                return not_run(self.sweeps, found.metric, scores, found.scope)
        scope, n = scope_of(all(found.is_paper for found in columns)), len(in_all(counted.without))
        facts = Verdict("inconclusive", scope, gaps=CORRELATION, n={" and ".join(self.sweeps): n})
        return settle_jobs(facts, counted, self.find, LEAST_JOBS)

    def find(self, means: list[Means]) -> Finding:
        """Fisher's z, with the variance that it has for ranks (Bonett and Wright 2000)."""
        names = in_all(means)
        one, other = ([found[name] for name in names] for found in means)
        r = correlation(one, other, self.pearson)
        z, error = atanh(r), sqrt((1 + r**2 / 2) / (len(names) - 3))
        p_rep, p_con = ps_at(self.region, lambda gap: float(ndtr(-gap / error)), z)
        reach = error * float(ndtri(1 - LEVEL))
        return Finding(z, z - reach, z + reach, p_rep, p_con)

    def measured(self, scores: Scores, row: str) -> list[str]:
        """Under which names the two are known along the row's runs."""
        return [labels.measured(metric, scores.series.get(row, {})) for metric in self.metrics]

    def along_runs(self, scores: Scores, row: str) -> Verdict:
        names = self.measured(scores, row)
        known, scope = scores.series.get(row, {}), scope_of(scores.is_paper and names == self.metrics)
        absent = [name for name in names if not known.get(name)]
        if absent:
            return untold(f"{row} without {' and '.join(absent)} along its runs", scope, scores.commands.get(row, ""))
        first, second = (known[name] for name in names)
        finite: dict[int, float] = {}
        failed, missing = [], []
        for seed in range(max(scores.seeds) + 1):
            one, other = first.get(seed), second.get(seed)
            if one is None or other is None:
                missing.append(seed)
            elif len(one) == len(other) and usable(both := at_common_points(one, other)):
                finite[seed] = atanh(correlation(*both, self.pearson))
            else:
                failed.append(seed)
        runs = Taken(finite, failed, missing)
        facts = Verdict("inconclusive", scope, gaps=CORRELATION)
        instead = dict.fromkeys(runs.failed, 0.0)
        return settle_runs(facts, row, runs, instead, "no correlation", self.region, "correlation")


def at_common_points(one: list[float | None], other: list[float | None]) -> tuple[list[float], list[float]]:
    """Of two lists of the same length, what both have."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return [a for a, _ in pairs], [b for _, b in pairs]


def usable(both: tuple[list[float], list[float]]) -> bool:
    return len(both[0]) >= LEAST_POINTS and bool(np.isfinite(both).all())


def correlation(one: list[float], other: list[float], pearson: bool) -> float:
    """Of the values, or of their ranks; 0 where one of them does not vary."""
    pair = [np.asarray(values, float) if pearson else ranks(values) for values in (one, other)]
    centred = [values - values.mean() for values in pair]
    scale = sqrt(float(centred[0] @ centred[0]) * float(centred[1] @ centred[1]))
    r = float(centred[0] @ centred[1]) / scale if scale > 0 else 0.0
    return min(max(r, -LARGEST), LARGEST)


def ranks(values: list[float]) -> np.ndarray:
    """From 1; equal values share the mean of their places."""
    _, place, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])
