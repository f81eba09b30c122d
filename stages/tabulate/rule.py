"""The rule that every comparison of means goes through: from a number and a region to a verdict.

Its statistics, and why they are what they are, stand at the head of verdicts.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import fsum, inf, sqrt

from scipy.special import stdtr, stdtrit

from stages.tabulate.column import Column, Pool, Taken, mean_and_variance
from stages.tabulate.evidence import Scores, Verdict
from stages.tabulate.scales import plain
from stages.tabulate.wording import not_run, tell_lost, tell_shortage

LEVEL = 0.025  # of each p: a 95 % interval, two sides
LEAST_TRAINED, LEAST_MODEL_FREE = 3, 5  # seeds, resamplings


@dataclass(frozen=True)
class Question:
    """Does the weighted sum of rows' means, less `against`, lie in the region? On the working scale."""

    weights: dict[str, float]
    against: float = 0.0
    region: tuple[float, float] = (0.0, inf)
    one_more_run: bool = False  # the interval is for one further run of ours, not for the mean
    least: int = LEAST_TRAINED  # seeds of a trained row
    least_model_free: int = LEAST_MODEL_FREE


@dataclass(frozen=True)
class Estimate:
    """A row on the working scale; spreads are those of single runs."""

    mean: float
    n: int
    own: float
    used: float
    df: int


@dataclass(frozen=True)
class Finding:
    """A question answered once, on the working scale."""

    theta: float
    low: float
    high: float
    p_rep: float
    p_con: float
    reach: float | None = None  # half the length of the interval, where it is symmetric
    df: float | None = None
    estimates: dict[str, Estimate] = field(default_factory=dict)


def settle(question: Question, column: Column, scores: Scores) -> Verdict:
    """The verdict on a question, with its sentence only where no comparison can be told."""
    absent = [name for name in question.weights if not column.has(name)]
    if absent:
        return not_run(absent, column.metric, scores, column.scope)
    takens = {name: column.take(name) for name in question.weights}
    facts = facts_of(column, takens)
    for name, taken in sorted(takens.items()):
        least = question.least if name in column.trained else question.least_model_free
        reason = shortage(taken, least)
        if reason:
            return replace(facts, reason=reason, sentence=tell_shortage(name, reason, taken, least, column.metric))

    finite = {name: list(taken.finite.values()) for name, taken in takens.items()}
    first = answer(question, finite, column.trained, column.pool)
    if not facts.failed:
        return complete(facts, first, decide(first.p_rep, first.p_con))
    worst = column.worst([one for values in finite.values() for one in values])
    filled = {name: finite[name] + [worst] * len(taken.failed) for name, taken in takens.items()}
    second = answer(question, filled, column.trained, column.pool)
    return agree(facts, first, second, f"the table's worst value ({column.scale.back(worst):g})", lost_of(takens))


def facts_of(column: Column, takens: dict[str, Taken]) -> Verdict:
    """All that a verdict says of its rows, before any number is compared."""
    welch = column.pool.typical is None and not column.trained.isdisjoint(takens)
    shifted = f"compared as {column.metric} + {column.scale.offset:.2g}" if column.scale.offset else ""
    return Verdict(
        "inconclusive",
        column.scope,
        metric=column.metric,
        gaps=column.scale.gaps,
        n={name: len(taken.finite) for name, taken in takens.items()},
        failed={name: taken.failed for name, taken in takens.items() if taken.failed},
        note="; ".join(filter(None, [shifted, "fewer than 4 rows in the pool: Welch" if welch else ""])),
    )


def lost_of(takens: dict[str, Taken]) -> str:
    return " and ".join(tell_lost(name, taken) for name, taken in sorted(takens.items()) if taken.failed)


def agree(facts: Verdict, without: Finding, filled: Finding, by: str, lost: str) -> Verdict:
    """Both ways of taking failed seeds must give one verdict; of each p, the weaker counts and is shown."""
    both = (without, filled)
    verdicts = [decide(finding.p_rep, finding.p_con) for finding in both]
    ps = [finding.p_con if "contradicted" in verdicts else finding.p_rep for finding in both]
    story = f"{lost}: p is {ps[0]:.2g} without, {ps[1]:.2g} with {by} instead"
    weaker = max(both, key=lambda finding: min(finding.p_rep, finding.p_con))
    p_rep, p_con = max(finding.p_rep for finding in both), max(finding.p_con for finding in both)
    verdict = complete(
        replace(facts, note="; ".join(filter(None, [facts.note, story]))),
        replace(weaker, p_rep=p_rep, p_con=p_con),
        decide(p_rep, p_con),
    )
    if verdicts[0] == verdicts[1]:
        return verdict
    reason = "hangs on a failed seed"
    return replace(verdict, reason=reason, sentence=f"Undecided, as it {reason}: {story}.")


