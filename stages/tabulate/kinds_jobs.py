"""Claims about how the jobs of sweeps lie: spread, disagreement, share."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from math import comb, exp, fsum, log

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv

from stages.tabulate.column import column_of
from stages.tabulate.evidence import Claim, Scores, Verdict, scope_of
from stages.tabulate.jobs import Counted, Means, count, in_all, jobs_in, settle_jobs, tell_where
from stages.tabulate.reading import between, metric_in, metrics_in, name_in, number, sweeps_in, wrong
from stages.tabulate.rule import LEAST_TRAINED, LEVEL, Finding
from stages.tabulate.scales import SHARE
from stages.tabulate.subjects import Subject
from stages.tabulate.wording import not_run, short, span

LEAST_JOBS, LEAST_RANKED, LEAST_BOUNDED = 9, 10, 40  # the last for a share with two bounds
RESAMPLES, BOOTSTRAP_SEED = 10_000, 2020
TINY = 1e-12  # in place of a spread of exactly 0, for its logarithm


@dataclass(frozen=True)
class Spread:
    """The jobs of one sweep spread wider than those of another: by their interquartile ranges."""

    metric: str
    wider: str
    than: str

    @classmethod
    def read(cls, claim: Claim) -> "Spread":
        wider, than = name_in(claim, "wider"), name_in(claim, "than")
        if wider == than:
            raise wrong(claim, "than", "give another sweep than that of `wider`")
        return cls(metric_in(claim), wider, than)

    def judge(self, scores: Scores) -> Verdict:
        jobs = jobs_in(scores, [self.wider, self.than])
        if isinstance(jobs, Verdict):
            return jobs
        found = column_of(scores, self.metric, jobs)
        sides = {sweep: count([found], scores.jobs[sweep]) for sweep in (self.wider, self.than)}
        absent = [sweep for sweep, side in sides.items() if not side.filled[0]]
        if absent:
            return not_run(absent, found.metric, scores, found.scope)
        both = Counted(
            [side.without[0] for side in sides.values()],
            [side.filled[0] for side in sides.values()],
            {name: seeds for side in sides.values() for name, seeds in side.failed.items()},
        )
        facts = Verdict(
            "inconclusive",
            found.scope,
            metric=found.metric,
            n={sweep: len(side.without[0]) for sweep, side in sides.items()},
        )
        verdict = settle_jobs(facts, both, self.find, LEAST_JOBS)
        if verdict.sentence or verdict.theta is None or verdict.interval is None:
            return verdict
        gap = f"{self.wider} spreads {short(verdict.theta)} times as wide as {self.than} {span(*verdict.interval)}"
        told = {
            "reproduced": f"In {found.metric}, {gap}, so the claim is reproduced.",
            "contradicted": f"The other way round: in {found.metric}, {gap}, so the claim is contradicted.",
            "inconclusive": f"Undecided: in {found.metric}, {gap}, which includes 1.",
        }
        return replace(verdict, sentence=told[verdict.verdict])

    def find(self, means: list[Means]) -> Finding:
        """Percentile bootstrap of jobs. The draws go with a sweep's name, so that swapping the two mirrors all."""
        rng = np.random.default_rng(BOOTSTRAP_SEED)
        logs: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for sweep, one in sorted(zip((self.wider, self.than), means, strict=True)):
            values = np.array([one[name] for name in sorted(one)])
            resampled = values[rng.integers(len(values), size=(RESAMPLES, len(values)))]
            logs[sweep] = log_range(values), log_range(resampled)
        theta, gaps = (one - other for one, other in zip(logs[self.wider], logs[self.than], strict=True))
        low, high = np.quantile(gaps, [LEVEL, 1 - LEVEL])
        p_rep, p_con = ((1 + int(np.sum(side))) / (RESAMPLES + 1) for side in (gaps <= 0, gaps >= 0))
        return Finding(float(theta), float(low), float(high), p_rep, p_con)


def log_range(values: np.ndarray) -> np.ndarray:
    """Of the interquartile range along the last axis."""
    upper, lower = np.percentile(values, [75, 25], axis=-1)
    return np.asarray(np.log(np.maximum(upper - lower, TINY)))