def complete(facts: Verdict, finding: Finding, verdict: str) -> Verdict:
    return replace(
        facts,
        verdict=verdict,
        theta=plain(facts.gaps, finding.theta),
        interval=(plain(facts.gaps, finding.low), plain(facts.gaps, finding.high)),
        p_rep=finding.p_rep,
        p_con=finding.p_con,
        df=finding.df,
        half_width=None if finding.reach is None else plain(facts.gaps, finding.reach),
        spreads={name: {"own": one.own, "used": one.used} for name, one in finding.estimates.items()},
    )


def answer(question: Question, values: dict[str, list[float]], trained: frozenset[str], pool: Pool | None) -> Finding:
    """Welch's contrast, and one t test at each end of the region."""
    estimates = {name: estimate(values[name], pool if name in trained else None) for name in sorted(values)}
    theta = fsum(question.weights[name] * one.mean for name, one in estimates.items()) - question.against
    variances = {
        name: question.weights[name] ** 2 * one.used**2 * (1 / one.n + question.one_more_run)
        for name, one in estimates.items()
    }
    variance = fsum(variances.values())
    df = None
    if variance > 0:
        df = variance**2 / fsum(part**2 / estimates[name].df for name, part in variances.items() if part > 0)
    error = sqrt(variance)
    p_rep, p_con = ps_at(question.region, lambda gap: p_above(gap, error, df), theta)
    reach = error * float(stdtrit(df, 1 - LEVEL)) if df else 0.0
    return Finding(theta, theta - reach, theta + reach, p_rep, p_con, reach, df, estimates)


def ps_at(region: tuple[float, float], p: Callable[[float], float], theta: float) -> tuple[float, float]:
    """(p_rep, p_con), given the one-sided p of a gap: to be in the region it must clear both ends, to be out, one."""
    low, high = region
    return max(p(theta - low), p(high - theta)), min(p(low - theta), p(theta - high))


def p_above(gap: float, error: float, df: float | None) -> float:
    """One-sided p for a true gap above 0. Where nothing varies, the estimate is the truth."""
    if df is None:
        return 0.5 if gap == 0 else float(gap < 0)
    return float(stdtr(df, -gap / error))


def decide(p_rep: float, p_con: float) -> str:
    return "reproduced" if p_rep <= LEVEL else "contradicted" if p_con <= LEVEL else "inconclusive"


def estimate(values: list[float], pool: Pool | None) -> Estimate:
    """A row's mean and the spread to use: its own, which floor and table may raise if the row is of the pool's kind."""
    ordered = sorted(values)  # a sum's last bits depend on its order
    mean, own = mean_and_variance(ordered)
    n, df = len(ordered), len(ordered) - 1
    if pool is None:
        return Estimate(mean, n, sqrt(own), sqrt(own), df)
    used = max(own, pool.floor**2)
    if pool.typical is not None:
        used, df = max(used, (pool.typical + df * used) / (df + 1)), df + 1
    return Estimate(mean, n, sqrt(own), sqrt(used), df)


def shortage(taken: Taken, least: int) -> str:
    """Why a row cannot be judged at all, or ''. What is merely missing says nothing of the training."""
    finite, failed = len(taken.finite), len(taken.failed)
    mostly_failed = failed >= finite
    if taken.diverged and mostly_failed:
        return "row failed to train"
    if mostly_failed or finite + len(taken.diverged) < least:
        return "too few seeds"
    return ""


def settle_runs(
    facts: Verdict, name: str, runs: Taken, instead: dict[int, float], by: str, region: tuple[float, float], what: str
) -> Verdict:
    """The verdict on the mean of one number a run, by their own spread. `instead`: those of the runs that failed."""
    facts = replace(facts, n={name: len(runs.finite)}, failed={name: runs.failed} if runs.failed else {})
    reason = shortage(runs, LEAST_TRAINED)
    if reason:
        return replace(facts, reason=reason, sentence=tell_shortage(name, reason, runs, LEAST_TRAINED, what))
    question, finite = Question({name: 1}, region=region), list(runs.finite.values())
    first = answer(question, {name: finite}, frozenset(), None)
    if not runs.failed:
        return complete(facts, first, decide(first.p_rep, first.p_con))
    second = answer(question, {name: [*finite, *(instead[seed] for seed in runs.failed)]}, frozenset(), None)
    return agree(facts, first, second, by, lost_of({name: runs}))