@dataclass(frozen=True)
class Disagreement:
    """The share of jobs in the better half by one metric and in the worse half by another."""

    metrics: list[str]
    sweeps: list[str]
    bounds: tuple[float, float]

    @classmethod
    def read(cls, claim: Claim) -> "Disagreement":
        return cls(metrics_in(claim, 2, 2), sweeps_in(claim), between(claim, "between", 0, 0.5))

    def judge(self, scores: Scores) -> Verdict:
        jobs = jobs_in(scores, self.sweeps)
        if isinstance(jobs, Verdict):
            return jobs
        columns = [column_of(scores, metric, jobs) for metric in self.metrics]
        counted = count(columns, jobs)
        for metric, found, means in zip(self.metrics, columns, counted.filled, strict=True):
            if not means or found.metric != metric:  # no judge stands in for one that it is compared with
                return not_run(self.sweeps, metric, scores, found.scope)
        n = len(in_all(counted.without)) // 2 * 2
        scope = scope_of(all(found.is_paper for found in columns))
        facts = Verdict("inconclusive", scope, gaps=SHARE, n={" and ".join(self.sweeps): n})
        least = LEAST_BOUNDED if self.bounds[0] > 0 and self.bounds[1] < 0.5 else LEAST_RANKED
        signs = [found.sign for found in columns]
        verdict = settle_jobs(facts, counted, lambda means: self.find(means, signs), least)
        if verdict.sentence or verdict.theta is None or verdict.interval is None:
            return verdict
        halves = f"are in the better half by {self.metrics[0]} and in the worse by {self.metrics[1]}"
        told = f"{short(verdict.theta)} {span(*verdict.interval)} of {n} jobs {halves}"
        return replace(verdict, sentence=tell_where(verdict.verdict, told, span(*self.bounds)))

    def find(self, means: list[Means], signs: list[int]) -> Finding:
        """Ties go by the job's name; of an odd number the median job by the first metric is left out."""

        def best_first(place: int, among: list[str]) -> list[str]:
            return sorted(among, key=lambda name: (-signs[place] * means[place][name], name))

        first = best_first(0, in_all(means))
        if len(first) % 2:
            del first[len(first) // 2]
        half = len(first) // 2
        k = len(set(first[:half]) & set(best_first(1, first)[half:]))
        low, high = self.bounds
        (under_low, over_low), (under_high, over_high) = tails(k, half, low), tails(k, half, high)
        p_rep = max(over_low if low > 0 else 0.0, under_high if high < 0.5 else 0.0)
        p_con = min(under_low if low > 0 else 1.0, over_high if high < 0.5 else 1.0)
        least = 0.0 if k == 0 else share_at(lambda share: tails(k, half, share)[1], LEVEL)
        most = 0.5 if k == half else share_at(lambda share: -tails(k, half, share)[0], -LEVEL)
        return Finding(k / (2 * half), least, most, p_rep, p_con)


def tails(k: int, half: int, share: float) -> tuple[float, float]:
    """P(K <= k) and P(K >= k) for the number K of jobs that disagree, where that share of all is expected to.

    Both halves have `half` jobs, whatever comes out: so K is Fisher's noncentral hypergeometric, and the odds ratio
    (share / (1/2 - share))².
    """
    if share <= 0 or share >= 0.5:
        certain = 0 if share <= 0 else half
        return float(k >= certain), float(k <= certain)
    odds = 2 * log(share / (0.5 - share))
    logs = [ways + one * odds for one, ways in enumerate(log_ways(half))]
    weights = [exp(one - max(logs)) for one in logs]
    return fsum(weights[: k + 1]) / fsum(weights), fsum(weights[k:]) / fsum(weights)


@cache
def log_ways(half: int) -> tuple[float, ...]:
    """In how many ways so many of the better half, and as many of the worse, can be picked."""
    return tuple(2 * log(comb(half, one)) for one in range(half + 1))


def share_at(rising: Callable[[float], float], level: float) -> float:
    """The share at which a function that rises with it reaches the level; by bisection."""
    low, high = 0.0, 0.5
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class Share:
    """More than a share of a sweep's jobs beat the best job of another."""

    metric: str
    sweeps: list[str]
    rival: Subject
    above: float

    @classmethod
    def read(cls, claim: Claim) -> "Share":
        beats = claim["beats"]
        if not isinstance(beats, dict) or set(beats) != {"best_of"} or not isinstance(beats["best_of"], str):
            raise wrong(claim, "beats", "give {best_of: a sweep}")
        above = number(claim, "above", above=0)
        if above >= 1:
            raise wrong(claim, "above", "give a share below 1")
        return cls(metric_in(claim), sweeps_in(claim), Subject(best_of=beats["best_of"]), above)

    def judge(self, scores: Scores) -> Verdict:
        jobs = jobs_in(scores, [*self.sweeps, str(self.rival.best_of)])
        if isinstance(jobs, Verdict):
            return jobs
        found = column_of(scores, self.metric, jobs)
        ours = {name: job for sweep in self.sweeps for name, job in scores.jobs[sweep].items()}
        best = self.rival.name(scores, found)
        if best is None or not any(found.has(name) for name in ours):
            return not_run([*self.sweeps, str(self.rival.best_of)], found.metric, scores, found.scope)
        fresh = found.only_fresh(list(jobs))  # the rival was chosen by seed 0, so that seed counts for no one
        counted = count([fresh], ours | {best: jobs[best]})
        n = sum(name in ours for name in counted.without[0])
        facts = Verdict(
            "inconclusive",
            found.scope,
            metric=found.metric,
            gaps=SHARE,
            n={" and ".join(self.sweeps): n},
            counted="jobs",
        )
        if not fresh.has(best) or len(fresh.take(best).finite) < LEAST_TRAINED:
            told = f"Undecided, as there are too few seeds: {best} needs {LEAST_TRAINED} beside the one that chose it."
            return replace(facts, reason="too few seeds", sentence=told)
        find = lambda means: self.find(means[0], best, set(ours), fresh.sign)  # noqa: E731
        verdict = settle_jobs(facts, counted, find, LEAST_JOBS)
        if verdict.sentence or verdict.theta is None or verdict.interval is None:
            return verdict
        beat = f"beat {best}, the best of {self.rival.best_of}, in {found.metric}"
        told = f"{short(verdict.theta)} {span(*verdict.interval)} of {n} jobs {beat}"
        return replace(verdict, sentence=tell_where(verdict.verdict, told, f"({self.above:g}, 1]"))

    def find(self, means: Means, best: str, ours: set[str], sign: int) -> Finding:
        """Exact binomial tails, and Clopper and Pearson's interval."""
        judged = [name for name in means if name in ours]
        n, k = len(judged), sum(sign * (means[name] - means[best]) > 0 for name in judged)
        low = float(betaincinv(k, n - k + 1, LEVEL)) if k > 0 else 0.0
        high = float(betaincinv(k + 1, n - k, 1 - LEVEL)) if k < n else 1.0
        p_rep = float(bdtrc(k - 1, n, self.above)) if k > 0 else 1.0
        return Finding(k / n, low, high, p_rep, float(bdtr(k, n, self.above)))
